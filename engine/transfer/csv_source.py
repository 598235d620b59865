"""Reading CSV: streamed, never whole in memory; the separator is found, quotes are taken strictly."""

from __future__ import annotations

import csv
from io import TextIOWrapper
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from engine.refusals import Refusal
from engine.transfer.encoding import inspect_text
from engine.transfer.sources import Reading, Source, SourceRow, checked_header, fitted, named_header
from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 50  # lines that choose the separator
LONGEST_CELL = 1 << 22  # characters


def open_csv(
    path: Path, *, encoding: str = "", separator: str = "", reading: Reading | None = None, name: str = ""
) -> Source:
    """Open a CSV file; ``encoding`` and ``separator`` where a person knows better than the rules here. ``reading`` says these and more;
    ``name`` is what people call the file.

    Raises Refusal 422 where it can't be read as a table. So do the rows, when the fault lies further down.
    """
    reading = reading or Reading(encoding, separator)
    encoding, separator, name = reading.encoding, reading.separator, name or path.name
    found = inspect_text(path, encoding, name)
    codec = found.encoding
    if not separator:
        with path.open(encoding=codec, newline="") as file:
            separator = _separator(file, name, codec)
    first = reading.header_row
    with path.open(encoding=codec, newline="") as file:
        at = next((cells for number, cells in _records(file, name, codec, separator) if number == first), [])
        header = named_header(at, name) if reading.lenient else checked_header(at, name)

    def rows() -> Iterator[SourceRow]:
        with path.open("rb") as binary, TextIOWrapper(binary, encoding=codec, newline="") as file:
            for number, cells in _records(file, name, codec, separator):
                row = fitted(number, cells, len(header), binary.tell()) if number > first else None
                if row is not None:
                    yield row

    about = f"{codec}, {'tab' if separator == chr(9) else separator}"
    marks = () if reading.lenient else _header_marks(path, codec, separator)
    return Source(path, found.digest, header, found.size, about, rows, marks, name=name)


def _header_marks(path: Path, codec: str, separator: str) -> tuple[Mark, ...]:
    """Return where each cell of the header begins: at its quote where it has one."""
    marks: list[Mark] = []
    quoted, before = False, separator
    with path.open(encoding=codec, newline="") as file:
        for number, line in enumerate(file, 1):
            for column, character in enumerate(line, 1):
                if before == separator and not quoted:
                    blanks = len(line) - column + 1 - len(line[column - 1 :].lstrip(" "))
                    marks.append(Mark(str(path), number, column + blanks))
                if character == '"' and (quoted or before in {separator, '"'}):
                    quoted = not quoted
                before = character
            if not quoted:
                break
    return tuple(marks)


def _records(file: TextIO, name: str, codec: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their numbers, from 1; empty lines count as a spreadsheet counts them."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(file, delimiter=separator, strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise Refusal(
            422,
            "MALFORMED_CSV",
            Text(
                zh=f"{name} 第 {reader.line_num} 行不是合法的 CSV（引号不成对？）：{error}",
                en=f"line {reader.line_num} of {name} is not CSV (a quote without its pair?): {error}",
            ),
        ) from error
    except UnicodeError as error:
        raise _undecodable(name, codec, reader.line_num) from error


def _separator(file: TextIO, name: str, codec: str) -> str:
    """Return the separator that splits the header most, among those that split the next lines as often."""
    try:
        lines = [line for line in islice(file, LOOKED_AT) if line.strip()]
    except UnicodeError as error:
        raise _undecodable(name, codec, 1) from error
    if not lines:
        return SEPARATORS[0]

    def rank(separator: str) -> tuple[float, int]:
        counts = [_outside_quotes(line, separator) for line in lines]
        alike = sum(count == counts[0] for count in counts) / len(counts)
        return (alike if counts[0] else -1, counts[0])

    return max(SEPARATORS, key=rank)


def _outside_quotes(line: str, separator: str) -> int:
    return sum(part.count(separator) for part in line.split('"')[::2])


def _undecodable(name: str, codec: str, line: int) -> Refusal:
    return Refusal(
        422,
        "ENCODING",
        Text(
            zh=f"{name} 第 {line} 行附近不是 {codec} 编码，请指明编码（命令行用 --encoding）",
            en=f"{name} is not {codec} near line {line}: name its encoding (on the command line with --encoding)",
        ),
    )
