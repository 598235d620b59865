"""Faults on a terminal: a line each, with the line of the file that it is about and a caret below it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

from engine.cli.frame import Faulty, language
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metamodel.faults import Fault

WIDEST = 160  # characters of a source line shown
_SEVERITY = {"error": Text(zh="（错误）", en=" (error)"), "warning": Text(zh="（警告）", en=" (warning)")}
_COLOURS = {"error": "red", "warning": "yellow"}  # on a terminal; elsewhere click leaves them out


def show_faults(faults: Iterable[Fault]) -> Faulty:
    """Print faults on standard error and return the exception that ends the command with 1."""
    spoken = language()
    for fault in faults:
        mark = fault.mark
        place = ":".join(str(part) for part in (mark.file, mark.line, mark.column) if part)
        hint = f" — {fault.hint(spoken)}" if fault.hint else ""
        told = click.style(_SEVERITY[fault.severity](spoken), fg=_COLOURS[fault.severity])
        click.echo(f"{place}  {fault.code}  {fault.message(spoken)}{hint}{told}", err=True)
        line = source_line(mark.file, mark.line)
        if line and mark.column <= WIDEST:
            click.echo(f"    {line[:WIDEST]}\n    {' ' * width(line[: mark.column - 1])}^", err=True)
    return Faulty()


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def source_line(file: str, number: int) -> str:
    """Return a line of a text file, empty where there is none to be had."""
    if not file or number < 1:
        return ""
    try:
        with Path(file).open(encoding="utf-8-sig") as opened:
            return next(islice(opened, number - 1, None), "").rstrip("\n")
    except (OSError, UnicodeError):
        return ""


def fault_json(fault: Fault) -> dict[str, Any]:
    """Return a fault as ``--format json`` prints it."""
    spoken, mark = language(), fault.mark
    return {
        "severity": fault.severity,
        "code": fault.code,
        "message": fault.message(spoken),
        "hint": fault.hint(spoken),
        "file": mark.file,
        "line": mark.line,
        "column": mark.column,
        "path": mark.path,
    }
