"""The Chromium of the browser tests: the one on the machine, else Debian's by apt, else the browser tool's own download. Run as a
program before the tests it sees to it that there is one; the tests themselves only look."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FONTS = "fonts-noto-cjk"


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None where there is none yet."""
    named = os.environ.get("TENON_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    if mac.exists():
        return str(mac)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    downloaded = sorted(cache.glob("chromium-*/chrome-*/chrome")) + sorted(
        cache.glob("chromium-*/chrome-*/*.app/Contents/MacOS/*")
    )
    return str(downloaded[-1]) if downloaded else None


def install_chromium() -> None:
    """Bring a Chromium in, with fonts for Chinese, by whatever way this machine has."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        done = subprocess.run(["apt-get", "install", "-y", "-qq", "chromium", FONTS], check=False)
        if done.returncode == 0 and find_chromium():
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    """Make sure that there is a Chromium; say so and fail where none can be had."""
    if not find_chromium():
        print("No Chromium on this machine: installing one …", flush=True)
        install_chromium()
    found = find_chromium()
    if not found:
        print(
            "The browser tests need a Chromium, and none could be installed: install one (Debian: apt-get install chromium), "
            "or name one by TENON_CHROMIUM.",
            file=sys.stderr,
        )
        return 1
    print(f"Chromium: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
