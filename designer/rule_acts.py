"""An object's checks, its unique combinations and its name and title in the designer."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from designer.builder import builder, posted
from designer.fields import OBJECT, label_texts, put_or_remove
from designer.names import name_from
from designer.panel import faults_at
from designer.preview import label_in
from metamodel.definitions.objects import LIKENESS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

    from designer.changes import Changes
    from designer.work import Work

    Form = MultiDict[str, str]
    Make = Callable[[Work, Changes, str, Form], None]


def rules_of(work: Work, name: str) -> dict[str, Any]:
    """Return what the page shows of an object's checks."""
    data, language = work.candidate.data(OBJECT, name), work.visit.language
    definition = work.model.objects.get(name)
    fields = [(key, one.label(language)) for key, one in definition.fields.items()] if definition else []
    kinds: Any = work.candidate.kinds.fields
    titles = [(key, label) for key, label in fields if definition and kinds[definition.fields[key].type].one_line]
    return {
        "titles": titles,
        "title": str(data.get("title") or ""),
        "texts": label_texts(data.get("label")),
        "icon_name": str(data.get("icon") or ""),
        "fields": fields,
        "checks": [_check(work, name, key, one) for key, one in _maps(data.get("checks"))],
        "uniques": [
            {
                "name": key,
                "fields": [str(field) for field in one.get("fields") or []],
                "faults": faults_at(work, name, f"unique/{key}"),
            }
            for key, one in _maps(data.get("unique"))
        ],
        "duplicates": [_duplicate_rule(work, name, key, one) for key, one in _maps(data.get("duplicates"))],
    }


def _check(work: Work, name: str, key: str, said: dict[str, Any]) -> dict[str, Any]:
    require = str(said.get("require") or "")
    return {
        "name": key,
        "require": builder(work, name, f"check-{key}", require)
        | {"faults": faults_at(work, name, f"checks/{key}/require")},
        "field": str(said.get("field") or ""),
        "message": label_in(said.get("message"), work.visit.language, ""),
    }


def _duplicate_rule(work: Work, name: str, key: str, said: dict[str, Any]) -> dict[str, Any]:
    least = said.get("at_least", LIKENESS)
    return {
        "name": key,
        "way": "similar" if said.get("similar") else "exact",
        "fields": [str(field) for field in said.get("exact") or [said.get("similar")] if field],
        "least": int(Decimal(str(least)) * 100),
        "block": bool(said.get("block")),
        "faults": faults_at(work, name, f"duplicates/{key}"),
    }


def _maps(value: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(key, one) for key, one in value.items() if isinstance(one, dict)] if isinstance(value, dict) else []


def _new_check(work: Work, changes: Changes, name: str, form: Form) -> None:
    """Add a check over a field: that it is filled, until somebody says more."""
    field, message = form.get("field", ""), form.get("value", "").strip()
    if not field or not message:
        return
    check = name_from(message, work.candidate.data(OBJECT, name).get("checks") or {}, "check")
    said = {"require": f"not ISBLANK({field})", "field": field, "message": {work.visit.language: message}}
    changes.put(OBJECT, name, ("checks", check), said)


def _require(work: Work, changes: Changes, name: str, form: Form) -> None:
    text = posted(work, name, form)
    if text:
        changes.put(OBJECT, name, ("checks", form.get("check", ""), "require"), text)


def _message(work: Work, changes: Changes, name: str, form: Form) -> None:
    check = form.get("check", "")
    said = (work.candidate.data(OBJECT, name).get("checks") or {}).get(check) or {}
    texts = {**label_texts(said.get("message")), work.visit.language: form.get("value", "").strip()}
    kept = {key: one for key, one in texts.items() if one}
    put_or_remove(work, changes, name, ("checks", check, "message"), kept or None)


def _check_field(work: Work, changes: Changes, name: str, form: Form) -> None:
    put_or_remove(work, changes, name, ("checks", form.get("check", ""), "field"), form.get("value") or None)


def _remove_check(_work: Work, changes: Changes, name: str, form: Form) -> None:
    changes.remove(OBJECT, name, ("checks", form.get("check", "")))


def _unique(work: Work, changes: Changes, name: str, form: Form) -> None:
    """Set the fields of a combination; a new one where no name is posted, none left takes it away."""
    known = work.candidate.data(OBJECT, name).get("unique") or {}
    fields = form.getlist("fields")
    key = form.get("unique", "") or name_from("_".join(fields), known, "unique")
    if fields:
        changes.put(OBJECT, name, ("unique", key, "fields"), fields)
    elif key in known:
        changes.remove(OBJECT, name, ("unique", key))


def _duplicates(work: Work, changes: Changes, name: str, form: Form) -> None:
    """Set a rule of duplicates; a new one where no name is posted, without fields it goes. What a rule compares by stays as it began."""
    known = work.candidate.data(OBJECT, name).get("duplicates") or {}
    fields, key = form.getlist("fields"), form.get("duplicates", "")
    if not fields:
        if key in known:
            changes.remove(OBJECT, name, ("duplicates", key))
        return
    similar = bool(known[key].get("similar")) if key in known else form.get("way") == "similar"
    said: dict[str, Any] = {"similar": fields[0]} if similar else {"exact": fields}
    if similar:
        percent = form.get("least", "")
        said["at_least"] = Decimal(percent) / 100 if percent.isdecimal() and len(percent) <= 3 else LIKENESS
    if form.get("block") or key in known:
        said["block"] = bool(form.get("block"))
    if key not in known:
        changes.put(OBJECT, name, ("duplicates", name_from("_".join(fields), known, "same")), said)
        return
    for part, value in said.items():
        if known[key].get(part) != value and (part != "block" or value or known[key].get(part)):
            changes.put(OBJECT, name, ("duplicates", key, part), value)


def _object(work: Work, changes: Changes, name: str, form: Form) -> None:
    """Set what the object is called, its sign, and the field that names a record."""
    part, value = form.get("part", ""), form.get("value", "").strip()
    if part in {"title", "icon"} and value:
        changes.put(OBJECT, name, (part,), value)
    elif part in {"zh", "en"}:
        texts = {**label_texts(work.candidate.data(OBJECT, name).get("label")), part: value}
        put_or_remove(work, changes, name, ("label",), {key: one for key, one in texts.items() if one} or None)


RULE_ACTS: Mapping[str, Make] = {
    "check_new": _new_check,
    "condition": _require,
    "message": _message,
    "check_field": _check_field,
    "check_remove": _remove_check,
    "unique": _unique,
    "duplicates": _duplicates,
    "object": _object,
}
