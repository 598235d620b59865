"""What an approval says: when it starts, who decides in which steps, what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from metamodel.definitions.actions import ActionDef
    from metamodel.definitions.common import Expression
    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class ApproversDef:
    """Who is asked. ``kind`` names an assignee kind (user, users, role, department_head, manager, managers, field, expression, chosen),
    ``value`` what stands behind it (a name, a number of levels, a map of options, an ``Expression``); ``where`` narrows a role's holders:
    ``user.`` is the candidate, ``record.`` what is approved."""

    kind: str
    value: Any = None
    where: Expression | None = None
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class LateDef:
    """What happens when a step or the whole is late: ``act`` is remind, escalate, approve, reject or return; ``to``: whom to escalate to."""

    act: str
    to: ApproversDef | None = None


@dataclass(frozen=True, slots=True)
class ApprovalStepDef:
    """A step: approvers who decide, or ``branches`` that run side by side (``join``: all_of or any_of), or a copy (``copy_to``).

    ``decide``: any, all, in_order or majority, or a share of the approvers as a Decimal (``60%`` is 0.6). ``within`` and ``remind`` are
    durations as written; ``remind`` counts from the step's start. ``nobody``: admin, skip or reject; ``repeated``: skip, ask or manager.
    ``show`` empty: the whole form."""

    name: str
    label: Text
    when: Expression | None = None
    approvers: ApproversDef | None = None
    decide: str | Decimal = "any"
    within: str = ""
    remind: tuple[str, ...] = ()
    late: LateDef | None = None
    notify: tuple[str, ...] = ("inbox",)
    show: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    nobody: str = "admin"
    repeated: str = "skip"
    branches: Mapping[str, ApprovalStepDef] = field(default_factory=dict)
    join: str = ""
    copy_to: ApproversDef | None = None
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ProtectedDef:
    """An act refused while an approval is due and not given: ``act`` is transition, template or create, ``name`` which one."""

    act: str
    name: str


@dataclass(frozen=True, slots=True)
class ApprovalDef:
    """An approval. ``at``: submit, create, update, delete or transition (``at_name`` which); ``otherwise``: approve or refuse, where
    submit finds nothing to ask. ``on``: event (submit, approved, rejected, returned, withdrawn) → actions of the deciding transaction."""

    name: str
    label: Text
    object: str
    steps: Mapping[str, ApprovalStepDef]
    at: str = "submit"
    at_name: str = ""
    when: Expression | None = None
    priority: int = 100
    otherwise: str = "approve"
    protects: tuple[ProtectedDef, ...] = ()
    lock: bool = True
    within: str = ""
    late: LateDef | None = None
    straight_back: bool = False
    on: Mapping[str, tuple[ActionDef, ...]] = field(default_factory=dict)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)
