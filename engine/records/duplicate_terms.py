"""The marks by which likely duplicates find each other: what an object's rules make of a record, kept as one indexed array of its
table. A rule of exact fields gives one mark of their values, a rule of names the few terms of likeness.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from engine.fields.base import Target
from engine.records.likeness import terms
from engine.records.search import folded
from metamodel.expressions.types import BOOLEAN, Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.expressions.values import Moment, Reader, Value
    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.rules import Rule
    from metamodel.definitions.objects import DuplicateDef

COLUMN = "match_terms"
EXACT, ALIKE = "=", "~"  # between a rule's name and a mark of it
_NUMBER = re.compile(r"[+(\d][\d\s().·/-]{4,}")
_SIGNS = re.compile(r"[^+\d]")


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One rule of an object, ready for use. ``reads``: the fields that it compares or asks."""

    definition: DuplicateDef
    when: Rule | None
    reads: frozenset[str]

    @property
    def name(self) -> str:
        """Return the rule's name."""
        return self.definition.name


def match_rules(compiled: CompiledObject) -> tuple[MatchRule, ...]:
    """Return an object's rules, in the order of the definition."""
    return compiled.records.memory.get(("match rules", compiled.name), lambda: tuple(_rules(compiled)))


def _rules(compiled: CompiledObject) -> Iterable[MatchRule]:
    for one in compiled.definition.duplicates.values():
        when = compiled.rules.rule(one.when.text, BOOLEAN) if one.when is not None else None
        yield MatchRule(one, when, frozenset(one.fields) | (when.reads if when is not None else frozenset()))


def match_reads(compiled: CompiledObject) -> frozenset[str]:
    """Return the fields on which a record's marks hang."""
    return frozenset().union(*(rule.reads for rule in match_rules(compiled)))


class _Values:
    """A record's own values as a rule's condition reads them."""

    __slots__ = ("_compiled", "_values")

    def __init__(self, compiled: CompiledObject, values: Mapping[str, Any]) -> None:
        self._compiled, self._values = compiled, values

    def get(self, path: tuple[str, ...]) -> Value:
        """Return a field's value."""
        value = self._values.get(path[-1])
        if type(value) is int and self._compiled.anything[path[-1]].type.base is Base.NUMBER:
            return Decimal(value)
        return value.id if isinstance(value, Target) else value

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return nothing: these conditions look at no rows."""
        del path
        return ()


def marks_of(
    compiled: CompiledObject, values: Mapping[str, Any], moment: Moment, rules: Sequence[MatchRule] | None = None
) -> dict[str, list[str]]:
    """Return rule → the marks that it makes of a record's values (as commands hold them); rules that do not count are left out."""
    found: dict[str, list[str]] = {}
    for rule in match_rules(compiled) if rules is None else rules:
        if rule.when is not None and rule.when.closure(_Values(compiled, values), moment) is not True:
            continue
        one = rule.definition
        if one.similar:
            name = values.get(one.similar)
            made = [f"{rule.name}{ALIKE}{term}" for term in terms(name, one.at_least)] if name else []
        else:
            parts = [comparable(compiled.fields[name], values.get(name)) for name in one.exact]
            made = [_mark(rule.name, parts)] if all(parts) else []
        if made:
            found[rule.name] = made
    return found


def match_terms(compiled: CompiledObject, values: Mapping[str, Any], moment: Moment) -> list[str]:
    """Return all marks of a record, as they are kept."""
    return sorted({mark for marks in marks_of(compiled, values, moment).values() for mark in marks})


def _mark(rule: str, parts: Sequence[str]) -> str:
    digest = blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()
    return f"{rule}{EXACT}{digest}"


def comparable(field: Field, value: Any) -> str:
    """Return a value as it is compared: texts without regard to case, width and blanks, numbers of a telephone without their signs;
    "" for a blank."""
    if value is None:
        return ""
    dumped = field.kind.dump(field, value)
    if not isinstance(dumped, str):
        return orjson.dumps(dumped, option=orjson.OPT_SORT_KEYS).decode()
    text = folded(dumped)
    return _SIGNS.sub("", text) if _NUMBER.fullmatch(text) else text
