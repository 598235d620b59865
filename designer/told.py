"""What a draft changes, said with the names that people know: labels in place of the definitions' own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.impact import told_of
from designer.options import LABELS
from designer.told_objects import details
from metamodel.diff import diff
from metamodel.diff_words import OPTIONS
from metamodel.layers import SITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work
    from metamodel.definitions.model import Model
    from metamodel.diff import DefinitionChange


def told(work: Work) -> list[tuple[str, str]]:
    """Return what publishing would change: (act, words). What is taken away says how much data hangs on it."""
    before, after, language = work.published, work.model, work.visit.language
    found = []
    for one in diff(before, after):
        if (one.kind, one.name) == ("pack", SITE):
            continue
        words = _words(work, one, after if one.act != "removed" else before)
        parts = details(after, one, language)
        stop = "：" if language == "zh" else ": "
        label = label_of(after, one.kind, one.name, language)
        found += [(one.act, f"{label}{stop}{part}") for part in parts] or [(one.act, words + _data(work, one))]
    return found


def gone(work: Work) -> list[str]:
    """Return what the draft takes away of what is published, with the data that hang on it."""
    removed = [one for one in diff(work.published, work.model) if one.act == "removed"]
    return [_words(work, one, work.published) + _data(work, one) for one in removed]


def _data(work: Work, one: DefinitionChange) -> str:
    """Return how much data hangs on what is taken away, "" where that is no question."""
    if one.act != "removed":
        return ""
    first, _, second = one.name.partition(".")
    kind, part = {"field": ("object", "fields"), "state": ("process", "states"), "choice": ("choices", "values")}.get(
        one.kind, (one.kind, "")
    )
    words, _ = told_of(work, kind, first, (part, second) if part else ())
    return (f"（{words}）" if work.visit.language == "zh" else f" ({words})") if words else ""


def _words(work: Work, one: DefinitionChange, model: Model) -> str:
    language = work.visit.language
    text = one.text(language)
    option = LABELS.get(one.option) if one.option not in OPTIONS else None
    if option is not None:
        text = text.replace(
            f" {one.option} ", option(language) if language == "zh" else f" {option(language).lower()} ", 1
        )
    label = label_of(model, one.kind, one.name, language)
    if not label:
        return text
    shown = f"「{label}」" if language == "zh" else f"“{label}”"
    return text.replace(one.name, shown, 1).replace(" 「", "「").replace("」 ", "」")


def label_of(model: Model, kind: str, name: str, language: str) -> str:
    """Return what people call a definition or a part of it, "" where it has no label of its own."""
    first, _, second = name.partition(".")
    holders: dict[str, Mapping[str, Any]] = {
        "object": model.objects,
        "field": model.objects,
        "process": model.processes,
        "state": model.processes,
        "transition": model.processes,
        "approval": model.approvals,
        "step": model.approvals,
        "automation": model.automations,
        "metric": model.metrics,
        "dashboard": model.dashboards,
        "widget": model.dashboards,
        "report": model.reports,
        "measure": model.reports,
        "role": model.roles,
        "pack": model.packs,
    }
    parts = {
        "field": "fields",
        "state": "states",
        "transition": "transitions",
        "step": "steps",
        "widget": "widgets",
        "measure": "measures",
    }
    holder = holders.get(kind, {}).get(first)
    if holder is None:
        return ""
    whole = str(holder.label(language)) or first
    if not second:
        return whole
    inner = getattr(holder, parts[kind]).get(second) if kind in parts else None
    return f"{whole} · {inner.label(language) or second}" if inner is not None else ""
