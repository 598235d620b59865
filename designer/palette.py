"""The palette of field types, made from the kinds: in groups by what they hold, with what a new field of each begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metamodel.definitions.model import Model
from metamodel.definitions.objects import FieldDef
from metamodel.expressions.types import Base
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work
    from engine.fields.base import FieldKind

LOOKUP = "lookup"  # looks along a link
ROLLUP = "rollup"  # counts what links here; every other expression may begin with a number
GROUPS: Mapping[str, Text] = {
    "text": Text(zh="文字", en="Text"),
    "number": Text(zh="数字", en="Numbers"),
    "choice": Text(zh="选择", en="Choices"),
    "moment": Text(zh="日期", en="Dates"),
    "link": Text(zh="关联", en="Links"),
    "other": Text(zh="其他", en="Other"),
    "computed": Text(zh="自动", en="Computed"),
}
_BY_BASE = {
    Base.TEXT: "text",
    Base.NUMBER: "number",
    Base.CHOICE: "choice",
    Base.BOOLEAN: "choice",
    Base.DATE: "moment",
    Base.DATETIME: "moment",
    Base.LINK: "link",
    Base.ROWS: "link",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A field type that can be added. ``starter``: the options a new one begins with; None where the object lacks what it needs."""

    kind: FieldKind
    group: str
    starter: dict[str, Any] | None


def offers(work: Work, object_name: str) -> dict[str, list[Offer]]:
    """Return the field types by group, in the groups' order; in each those that most objects have come first."""
    found: dict[str, list[Offer]] = {group: [] for group in GROUPS}
    kinds: Mapping[str, Any] = work.candidate.kinds.fields
    for kind in kinds.values():
        found[_group(kind)].append(Offer(kind, _group(kind), starter(work, object_name, kind)))
    return {group: sorted(listed, key=_later) for group, listed in found.items() if listed}


def _later(offer: Offer) -> tuple[bool, bool]:
    return not offer.kind.common, not offer.kind.one_line


def _group(kind: FieldKind) -> str:
    if kind.computed or kind.control == "serial":
        return "computed"
    base = _base(kind)
    return _BY_BASE.get(base, "other") if base is not None else "other"


def _base(kind: FieldKind) -> Base | None:
    """Return what expressions see of a kind's values, asked with the least that it needs to tell."""
    options = {"choices": {}, "to": "user", "of": "user", "process": ""}
    asked = FieldDef("x", kind.name, Text(), options={key: options[key] for key in kind.options if key in options})
    try:
        found = kind.value_type(asked, Model())
    except (KeyError, TypeError, AttributeError):
        return None
    return found.base if found is not None else None


def starter(work: Work, object_name: str, kind: FieldKind) -> dict[str, Any] | None:
    """Return the options that a new field of a kind begins with, so that it is sound at once; None where the object lacks what it needs."""
    found: dict[str, Any] = {}
    for option in kind.required_options:
        value = _first(work, object_name, kind, option)
        if value is None:
            return None
        found[option] = value
    return found


def _first(work: Work, object_name: str, kind: FieldKind, option: str) -> Any:
    model = work.model
    definition = model.objects.get(object_name)
    if option == "choices":
        return {
            f"option_{number}": {"label": {"zh": f"选项 {number}", "en": f"Option {number}"}} for number in (1, 2, 3)
        }
    if option == "to":
        linked = {str(one.options.get("to")) for one in definition.fields.values()} if definition else set()
        others = [name for name in model.objects if name not in {object_name, "user", "department"}]
        return next((name for name in others if name not in linked), others[0] if others else "user")
    if option == "of":
        taken = {one.options.get("of") for one in definition.fields.values()} if definition else set()
        return next((name for name, to in _line_objects(work).items() if to == object_name and name not in taken), None)
    if option == "process":
        used = {one.options.get("process") for one in definition.fields.values()} if definition else set()
        return next((n for n, one in model.processes.items() if one.object == object_name and n not in used), None)
    if option == "value":
        lists = model.reverse.get(object_name, {})
        if kind.name == LOOKUP:
            return _path(work, object_name)
        return (f"COUNT({next(iter(lists))})" if lists else None) if kind.name == ROLLUP else "0"
    if option == "format":
        return "{yyyy}{mm}-{0000}"
    if option == "points" and definition is not None and definition.title:
        filled = {"label": {"zh": "已填写", "en": "Filled in"}, "when": f"not ISBLANK({definition.title})", "add": 10}
        return {"filled": filled}
    return None


def _path(work: Work, object_name: str) -> str | None:
    """Return a path over the first link of an object to the title of the other; None where it has no link."""
    compiled = work.shown.records.objects.get(object_name)
    for field in compiled.fields.values() if compiled else ():
        target = work.model.objects.get(field.targets[0]) if len(field.targets) == 1 else None
        if field.type.base is Base.LINK and target is not None and target.title:
            return f"{field.name}.{target.title}"
    return None


def _line_objects(work: Work) -> dict[str, str]:
    """Return the objects whose records are lines: name → object they are lines of."""
    return {
        name: str(one.options.get("to"))
        for name, definition in work.model.objects.items()
        for one in definition.fields.values()
        if one.options.get("parent")
    }
