"""Fields of files: what is named in one becomes the record's own, and is not taken away while it stands there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.context import SYSTEM
from engine.fields.record import pointed, pointer
from engine.files.exchange import FILE
from engine.records import commands
from engine.records.answer import MOST
from engine.records.compile import Records
from engine.records.query import Query, read_one, read_page
from engine.records.stages import Stage
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.fields.base import FieldKind
    from engine.records.stages import Act, Staged
    from metamodel.definitions.model import Model
    from metamodel.kinds import Kinds

TAKEN = Text(zh="该文件属于另一条记录，请重新上传", en="the file belongs to another record: upload it again")


def file_stages(model: Model, kinds: Kinds) -> tuple[Stage, ...]:
    """Return the files' share in commands: over the objects that have fields of files, and over files themselves."""
    if FILE not in model.objects:
        return ()
    holding = {
        name: tuple(one.name for one in definition.fields.values() if _attaches(kinds, one.type))
        for name, definition in model.objects.items()
    }
    holding = {name: fields for name, fields in holding.items() if fields}
    if not holding:
        return ()

    def demand(context: Context, object_name: str, _act: Act, rows: Sequence[Staged]) -> None:
        _demand_free(context, object_name, holding[object_name], rows)

    def attach(context: Context, object_name: str, _act: Act, rows: Sequence[Staged]) -> None:
        _attach(context, object_name, holding[object_name], rows)

    def keep(context: Context, _object: str, act: Act, rows: Sequence[Staged]) -> None:
        if act.kind == "delete":
            _demand_unused(context, holding, rows)

    return (
        Stage("files", frozenset(holding), before=demand, after=attach),
        Stage("files in use", frozenset({FILE}), before=keep),
    )


def _attaches(kinds: Kinds, type_name: str) -> bool:
    kind: FieldKind | None = kinds.fields.get(type_name)  # type: ignore[assignment]
    return kind is not None and kind.attached


def _named(fields: Sequence[str], rows: Sequence[Staged]) -> dict[int, tuple[Staged, str]]:
    """Return file → the record and field that now name it."""
    found: dict[int, tuple[Staged, str]] = {}
    for row in rows:
        for name in fields:
            number = row.new.get(name)
            if number is not None and number != row.old.get(name):
                found[number] = (row, name)
    return found


def _files(context: Context, ids: Sequence[int]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for first in range(0, len(ids), MOST):
        asked = Query(FILE, ("about", "field"), ids=tuple(ids[first : first + MOST]), limit=MOST)
        found += read_page(replace(context, actor=SYSTEM), asked).items
    return found


def _demand_free(context: Context, object_name: str, fields: Sequence[str], rows: Sequence[Staged]) -> None:
    """Refuse to name a file of another record: whoever reads this record would come to read that file."""
    named = _named(fields, rows)
    if not named or context.actor.is_system:
        return
    for file in _files(context, list(named)):
        row, name = named[int(str(file["id"]))]
        if file["about"] is not None and file["about"] != pointer(object_name, row.id):
            raise Refusal(422, "FILE_TAKEN", TAKEN, (FieldError(name, "FILE_TAKEN", TAKEN),))


def _attach(context: Context, object_name: str, fields: Sequence[str], rows: Sequence[Staged]) -> None:
    """Make the files that are named the record's own; one that is another's stays so (a rule may have copied the record)."""
    named = _named(fields, rows)
    changes = []
    for file in _files(context, list(named)) if named else ():
        row, name = named[int(str(file["id"]))]
        about = pointer(object_name, row.id)
        if file["about"] in {None, about} and (file["about"], file["field"]) != (about, name):
            changes.append(commands.Change(int(str(file["id"])), {"about": about, "field": name}))
    if changes:
        commands.update(replace(context, actor=SYSTEM), FILE, changes)


def _demand_unused(context: Context, holding: dict[str, tuple[str, ...]], rows: Sequence[Staged]) -> None:
    objects = context.runtime.part(Records).objects
    for row in rows:
        about, name = row.old.get("about"), row.old.get("field")
        if about is None or name is None:
            continue
        target = pointed(about)
        if name not in holding.get(target.object, ()):
            continue
        try:
            there = read_one(replace(context, actor=SYSTEM), target.object, target.id, (name,))
        except Refusal:
            continue  # its record is gone
        if there[name] is not None and there[name].id == row.id:
            label = objects[target.object].fields[name].label
            said = Text(
                zh=f"文件在字段「{label('zh')}」中使用，请先从那里移除。",
                en=f"The file stands in the field {label('en')}: take it out there first.",
            )
            raise Refusal(409, "RESTRICTED", said)
