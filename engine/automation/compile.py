"""The automation floor's parts of a Runtime: who runs actions, and the rules of a version by what sets them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.effects import make_effects
from engine.automation.rules import Automations

if TYPE_CHECKING:
    from engine.records.compile import Records
    from engine.records.effects import Effects


def compile_automations(records: Records) -> Automations:
    """Compile the rules of a checked model; each is made when first asked for."""
    return Automations(records)


def compile_effects(automations: Automations) -> Effects:
    """Return the part that runs the actions of transitions and approvals."""
    return make_effects(automations.actions)
