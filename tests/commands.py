"""Commands of ours without the second that each start takes: a process that has loaded everything forks for each of them. What a start
itself loads and says is for the tests of the command line, which start it as people do."""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
FURTHER = ("alembic.command", "openpyxl", "psycopg", "pypinyin", "redis")  # what commands load when they need it


class Commands:
    """A context manager; call it with a command's words and surroundings."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="tenon-commands-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # the end of its orders is the end of it
        self._folder.cleanup()

    def __call__(self, *words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, in a process that knows no other environment than ``env``."""
        said = [Path(self._folder.name) / name for name in ("out", "err")]
        order = {"words": words, "env": dict(env), "said": [str(path) for path in said]}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        out, err = (path.read_text(encoding="utf-8") for path in said)
        return subprocess.CompletedProcess(words, code, out, err)


def load_everything() -> None:
    """Load what commands may need, and make the registry of kinds."""
    for package in ("metamodel", "engine", "designer"):
        for one in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not one.name.endswith("__main__"):
                import_module(one.name)
    for name in FURTHER:
        import_module(name)
    import_module("app").create_kinds()


def await_order() -> list[str]:
    """Fork for each order that comes in; in the child return its words, in the parent none once there are no more orders."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child:
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
            continue
        for place, path in ((0, os.devnull), *enumerate(order["said"], start=1)):
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, place)
            os.close(opened)
        sys.stdin, sys.stdout, sys.stderr = (
            open(place, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - they live as long as the process
            for place, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
        return list(order["words"])
    return []


if __name__ == "__main__":
    load_everything()
    gc.freeze()  # no fork goes through what was loaded, which would copy it
    if words := await_order():
        sys.argv = ["tenon", *words]
        sys.exit(import_module("app").main(words))
