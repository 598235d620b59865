"""The frame for kinds of assignees: the record ``AssigneeKind`` that each kind's file fills in, and what it is asked with. No kind is
named here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.context import Context
    from engine.expressions.values import Value
    from metamodel.definitions.approvals import ApproversDef
    from metamodel.options import OptionSorts
    from metamodel.text import Text


def nothing_read(_given: ApproversDef) -> tuple[str, ...]:
    """Return no expression: the kind looks at nothing in the record."""
    return ()


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked about. ``base``: whose manager or department is meant (the submitter, or who is late). ``known``: what expressions that
    name people gave, by their text, as far as they were evaluated with others."""

    context: Context
    machine: ApprovalMachine
    approvers: ApproversDef
    record_id: int
    base: int | None
    known: Mapping[str, Value] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """Return what stands behind the kind's name."""
        return self.approvers.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeKind:
    """One way of saying who is asked. ``find`` returns ids in the order in which they are asked; those who are gone or frozen are left out
    by the caller. ``reads``: expressions over the record that the answer hangs on, so that changing it asks again."""

    name: str
    label: Text
    help: Text
    options: OptionSorts
    find: Callable[[Question], Sequence[int]]
    reads: Callable[[ApproversDef], tuple[str, ...]] = nothing_read
    examples: tuple[str, ...] = ()
