"""The automation floor's parts of a Runtime: who runs actions, and the rules of a version by what sets them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.effects import make_effects
from engine.automation.frame import Action

if TYPE_CHECKING:
    from engine.records.compile import Records
    from engine.records.effects import Effects


def compile_effects(records: Records) -> Effects:
    """Return the part that runs the actions of transitions and approvals."""
    return make_effects({name: one for name, one in records.kinds.actions.items() if isinstance(one, Action)})
