"""Values of options as drawings say them: fields and definitions by their labels, lengths of time and what may be chosen in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.builder import resolved
from engine.fields.duration import read_duration, show_duration
from metamodel.definitions.common import Expression, Template
from metamodel.options import Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.work import Work
    from metamodel.options import OptionSort

SAID: Mapping[str, Text] = {  # what options offer to choose from
    "every": Text(zh="每次满足时", en="every time"),
    "per episode": Text(zh="每次条件成立期间一次", en="once while the condition holds"),
    "per record": Text(zh="每条记录一次", en="once for each record"),
    "previous_period": Text(zh="上期", en="the previous period"),
    "same_period_last_year": Text(zh="去年同期", en="the same period last year"),
    "previous_year": Text(zh="去年同期", en="the same period last year"),
    "hour": Text(zh="时刻", en="hour"),
    "day": Text(zh="日", en="day"),
    "weekday": Text(zh="星期", en="weekday"),
    "week": Text(zh="周", en="week"),
    "month": Text(zh="月", en="month"),
    "quarter": Text(zh="季度", en="quarter"),
    "year": Text(zh="年", en="year"),
    "count": Text(zh="数量", en="count"),
    "amount": Text(zh="金额", en="amount"),
    "conversion": Text(zh="转化率", en="conversion"),
    "dwell": Text(zh="停留时间", en="dwell time"),
    "round_robin": Text(zh="轮流", en="in turn"),
    "least_loaded": Text(zh="最少者优先", en="whoever has least"),
    "manager": Text(zh="上级", en="the manager"),
    "approved": Text(zh="通过", en="approved"),
    "rejected": Text(zh="驳回", en="rejected"),
    "late": Text(zh="超时", en="late"),
    "returned": Text(zh="退回", en="returned"),
    "withdrawn": Text(zh="撤回", en="withdrawn"),
    "submitter": Text(zh="提交人", en="the submitter"),
    "money": Text(zh="金额", en="money"),
    "percent": Text(zh="百分比", en="percent"),
    "days": Text(zh="天", en="days"),
}
FIELDS = frozenset({Takes.FIELD, Takes.FIELDS, Takes.PATH, Takes.PATHS})


def field_words(work: Work, object_name: str, path: str) -> str:
    """Return what a field of an object is called, itself where there is none."""
    return resolved(work, object_name, path)[1] if path else ""


def chosen_words(name: str, language: str) -> str:
    """Return one of the values that an option offers in words, itself where it has none."""
    return SAID[name](language) if name in SAID else name


def length_words(text: str, language: str) -> str:
    """Return a length of time as definitions write it, ``24h``, in words."""
    return show_duration(read_duration(text), language)


def option_words(work: Work, kind: Any, name: str, value: Any, object_name: str = "") -> str:
    """Return an option of a trigger or widget in words: what it is called, and what it says of an object."""
    language, named = work.visit.language, kind.options.named if kind is not None else {}
    said = said_words(work, named.get(name), value, object_name)
    return f"{named[name].label(language) if name in named else name}{'：' if language == 'zh' else ': '}{said}"


def said_words(work: Work, sort: OptionSort | None, value: Any, object_name: str = "") -> str:
    """Return an option's value in words."""
    language = work.visit.language
    if isinstance(value, tuple | list):
        return _joined([said_words(work, sort, one, object_name) for one in value], language)
    if isinstance(value, Expression):
        return field_words(work, object_name, value.text)
    if sort is None or not isinstance(value, str):
        return value_words(value, language)
    if value in sort.choices:
        return chosen_words(value, language)
    if sort.takes in FIELDS:
        return field_words(work, object_name, value)
    if sort.takes is Takes.DURATION:
        return length_words(value, language)
    return _label(work, sort.takes, value) or value


def _label(work: Work, takes: Takes, name: str) -> str:
    """Return the label of the definition that a name speaks of, "" where it speaks of none."""
    model, language = work.model, work.visit.language
    if takes is Takes.VIEW:
        owner, _, view = name.partition(".")
        definition = model.objects.get(owner)
        found = definition.views.get(view) if definition is not None else None
        return f"{definition.label(language)} · {found.label(language)}" if definition and found and found.label else ""
    held: Mapping[Takes, Mapping[str, Any]] = {
        Takes.METRIC: model.metrics,
        Takes.PROCESS: model.processes,
        Takes.OBJECT: model.objects,
        Takes.ROLE: model.roles,
        Takes.APPROVAL: model.approvals,
    }
    one = held.get(takes, {}).get(name)
    return str(one.label(language)) if one is not None and one.label is not None else ""


def value_words(value: Any, language: str) -> str:
    """Return a value of a definition as text."""
    if value is None:
        return ""
    if isinstance(value, Expression | Template):
        return value.text
    if isinstance(value, Text):
        return value(language)
    if isinstance(value, tuple | list):
        return _joined([value_words(one, language) for one in value], language)
    if hasattr(value, "items"):
        return "；".join(f"{key} = {value_words(one, language)}" for key, one in value.items())
    return str(value)


def _joined(words: list[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(words)
