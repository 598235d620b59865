"""The World of the machine as the database has it: each question is asked when it is needed, and what was answered is kept with the event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approvals import persons
from engine.approvals.assignee import Question
from engine.approvals.looking import fingerprint, read_values
from engine.context import SYSTEM
from engine.people.actors import load_profile
from engine.records.judging import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.context import Context
    from engine.expressions.values import Reader
    from metamodel.definitions.approvals import ApproversDef

VIEWER = frozenset({"me", "departments"})


def seen_by(context: Context, submitter: int | None) -> Context:
    """Return the context that conditions are evaluated in: ``me`` is whoever submitted."""
    if context.actor.id == submitter and submitter is not None:
        return context
    profile = load_profile(context.connection, user_id=submitter) if submitter is not None else None
    return replace(context, actor=SYSTEM if profile is None else profile.actor)


class RecordWorld:
    """What is asked about one record. ``context`` reads with the version that the approval was started with. ``answers`` holds what was
    answered so far, as JSON."""

    def __init__(
        self,
        context: Context,
        machine: ApprovalMachine,
        record_id: int,
        submitter: int | None,
        old: Reader | None = None,
    ) -> None:
        self._context, self._machine, self._record = context, machine, record_id
        self._submitter, self._roots = submitter, {"old": old} if old is not None else {}
        self._values: Mapping[Any, Any] | None = None
        self._when: dict[str, bool] = {}
        self._delegates: Mapping[int, int] | None = None
        self.answers: dict[str, Any] = {}

    def _keep(self, question: str, answer: Callable[[], Any]) -> Any:
        if question not in self.answers:
            self.answers[question] = answer()
        return self.answers[question]

    def when(self, step: str) -> bool:
        """Whether a step's condition holds: all of them are asked at once, the first time."""

        def ask() -> bool:
            if not self._when:
                conditions = self._machine.step_conditions
                context = self._context
                if any(one.depends.needs & VIEWER for one in conditions.values()):
                    context = seen_by(context, self._submitter)
                found = evaluate(
                    context, self._machine.object, [self._record], [*conditions.values()], roots=self._roots
                )
                values = found.get(self._record, ())
                self._when = dict(zip(conditions, (value is True for value in values), strict=False))
            return self._when.get(step, False)

        return bool(self._keep(f"when {step}", ask))

    def people(self, step: str) -> tuple[int, ...]:
        """Return whom a step names."""
        definition = self._machine.steps[step]
        return self._found(f"people {step}", definition.approvers or definition.copy_to, self._submitter)

    def escalated(self, step: str, user: int) -> tuple[int, ...]:
        """Return who takes over from somebody who is late."""
        late = self._machine.steps[step].late if step else self._machine.definition.late
        return self._found(f"escalated {step} {user}", late.to if late is not None else None, user)

    def _found(self, question: str, approvers: ApproversDef | None, base: int | None) -> tuple[int, ...]:
        def ask() -> list[int]:
            if approvers is None:
                return []
            asked = Question(self._context, self._machine, approvers, self._record, base)
            return persons.working(self._context, self._machine.assignee(approvers).find(asked))

        return tuple(self._keep(question, ask))

    def admins(self) -> tuple[int, ...]:
        """Return the administrators."""
        return tuple(self._keep("admins", lambda: persons.administrators(self._context)))

    def manager(self, user: int) -> int | None:
        """Return the nearest manager above somebody who is at work."""
        found: Sequence[int] = self._keep(f"managers {user}", lambda: persons.managers_above(self._context, user)[:1])
        return found[0] if found else None

    def delegate(self, user: int) -> int | None:
        """Return who decides for somebody at present."""

        def ask() -> int | None:
            if self._delegates is None:
                self._delegates = persons.delegates(self._context, self._machine.name)
            return self._delegates.get(user)

        found: int | None = self._keep(f"delegate {user}", ask)
        return found

    def works(self, user: int) -> bool:
        """Whether somebody is there and their account is not frozen."""
        return bool(self._keep(f"works {user}", lambda: bool(persons.working(self._context, [user]))))

    def looked(self, step: str) -> str:
        """Return the fingerprint of what the start and a step look at."""

        def ask() -> str:
            looked = self._machine.looked
            if self._values is None:
                self._values = read_values(self._context, self._machine, self._record, looked.values())
            return fingerprint(looked[step], self._values)

        return str(self._keep(f"looked {step}", ask))


class Replayed:
    """A World that answers what was answered before: the history of an approval played again."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def when(self, step: str) -> bool:
        """Return the answer."""
        return bool(self._answers[f"when {step}"])

    def people(self, step: str) -> tuple[int, ...]:
        """Return the answer."""
        return tuple(self._answers[f"people {step}"])

    def escalated(self, step: str, user: int) -> tuple[int, ...]:
        """Return the answer."""
        return tuple(self._answers[f"escalated {step} {user}"])

    def admins(self) -> tuple[int, ...]:
        """Return the answer."""
        return tuple(self._answers["admins"])

    def manager(self, user: int) -> int | None:
        """Return the answer."""
        found = self._answers[f"managers {user}"]
        return found[0] if found else None

    def delegate(self, user: int) -> int | None:
        """Return the answer."""
        found: int | None = self._answers[f"delegate {user}"]
        return found

    def works(self, user: int) -> bool:
        """Return the answer."""
        return bool(self._answers[f"works {user}"])

    def looked(self, step: str) -> str:
        """Return the answer."""
        return str(self._answers[f"looked {step}"])
