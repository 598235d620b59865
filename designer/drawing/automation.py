"""A rule as a sentence: when what happens, under which condition, it does this, and at the end that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.definitions.actions import ActionDef
from metamodel.definitions.common import Expression, Template
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work


def draw_automation(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a rule's sentence."""
    rule = work.model.automations.get(name)
    if rule is None:
        return None
    language = work.visit.language
    definition = work.model.objects.get(rule.object)
    kind = work.candidate.kinds.triggers.get(rule.trigger.kind)
    beside = [option_words(work, kind, key, value) for key, value in rule.trigger.options.items()]
    return "sentence", {
        "title": rule.label(language) or name,
        "about": definition.label(language) if definition else rule.object,
        "trigger": kind.label(language) if kind else rule.trigger.kind,
        "value": value_words(rule.trigger.value, language),
        "beside": beside,
        "when": rule.when.text if rule.when else "",
        "once": rule.once,
        "do": [action_words(work, one) for one in rule.do],
        "ends": [action_words(work, one) for one in rule.ends],
    }


def action_words(work: Work, action: ActionDef) -> dict[str, Any]:
    """Return an action in words: what it does, and with what."""
    language = work.visit.language
    kind = work.candidate.kinds.actions.get(action.verb)
    named = kind.options.named if kind else {}
    parts = []
    for key, value in action.options.items():
        if isinstance(value, tuple) and value and isinstance(value[0], ActionDef):
            continue
        label = named[key].label(language) if key in named else key
        parts.append((label, value_words(value, language)))
    inner = [
        action_words(work, one)
        for value in action.options.values()
        if isinstance(value, tuple)
        for one in value
        if isinstance(one, ActionDef)
    ]
    return {"verb": kind.label(language) if kind else action.verb, "parts": parts, "inner": inner}


def option_words(work: Work, kind: Any, name: str, value: Any) -> str:
    """Return an option of a trigger or widget in words: what it is called, and the label of the definition that it names."""
    language, model = work.visit.language, work.model
    named = kind.options.named if kind is not None else {}
    held: Mapping[str, Mapping[str, Any]] = {
        "metric": model.metrics,
        "process": model.processes,
        "object": model.objects,
    }
    found = held[name].get(str(value)) if name in held else None
    shown = found.label(language) if found is not None else value_words(value, language)
    return f"{named[name].label(language) if name in named else name}{'：' if language == 'zh' else ': '}{shown}"


def value_words(value: Any, language: str) -> str:
    """Return a value of a definition as text."""
    if value is None:
        return ""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Template):
        return value.text
    if isinstance(value, Text):
        return value(language)
    if isinstance(value, (tuple, list)):
        return (
            "、".join(value_words(one, language) for one in value)
            if language == "zh"
            else ", ".join(value_words(one, language) for one in value)
        )
    if hasattr(value, "items"):
        return "；".join(f"{key} = {value_words(one, language)}" for key, one in value.items())
    return str(value)
