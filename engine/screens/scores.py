"""The reasons of a record's scores on its page: which points apply. What a score comes to is computed like any formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.fields.score import points_of
from engine.records.judging import evaluate
from engine.screens import html
from metamodel.expressions.types import BOOLEAN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit
    from metamodel.expressions.typed import TypedExpression


def reasons_of(visit: Visit, compiled: CompiledObject, number: int, names: Iterable[str]) -> dict[str, html.Html]:
    """Return, of those of ``names`` that are scores, the points that the record has: one statement, none where no field is a score."""
    scores = {name: points for name in names if (points := points_of(compiled.fields[name]))}
    if not scores:
        return {}
    conditions = [_typed(visit, compiled, one.when.text) for points in scores.values() for one in points.values()]
    holds = iter(evaluate(visit.context, compiled.name, [number], conditions).get(number, (False,) * len(conditions)))
    return {
        name: _drawn([(one.label(visit.language), f"{one.add:+f}") for one in points.values() if next(holds)])
        for name, points in scores.items()
    }


def _typed(visit: Visit, compiled: CompiledObject, text: str) -> TypedExpression:
    records = visit.records
    key = ("point", compiled.name, text)
    return records.memory.get(key, lambda: records.shapes.check(text, records.shapes.scope(compiled.name), BOOLEAN))


def _drawn(points: list[tuple[str, str]]) -> html.Html:
    """Return the points as a list; nothing where there are none."""
    rows = "".join(f"<li>{html.escaped(label)} <b>{html.escaped(add)}</b></li>" for label, add in points)
    return html.Html(f'<ul class="reasons">{rows}</ul>' if rows else "")
