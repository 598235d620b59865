"""Columns of a record's table that follow from its fields and are nobody's field: the terms that search finds it by, the marks of
likely duplicates. Written with the fields that they hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records import duplicate_terms, search

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.expressions.values import Moment
    from engine.records.compile import CompiledObject

SEARCH = "search_terms"


def derived_reads(compiled: CompiledObject) -> Mapping[str, frozenset[str]]:
    """Return derived column → the fields that it hangs on."""
    return compiled.records.memory.get(("derived", compiled.name), lambda: _reads(compiled))


def _reads(compiled: CompiledObject) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    if compiled.shape.search_fields:
        found[SEARCH] = frozenset(compiled.shape.search_fields)
    if compiled.definition.duplicates:
        found[duplicate_terms.COLUMN] = duplicate_terms.match_reads(compiled)
    return found


def derived_values(
    compiled: CompiledObject, values: Mapping[str, Any], moment: Moment, columns: Collection[str]
) -> dict[str, Any]:
    """Return derived column → its value for a record of ``values``."""
    found: dict[str, Any] = {}
    if SEARCH in columns:
        found[SEARCH] = search.terms_of({name: values.get(name) for name in compiled.shape.search_fields})
    if duplicate_terms.COLUMN in columns:
        found[duplicate_terms.COLUMN] = duplicate_terms.match_terms(compiled, values, moment)
    return found


def derived_texts(
    compiled: CompiledObject, values: Mapping[str, Any], moment: Moment, columns: Collection[str]
) -> dict[str, str]:
    """Return ``derived_values`` as literals of the database's arrays, which it reads twice as fast as arrays in JSON."""
    return {name: array_text(items) for name, items in derived_values(compiled, values, moment, columns).items()}


def array_text(items: Sequence[str]) -> str:
    """Return texts as a literal of PostgreSQL's arrays (its documentation, 8.15.2)."""
    joined = '","'.join(items)
    if "\\" in joined or joined.count('"') != 2 * (len(items) - 1):
        joined = '","'.join(item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return f'{{"{joined}"}}' if items else "{}"
