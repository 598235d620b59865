"""Acts on everything that a list's filters hold, however much it is: a batch at a time in the order of ids, so that what an act takes out
of the list is not looked for again. Rights are asked record by record; what is refused is told and the rest goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.records import commands
from engine.records.query import read_page
from engine.refusals import Refusal
from engine.screens import undoing
from engine.screens.areas.lists.partly import partly
from engine.screens.areas.lists.undo import told
from engine.screens.cell import changeable
from engine.screens.lists import ask
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.records.compile import CompiledObject
    from engine.screens.address import ListAddress
    from engine.screens.areas.lists.partly import Refused
    from engine.screens.site import Visit

BATCH = 200  # records of one request: some tenths of a second


@dataclass(frozen=True, slots=True)
class Step:
    """One batch of an act. ``last``: the highest id that the act concerns, 0 at its beginning, so that what comes in meanwhile is left
    alone. ``after``: the cursor behind the batch before; ``token``: what undoes the batches so far."""

    act: str
    field: str = ""
    text: str = ""
    last: int = 0
    after: str = ""
    token: str = ""


def run_step(visit: Visit, address: ListAddress, step: Step) -> dict[str, Any]:
    """Do one batch; answer how many records changed, which were refused and why, and how to go on (``after`` "" when all is done)."""
    asked = ask(visit, replace(address, after="", binned=step.act == undoing.RESTORE))
    if asked.filters.notes:
        raise Refusal(400, "BAD_FILTER", TEXTS["everything_unsure"])
    if step.act != undoing.UPDATE and not visit.rights.grants(asked.compiled.name, "delete"):
        raise Refusal(403, "FORBIDDEN", TEXTS["error_403"])
    last = step.last or _last(visit, asked)
    query = asked.query(fields=("id",), sort=("id",), limit=BATCH, after=step.after)
    page = read_page(visit.context, replace(query, filter=_within(query.filter, last)))
    ids = [int(row["id"]) for row in page.items]
    done, refused, token = _ACTS[step.act](visit, asked.compiled, ids, step)
    return {
        "changed": done,
        "seen": len(ids),
        "refused": len(refused),
        "why": [{"label": label, "why": why} for label, why in told(visit, asked.compiled.name, ids, refused)],
        "last": last,
        "after": page.next or "",
        "token": token,
    }


def _last(visit: Visit, asked: Any) -> int:
    found = read_page(visit.context, asked.query(fields=("id",), sort=("-id",), limit=1)).items
    return int(found[0]["id"]) if found else 0


def _within(expression: str, last: int) -> str:
    own = f"id <= {int(last)}"
    return f"({expression}) and {own}" if expression else own


Outcome = tuple[int, "list[Refused]", str]


def _change(visit: Visit, compiled: CompiledObject, ids: Sequence[int], step: Step) -> Outcome:
    changeable(visit, compiled.name, step.field)
    context = visit.context
    before = undoing.values_of(visit, compiled, ids, (step.field,))
    changes = [commands.Change(number, {step.field: step.text}) for number in ids]
    done, refused = partly(
        context.connection, changes, lambda some: commands.update(context, compiled.name, some, text=True)
    )
    changed = {ids[place]: before[ids[place]] for place in done if ids[place] in before}
    return len(done), refused, undoing.remember_values(visit, compiled, changed, step.token)


def _delete(visit: Visit, compiled: CompiledObject, ids: Sequence[int], step: Step) -> Outcome:
    context = visit.context
    done, refused = partly(
        context.connection, ids, lambda some: commands.delete(context, compiled.name, [(one, None) for one in some])
    )
    gone = [ids[place] for place in done]
    return len(done), refused, undoing.remember(context, compiled.name, undoing.DELETE, gone, step.token)


def _restore(visit: Visit, compiled: CompiledObject, ids: Sequence[int], step: Step) -> Outcome:
    context = visit.context
    done, refused = partly(context.connection, ids, lambda some: commands.restore(context, compiled.name, some))
    back = [ids[place] for place in done]
    return len(done), refused, undoing.remember(context, compiled.name, undoing.RESTORE, back, step.token)


_ACTS: dict[str, Callable[[Visit, CompiledObject, Sequence[int], Step], Outcome]] = {
    undoing.UPDATE: _change,
    undoing.DELETE: _delete,
    undoing.RESTORE: _restore,
}
ACTS = frozenset(_ACTS)
