"""A small world for the pure machine: people with managers, some of them frozen, conditions that the test turns; and random definitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef, LateDef
from metamodel.definitions.common import Expression
from metamodel.text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE = tuple(range(1, 9))
ADMIN = 8
MANAGERS: Mapping[int, int | None] = {1: 2, 2: 3, 3: 8, 4: 3, 5: 4, 6: 4, 7: 2, 8: None}


@dataclass
class TestWorld:
    """Answers, and what was answered, as a database's world keeps it."""

    __test__ = False

    steps: Mapping[str, tuple[int, ...]]
    off: set[str] = field(default_factory=set)  # steps whose condition does not hold
    frozen: set[int] = field(default_factory=set)
    delegates: dict[int, int] = field(default_factory=dict)
    content: int = 0
    answers: dict[str, Any] = field(default_factory=dict)

    def _keep(self, question: str, answer: Any) -> Any:
        return self.answers.setdefault(question, answer)

    def _real(self, people: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(one for one in people if one not in self.frozen)

    def when(self, step: str) -> bool:
        return bool(self._keep(f"when {step}", step not in self.off))

    def people(self, step: str) -> tuple[int, ...]:
        return tuple(self._keep(f"people {step}", self._real(self.steps.get(step, ()))))

    def escalated(self, step: str, user: int) -> tuple[int, ...]:
        above = MANAGERS.get(user)
        return tuple(self._keep(f"escalated {step} {user}", self._real((above,) if above else ())))

    def admins(self) -> tuple[int, ...]:
        return tuple(self._keep("admins", self._real((ADMIN,))))

    def manager(self, user: int) -> int | None:
        above = MANAGERS.get(user)
        found = self._keep(f"managers {user}", list(self._real((above,) if above else ())))
        return found[0] if found else None

    def delegate(self, user: int) -> int | None:
        found = self.delegates.get(user)
        answer: int | None = self._keep(f"delegate {user}", None if found in self.frozen else found)
        return answer

    def works(self, user: int) -> bool:
        return bool(self._keep(f"works {user}", user in PEOPLE and user not in self.frozen))

    def looked(self, step: str) -> str:
        return str(self._keep(f"looked {step}", str(self.content)))


_DECIDE = st.sampled_from(["any", "all", "in_order", "majority", Decimal("0.6")])
_LATE = st.sampled_from(
    [
        None,
        *(LateDef(act) for act in ("remind", "approve", "reject", "return")),
        LateDef("escalate", ApproversDef("manager", 1)),
    ]
)


@st.composite
def steps(draw: st.DrawFn, name: str, depth: int = 0) -> ApprovalStepDef:
    """A step: approvers, branches (one level deep) or a copy."""
    when = Expression("x") if draw(st.booleans()) else None
    shape = draw(st.sampled_from(["ask", "ask", "ask", "branch", "copy"] if depth == 0 else ["ask"]))
    if shape == "branch":
        count = draw(st.integers(1, 3))
        branches = {f"b{n}": draw(steps(f"b{n}", depth + 1)) for n in range(count)}
        join = draw(st.sampled_from(["all_of", "any_of"]))
        return ApprovalStepDef(name, plain(name), when=when, branches=branches, join=join)
    if shape == "copy":
        return ApprovalStepDef(name, plain(name), when=when, copy_to=ApproversDef("users"))
    return ApprovalStepDef(
        name,
        plain(name),
        when=when,
        approvers=ApproversDef("users"),
        decide=draw(_DECIDE),
        late=draw(_LATE),
        nobody=draw(st.sampled_from(["admin", "skip", "reject"])),
        repeated=draw(st.sampled_from(["skip", "ask", "manager"])),
    )


@st.composite
def definitions(draw: st.DrawFn) -> ApprovalDef:
    """An approval of one to four steps."""
    count = draw(st.integers(1, 4))
    made = {f"s{n}": draw(steps(f"s{n}")) for n in range(count)}
    return ApprovalDef("a", plain("a"), "thing", made, straight_back=draw(st.booleans()))
