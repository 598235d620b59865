"""The browser machine: a checked expression compiled to the text of a JavaScript function over ``tenon-runtime.js``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.expressions.typed import TypedExpression


def compile_browser(expression: TypedExpression) -> str:
    """Compile to the text ``(r, m) => …``, an arrow function that uses the free name ``t`` (``import * as t from tenon-runtime.js``).

    ``r.get(path)`` takes an array of names and gives the value as the API writes it (numbers as text or number, dates as text, links as
    id or ``{id}``, blank as null); ``r.rows(path)`` gives an array of such readers. ``m`` comes from ``t.moment({now, zone, …})``.
    """
    raise NotImplementedError
