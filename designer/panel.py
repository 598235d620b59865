"""The property panel of a field: its options as controls, made from its kind and the options that all kinds have, its conditions as
rows, its choices, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from designer.builder import builder
from designer.choices import COLORS, holder_of, listed
from designer.fields import CONDITIONS, OBJECT, field_data, label_texts
from designer.options import Option, option_of, shown
from designer.preview import label_in
from metamodel.schema_parts import COMMON_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work

FLAGS = ("required", "readonly", "hidden", "unique", "search", "index")


def panel_of(work: Work, object_name: str, field: str) -> dict[str, Any]:
    """Return what the panel shows of a field."""
    data = field_data(work, object_name, field)
    kind: Any = work.candidate.kinds.fields.get(str(data.get("type", "")))
    language = work.visit.language
    label, hint = label_texts(data.get("label")), label_texts(data.get("help"))
    holder = holder_of(work, object_name, field)
    published = work.published.objects.get(object_name)
    return {
        "name": field,
        "title": label_in(data.get("label"), language, field),
        "kind": kind.label(language) if kind else str(data.get("type", "")),
        "kind_help": kind.help(language) if kind else "",
        "icon": kind.icon if kind else "alert-circle",
        "label": label,
        "help": hint,
        "other": "en" if language == "zh" else "zh",
        "flags": [_common(name, data, language) for name in FLAGS if not _silent(kind, name)],
        "default": _default(kind, data),
        "options": [_picks(work, object_name, data, one) for one in _own(kind, data, language, holder is not None)],
        "objects": objects_to_pick(work),
        "choices": listed(work, holder) if holder else None,
        "shared": holder.shared if holder else "",
        "lists": lists_to_pick(work) if holder else [],
        "again": _again(work, object_name, field, data),
        "colors": COLORS,
        "conditions": [condition_of(work, object_name, field, one) for one in CONDITIONS if not _uncond(kind, one)],
        "faults": {
            option: faults_at(work, object_name, f"fields/{field}/{option}")
            for option in ("default", *(kind.options if kind else ()))
        },
        "fresh": published is None or field not in published.fields,
    }


def _silent(kind: Any, flag: str) -> bool:
    """Whether a flag says nothing of a kind: nobody writes what is computed."""
    if kind is None:
        return False
    if kind.computed and flag in {"required", "readonly", "unique"}:
        return True
    return flag == "search" and not kind.searchable


def _uncond(kind: Any, condition: str) -> bool:
    return bool(kind is not None and kind.computed and condition != "visible_when")


def _common(name: str, data: Mapping[str, Any], language: str) -> Option:
    return option_of(name, COMMON_FIELD[name], (), data.get(name), language)


def _default(kind: Any, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the default's text; None for kinds that nobody fills in. One that is more than a value is shown, not changed."""
    if kind is None or kind.computed or kind.control in {"serial", "lines"} or kind.moved:
        return None
    said = data.get("default")
    if isinstance(said, dict):
        return {"text": shown(said.get("value")), "again": shown(said.get("again_when"))}
    return {"text": shown(said), "again": ""}


def _own(kind: Any, data: Mapping[str, Any], language: str, has_choices: bool) -> list[Option]:
    if kind is None:
        return []
    found = []
    for name, schema in kind.options.items():
        if schema.get("type") == "object":
            continue  # entries of their own, which are written as YAML
        if name == "choices" and has_choices:
            continue
        found.append(option_of(name, schema, kind.expressions, data.get(name), language))
    return found


def _picks(work: Work, object_name: str, data: Mapping[str, Any], one: Option) -> Option:
    """Return an option whose values are names of the model with these names to pick from, by their labels."""
    language, model = work.visit.language, work.model
    if one.sort == "object":
        return replace(one, choices=tuple(objects_to_pick(work)), many=one.many or (one.value,))
    if one.sort == "process":
        processes = [(name, it.label(language)) for name, it in model.processes.items() if it.object == object_name]
        return replace(one, sort="pick", choices=tuple(processes))
    target = model.objects.get(str(data.get("to") or data.get("type")))
    if one.name == "show" and target is not None:
        return replace(one, choices=tuple((name, it.label(language)) for name, it in target.fields.items()))
    return one


def _again(work: Work, object_name: str, field: str, data: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return the fields whose change may compute a default anew, by label, and whether it does."""
    said = data.get("default")
    chosen = said.get("again_when") if isinstance(said, dict) else ()
    definition = work.model.objects.get(object_name)
    others = [one for one in definition.fields.values() if one.name != field] if definition else []
    return [(one.name, one.label(work.visit.language), one.name in (chosen or ())) for one in others]


def lists_to_pick(work: Work) -> list[tuple[str, str]]:
    """Return the shared lists of choices, by what they are called."""
    language = work.visit.language
    names = [name for kind, name in work.candidate.merged if kind == "choices"]
    return [(name, label_in(work.candidate.data("choices", name).get("label"), language, name)) for name in names]


def objects_to_pick(work: Work) -> list[tuple[str, str]]:
    """Return the objects that a link may go to."""
    language = work.visit.language
    return [(name, one.label(language)) for name, one in work.model.objects.items()]


def condition_of(work: Work, object_name: str, field: str, kind: str) -> dict[str, Any]:
    """Return a condition of a field as the builder shows it: rows, or the text where rows can't say it."""
    said = work.candidate.data(OBJECT, object_name).get(kind)
    text = shown(said.get(field)) if isinstance(said, dict) else ""
    return builder(work, object_name, kind, text) | {"faults": faults_at(work, object_name, f"{kind}/{field}")}


def faults_at(work: Work, object_name: str, path: str) -> list[str]:
    """Return what is wrong at a place of an object's file, or below it, in plain words."""
    known = work.candidate.documents.get((OBJECT, object_name))
    if known is None:
        return []
    language = work.visit.language
    return [
        " ".join(part for part in (one.message(language), one.hint(language)) if part)
        for one in work.candidate.faults
        if one.mark.file == f"site/{known.path}" and (one.mark.path == path or one.mark.path.startswith(f"{path}/"))
    ]
