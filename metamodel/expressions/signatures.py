"""What the checker has to know of a function: its parameters and result. The functions themselves live in the engine and come to
the checker as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from metamodel.expressions.typed import Typed
    from metamodel.expressions.types import Type

PARAMETER_KINDS = ("number", "text", "boolean", "date", "datetime", "day", "duration", "any", "same", "user", "rows")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``kind`` is one of PARAMETER_KINDS: ``day`` takes a date, or a datetime as its day in the organisation's zone;
    ``same`` takes any type, the same for all such parameters. ``literal``: must be written out; ``allowed``: the literals it may be."""

    name: str
    kind: str
    optional: bool = False
    repeated: bool = False
    literal: bool = False
    allowed: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters and the result: a Type, or None for the common type of the ``same`` parameters."""

    parameters: tuple[Parameter, ...]
    result: Type | None

    @property
    def least(self) -> int:
        """Return the number of arguments that must be there."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        """Return the number of arguments there may be; None where the last parameter repeats."""
        return None if self.parameters and self.parameters[-1].repeated else len(self.parameters)


class FunctionLike(Protocol):
    """A function as the checker sees it."""

    @property
    def name(self) -> str:
        """Return its name, in upper case."""
        ...

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Return its signatures; the first one that fits is taken. Empty for those the checker knows by form (IF, SUM …)."""
        ...

    @property
    def needs(self) -> frozenset[str]:
        """Return what it needs beside its arguments: ``now``, ``me``, ``calendar``, ``language``, ``settings``."""
        ...

    @property
    def form(self) -> str:
        """Return the name of the checker's own rule for it, or "" where the signatures say everything."""
        ...

    @property
    def prepare(self) -> Callable[[tuple[Typed, ...]], object] | None:
        """Return a check of its literal arguments that gives ``Apply.extra``, or raises ValueError(Text) for a bad one."""
        ...
