"""What is wrong with the rows of an import, as a file that a person opens beside the table: one line a fault."""

from __future__ import annotations

import csv
import os
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING, Any

from engine.transfer.cells import guarded
from metamodel.faults import sample
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from engine.transfer.jobs import Issue

HEADER = (
    Text(zh="行", en="row"),
    Text(zh="列", en="column"),
    Text(zh="内容", en="value"),
    Text(zh="代码", en="code"),
    Text(zh="原因", en="reason"),
)
SHOWN = 20  # faults kept for the terminal


def issues_bytes(issues: Iterable[Issue], language: str) -> bytes:
    """Return the error file as what a browser saves: the header alone where nothing is wrong."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([title(language) for title in HEADER])
    writer.writerows(_line(issue, language) for issue in issues)
    return text.getvalue().encode("utf-8-sig")


def _line(issue: Issue, language: str) -> list[object]:
    return [issue.row, guarded(issue.column), guarded(issue.value), issue.code, guarded(issue.message(language))]


def _private(path: str, flags: int) -> int:
    """Open a file that its owner alone reads: it repeats what stood in the table, identity numbers among it."""
    return os.open(path, flags, 0o600)


def write_issues(path: Path, issues: Iterable[Issue], language: str) -> tuple[int, list[Issue]]:
    """Write faults to ``path`` (CSV that spreadsheets read as UTF-8) and return how many there were, with some to show: one of each kind
    (code and column) first.

    Without faults there is no file, and an older one of that name goes.
    """
    path.unlink(missing_ok=True)  # whoever could read an older one could read this one
    rows = iter(issues)
    found = next(rows, None)
    if found is None:
        return 0, []
    count = 0

    def written(writer: Any) -> Iterator[Issue]:
        nonlocal count
        writer.writerow([title(language) for title in HEADER])
        for issue in chain((found,), rows):
            writer.writerow(_line(issue, language))
            count += 1
            yield issue

    with open(path, "w", encoding="utf-8-sig", newline="", opener=_private) as file:
        first = sample(written(csv.writer(file)), lambda one: (one.code, one.column), SHOWN)
    return count, first
