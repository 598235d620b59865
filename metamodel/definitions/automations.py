"""What an automation says: what sets it off, how often, what it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.actions import ActionDef
    from metamodel.definitions.common import Expression
    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class TriggerDef:
    """What sets a rule off. ``kind`` names a trigger kind; ``value`` is what stands behind its name (``{enters: won}``, ``{every: "0 9 * * MON"}``,
    ``{becomes: …}``; None where nothing does); ``options`` the keys beside it (``at``, ``when``, ``by``, ``per`` …), read as the kind says."""

    kind: str
    value: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class AutomationDef:
    """A rule. ``once``: every, per episode or per record. ``do`` runs when the trigger fires, ``ends`` when the condition of a
    ``becomes`` stops being true. ``pilot``: option → names, whom the rule applies to at first (empty: everybody)."""

    name: str
    label: Text
    object: str
    trigger: TriggerDef
    do: tuple[ActionDef, ...]
    ends: tuple[ActionDef, ...] = ()
    when: Expression | None = None
    once: str = "every"
    pilot: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)
