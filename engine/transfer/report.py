"""What is wrong with the rows of an import, as a file that a person opens beside the table: one line a fault."""

from __future__ import annotations

import csv
import os
from io import StringIO
from typing import TYPE_CHECKING

from engine.transfer.cells import guarded
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    """Write faults to ``path`` (CSV that spreadsheets read as UTF-8) and return how many there were, with the first ones.

    Without faults there is no file, and an older one of that name goes.
    """
    first: list[Issue] = []
    count = 0
    rows = iter(issues)
    for issue in rows:
        first.append(issue)
        if len(first) == SHOWN:
            break
    if not first:
        path.unlink(missing_ok=True)
        return 0, first
    path.unlink(missing_ok=True)  # whoever could read an older one could read this one
    with open(path, "w", encoding="utf-8-sig", newline="", opener=_private) as file:
        writer = csv.writer(file)
        writer.writerow([title(language) for title in HEADER])
        for part in (first, rows):
            for issue in part:
                writer.writerow(_line(issue, language))
                count += 1
    return count, first
