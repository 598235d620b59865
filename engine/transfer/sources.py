"""A table to import as the rest of this floor sees it: a header and rows of texts, whatever file they come from. The two
readers are csv_source.py and xlsx_source.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from metamodel.faults import Mark

SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")  # endings of the files that xlsx_source.py reads
LONGEST_NAME = 200  # characters of a column's name
MOST_COLUMNS = 1000
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class SourceRow(NamedTuple):
    """One row. ``number`` is the row as a spreadsheet shows it (the header is row 1); ``fault`` says what is wrong with its
    shape; ``done`` is how far through the file it lies, in the units of ``Source.size``."""

    number: int
    cells: list[str]
    done: int
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened table: ``digest`` is its file's SHA-256, ``about`` says how it was read (encoding and separator, or sheet), ``name`` what
    people call the file.
    ``rows()`` starts anew at each call; rows without any text in them are left out. ``marks``: where each name of the header stands
    (``path``: the cell, in a spreadsheet). ``typed``: cells have types, so that a day alone is that day's first moment."""

    path: Path
    digest: str
    header: tuple[str, ...]
    size: int
    about: str
    rows: Callable[[], Iterator[SourceRow]]
    marks: tuple[Mark, ...] = ()
    typed: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How people's files are read where the rules here are not told better. ``header_row``: the row that holds the names of the
    columns; 0: in a spreadsheet it is found. ``lenient``: columns without a name, or with one that stands twice, are given one."""

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_row: int = 1
    lenient: bool = False


def named_header(cells: list[str], name: str) -> tuple[str, ...]:
    """Return a header in which every column has a name of its own: ``电话 (2)`` for a second 电话, ``(C)`` for one without any.

    Raises Refusal 422 EMPTY_FILE without any name at all.
    """
    header = [" ".join(cell.split())[:LONGEST_NAME] for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Refusal(422, "EMPTY_FILE", Text(zh=f"{name} 没有表头行", en=f"{name} has no header row"))
    if len(header) > MOST_COLUMNS:
        raise Refusal(
            422,
            "TOO_LARGE",
            Text(zh=f"{name} 超过 {MOST_COLUMNS} 列", en=f"{name} has more than {MOST_COLUMNS} columns"),
        )
    taken = set(header)
    found: list[str] = []
    for place, called in enumerate(header):
        column = called or f"({letters(place + 1)})"
        times = 2
        while column in found or (column != called and column in taken):
            column = f"{called or letters(place + 1)} ({times})"
            times += 1
        found.append(column)
    return tuple(found)


def letters(column: int) -> str:
    """Return how a spreadsheet calls a column, from 1: A, Z, AA."""
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def checked_header(cells: list[str], name: str) -> tuple[str, ...]:
    """Return a header without the blanks at its end and around its names.

    Raises Refusal 422: EMPTY_FILE without any name, BLANK_HEADER where one is blank among others, REPEATED_HEADER.
    """
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Refusal(422, "EMPTY_FILE", Text(zh=f"{name} 没有表头行", en=f"{name} has no header row"))
    if "" in header:
        at = header.index("") + 1
        raise Refusal(
            422, "BLANK_HEADER", Text(zh=f"{name} 第 {at} 列没有列名", en=f"column {at} of {name} has no name")
        )
    for at, column in enumerate(header):
        if column in header[:at]:
            raise Refusal(
                422,
                "REPEATED_HEADER",
                Text(zh=f"{name} 中列名“{column}”出现了两次", en=f"the column {column} stands twice in {name}"),
            )
    return tuple(header)


def fitted(number: int, cells: list[str], width: int, done: int) -> SourceRow | None:
    """Return a row of exactly ``width`` cells, with a fault where it had more or fewer; None for a row without any text."""
    if len(cells) == width and any(cells):  # the common case, without a look at each cell
        return SourceRow(number, cells, done)
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) == width:
        return SourceRow(number, cells, done)
    fault = Text(
        zh=f"这一行有 {len(cells)} 列，表头有 {width} 列",
        en=f"the row has {len(cells)} cells, the header {width}",
    )
    return SourceRow(number, (cells + [""] * width)[:width], done, fault)


def with_midnights(rows: Iterable[SourceRow], places: Sequence[int]) -> Iterator[SourceRow]:
    """Yield rows with a time behind days that stand alone at ``places``: a spreadsheet's cell has no other way to say midnight."""
    for row in rows:
        for place in places:
            if DAY.fullmatch(row.cells[place]):
                row.cells[place] += " 00:00:00"
        yield row
