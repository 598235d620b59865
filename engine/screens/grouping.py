"""What a list can be grouped by, and its groups: keys, names, figures, the condition of a group's rows. Which rows are drawn is decided
by grouped.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.insight.periods import bucket_label, end_of, start_of
from engine.records.measure import Measure, Split, labels_of, measure
from engine.records.rights import Right
from engine.refusals import Refusal
from engine.screens.columns import find_field, listable
from engine.screens.html import badge, escaped, person
from engine.screens.texts import TEXTS, say
from metamodel.expressions.types import SEVERAL, Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

STEPS = ("day", "week", "month", "quarter", "year")
NOTHING = "-"  # in addresses: no grouping, and the group of records without a value
EVERY = "*"  # in addresses: all groups are shut
MOST = 200  # groups that a list shows
_DAYS = frozenset({Base.DATE, Base.DATETIME})
_KEYS = frozenset({Base.CHOICE, Base.BOOLEAN, Base.LINK, *_DAYS})
_COUNT = "COUNT(rows)"
_FIGURES = {"sum": "SUM(rows.{})", "avg": "AVG(rows.{})", "min": "MIN(rows.{})", "max": "MAX(rows.{})", "count": "COUNT(rows, not ISBLANK({}))"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grouping:
    """What rows are grouped by: a field or path, for days a step; ``down``: the last group first."""

    path: str
    step: str
    down: bool
    field: Field
    label: str

    @property
    def text(self) -> str:
        """Return it as it stands in addresses."""
        return f"{'-' if self.down else ''}{self.path}{':' if self.step else ''}{self.step}"

    def key_of(self, value: Any, visit: Visit) -> Any:
        """Return the key of the group that a value as read belongs to."""
        if value is None:
            return None
        if self.field.type.base is Base.LINK:
            return getattr(value, "id", value)
        if not self.step:
            return value
        day = value.astimezone(visit.locale.home).date() if isinstance(value, datetime) else value
        return start_of(day, self.step)

    def condition(self, key: Any, place: int) -> tuple[str, dict[str, Any]]:
        """Return the condition of a group's rows, its values under names of its own."""
        if key is None:
            return f"ISBLANK({self.path})", {}
        if isinstance(key, bool):
            return f"{self.path} = {'TRUE' if key else 'FALSE'}", {}
        name = f"group_{place}"
        if not self.step:
            return f"{self.path} = {name}", {name: key}
        values = {name: key, f"{name}_after": end_of(key, self.step)}
        return f"({self.path} >= {name} and {self.path} < {name}_after)", values


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its key as the data has it and as addresses have it, what it is called as markup and in words, how many records it
    has, and its totals by column."""

    key: Any
    name: str
    label: str
    words: str
    count: int
    totals: Mapping[str, Any]


def read_grouping(visit: Visit, compiled: CompiledObject, view: ViewDef | None, text: str) -> Grouping | None:
    """Return what a list is grouped by: what the address says, else its view; None for nothing.

    Raises Refusal 400 for what is not there for the viewer or can't be grouped by.
    """
    if not text and view is not None and view.kind == "list" and view.by:
        text = f"{view.by}{':' if view.per else ''}{view.per}"
        if find_field(visit, compiled, view.by) is None:
            return None  # a view leaves out what one may not see
    if text in {"", NOTHING}:
        return None
    bare = text.removeprefix("-")
    path, _, step = bare.partition(":")
    found = find_field(visit, compiled, path)
    if found is None or not _fits(found[0], step):
        raise Refusal(400, "BAD_SPLIT", TEXTS["group_bad"].format(field=path[:60]))
    return Grouping(path, step, text.startswith("-"), *found)


def _fits(field: Field, step: str) -> bool:
    base = field.type.base
    single = base is not Base.LINK or len(field.type.objects) == 1
    return base in _KEYS and single and ((base in _DAYS) == (step in STEPS)) and (base in _DAYS or not step)


def groupable(visit: Visit, compiled: CompiledObject) -> Iterable[tuple[str, str, str]]:
    """Yield what the menu offers to group by: its text in addresses, label and icon; days by month."""
    for name, field in listable(visit, compiled).items():
        step = "month" if field.type.base in _DAYS else ""
        own = name not in compiled.fields or visit.rights.field(compiled.name, name).least >= Right.READ
        if own and _fits(field, step):
            yield f"{name}{':' if step else ''}{step}", field.label(visit.language), field.kind.icon


def read_groups(visit: Visit, asked: Asked, grouping: Grouping) -> tuple[list[Group], bool]:
    """Return the groups of a list in their order with their figures, and whether there are more than are shown: one statement, and one
    for the names of linked records. Raises Refusal 400 where the viewer may not group by that."""
    totals = figures_of(visit, asked)
    own = (asked.view.filter.text,) if asked.view is not None and asked.view.filter is not None else ()
    filters = (asked.filters.expression,) if asked.filters.expression else ()
    question = Measure(
        asked.compiled.name,
        (_COUNT, *totals.values()),
        splits=(Split(grouping.path, grouping.step),),
        own=own,
        filters=filters,
        largest=grouping.field.type.base is Base.LINK,
        limit=1000,
        search=asked.address.search,
    )
    found = measure(visit.context, question)
    named = _names(visit, grouping, [keys[0] for keys, _ in found.groups if keys[0] is not None])
    groups = [
        Group(
            key,
            address_key(key),
            *named(key),
            int(values[0] or 0),
            dict(zip(totals, values[1:], strict=True)),
        )
        for (key,), values in found.groups
    ]
    rank = _rank(grouping)
    known = sorted((one for one in groups if one.key is not None), key=rank, reverse=grouping.down)
    blank = [one for one in groups if one.key is None]
    return [*known, *blank][:MOST], found.more or len(groups) > MOST


def totals_of(visit: Visit, asked: Asked) -> dict[str, str]:
    """Return column → how it is totalled, of the view's: what is of several records (lines, people) has no total."""
    view = asked.view.totals if asked.view else {}
    found = {name: find_field(visit, asked.compiled, name) for name in view}
    return {name: how for name, how in view.items() if (one := found[name]) is None or one[0].type.base not in SEVERAL}


def figures_of(visit: Visit, asked: Asked) -> dict[str, str]:
    """Return column → measure of the view's totals: those of numbers, which are what a group can show."""
    wanted = {}
    for name, how in totals_of(visit, asked).items():
        found = find_field(visit, asked.compiled, name)
        if found is not None and (how == "count" or found[0].type.base is Base.NUMBER):
            wanted[name] = _FIGURES[how].format(name)
    return wanted


def address_key(key: Any) -> str:
    """Return a group's key as it stands in addresses and markup."""
    if key is None:
        return NOTHING
    if isinstance(key, bool):
        return "true" if key else "false"
    return key.isoformat() if isinstance(key, date) else str(key)


def read_key(grouping: Grouping, text: str) -> Any:
    """Return the key that an address names. Raises ValueError."""
    if text == NOTHING:
        return None
    base = grouping.field.type.base
    if base is Base.BOOLEAN:
        return {"true": True, "false": False}[text]
    if base is Base.LINK:
        if not text.isdecimal() or len(text) > 18:
            raise ValueError(text)
        return int(text)
    return date.fromisoformat(text) if grouping.step else text


def _names(visit: Visit, grouping: Grouping, keys: Sequence[Any]) -> Callable[[Any], tuple[str, str]]:
    """Return what names a key: as markup, and in words."""
    field, language = grouping.field, visit.language
    base = field.type.base
    unset = say("group_unset", language, field=grouping.label)
    labels: Mapping[int, str] = {}
    people = False
    if base is Base.LINK:
        target = field.type.objects[0]
        people = target == "user"
        labels = labels_of(visit.context, target, keys)

    def named(key: Any) -> tuple[str, str]:
        if key is None:
            return f'<span class="muted">{escaped(unset)}</span>', unset
        if base is Base.LINK:
            words = labels.get(key, f"#{key}")
            return (person(words, key) if people else escaped(words)), words
        if base is Base.BOOLEAN:
            words = f"{grouping.label}：" if language == "zh" else f"{grouping.label}: "
            words += say("yes" if key else "no", language)
            return escaped(words), words
        if grouping.step:
            words = bucket_label(key, grouping.step, language, whole=True)
            return escaped(words), words
        choice = field.choices.get(key)
        words = choice.label(language) if choice else str(key)
        return badge(words, choice.color if choice else ""), words

    return named


def _rank(grouping: Grouping) -> Callable[[Group], Any]:
    """Return what groups are ordered by: choices as they are listed, records by their names, yes before no, days as they come."""
    base = grouping.field.type.base
    if base is Base.CHOICE:
        places = {name: place for place, name in enumerate(grouping.field.choices)}
        return lambda one: (places.get(one.key, len(places)), str(one.key))
    if base is Base.LINK:
        return lambda one: (one.words.encode("gb18030", "replace"), one.key)
    if base is Base.BOOLEAN:
        return lambda one: not one.key
    return lambda one: one.key
