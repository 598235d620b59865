"""The whole checked set: every definition after overlays, by kind and name. What a version publishes and a runtime compiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.approvals import ApprovalDef
    from metamodel.definitions.automations import AutomationDef
    from metamodel.definitions.choices import ChoicesDef
    from metamodel.definitions.connections import ConnectionDef
    from metamodel.definitions.insight import DashboardDef, MetricDef, ReportDef
    from metamodel.definitions.objects import ObjectDef
    from metamodel.definitions.packs import PackDef
    from metamodel.definitions.processes import ProcessDef
    from metamodel.definitions.roles import RoleDef
    from metamodel.definitions.scenarios import ScenarioDef


@dataclass(frozen=True, slots=True)
class Reverse:
    """The other side of a link, as the target object sees it: ``customer.opportunities`` → opportunity.customer."""

    name: str
    object: str  # where the link is
    field: str
    lines: bool = False  # the parent link of a `lines` field
    order: str = ""  # of lines: the rows' field that keeps the order people put them in
    every: bool = False  # of every object: the link may lead to any record (files, comments)


@dataclass(frozen=True, slots=True)
class Model:
    """Definitions of all packs, merged. ``reverse``: object → name → other side of a link to it (lines fields included under
    their own name). Maps keep pack order, then file order."""

    packs: Mapping[str, PackDef] = field(default_factory=dict)
    objects: Mapping[str, ObjectDef] = field(default_factory=dict)
    choices: Mapping[str, ChoicesDef] = field(default_factory=dict)
    roles: Mapping[str, RoleDef] = field(default_factory=dict)
    scenarios: Mapping[str, ScenarioDef] = field(default_factory=dict)
    processes: Mapping[str, ProcessDef] = field(default_factory=dict)
    approvals: Mapping[str, ApprovalDef] = field(default_factory=dict)
    automations: Mapping[str, AutomationDef] = field(default_factory=dict)
    metrics: Mapping[str, MetricDef] = field(default_factory=dict)
    dashboards: Mapping[str, DashboardDef] = field(default_factory=dict)
    reports: Mapping[str, ReportDef] = field(default_factory=dict)
    connections: Mapping[str, ConnectionDef] = field(default_factory=dict)
    reverse: Mapping[str, Mapping[str, Reverse]] = field(default_factory=dict)
