"""The kinds of definition by name: the folder each lives in, and whether this engine reads it yet."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "pack": "",
        "object": "objects",
        "choices": "choices",
        "role": "roles",
        "process": "processes",
        "approval": "approvals",
        "automation": "automations",
        "metric": "metrics",
        "dashboard": "dashboards",
        "report": "reports",
        "connection": "connections",
        "scenario": "scenarios",
    }
)
LATER: Mapping[str, str] = MappingProxyType(
    {
        "scorecard": "scorecards",
        "commission": "commissions",
        "template": "templates",
        "intake": "intakes",
    }
)
EXTENDABLE = tuple(kind for kind in KINDS if kind != "scenario")
FREE_NAMES = ("scenario",)  # named by a sentence, not by a name
