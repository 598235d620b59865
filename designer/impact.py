"""What hangs on a definition's entry: where others speak of it, found by taking it away and asking the checker, and how many records hold
something in it, counted through the door for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from designer.candidate import faults_of, without
from designer.changes import Changes
from designer.problems import Problem, problems
from designer.yaml_tree import EditFault
from engine.records.query import Query, read_totals
from engine.refusals import Refusal

if TYPE_CHECKING:
    from designer.work import Work
    from metamodel.faults import Fault


@dataclass(frozen=True, slots=True)
class Impact:
    """``uses``: places that speak of it; ``records``: how many hold data, None where that is no question."""

    uses: tuple[Problem, ...]
    records: int | None


def impact_of(work: Work, kind: str, name: str, path: tuple[str, ...]) -> Impact:
    """Return what hangs on an entry. Reads only."""
    return Impact(tuple(_uses(work, kind, name, path)), _records(work, kind, name, path))


def _uses(work: Work, kind: str, name: str, path: tuple[str, ...]) -> list[Problem]:
    """Return the places at fault if the entry were not there."""
    candidate = work.candidate
    changes = Changes(candidate)
    try:
        changes.remove(kind, name, path)
        files = changes.files
    except EditFault:
        own = candidate.documents.get((kind, name))
        files = without(candidate.files, own.path, path) if own else dict(candidate.files)
    base, kinds = candidate.base, candidate.kinds
    known = {_key(one) for one in faults_of(base, candidate.files, kinds)}
    return problems(work, [one for one in faults_of(base, files, kinds) if _key(one) not in known])


def _key(fault: Fault) -> tuple[str, str, str]:
    return fault.mark.file, fault.mark.path, fault.code


def _records(work: Work, kind: str, name: str, path: tuple[str, ...]) -> int | None:
    """Return how many published records hold data in a field, or have a choice."""
    definition = work.published.objects.get(name) if kind == "object" else None
    if definition is None:
        return None
    asked = ""
    if len(path) >= 2 and path[0] == "fields":
        field = definition.fields.get(path[1])
        if field is None:
            return 0
        asked = f'{path[1]} = "{path[3]}"' if len(path) == 4 and path[2] == "choices" else f"not ISBLANK({path[1]})"
    elif path:
        return None
    try:
        return read_totals(work.visit.as_system(), Query(name, filter=asked, count=True)).count
    except Refusal:
        return None  # a field of rows, or one that is computed: nothing is stored in it
