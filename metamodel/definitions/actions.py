"""What an action says, in the one shape that automations, effects, approvals and scenarios share: ``name: {verb: {option: …}}``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ActionDef:
    """One action. ``options`` holds what its verb takes, read as the verb's ``OptionSort`` says: an ``Expression`` (conditions, and
    values written with ``=``), a ``Template`` (texts with ``{path}`` under ``message``, ``subject`` and ``set``), a literal (text, int,
    Decimal, bool), a tuple or a map of these, or a tuple of ``ActionDef`` for nested actions. A verb whose value is no map of options
    (``{set: {status: dormant}}``, ``{wait: 2d}``) has it under the key ``""``."""

    name: str
    verb: str
    options: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)
