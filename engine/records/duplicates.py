"""Asking for likely duplicates, of values that somebody is about to write and of records that are there: two statements for any number
of them, served by the index of their marks. Of records that the viewer may not read nothing is told but that there is one, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.records.access import Right, rights_of
from engine.records.compile import Records
from engine.records.duplicate_search import MOST, Question, look_at, look_up, marks_kept, names_of
from engine.records.duplicate_terms import MatchRule, marks_of, match_rules
from engine.records.likeness import likeness
from engine.records.moments import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights

__all__ = ["Match", "Question", "ask", "find_duplicates", "likely_duplicates", "question_of", "twins"]

Alike = tuple[int, Decimal, int, MatchRule]  # the row asked for, how alike, the record, by which rule
TOLD = 20  # records that one question tells of


@dataclass(frozen=True, slots=True)
class Match:
    """A likely duplicate of one row. ``id`` and ``label`` are there where the viewer may read the record and what was compared; else None,
    and ``owner`` is the name of its owner at the most. ``twin``: the row of the same batch that it is, in place of a record. ``score``: 0 to 1;
    1 for exact fields."""

    row: int
    rule: MatchRule
    score: Decimal
    id: int | None = None
    label: str | None = None
    owner: str = ""
    owner_id: int | None = None
    twin: int | None = None
    hidden: int = 0  # the record that is not told: for the engine's own use, never for an answer


def find_duplicates(
    context: Context,
    object_name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    ids: Sequence[int] = (),
    fields: frozenset[str] | None = None,
) -> list[Match]:
    """Return the likely duplicates of rows about to be written (field → value as commands hold it), among living records and among
    the rows themselves (the later one is told). ``ids``: the records that the rows are, 0 for new ones. ``fields``: ask only rules that
    read one of these. Two statements, whatever the number of rows; none where the object has no rules."""
    records = context.runtime.part(Records)
    compiled = records.objects[object_name]
    rights = rights_of(records, context.actor)
    rules = [rule for rule in told_rules(compiled, rights) if fields is None or rule.reads & fields]
    if not rules or not rows:
        return []
    moment = moment_of(context, records)
    known = tuple(ids) or (0,) * len(rows)
    asked = [
        question_of(compiled, place, marks_of(compiled, values, moment, rules), values, known[place])
        for place, values in enumerate(rows)
    ]
    return [*twins(rules, asked), *ask(context, compiled, rules, [one for one in asked if one.marks])]


def likely_duplicates(
    context: Context, object_name: str, ids: Sequence[int], *, fields: frozenset[str] | None = None
) -> list[Match]:
    """Return the likely duplicates of records that are there; ``Match.row`` is the place in ``ids``. ``fields``: ask only rules that read
    one of these. Three statements, none where the object has no rules. Whose records they are is not asked: who asks has written or read them."""
    compiled = context.runtime.part(Records).objects[object_name]
    rights = rights_of(compiled.records, context.actor)
    rules = [rule for rule in told_rules(compiled, rights) if fields is None or rule.reads & fields]
    if not rules or not ids:
        return []
    kept = marks_kept(context, compiled, ids)
    asked = [kept[number].question(place, number, rules) for place, number in enumerate(ids) if number in kept]
    return ask(context, compiled, rules, [one for one in asked if one.marks])


def told_rules(compiled: CompiledObject, rights: Rights) -> list[MatchRule]:
    """Return the rules that a viewer is told of: none that compares a field which is hidden from them wherever they look."""
    return [
        rule
        for rule in match_rules(compiled)
        if all(
            max(rights.field(compiled.name, name).most, rights.write_right(compiled.name, name)) > Right.HIDDEN
            for name in rule.definition.fields
        )
    ]


def question_of(
    compiled: CompiledObject, row: int, marks: Mapping[str, Sequence[str]], values: Mapping[str, Any], number: int = 0
) -> Question:
    """Return what is to be asked about values."""
    similar = {name: compiled.definition.duplicates[name].similar for name in marks}
    names = {rule: str(values[field]) for rule, field in similar.items() if field}
    return Question(row, marks, names, (number,) if number else ())


def twins(rules: Sequence[MatchRule], asked: Sequence[Question]) -> list[Match]:
    """Return the duplicates among the rows of one batch themselves."""
    if len(asked) < 2:
        return []
    found: list[Match] = []
    for rule in rules:
        seen: dict[str, dict[int, str]] = {}
        for one in asked:
            scored = [(score, -row) for row, score in _scored(rule, one, seen)]
            if scored:
                score, row = max(scored)
                found.append(Match(one.row, rule, score, twin=-row))
            for mark in one.marks.get(rule.name, ()):
                seen.setdefault(mark, {})[one.row] = one.names.get(rule.name, "")
    return found


def _scored(rule: MatchRule, one: Question, sharing: Mapping[str, Mapping[int, str]]) -> Iterable[tuple[int, Decimal]]:
    """Yield what a rule takes for the same as a question, with how alike they are. ``sharing``: mark → key → name. What few share is looked
    at first: where hundreds share a mark, those who share nothing rarer are hardly alike."""
    near: dict[int, str] = {}
    for few in sorted((sharing[mark] for mark in one.marks.get(rule.name, ()) if mark in sharing), key=len):
        near.update(islice(few.items(), MOST))
        if len(near) >= MOST:
            break
    name = one.names.get(rule.name, "")
    for key, other in near.items():
        score = Decimal(1) if rule.definition.exact else likeness(name, other)
        if score >= rule.definition.at_least or rule.definition.exact:
            yield key, score


def ask(
    context: Context, compiled: CompiledObject, rules: Sequence[MatchRule], asked: Sequence[Question]
) -> list[Match]:
    """Return the records that answer questions, the likeliest first within each row. Two statements; one where nothing is alike."""
    found = list(_first(_alike(context, compiled, rules, asked)))
    if not found:
        return []
    rights = rights_of(compiled.records, context.actor)
    shown = {rule.name for rule in rules if _shows(rights, compiled, rule)}
    known = look_at(context, compiled, {number for _, _, number, _ in found})
    matches: list[Match] = []
    for row, score, number, rule in found:
        there = known.get(number)
        if there is None:
            continue
        if there.readable and rule.name in shown:
            label = there.label or f"#{number}"
            matches.append(Match(row, rule, score, number, label, there.owner, there.owner_id))
        else:  # told by what one may not read, not even whose it is: a guess would be confirmed
            whose = (there.owner, there.owner_id) if rule.name in shown else ("", None)
            matches.append(Match(row, rule, score, None, None, *whose, hidden=number))
    return matches


def _alike(
    context: Context, compiled: CompiledObject, rules: Sequence[MatchRule], asked: Sequence[Question]
) -> list[Alike]:
    """Return the records that are like questions, the likeliest first within each row."""
    marks = {mark for one in asked for mark in one.all_marks()}
    if not marks:
        return []
    sharing, names = look_up(context, compiled, marks), names_of(compiled)
    found: list[Alike] = []
    for rule in rules:
        place = names.index(rule.definition.similar) if rule.definition.similar else None
        own = {mark for one in asked for mark in one.marks.get(rule.name, ())}
        of_rule = {
            mark: {number: (texts[place] or "" if place is not None else "") for number, texts in there.items()}
            for mark, there in sharing.items()
            if mark in own
        }
        for one in asked:
            found += (
                (one.row, score, number, rule) for number, score in _scored(rule, one, of_rule) if number not in one.ids
            )
    found.sort(key=lambda one: (one[0], -one[1], one[2]))
    return found


def _first(found: Iterable[Alike]) -> Iterable[Alike]:
    """Yield each record once a row, by its likeliest rule, and not more than people can look at."""
    seen: set[tuple[int, int]] = set()
    count: dict[int, int] = {}
    for one in found:
        row, _, number, _ = one
        if (row, number) in seen:
            continue
        seen.add((row, number))
        count[row] = count.get(row, 0) + 1
        if count[row] <= TOLD:
            yield one


def _shows(rights: Rights, compiled: CompiledObject, rule: MatchRule) -> bool:
    """Whether telling which record it is gives nothing away: the viewer may read all that was compared, of every record they see."""
    return all(rights.field(compiled.name, name).least >= Right.READ for name in rule.definition.fields)
