"""Stand-ins for the engine's functions: what the checker asks of them, without translations. Field types are the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.fields import field_kinds
from metamodel.expressions.signatures import Parameter, Signature
from metamodel.expressions.types import BOOLEAN, DATE, DATETIME, NUMBER, TEXT, Type
from metamodel.kinds import Kinds

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class FakeFunction:
    """A function as the checker sees it."""

    name: str
    signatures: tuple[Signature, ...] = ()
    needs: frozenset[str] = frozenset()
    form: str = ""
    prepare: Callable[..., Any] | None = None


def takes(result: Type, *kinds: str) -> tuple[Signature, ...]:
    """Return one signature: parameters by kind, ``?`` for optional ones."""
    return (Signature(tuple(Parameter(f"p{n}", k.rstrip("?"), k.endswith("?")) for n, k in enumerate(kinds)), result),)


FUNCTIONS = {
    function.name: function
    for function in (
        *(
            FakeFunction(name, form="aggregate")
            for name in ("SUM", "COUNT", "AVG", "FIRST", "LAST", "ANY", "ALL", "JOIN")
        ),
        *(FakeFunction(name, form="extreme") for name in ("MIN", "MAX")),
        *(FakeFunction(name, form=name.lower()) for name in ("IF", "IFS", "SWITCH", "COALESCE", "AND", "OR", "NOT")),
        FakeFunction("ISBLANK", takes(BOOLEAN, "any")),
        FakeFunction("ROUND", takes(NUMBER, "number", "number?")),
        FakeFunction("ABS", takes(NUMBER, "number")),
        FakeFunction("DAYS", takes(NUMBER, "day", "day")),
        FakeFunction("UPPER", takes(TEXT, "text")),
        FakeFunction("TODAY", takes(DATE), frozenset({"now"})),
        FakeFunction("NOW", takes(DATETIME), frozenset({"now"})),
    )
}
KINDS = Kinds(fields=field_kinds(), functions=FUNCTIONS)
