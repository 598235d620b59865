"""The frame for verbs: the record ``Verb`` that each verb's file fills in, and what a verb gets and gives. No verb is named here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.context import Context
    from metamodel.text import Text


class Takes(Enum):
    """What an option is, so that it can be checked before anything runs."""

    OBJECT = "object"  # the name of an object
    RECORD = "record"  # a named record, or an expression that gives one
    VALUES = "values"  # field → value, of the object or record of the same action
    CONDITION = "condition"  # an expression over the object of the same action
    NEW_NAME = "name"  # what the record is called from then on
    NUMBER = "number"
    TEXT = "text"
    METRIC = "metric"
    DASHBOARD = "dashboard"
    FILTERS = "filters"  # path → value as an address has it, a record by its name
    TRANSITION = "transition"  # the name of one of the transitions of the same action's record


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a verb."""

    takes: Takes
    required: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A record that the scenario knows."""

    object: str
    id: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action came to: the records it wrote or found, in order, and figures by the path at which they are shown."""

    object: str
    ids: tuple[int, ...] = ()
    shown: Mapping[str, Any] = field(default_factory=dict)
    warned: tuple[str, ...] = ()  # rules of duplicates that the writer was told of


class Options(Protocol):
    """An action's options as a verb reads them, already evaluated."""

    def record(self, name: str) -> Known:
        """Return the record that the option names."""
        ...

    def get(self, name: str) -> Any:
        """Return an object's name, JSON values, a condition's text, a number; None where the option is not given."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One action. ``run`` does it in the context of who acts and returns what came of it; it raises Refusal as the doors do."""

    name: str
    label: Text
    help: Text
    options: Mapping[str, Option]
    one_of: tuple[str, ...] = ()  # exactly one of these options must be given
    run: Callable[[Context, Options], Outcome]
    examples: tuple[str, ...] = field(default=())
