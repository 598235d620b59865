"""Definitions as the viewer may see them: objects, their fields and views, and what the viewer may do with them. Kept per version,
set of roles and language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.api.arguments import Nothing, read_arguments
from engine.api.records import query_text
from engine.api.service import Answer
from engine.api.transitions import described_processes
from engine.records.rights import Right
from engine.refusals import Refusal
from metamodel.definitions.common import Expression
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from metamodel.definitions.objects import ViewDef

_ACTS = ("create", "update", "delete", "export", "import", "transfer")
_SHOWN_OPTIONS = frozenset(
    {"max", "min", "pattern", "scale", "digits", "currency", "format", "of", "on_delete", "show"}
)


def list_objects(call: Call) -> Answer:
    """Answer the objects that the viewer may read."""
    read_arguments(Nothing, query_text(call))
    return Answer(_kept(call, "objects", lambda: {"items": [_brief(call, name) for name in readable(call)]}))


def one_object(call: Call, name: str) -> Answer:
    """Answer one object with its fields, views and related lists."""
    read_arguments(Nothing, query_text(call))
    if name not in readable(call):
        raise Refusal(404, "UNKNOWN_OBJECT", Text(zh="没有这个对象。", en="There is no such object."))
    return Answer(_kept(call, f"object {name}", lambda: _whole(call, name)))


def readable(call: Call) -> list[str]:
    """Return the objects that the viewer may read something of. Where that is only what is about others' records (files, comments) there
    is nothing for it to be about: none."""
    found = [name for name in call.records.objects if call.rights.grants(name, "read")]
    return found if any(not call.records.objects[name].about for name in found) else []


def right_to(call: Call, name: str, field: str) -> Right:
    """Return the highest right that the viewer has to a field on some record."""
    return call.rights.field(name, field).most


def _kept(call: Call, what: str, make: Any) -> bytes:
    language = call.context.language
    key = ("api", what, call.rights.full, call.rights.roles, language)
    found: bytes = call.records.memory.get(key, lambda: orjson.dumps(make(), default=str))
    return found


def _brief(call: Call, name: str) -> dict[str, object]:
    definition, language = call.records.objects[name].definition, call.context.language
    return {
        "name": name,
        "label": definition.label(language),
        "plural": definition.plural(language) or definition.label(language),
        "icon": definition.icon,
        "title": definition.title,
        "owner": definition.owner or None,
        "pack": definition.pack,
        "may": {act: call.rights.grants(name, act) for act in _ACTS},
    }


def _whole(call: Call, name: str) -> dict[str, object]:
    compiled = call.records.objects[name]
    rights = {field: right_to(call, name, field) for field in compiled.fields}
    seen = {field for field, right in rights.items() if right is not Right.HIDDEN}
    return _brief(call, name) | {
        "fields": [
            _field(call, compiled, field, rights[field.name])
            for field in compiled.fields.values()
            if field.name in seen
        ],
        "views": [_view(call, view, seen) for view in compiled.definition.views.values()],
        "processes": described_processes(call, name),
        "related": [
            {"name": other, "object": reverse.object, "field": reverse.field}
            for other, reverse in compiled.reverse.items()
            if not reverse.lines and call.rights.shows_link(reverse.object, reverse.field)
        ],
    }


def _field(call: Call, compiled: CompiledObject, field: Field, right: Right) -> dict[str, object]:
    language, definition = call.context.language, field.definition
    found: dict[str, object] = {
        "name": field.name,
        "type": field.kind.name,
        "label": field.label(language),
        "help": definition.help(language),
        "required": definition.required,
        "right": right.name.lower(),
        "written": is_written(field) and right is Right.EDIT,
        "schema": field.kind.json_schema(field),
        "options": {
            key: value
            for key, value in field.options.items()
            if key in _SHOWN_OPTIONS and not isinstance(value, Expression)
        },
    }
    if field.choices:
        found["choices"] = [
            {"name": one.name, "label": one.label(language), "color": one.color, "retired": one.retired}
            for one in field.choices.values()
        ]
    if field.targets:
        found["to"] = list(field.targets)
    if field.name == compiled.title:
        found["title"] = True
    return found


def is_written(field: Field) -> bool:
    """Return whether anybody may write the field at all: not a computed one, a state, a serial or one that is read only for all."""
    kind = field.kind
    return not kind.computed and not kind.moved and kind.name != "serial" and not field.definition.readonly


def _view(call: Call, view: ViewDef, seen: set[str]) -> dict[str, object]:
    return {
        "name": view.name,
        "label": view.label(call.context.language),
        "as": view.kind,
        "columns": [column for column in view.columns if column.split(".")[0] in seen],
        "sort": [
            key
            for key in view.sort
            if key.lstrip("-").split(".")[0] in seen or key.lstrip("-") in {"id", "created_at", "updated_at"}
        ],
    }
