"""Fields in the designer: adding one at a place of the form, saying what it is called, what it takes, when it shows, and taking it away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from designer.names import RESERVED, name_from
from designer.options import parsed, sort_of
from designer.structure import move_to, read_structure, take_off, write_structure
from engine.refusals import Refusal
from metamodel.schema_parts import COMMON_FIELD
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.changes import Changes
    from designer.palette import Offer
    from designer.work import Work

OBJECT = "object"
CONDITIONS = ("visible_when", "required_when", "readonly_when")


def field_data(work: Work, object_name: str, field: str) -> dict[str, Any]:
    """Return what a field says, with the draft. Raises Refusal 404 where there is none."""
    fields = work.candidate.data(OBJECT, object_name).get("fields")
    found = fields.get(field) if isinstance(fields, dict) else None
    if not isinstance(found, dict):
        raise Refusal(404, "NOT_FOUND", Text(zh=f"没有字段 {field}。", en=f"There is no field {field}."))
    return found


def taken_names(work: Work, object_name: str) -> set[str]:
    """Return the names that a new field can't have: those of fields, also of published ones that the draft takes away."""
    fields = work.candidate.data(OBJECT, object_name).get("fields")
    published = work.published.objects.get(object_name)
    return {
        *(fields or {}),
        *(published.fields if published else ()),
        *work.model.reverse.get(object_name, {}),
        *RESERVED,
    }


def new_label(work: Work, object_name: str, label: Text) -> dict[str, str]:
    """Return a label for a new field, numbered where others are called the same."""
    fields = work.candidate.data(OBJECT, object_name).get("fields") or {}
    used = {
        str(word) for one in fields.values() if isinstance(one, dict) for word in label_texts(one.get("label")).values()
    }
    number, suffix = 1, ""
    while label.zh + suffix in used or label.en + suffix in used:
        number += 1
        suffix = f" {number}"
    return {"zh": label.zh + suffix, "en": label.en + suffix}


def label_texts(label: Any) -> dict[str, str]:
    """Return a label by language, however it is written; both where it is one text."""
    if isinstance(label, dict):
        return {str(key): str(value) for key, value in label.items()}
    return {"zh": str(label), "en": str(label)} if label else {}


def add_field(work: Work, changes: Changes, object_name: str, offer: Offer, place: tuple[str, str, int | None]) -> str:
    """Add a field of a kind at a place of the form; return its name."""
    if offer.starter is None:
        raise Refusal(
            422, "NOT_POSSIBLE", Text(zh="此对象还不能使用这种字段。", en="This object can't have such a field yet.")
        )
    name = name_from("", taken_names(work, object_name), f"new_{offer.kind.name}")
    label = new_label(work, object_name, offer.kind.label)
    changes.put(OBJECT, object_name, ("fields", name), {"type": offer.kind.name, "label": label, **offer.starter})
    before, after = read_structure(work.candidate, object_name), read_structure(work.candidate, object_name)
    move_to(after, name, *place)
    write_structure(changes, object_name, before, after)
    return name


def set_label(work: Work, changes: Changes, object_name: str, field: str, *, language: str, text: str) -> str:
    """Say what a field is called in a language. A field that was never published takes its name from it; return the name."""
    data = field_data(work, object_name, field)
    text = text.strip()
    label = label_texts(data.get("label"))
    began = (
        work.candidate.kinds.fields[data["type"]].label if data.get("type") in work.candidate.kinds.fields else Text()
    )
    other = "en" if language == "zh" else "zh"
    if text:
        label[language] = text
    else:
        label.pop(language, None)
    fresh = not _is_published(work, object_name, field)
    if fresh and re.fullmatch(re.escape(began(other)) + r"( \d+)?", label.get(other, "")):
        label.pop(other, None)  # what the kind is called is no translation of it
    if label:
        changes.put(OBJECT, object_name, ("fields", field, "label"), label)
    else:
        changes.remove(OBJECT, object_name, ("fields", field, "label"))
    return (
        _renamed(work, changes, object_name, field, label=text, kind=str(data.get("type", "field")))
        if fresh and text
        else field
    )


def _is_published(work: Work, object_name: str, field: str) -> bool:
    published = work.published.objects.get(object_name)
    return published is not None and field in published.fields


def _renamed(work: Work, changes: Changes, object_name: str, field: str, *, label: str, kind: str) -> str:
    """Give a new field a name after its label, where nothing but the form speaks of it."""
    name = name_from(label, taken_names(work, object_name) - {field}, kind)
    spoken = sum(len(re.findall(rf"\b{field}\b", text)) for text in work.draft.files.values())
    listed = len(re.findall(rf"\b{field}\b", str(work.candidate.data(OBJECT, object_name).get("form", ""))))
    if name == field or spoken > 1 + max(listed, 1):
        return field
    changes.rename(OBJECT, object_name, ("fields", field), name)
    before, after = read_structure(work.candidate, object_name), read_structure(work.candidate, object_name)
    for tab in after.tabs:
        for section in tab.sections:
            section.fields = [name if one == field else one for one in section.fields]
    if before.written:
        write_structure(changes, object_name, before, after)
    return name


def set_option(work: Work, changes: Changes, object_name: str, field: str, *, option: str, text: str) -> None:
    """Set an option of a field as its control posted it; a blank one is taken away."""
    data = field_data(work, object_name, field)
    kind: Any = work.candidate.kinds.fields.get(data.get("type", ""))
    own: Mapping[str, Any] = kind.options if kind is not None else {}
    schema = own.get(option) or COMMON_FIELD.get(option)
    if schema is None:
        raise Refusal(422, "UNKNOWN_OPTION", Text(zh=f"没有选项 {option}。", en=f"There is no option {option}."))
    value = parsed(sort_of(option, schema, kind.expressions if kind else ()), text)
    put_or_remove(work, changes, object_name, ("fields", field, option), value, flag=schema.get("type") == "boolean")


def put_or_remove(
    work: Work, changes: Changes, object_name: str, path: tuple[str, ...], value: Any, *, flag: bool = False
) -> None:
    """Set an entry of an object, or take it away where there is no value. A flag that packs below set is set to false."""
    if value is not None:
        changes.put(OBJECT, object_name, path, value)
        return
    below: Any = work.candidate.data_below(OBJECT, object_name)
    for name in path:
        below = below.get(name) if isinstance(below, dict) else None
    if flag and below is not None:
        changes.put(OBJECT, object_name, path, False)
    else:
        changes.remove(OBJECT, object_name, path)


def retire_field(work: Work, changes: Changes, object_name: str, field: str) -> None:
    """Take a field away, with what the object itself says of it on its form, in its views and conditions; its data stay."""
    before, after = read_structure(work.candidate, object_name), read_structure(work.candidate, object_name)
    if before.written:
        take_off(after, field)
        write_structure(changes, object_name, before, after)
    data = work.candidate.data(OBJECT, object_name)
    for condition in CONDITIONS:
        if field in (data.get(condition) or {}):
            changes.remove(OBJECT, object_name, (condition, field))
    for view, said in (data.get("views") or {}).items():
        for part in ("columns", "card", "sort"):
            listed = said.get(part) or []
            kept = [one for one in listed if str(one).lstrip("-").split(".")[0] != field]
            if kept != listed and kept:
                changes.put(OBJECT, object_name, ("views", view, part), kept)
            elif kept != listed:
                changes.remove(OBJECT, object_name, ("views", view, part))
        if field in (said.get("totals") or {}):
            changes.remove(OBJECT, object_name, ("views", view, "totals", field))
    changes.remove(OBJECT, object_name, ("fields", field))
