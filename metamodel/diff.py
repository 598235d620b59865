"""What differs between two models, as data: one record a change, each with a line for people. What it means for tables is
publishing's to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from metamodel.diff_words import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef, ObjectDef
    from metamodel.text import Text


class Renamable(Protocol):
    """What may say that it had another name."""

    @property
    def was(self) -> str:
        """Return the former name, "" for none."""
        ...


T = TypeVar("T", bound=Renamable)
_OWN_FIELDS = ("name", "fields", "pack", "mark", "was")


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """One change. ``act``: added, removed (of a field: retired), renamed, changed, moved (only its place in the order). ``kind``:
    pack, object, field, choices, choice, role, scenario, process, approval …, and the parts of these that have names: state, transition,
    step, widget, operation, inbound. ``name``: as the new model calls it (``order.total`` for a field, ``region.north`` for a
    choice), the old name for what is removed; ``was``: the old name of what is renamed. ``option``: which part of it changed
    (``type``, ``required``, ``views`` …), with ``old`` and ``new`` as the definitions hold them."""

    act: str
    kind: str
    name: str
    was: str = ""
    option: str = ""
    old: Any = None
    new: Any = None

    @property
    def text(self) -> Text:
        """Return the change said in one line."""
        return describe(self)


def diff(old: Model, new: Model) -> tuple[DefinitionChange, ...]:
    """Return what turns ``old`` into ``new``: objects and their fields first, then choices, roles, packs, scenarios."""
    return (
        *_objects(old.objects, new.objects),
        *_choices(old, new),
        *(change for kind in _BEHAVIOUR for change in _behaviour(kind, old, new)),
        *_plain("role", old.roles, new.roles, ("label", "objects", "fields")),
        *_plain("pack", old.packs, new.packs, ("label", "version", "requires", "languages", "menu")),
        *_plain("scenario", old.scenarios, new.scenarios, ("given", "do")),
    )


def renamed(old: Mapping[str, T], new: Mapping[str, T]) -> dict[str, str]:
    """Return new name → old name of what says with ``was`` that it had another one. It counts where the old name is free now and
    the new one was not there before."""
    return {
        name: entry.was
        for name, entry in new.items()
        if entry.was and name not in old and entry.was in old and entry.was not in new
    }


def _objects(old: Mapping[str, ObjectDef], new: Mapping[str, ObjectDef]) -> Iterator[DefinitionChange]:
    former = renamed(old, new)
    for name, definition in new.items():
        if name in former:
            yield DefinitionChange("renamed", "object", name, was=former[name])
        before = old.get(former.get(name, name))
        if before is None:
            yield DefinitionChange("added", "object", name)
            continue
        yield from _parts("object", name, before, definition, _OWN_FIELDS)
        yield from _fields(name, before.fields, definition.fields)
    gone = set(former.values())
    for name in old:
        if name not in new and name not in gone:
            yield DefinitionChange("removed", "object", name)


def _fields(object_name: str, old: Mapping[str, FieldDef], new: Mapping[str, FieldDef]) -> Iterator[DefinitionChange]:
    former = renamed(old, new)
    for name, field in new.items():
        path = f"{object_name}.{name}"
        if name in former:
            yield DefinitionChange("renamed", "field", path, was=f"{object_name}.{former[name]}")
        before = old.get(former.get(name, name))
        if before is None:
            yield DefinitionChange("added", "field", path, new=field)
            continue
        yield from _parts("field", path, before, field, ("name", "mark", "was", "options"))
        for option in dict.fromkeys((*before.options, *field.options)):
            yield from _option("field", path, option, before.options.get(option), field.options.get(option))
    gone = set(former.values())
    for name, field in old.items():
        if name not in new and name not in gone:
            yield DefinitionChange("removed", "field", f"{object_name}.{name}", old=field)
    kept = [former.get(name, name) for name in new if former.get(name, name) in old]
    if kept != [name for name in old if name in set(kept)]:
        yield DefinitionChange("moved", "object", object_name, option="fields", old=tuple(old), new=tuple(new))


def _parts(kind: str, name: str, old: Any, new: Any, leave_out: tuple[str, ...]) -> Iterator[DefinitionChange]:
    for part in fields(new):
        if part.name not in leave_out:
            yield from _option(kind, name, part.name, getattr(old, part.name), getattr(new, part.name))


def _option(kind: str, name: str, option: str, old: Any, new: Any) -> Iterator[DefinitionChange]:
    if not _same(old, new):
        yield DefinitionChange("changed", kind, name, option=option, old=old, new=new)


def _same(old: Any, new: Any) -> bool:
    """Whether two parts say the same: the order of entries counts, places in files don't."""
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    if is_dataclass(old):
        compared = (part.name for part in fields(old) if part.compare)
        return all(_same(getattr(old, name), getattr(new, name)) for name in compared)
    if isinstance(old, Mapping):
        return list(old) == list(new) and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, (tuple, list)):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)


def _choices(old: Model, new: Model) -> Iterator[DefinitionChange]:
    for name, choices in new.choices.items():
        before = old.choices.get(name)
        if before is None:
            yield DefinitionChange("added", "choices", name)
            continue
        for value, choice in choices.values.items():
            path = f"{name}.{value}"
            if value not in before.values:
                yield DefinitionChange("added", "choice", path, new=choice)
            else:
                yield from _parts("choice", path, before.values[value], choice, ("name",))
        for value, choice in before.values.items():
            if value not in choices.values:
                yield DefinitionChange("removed", "choice", f"{name}.{value}", old=choice)
        common = [value for value in choices.values if value in before.values]
        if common != [value for value in before.values if value in choices.values]:
            yield DefinitionChange(
                "moved", "choices", name, option="values", old=tuple(before.values), new=tuple(choices.values)
            )
    for name in old.choices:
        if name not in new.choices:
            yield DefinitionChange("removed", "choices", name)


_BEHAVIOUR: Mapping[
    str, tuple[str, Mapping[str, str]]
] = {  # kind → attribute of the model, its parts with names and their kind
    "process": ("processes", {"states": "state", "transitions": "transition"}),
    "approval": ("approvals", {"steps": "step"}),
    "automation": ("automations", {}),
    "metric": ("metrics", {}),
    "dashboard": ("dashboards", {"widgets": "widget"}),
    "report": ("reports", {"measures": "measure"}),
    "connection": ("connections", {"operations": "operation", "inbound": "inbound"}),
}


def _behaviour(kind: str, old: Model, new: Model) -> Iterator[DefinitionChange]:
    """Yield what differs between the definitions of a kind, their named parts apart."""
    attribute, entries = _BEHAVIOUR[kind]
    before, after = getattr(old, attribute), getattr(new, attribute)
    for name, definition in after.items():
        if name not in before:
            yield DefinitionChange("added", kind, name)
            continue
        yield from _parts(kind, name, before[name], definition, ("name", "pack", "mark", *entries))
        for part, inner in entries.items():
            yield from _entries((kind, inner, part), name, getattr(before[name], part), getattr(definition, part))
    for name in before:
        if name not in after:
            yield DefinitionChange("removed", kind, name)


def _entries(
    kinds: tuple[str, str, str], name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[DefinitionChange]:
    """Yield what differs between entries of a definition: ``kinds`` are its kind, theirs, and the part that they are."""
    kind, inner, part = kinds
    for entry, definition in new.items():
        path = f"{name}.{entry}"
        if entry not in old:
            yield DefinitionChange("added", inner, path, new=definition)
        else:
            yield from _parts(inner, path, old[entry], definition, ("name", "mark"))
    for entry, definition in old.items():
        if entry not in new:
            yield DefinitionChange("removed", inner, f"{name}.{entry}", old=definition)
    common = [entry for entry in new if entry in old]
    if common != [entry for entry in old if entry in new]:
        yield DefinitionChange("moved", kind, name, option=part, old=tuple(old), new=tuple(new))


def _plain(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], parts: tuple[str, ...]
) -> Iterator[DefinitionChange]:
    for name, definition in new.items():
        if name not in old:
            yield DefinitionChange("added", kind, name)
            continue
        for part in parts:
            yield from _option(kind, name, part, getattr(old[name], part), getattr(definition, part))
    for name in old:
        if name not in new:
            yield DefinitionChange("removed", kind, name)
