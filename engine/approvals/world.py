"""The World of the machine as the database has it: each question is asked when it is needed, and what was answered is kept with the event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approvals import persons
from engine.approvals.assignee import Question
from engine.approvals.looking import fingerprint, read_values
from engine.context import SYSTEM
from engine.people.actors import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.context import Context
    from engine.expressions.values import Reader, Value
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
        self._when: Mapping[str, bool] = {}
        self._naming: Mapping[str, Value] = {}
        self._named: dict[str, Sequence[int]] = {}
        self._standing: dict[int, int | None] = {}
        self.answers: dict[str, Any] = {}

    def _keep(self, question: str, answer: Callable[[], Any]) -> Any:
        if question not in self.answers:
            self.answers[question] = answer()
        return self.answers[question]

    def _read(self) -> Mapping[Any, Any]:
        """Return the values of all that is looked at. All that is asked of the record itself is asked in one statement, the first time."""
        if self._values is None:
            machine, context = self._machine, self._context
            conditions, naming = machine.step_conditions, machine.naming
            if any(one.depends.needs & VIEWER for one in (*conditions.values(), *naming.values())):
                context = seen_by(context, self._submitter)
            further = [*conditions.values(), *naming.values()]
            self._values, found = read_values(
                context, machine, self._record, machine.looked.values(), further=further, roots=self._roots
            )
            self._when = dict(zip(conditions, (value is True for value in found), strict=False))
            self._naming = dict(zip(naming, found[len(conditions) :], strict=False))
        return self._values

    def when(self, step: str) -> bool:
        """Whether a step's condition holds."""

        def ask() -> bool:
            self._read()
            return self._when.get(step, False)

        return bool(self._keep(f"when {step}", ask))

    def people(self, step: str) -> tuple[int, ...]:
        """Return whom a step names. Those of branches beside it, which are asked with it, are looked for at once."""

        def ask() -> list[int]:
            if step not in self._named:
                beside = [one for one in self._machine.steps if one.rpartition(".")[0] == step.rpartition(".")[0]]
                branches = [one for one in beside if "." in step and self._asked(one)]
                named = {one: self._find(one) for one in {step: None, **dict.fromkeys(branches)}}
                self._named |= named
                self._stand(user for people in named.values() for user in people)
            return [user for user in dict.fromkeys(self._named[step]) if user in self._standing]

        return tuple(self._keep(f"people {step}", ask))

    def _asked(self, step: str) -> bool:
        self._read()
        return self._machine.steps[step].when is None or self._when.get(step, False)

    def _find(self, step: str) -> Sequence[int]:
        definition = self._machine.steps[step]
        approvers = definition.approvers or definition.copy_to
        return self._ask(approvers, self._submitter) if approvers is not None else ()

    def _ask(self, approvers: ApproversDef, base: int | None) -> Sequence[int]:
        kind = self._machine.assignee(approvers)
        if kind.reads(approvers):
            self._read()
        return kind.find(Question(self._context, self._machine, approvers, self._record, base, self._naming))

    def _stand(self, people: Iterable[int]) -> None:
        asked = [user for user in people if user not in self._standing]
        self._standing |= persons.standing(self._context, self._machine.name, asked)

    def escalated(self, step: str, user: int) -> tuple[int, ...]:
        """Return who takes over from somebody who is late."""

        def ask() -> list[int]:
            late = self._machine.steps[step].late if step else self._machine.definition.late
            if late is None or late.to is None:
                return []
            found = list(dict.fromkeys(self._ask(late.to, user)))
            self._stand(found)
            return [one for one in found if one in self._standing]

        return tuple(self._keep(f"escalated {step} {user}", ask))

    def admins(self) -> tuple[int, ...]:
        """Return the administrators."""

        def ask() -> list[int]:
            found = persons.administrators(self._context)
            self._stand(found)
            return found

        return tuple(self._keep("admins", ask))

    def manager(self, user: int) -> int | None:
        """Return the nearest manager above somebody who is at work."""
        found: Sequence[int] = self._keep(f"managers {user}", lambda: persons.managers_above(self._context, user)[:1])
        return found[0] if found else None

    def delegate(self, user: int) -> int | None:
        """Return who decides for somebody at present."""

        def ask() -> int | None:
            self._stand([user])
            return self._standing.get(user)

        found: int | None = self._keep(f"delegate {user}", ask)
        return found

    def works(self, user: int) -> bool:
        """Whether somebody is there and their account is not frozen."""

        def ask() -> bool:
            self._stand([user])
            return user in self._standing

        return bool(self._keep(f"works {user}", ask))

    def looked(self, step: str) -> str:
        """Return the fingerprint of what the start and a step look at."""
        return str(self._keep(f"looked {step}", lambda: fingerprint(self._machine.looked[step], self._read())))


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
