"""The past of demo records in their processes: `demo/stay.csv` says when each came into which state and who moved it, so that funnels and
stalls have something to show from the first day. How the files are brought in is demo.py's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.processes.compile import Processes
from engine.processes.stays import Stay
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from engine.context import Runtime
    from engine.publishing.demo import DemoRow

STAY = "stay"  # the file's name; no object can bear it, since stays are the system's
COLUMNS = ("object", "ref", "state", "entered_at", "by", "transition", "reason")


def read_stays(
    rows: Iterable[DemoRow], runtime: Runtime, fault: Callable[[DemoRow, Text, str], Exception]
) -> dict[tuple[str, str], list[DemoRow]]:
    """Return (object, ref) → its rows, in the file's order. Raises a fault for a column, object or state that is none."""
    processes = runtime.part(Processes)
    found: dict[tuple[str, str], list[DemoRow]] = {}
    for row in rows:
        strange = next((name for name in row.cells if name not in COLUMNS), "")
        if strange:
            raise fault(row, Text(zh=f"没有列 {strange}", en=f"there is no column {strange}"), strange)
        name, state = row.cells.get("object", ""), row.cells.get("state", "")
        machines = processes.of(name)
        if not machines:
            raise fault(row, Text(zh="该对象没有流程", en="the object has no process"), "object")
        if not any(state in one.definition.states for one in machines):
            raise fault(row, Text(zh=f"没有状态 {state}", en=f"there is no state {state}"), "state")
        found.setdefault((name, row.cells.get("ref", "")), []).append(row)
    return found


def stays_given(
    rows: list[DemoRow],
    runtime: Runtime,
    moment: Callable[[DemoRow, str], datetime],
    people: Mapping[tuple[str, str], int],
    fault: Callable[[DemoRow, Text, str], Exception],
) -> dict[str, list[Stay]]:
    """Return state field → the stays of one record, oldest first, each ending where the next begins. Raises a fault where they go back
    in time; ``people`` has all that they name."""
    processes = runtime.part(Processes)
    found: dict[str, list[Stay]] = {}
    for row in rows:
        cells = row.cells
        machine = next(one for one in processes.of(cells["object"]) if cells["state"] in one.definition.states)
        at, who = moment(row, "entered_at"), cells.get("by", "")
        before = found.setdefault(machine.field, [])
        if before and before[-1].entered_at > at:
            raise fault(row, Text(zh="停留须按时间先后排列", en="stays go in the order of time"), "entered_at")
        if before:
            last = before.pop()
            before.append(replace(last, left_at=at))
        before.append(
            Stay(
                cells["state"], at, people.get(("user", who)), None, cells.get("transition", ""), cells.get("reason", ""),
                backfilled=False, skipped=False,
            )
        )  # fmt: skip
    return found
