"""A block of cells pasted into a list: one command for all its rows, all or nothing, each fault told at its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records import commands
from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.columns import editable_in_place
from engine.screens.form_input import is_changed
from engine.screens.lists import ask
from engine.screens.texts import TEXTS, say
from engine.screens.tints import dress
from engine.screens.undoing import UPDATE, changes_since, remember, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.compile import CompiledObject
    from engine.screens.address import ListAddress
    from engine.screens.site import Visit
    from metamodel.text import Text

MOST_ROWS = 1000
MOST_CELLS = 20_000
Block = dict[int, dict[str, str]]  # record → field → text


def read_block(given: Any) -> Block:
    """Return a pasted block as it was sent: rows with an id and texts by field. Raises Refusal 400 for anything else, 422 for too much."""
    rows = given.get("rows") if isinstance(given, dict) else None
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise Refusal(400, "MALFORMED", TEXTS["error_400"])
    block: Block = {}
    for row in rows:
        block.setdefault(row["id"], {}).update({name: text.replace("\0", "") for name, text in row["cells"].items()})
    if not block or len(block) > MOST_ROWS or sum(map(len, block.values())) > MOST_CELLS:
        raise Refusal(422, "TOO_MUCH", TEXTS["paste_much"].format(rows=MOST_ROWS))
    return block


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or type(row.get("id")) is not int or not 0 < row["id"] < 2**63:
        return False
    cells = row.get("cells")
    return isinstance(cells, dict) and all(isinstance(text, str) for text in cells.values())


def paste(visit: Visit, address: ListAddress, block: Block) -> dict[str, Any]:
    """Write a block. The answer tells how many records changed, their rows as the list shows them and the token to undo it by; or, with
    nothing written, the faults: of which record, in which field, in words."""
    compiled = visit.object(address.object)
    names = tuple(dict.fromkeys(name for cells in block.values() for name in cells))
    barred = [name for name in names if not _may(visit, compiled, name)]
    if barred:
        said = say("paste_barred", visit.language)
        return _faulty([(number, name, said) for number, cells in block.items() for name in cells if name in barred])
    before = values_of(visit, compiled, list(block), names)
    gone = say("error_404", visit.language)
    missing = [(number, next(iter(cells), ""), gone) for number, cells in block.items() if number not in before]
    if missing:
        return _faulty(missing)
    changes = [
        commands.Change(number, differing)
        for number, cells in block.items()
        if (differing := _differing(visit, compiled, cells, before[number]))
    ]
    try:
        with visit.context.connection.begin_nested():
            commands.update(visit.context, compiled.name, changes, text=True)
    except Refusal as refusal:
        return _faulty(_located(visit, refusal, changes))
    written = {change.id: {name: before[change.id].get(name) for name in change.values} for change in changes}
    changed = changes_since(visit, compiled, written)
    undo = remember(visit.context, compiled.name, UPDATE, changed)
    return {"count": len(changed), "undo": undo, "rows": drawn_rows(visit, address, list(written))}


def _may(visit: Visit, compiled: CompiledObject, name: str) -> bool:
    return (
        name in compiled.fields
        and visit.rights.grants(compiled.name, "update")
        and editable_in_place(visit.rights, compiled, name)
    )


def _differing(
    visit: Visit, compiled: CompiledObject, cells: Mapping[str, str], before: Mapping[str, Any]
) -> dict[str, str]:
    return {
        name: text
        for name, text in cells.items()
        if is_changed(compiled.fields[name], text, before.get(name), visit.locale)
    }


def _located(visit: Visit, refusal: Refusal, changes: Sequence[commands.Change]) -> list[tuple[int, str, str]]:
    """Return what a refusal says, each at a cell of the block; what is about a record as a whole at its first one."""

    def place(row: int | None, field: str, message: Text) -> tuple[int, str, str]:
        change = changes[min(row or 0, len(changes) - 1)]
        name = field if field in change.values else next(iter(change.values))
        return change.id, name, message(visit.language)

    found = [place(error.row, error.field, error.message) for error in refusal.errors]
    return found or [place(row, "", refusal.message) for row in range(len(changes))]


def _faulty(faults: Sequence[tuple[int, str, str]]) -> dict[str, Any]:
    return {"faults": [{"id": number, "field": name, "message": message} for number, name, message in faults]}


def drawn_rows(visit: Visit, address: ListAddress, ids: Sequence[int]) -> dict[str, str]:
    """Return records as the list at an address shows them: id → row."""
    if not ids:
        return {}
    asked = ask(visit, address)
    page = read_page(visit.context, Query(address.object, asked.table.fields, ids=tuple(ids), limit=len(ids)))
    dress(visit, asked, page.items)
    return {str(row["id"]): asked.table.draw(row) for row in page.items}
