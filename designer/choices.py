"""The choices of a field in the designer: added, called otherwise, coloured, retired, reordered. A shared list is changed where it is
defined, for all fields that use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from designer.fields import OBJECT, field_data, label_texts
from designer.names import name_from

if TYPE_CHECKING:
    from designer.changes import Changes
    from designer.work import Work

COLORS = ("gray", "blue", "cyan", "teal", "green", "lime", "yellow", "orange", "red", "pink", "purple", "indigo")


@dataclass(frozen=True, slots=True)
class Holder:
    """Where choices are written: a definition and the path in it. ``shared``: the name of the list, "" for a field's own."""

    kind: str
    name: str
    path: tuple[str, ...]
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice as its row in the panel shows it. ``fresh``: nobody can have chosen it yet."""

    name: str
    label: dict[str, str]
    color: str
    retired: bool
    fresh: bool


def holder_of(work: Work, object_name: str, field: str) -> Holder | None:
    """Return where a field's choices are written; None for a field that has none."""
    said = field_data(work, object_name, field).get("choices")
    if isinstance(said, dict):
        return Holder(OBJECT, object_name, ("fields", field, "choices"))
    if isinstance(said, str) and ("choices", said) in work.candidate.merged:
        return Holder("choices", said, ("values",), said)
    return None


def listed(work: Work, holder: Holder) -> list[Choice]:
    """Return the choices in order."""
    data = _data(work, holder)
    known = _published(work, holder)
    found = []
    for name, said in data.items():
        full = said if isinstance(said, dict) and "zh" not in said and "en" not in said else {"label": said}
        label = label_texts(full.get("label"))
        found.append(Choice(name, label, str(full.get("color") or ""), full.get("retired") is True, name not in known))
    return found


def _data(work: Work, holder: Holder) -> dict[str, Any]:
    data: Any = work.candidate.data(holder.kind, holder.name)
    for name in holder.path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _published(work: Work, holder: Holder) -> set[str]:
    if holder.shared:
        found = work.published.choices.get(holder.shared)
        return set(found.values) if found else set()
    definition = work.published.objects.get(holder.name)
    field = definition.fields.get(holder.path[1]) if definition else None
    said = field.options.get("choices") if field else None
    return set(said) if isinstance(said, Mapping) else set()


def add_choice(work: Work, changes: Changes, holder: Holder, language: str, text: str) -> None:
    """Add a choice at the end."""
    if text.strip():
        taken = {*_data(work, holder), *_published(work, holder)}
        name = name_from(text, taken, "option")
        changes.put(holder.kind, holder.name, (*holder.path, name), {"label": {language: text.strip()}})


def set_choice(work: Work, changes: Changes, holder: Holder, *, name: str, part: str, text: str, language: str) -> None:
    """Set a choice's label, colour, or whether it is retired."""
    choice = next((one for one in listed(work, holder) if one.name == name), None)
    if choice is None:
        return
    said: dict[str, Any] = {"label": dict(choice.label)} if choice.label else {}
    said |= {"color": choice.color} if choice.color else {}
    said |= {"retired": True} if choice.retired else {}
    if part == "label" and text.strip():
        said["label"] = {**choice.label, language: text.strip()}
    elif part == "color":
        said = {**said, "color": text} if text in COLORS else {key: one for key, one in said.items() if key != "color"}
    elif part == "retired":
        said = (
            {**said, "retired": True} if text == "true" else {key: one for key, one in said.items() if key != "retired"}
        )
    changes.put(holder.kind, holder.name, (*holder.path, name), said)


def remove_choice(work: Work, changes: Changes, holder: Holder, name: str) -> None:
    """Take a choice away that nobody can have chosen; one that is in use is retired instead."""
    choice = next((one for one in listed(work, holder) if one.name == name), None)
    if choice is not None and choice.fresh:
        changes.remove(holder.kind, holder.name, (*holder.path, name))
    elif choice is not None:
        set_choice(work, changes, holder, name=name, part="retired", text="true", language="zh")


def move_choice(work: Work, changes: Changes, holder: Holder, name: str, by: int) -> None:
    """Move a choice one place up (-1) or down (+1)."""
    names = list(_data(work, holder))
    at = names.index(name) + by if name in names else -1
    if 0 <= at < len(names):
        side = {"before": names[at]} if by < 0 else {"after": names[at]}
        changes.move(holder.kind, holder.name, (*holder.path, name), **side)


def change_source(work: Work, changes: Changes, object_name: str, field: str, name: str) -> None:
    """Let a field take its choices from a shared list, or (no name) from a list of its own that begins as a copy of the shared one."""
    path = ("fields", field, "choices")
    holder = holder_of(work, object_name, field)
    if name:
        if ("choices", name) in work.candidate.merged and (holder is None or holder.shared != name):
            changes.put(OBJECT, object_name, path, name)
    elif holder is not None and holder.shared:
        changes.put(OBJECT, object_name, path, dict(_data(work, holder)))
