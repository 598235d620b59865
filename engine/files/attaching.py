"""Fields of files: what is named in one becomes the record's own, and is not taken away while it stands there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from engine.context import SYSTEM
from engine.fields.base import Upload, ValueFault
from engine.fields.record import pointed, pointer
from engine.files.exchange import FILE
from engine.files.naming import clean_name
from engine.records import commands
from engine.records.answer import MOST
from engine.records.compile import Records
from engine.records.moments import HOME
from engine.records.query import Query, read_one, read_page
from engine.records.stages import Stage
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.fields.base import FieldKind
    from engine.records.query import Row
    from engine.records.stages import Act, Staged
    from metamodel.definitions.model import Model
    from metamodel.kinds import Kinds

READ = ("about", "field", "name", "type", "size", "created_by")
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
        _demand_fit(context, object_name, holding[object_name], rows)

    def attach(context: Context, object_name: str, _act: Act, rows: Sequence[Staged]) -> None:
        _attach(context, object_name, holding[object_name], rows)

    def keep(context: Context, _object: str, act: Act, rows: Sequence[Staged]) -> None:
        if act.kind == "delete":
            _demand_unused(context, holding, rows)
        elif act.kind == "update" and not context.actor.is_system:
            moved = [row for row in rows if row.new.get("about") != row.old.get("about")]
            _demand_unused(context, holding, moved)
            _demand_unsigned(context, holding, rows)

    return (
        Stage("files", frozenset(holding), before=demand, after=attach),
        Stage("files in use", frozenset({FILE}), before=keep),
    )


def _attaches(kinds: Kinds, type_name: str) -> bool:
    kind: FieldKind | None = kinds.fields.get(type_name)  # type: ignore[assignment]
    return kind is not None and kind.attached


class _Named(NamedTuple):
    """A file that a field comes to name."""

    file: int
    row: Staged
    field: str


def _named(fields: Sequence[str], rows: Sequence[Staged]) -> list[_Named]:
    found: list[_Named] = []
    for row in rows:
        for name in fields:
            number = row.new.get(name)
            if number is not None and number != row.old.get(name):
                found.append(_Named(number, row, name))
    return found


def _files(context: Context, ids: Sequence[int]) -> dict[int, Row]:
    found: dict[int, Row] = {}
    for first in range(0, len(ids), MOST):
        asked = Query(FILE, READ, ids=tuple(ids[first : first + MOST]), limit=MOST)
        found |= {row["id"]: row for row in read_page(replace(context, actor=SYSTEM), asked).items}
    return found


def _demand_fit(context: Context, object_name: str, fields: Sequence[str], rows: Sequence[Staged]) -> None:
    """Refuse to name a file of another record: whoever reads this record would come to read that file; and one that is not what the field
    takes. What the system does by a rule may name another's file, which stays so; a signature not even then."""
    named = _named(fields, rows)
    if not named:
        return
    compiled = context.runtime.part(Records).objects[object_name]
    files, seen, errors = _files(context, sorted({one.file for one in named})), set[int](), []
    for one in named:
        file, field = files.get(one.file), compiled.fields[one.field]
        if file is None:
            continue  # the link's own check says so
        here = pointer(object_name, one.row.id)
        taken = one.file in seen or file["about"] not in {None, here}
        seen.add(one.file)
        fault = ValueFault("FILE_TAKEN", TAKEN) if taken and not context.actor.is_system else None
        if fault is None and field.kind.admits is not None:
            own = file["created_by"] is not None and file["created_by"].id == context.actor.id
            fault = field.kind.admits(
                field, Upload(file["name"], file["type"], file["size"], own, file["about"] is None)
            )
        if fault is not None:
            errors.append(FieldError(one.field, fault.code, fault.message, one.row.index if len(rows) > 1 else None))
    if errors:
        raise Refusal(422, errors[0].code, errors[0].message, tuple(errors))


def _attach(context: Context, object_name: str, fields: Sequence[str], rows: Sequence[Staged]) -> None:
    """Make the files that are named the record's own; one that is another's stays so (a rule may have copied the record)."""
    named = _named(fields, rows)
    files = _files(context, sorted({one.file for one in named})) if named else {}
    compiled = context.runtime.part(Records).objects[object_name]
    changes = {}
    for one in named:
        file, about = files.get(one.file), pointer(object_name, one.row.id)
        if file is not None and file["about"] in {None, about} and (file["about"], file["field"]) != (about, one.field):
            signed = compiled.fields[one.field].kind.signed
            title = {"name": _signature(context)} if signed else {}
            changes[one.file] = commands.Change(one.file, {"about": about, "field": one.field, **title})
    if changes:
        commands.update(replace(context, actor=SYSTEM), FILE, list(changes.values()))


def _signature(context: Context) -> str:
    """Return what a signature is called: who made it, and when."""
    when = context.now.astimezone(context.home or HOME)
    return clean_name(f"{context.actor.name or context.actor.login} {when:%Y-%m-%d %H%M}.png")


def _demand_unsigned(context: Context, holding: dict[str, tuple[str, ...]], rows: Sequence[Staged]) -> None:
    """Refuse to give a signature another name or record: its name says whose it is."""
    objects = context.runtime.part(Records).objects
    for row in rows:
        about, name = row.old.get("about"), row.old.get("field")
        if about is None or name is None or all(row.new.get(one) == row.old.get(one) for one in ("name", "about")):
            continue
        target = pointed(about).object
        if name in holding.get(target, ()) and objects[target].fields[name].kind.signed:
            raise Refusal(
                409, "RESTRICTED", Text(zh="签名不能改名或移到别处。", en="A signature keeps its name and its place.")
            )


def _demand_unused(context: Context, holding: dict[str, tuple[str, ...]], rows: Sequence[Staged]) -> None:
    """Refuse to take a file away from its record while a field there names it."""
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
