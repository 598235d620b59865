"""What a draft changes, said with the names that people know: labels in place of the definitions' own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.diff import diff
from metamodel.layers import SITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work
    from metamodel.definitions.model import Model
    from metamodel.diff import DefinitionChange


def told(work: Work) -> list[tuple[str, str]]:
    """Return what publishing would change: (act, words)."""
    before, after = work.published, work.model
    changes = [one for one in diff(before, after) if (one.kind, one.name) != ("pack", SITE)]
    return [(one.act, _words(work, one, after if one.act != "removed" else before)) for one in changes]


def _words(work: Work, one: DefinitionChange, model: Model) -> str:
    language = work.visit.language
    text = one.text(language)
    label = label_of(model, one.kind, one.name, language)
    if not label:
        return text
    shown = f"「{label}」" if language == "zh" else f"“{label}”"
    return text.replace(one.name, shown).replace(" 「", "「").replace("」 ", "」")


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
        "role": model.roles,
        "pack": model.packs,
    }
    parts = {"field": "fields", "state": "states", "transition": "transitions", "step": "steps", "widget": "widgets"}
    holder = holders.get(kind, {}).get(first)
    if holder is None:
        return ""
    whole = str(holder.label(language)) or first
    if not second:
        return whole
    inner = getattr(holder, parts[kind]).get(second) if kind in parts else None
    return f"{whole} · {inner.label(language) or second}" if inner is not None else ""
