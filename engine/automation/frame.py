"""The frame for actions and triggers: the records that each kind's file fills in. No kind is named here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.automation.doing import Doing
    from engine.automation.rules import Rule
    from engine.context import Context
    from engine.storage.outbox import Event
    from metamodel.definitions.automations import TriggerDef
    from metamodel.options import OptionSorts
    from metamodel.text import Text


class RunAction(Protocol):
    """Does an action, in the transaction of its run. Returns what the trace shall say of it, as plain JSON values. Raises Refusal where a
    door refuses: nothing of the run is kept then."""

    def __call__(self, doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Everything about one action. ``options`` says what it takes (its schema, its checks and the designer's panel are made from that);
    ``examples`` are YAML, loaded by a test and shown in the documentation."""

    name: str
    label: Text
    help: Text
    options: OptionSorts
    run: RunAction
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Everything about one trigger. What it has to say depends on where it comes from:

    - ``events``: the outbox's events that may set it off; ``concerns`` then looks at one, without asking the database. Conditions are asked
      afterwards, of all rules at once.
    - ``next``: for triggers of the clock, the first moment after the given one that it comes due; ``due`` then does what is due at that
      moment. ``often``: it comes due again and again, and nothing hangs on the minute.
    - ``pressed``: people set it off by a button.

    ``episodes``: it sets the rule off once for as long as its condition holds. ``judges``: it asks its conditions itself.
    """

    name: str
    label: Text
    help: Text
    options: OptionSorts
    events: frozenset[str] = frozenset()
    concerns: Callable[[Rule, Event], bool] | None = None
    next: Callable[[TriggerDef, datetime, ZoneInfo], datetime] | None = None
    due: Callable[[Context, Rule, datetime], None] | None = None
    often: Callable[[TriggerDef], bool] | None = None
    pressed: bool = False
    episodes: bool = False
    judges: bool = False
    examples: tuple[str, ...] = ()
