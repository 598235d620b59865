"""What a process says: the states of an object, the transitions between them, what is asked on the way."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from metamodel.definitions.actions import ActionDef
    from metamodel.definitions.common import Expression

OPEN = "open"  # as a source or target: every state that is not final


@dataclass(frozen=True, slots=True)
class StepDef:
    """A required action (必做动作) of a state: done when its ``fields`` are filled and ``done_when`` holds."""

    name: str
    label: Text
    fields: tuple[str, ...] = ()
    done_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class StateDef:
    """A state. ``final``: "" while open, otherwise how it ended (``won``, ``lost``, ``done`` …). ``conversion`` is the baseline share of
    records that go on from here; ``stale_after`` a duration as written, "" for never. ``rows_to``: set on a state that is removed, where
    its records go."""

    name: str
    label: Text
    color: str = ""
    final: str = ""
    probability: Decimal | None = None
    conversion: Decimal | None = None
    stale_after: str = ""
    responsible: Expression | None = None
    deliverable: Text = dataclasses.field(default_factory=Text)
    guide: Text = dataclasses.field(default_factory=Text)
    enter_when: Expression | None = None
    leave_when: Expression | None = None
    steps: Mapping[str, StepDef] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransitionDef:
    """A way from states to a state. ``sources`` and ``to`` may be ``open``; with ``choose`` (``target``) whoever does it names the state.

    ``requires``: fields that must be filled; ``ask``: fields entered on the way; ``reason``: "" or ``required``; ``sensitive``: audited
    as such; ``steps``: ``needed`` or ``not_needed``; ``roles`` empty: whoever may update the record."""

    name: str
    label: Text
    sources: tuple[str, ...]
    to: str
    choose: str = ""
    requires: tuple[str, ...] = ()
    when: Expression | None = None
    roles: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    reason: str = ""
    sensitive: bool = False
    steps: str = "needed"
    effects: tuple[ActionDef, ...] = ()
    mark: Mark = dataclasses.field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ProcessDef:
    """A process over the state field ``field`` of ``object``. The order of ``states`` is the forward order. ``removed``: state that an
    overlay took away → state its records go to."""

    name: str
    label: Text
    object: str
    field: str
    start: str
    states: Mapping[str, StateDef]
    transitions: Mapping[str, TransitionDef]
    removed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    pack: str = ""
    mark: Mark = dataclasses.field(default=Mark(), compare=False)

    def sources_of(self, transition: TransitionDef) -> tuple[str, ...]:
        """Return the states a transition leaves from, ``open`` written out, in forward order."""
        wanted = set(transition.sources)
        every_open = OPEN in wanted
        return tuple(name for name, state in self.states.items() if name in wanted or (every_open and not state.final))

    @property
    def astray(self) -> tuple[str, ...]:
        """Return the states in which a record ends without having got there: of the final states, in forward order, all but the first
        (won before lost, done before dropped), and any that ends as ``lost``."""
        ends = [name for name, state in self.states.items() if state.final]
        return tuple(name for place, name in enumerate(ends) if place or self.states[name].final == "lost")

    def targets_of(self, transition: TransitionDef) -> tuple[str, ...]:
        """Return the states a transition may end in: one, or with ``choose`` several."""
        if transition.to != OPEN:
            return (transition.to,)
        return tuple(name for name, state in self.states.items() if not state.final)
