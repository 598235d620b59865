"""The audit of sensitive acts over records, by whatever door they come: deleting, bringing back, giving to another owner, and
what changes an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.shape import USER
from engine.records.stages import Act, Stage
from engine.storage.audit import note_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.stages import Staged
    from metamodel.definitions.model import Model

_OWNER = {
    "claim": "claim",
    "release": "release",
    "return": "return",
    "assign": "assign",
}  # how an owner changed; else transfer

_ACCOUNT = {"login": "account", "manager": "manager", "department": "department"}  # field → its name in the note


def audit_stage(model: Model) -> Stage:
    """Return the stage that notes deletions and changes of owner."""
    owners = {name: one.owner for name, one in model.objects.items() if one.owner}
    titles = {name: one.title for name, one in model.objects.items()}
    lines = frozenset(
        name for name, one in model.objects.items() if any(field.options.get("parent") for field in one.fields.values())
    )

    def after(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
        if object_name in lines:
            return  # they live and die with their parent, whose history tells
        if act.kind in {"delete", "restore"}:
            title = titles[object_name]
            note_all(
                context, act.kind, object_name, [(row.id, {"label": str(row.new.get(title) or "")}) for row in rows]
            )
            return
        if object_name == USER and act.kind == "update":
            _note_people(context, rows)
        owner = owners.get(object_name)
        if act.kind != "update" or owner is None or context.source == "job":
            return
        moved = [row for row in rows if owner in row.changed and not row.is_new]
        entries = [(row.id, {"from": row.old.get(owner), "to": row.new.get(owner)}) for row in moved]
        note_all(context, _OWNER.get(act.name, "transfer"), object_name, entries)

    return Stage("audit", None, None, after)


def _note_people(context: Context, rows: Sequence[Staged]) -> None:
    """Note what decides whether somebody gets in, and whose records they come to see."""
    for action, frozen in (("freeze", True), ("unfreeze", False)):
        turned = [row for row in rows if "frozen" in row.changed and (row.new.get("frozen") is True) is frozen]
        note_all(context, action, USER, [(row.id, {}) for row in turned])
    changed = [
        (row.id, {said: _plain(row, name) for name, said in _ACCOUNT.items() if name in row.changed}) for row in rows
    ]
    note_all(context, "person", USER, [(number, details) for number, details in changed if details])


def _plain(row: Staged, name: str) -> list[int | str | None]:
    """Return a value before and after, as JSON has it."""
    pair = (row.old.get(name), row.new.get(name))
    return [one if one is None or isinstance(one, int) else str(one) for one in pair]
