"""How a floor lets actions run that it does not know: processes and approvals hold their definitions, the automation floor above runs
them. A runtime brings along who does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from metamodel.definitions.actions import ActionDef


@dataclass(frozen=True, slots=True)
class Bound:
    """A record that actions know by name."""

    object: str
    id: int


@dataclass(frozen=True, slots=True)
class Cause:
    """What sets actions off: ``kind`` (transition, approval, automation, button …), the definition's ``name``, the ``path`` of the actions
    in it (``transitions/win/effects``), and the rules that led here, for the limit on depth."""

    kind: str
    name: str
    path: str
    chain: tuple[str, ...] = ()


class RunActions(Protocol):
    """Runs actions about one record, in the caller's transaction, as the system; returns the ids of those whom they tell something. Raises
    Refusal where a door refuses."""

    def __call__(
        self,
        context: Context,
        actions: Sequence[ActionDef],
        subject: Bound,
        cause: Cause,
        names: Mapping[str, Bound],
        /,
    ) -> frozenset[int]: ...


@dataclass(frozen=True, slots=True)
class Effects:
    """The runtime's part that runs actions (``context.runtime.part(Effects).run(…)``)."""

    run: RunActions
