"""Small kinds for the tests of the metamodel: what the engine's own say of their options, and nothing of what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text, plain

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind with options."""

    name: str
    options: OptionSorts = field(default_factory=OptionSorts)
    label: Text = field(default_factory=Text)
    help: Text = field(default_factory=Text)


def one(takes: Takes, *, required: bool = False, of: str = "", choices: tuple[str, ...] = ()) -> OptionSort:
    return OptionSort(takes, plain(takes.value), required, of=of, choices=choices)


def sort(
    name: str, whole: OptionSort | None = None, /, one_of: tuple[str, ...] = (), **named: OptionSort | Takes
) -> tuple[str, Sort]:
    """Return a kind by name; an option that ends in ``_`` is required, ``for_`` and the like lose the sign."""
    options: dict[str, OptionSort] = {}
    for key, given in named.items():
        must = key.endswith("_")
        options[key.rstrip("_")] = given if isinstance(given, OptionSort) else one(given, required=must)
    return name, Sort(name, OptionSorts(options, whole, one_of), plain(name))


T = Takes
_OF_OBJECT = one(T.VALUES, of="object")
_WHERE = one(T.CONDITION, of="object")
ACTIONS: Mapping[str, Sort] = dict(
    [
        sort("set", one(T.VALUES)),
        sort("create", object_=T.OBJECT, **{"as": T.NEW_NAME}, set=_OF_OBJECT, copy=one(T.COPIES, of="object")),
        sort("update", object_=T.OBJECT, where=_WHERE, set=one(T.VALUES, required=True, of="object")),
        sort("transition", name_=T.TRANSITION, record=T.RECORD, reason=T.VALUE, set=T.VALUES),
        sort("submit", record=T.RECORD, approval=T.APPROVAL),
        sort(
            "assign",
            by=one(T.CHOICE, choices=("round_robin", "least_loaded", "manager")),
            among=T.PEOPLE,
            record=T.RECORD,
            field=T.FIELD,
        ),
        sort(
            "notify",
            to_=T.PEOPLE,
            cc=T.PEOPLE,
            by=T.CHANNELS,
            subject=T.MESSAGE,
            message_=T.MESSAGE,
            list=T.VIEW,
            ranking=T.METRIC,
            ranked=one(T.PATH, of="ranking"),
            period=T.TEXT,
            top=T.NUMBER,
        ),
        sort("call", operation_=T.OPERATION, record=T.RECORD, **{"as": T.NEW_NAME}),
        sort("award", to_=T.PEOPLE, points=T.VALUE, badge=T.TEXT, reason=T.MESSAGE),
        sort("wait", one(T.DURATION)),
        sort("if", when_=T.CONDITION, then_=T.ACTIONS, **{"else": T.ACTIONS}),
        sort(
            "for_each",
            object_=T.OBJECT,
            where=_WHERE,
            best=T.METRIC,
            by=one(T.PATH, of="best"),
            period=T.TEXT,
            top=T.NUMBER,
            do_=T.ACTIONS,
            **{"as": T.NEW_NAME},
        ),
        sort("stop", one(T.TEXT)),
    ]
)
TRIGGERS: Mapping[str, Sort] = dict(
    [
        sort("becomes", one(T.CONDITION), at=T.TIME),
        sort("created", when=T.CONDITION),
        sort("updated", fields=T.FIELDS, when=T.CONDITION),
        sort("deleted"),
        sort("restored"),
        sort("enters", one(T.STATE), when=T.CONDITION),
        sort("leaves", one(T.STATE), when=T.CONDITION),
        sort("every", one(T.CRON), when=T.CONDITION),
        sort("button", label_=T.LABEL, when=T.CONDITION, roles=T.ROLES),
        sort(
            "approval",
            one(T.CHOICE, choices=("approved", "rejected", "late", "returned", "withdrawn")),
            name=T.APPROVAL,
        ),
        sort("imported"),
        sort(
            "metric",
            one(T.METRIC),
            by=T.PATH,
            per=one(T.CHOICE, choices=("day", "week", "month", "quarter", "year")),
            when=one(T.CONDITION, required=True),
            average_over=T.NUMBER,
            in_a_row=T.NUMBER,
            at=T.TIME,
        ),
        sort("webhook"),
    ]
)
ASSIGNEES: Mapping[str, Sort] = dict(
    [
        sort("user", one(T.TEXT)),
        sort("role", one(T.ROLE)),
        sort("department_head", one(T.NUMBER)),
        sort("manager", one(T.NUMBER)),
        sort("managers", up_to_=T.ROLE),
        sort("field", one(T.PATH)),
        sort("expression", one(T.EXPRESSION)),
        sort("chosen", one(T.CHOICE, choices=("submitter",))),
    ]
)
_PERIOD = ("day", "week", "month", "quarter", "year")
_BY = one(T.PATH, choices=_PERIOD)
WIDGETS: Mapping[str, Sort] = dict(
    [
        sort(
            "number",
            metric_=T.METRIC,
            compare=one(T.CHOICE, choices=("previous_period", "previous_year")),
            target=T.TEXT,
        ),
        sort("line", metric_=T.METRIC, by=_BY, split=T.PATH),
        sort("bar", metric_=T.METRIC, by=_BY, split=T.PATH),
        sort("funnel", process_=T.PROCESS, measures=one(T.CHOICES, choices=("count", "amount", "conversion", "dwell"))),
        sort("leaderboard", metric_=T.METRIC, by=one(T.PATH, required=True), top=T.NUMBER),
        sort("heatmap", metric_=T.METRIC, rows=one(T.PATH, required=True), columns=_BY),
        sort("pivot", metric_=T.METRIC, rows=one(T.PATH, required=True), columns=_BY),
        sort("table", view_=T.VIEW, top=T.NUMBER),
        sort("text", text_=T.LABEL),
    ]
)
CHANNELS: Mapping[str, Sort] = dict(sort(name) for name in ("inbox", "mail", "wecom"))
