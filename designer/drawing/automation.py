"""A rule as a sentence: when what happens, under which condition, it does this, and at the end that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.drawing.values import chosen_words, option_words, said_words
from metamodel.definitions.actions import ActionDef

if TYPE_CHECKING:
    from designer.work import Work


def draw_automation(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a rule's sentence."""
    rule = work.model.automations.get(name)
    if rule is None:
        return None
    language = work.visit.language
    definition = work.model.objects.get(rule.object)
    kind = work.candidate.kinds.triggers.get(rule.trigger.kind)
    beside = [option_words(work, kind, key, value, rule.object) for key, value in rule.trigger.options.items()]
    return "sentence", {
        "title": rule.label(language) or name,
        "about": definition.label(language) if definition else rule.object,
        "trigger": kind.label(language) if kind else rule.trigger.kind,
        "value": said_words(work, kind.options.whole if kind else None, rule.trigger.value, rule.object),
        "beside": beside,
        "when": rule.when.text if rule.when else "",
        "once": chosen_words(rule.once, language),
        "do": [action_words(work, one, rule.object) for one in rule.do],
        "ends": [action_words(work, one, rule.object) for one in rule.ends],
    }


def action_words(work: Work, action: ActionDef, about: str) -> dict[str, Any]:
    """Return an action of a rule about an object in words: what it does, and with what."""
    language = work.visit.language
    kind = work.candidate.kinds.actions.get(action.verb)
    named = kind.options.named if kind else {}
    parts = []
    for key, value in action.options.items():
        if isinstance(value, tuple) and value and isinstance(value[0], ActionDef):
            continue
        label = named[key].label(language) if key in named else key
        parts.append((label, said_words(work, named.get(key), value, about)))
    inner = [
        action_words(work, one, about)
        for value in action.options.values()
        if isinstance(value, tuple)
        for one in value
        if isinstance(one, ActionDef)
    ]
    return {"verb": kind.label(language) if kind else action.verb, "parts": parts, "inner": inner}
