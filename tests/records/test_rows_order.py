"""FIRST, LAST and JOIN take the rows of a record in the order in which people put them, in every machine and whatever brings them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.expressions.browser import compile_browser
from engine.expressions.python import compile_python
from engine.records.commands import Change, create, update
from engine.records.judging import evaluate
from engine.records.moments import moment_of
from engine.records.query import Query, read_page
from engine.records.reading import RecordReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context

    from .conftest import App

SAID = 'JOIN(steps.what, " > ") & "; " & FIRST(steps.what) & "; " & LAST(steps.what, what <> "taste")'


def test_rows_are_taken_in_their_order(make_app: Callable[..., App]) -> None:
    app = make_app("prices")
    steps: list[dict[str, Any]] = [
        {"what": "knead", "place": 2, "since": "2026-01-01"},
        {"what": "mix", "place": 1},
        {"what": "bake", "place": 3},
        {"what": "taste"},  # those without a place come last, as they were added
        {"what": "eat"},
    ]
    (bread,) = app.run(lambda c: create(c, "recipe", [{"name": "bread", "steps": steps}]))
    expression = app.runtime.records.shapes.check(SAID, app.runtime.records.shapes.scope("recipe"))

    def told(context: Context) -> tuple[Any, ...]:
        moment = moment_of(context, app.runtime.records)
        row = read_page(context, Query("recipe", ("said", "opens", "ends", "oldest", "steps"))).items[0]
        rows = " > ".join(step["what"] for step in row["steps"])
        kept = f"{row['said']}; {row['opens']}; {row['ends']}"
        in_sql = evaluate(context, "recipe", [bread.id], [expression])[bread.id][0]
        in_python = compile_python(expression)(RecordReader(context, "recipe", bread.id), moment)
        return rows, kept, in_sql, in_python, row["oldest"]

    want = "mix > knead > bake > taste > eat; mix; eat"
    assert app.run(told) == (want.partition(";")[0], want, want, want, "knead")
    assert "place" not in compile_browser(expression)  # a form's rows stand as they stand there, whatever is stored

    ids = {row["what"]: row["id"] for row in app.run(lambda c: read_page(c, Query("step", ("id", "what")))).items}
    moved = [{"id": ids["knead"], "place": 9}, {"id": ids["eat"], "place": 0}]
    app.run(lambda c: update(c, "recipe", [Change(bread.id, {"steps": moved})]))
    want = "eat > mix > bake > knead > taste; eat; knead"
    assert app.run(told) == (want.partition(";")[0], want, want, want, "knead")
