"""The form that every function fills in: one frozen record with its types, help, examples and its three translations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.expressions.signatures import Parameter, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.expressions.values import Value
    from metamodel.expressions.typed import Typed
    from metamodel.expressions.types import Type
    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class Example:
    """An expression and its value, run as a test in all three machines. ``given`` holds fields: name -> (type, value as the API writes it)."""

    text: str
    value: Value
    given: Mapping[str, tuple[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function of the expression language.

    ``form`` names the checker's own rule (IF, SUM …): such functions need no translations, the operations they come down to have them.
    Otherwise: ``python(*arguments)``, ``sql(builder, *arguments)`` and ``js``, the text of an arrow function over ``t``. Unless ``sees_blank``,
    no argument is ever BLANK in Python and JavaScript (the result is BLANK then), and BLANK texts arrive as "". SQL gets blank texts as ''
    and must give NULL for NULL by itself. With ``takes_moment`` the moment comes first (Python; ``m`` in JavaScript); what ``prepare`` returned
    comes last in all three. A result "" becomes BLANK. ``below(machine, call, most)``: a condition of columns alone that holds wherever the value
    is ``most`` at the most, for an index to serve; None where there is none. ``whole``: its numbers are whole ones, whatever it is given;
    ``alike``: they are of what its first argument is a number of, money of money.
    """

    name: str
    help: Text
    examples: tuple[Example, ...]
    group: str
    signatures: tuple[Signature, ...] = ()
    usage: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    form: str = ""
    prepare: Callable[[tuple[Typed, ...]], object] | None = None
    python: Callable[..., Value] | None = None
    sql: Callable[..., Any] | None = None
    js: str = ""
    takes_moment: bool = False
    sees_blank: bool = False
    below: Callable[..., Any] | None = None
    whole: bool = False
    alike: bool = False


def takes(result: Type | None, *parameters: str) -> Signature:
    """Return a signature from short forms: ``"text number?"`` style, ``name:kind`` each; ``?`` optional, ``*`` repeated."""
    found = []
    for parameter in parameters:
        name, _, kind = parameter.partition(":")
        bare = kind.rstrip("?*!")
        found.append(Parameter(name, bare, optional="?" in kind, repeated="*" in kind, literal="!" in kind))
    return Signature(tuple(found), result)
