"""The frame for operations: the record ``OperationKind`` that each operation's file fills in, what it is given, and what the machine asks
of the world outside. No operation is named here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from engine.approvals.instance import DECIDE, HELP, RUNNING
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.approvals.course import Course

# Who may: whoever has a place to act in, who submitted, an administrator, anybody who takes part, the system alone.
SEAT, SUBMITTER, ADMIN, TAKES_PART, SYSTEM = "seat", "submitter", "admin", "takes part", "system"


class World(Protocol):
    """What the machine asks about while it decides. Every answer is kept with the event, so that history replays."""

    def when(self, step: str) -> bool:
        """Whether a step's condition holds."""
        ...

    def people(self, step: str) -> tuple[int, ...]:
        """Return whom a step names, those alone who are there and work here."""
        ...

    def escalated(self, step: str, user: int) -> tuple[int, ...]:
        """Return who takes over from somebody who is late in a step ("" : of the whole)."""
        ...

    def admins(self) -> tuple[int, ...]:
        """Return the administrators."""
        ...

    def manager(self, user: int) -> int | None:
        """Return somebody's manager."""
        ...

    def delegate(self, user: int) -> int | None:
        """Return who decides for somebody at present."""
        ...

    def works(self, user: int) -> bool:
        """Whether somebody is there and their account is not frozen."""
        ...

    def looked(self, step: str) -> str:
        """Return the fingerprint of what the start and a step look at."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """What an operation is given. ``actor`` None is the system; ``seat`` the place it is done in, where that is not the actor's own;
    ``to`` people; ``step`` where to; ``place`` before, after or beside."""

    operation: str
    actor: int | None = None
    admin: bool = False
    seat: int = 0
    comment: str = ""
    to: tuple[int, ...] = ()
    step: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that follows from an operation. ``what``: asked, copied, urged (``seat`` says who), returned, ended (``state``: how)."""

    what: str
    seat: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationKind:
    """One operation. ``by``: who may, one of these is enough; ``seats``: the kinds of places it is done in; ``takes``: what it is given
    beside a comment (to, people, step, place), ``needs``: what it can't do without (comment too); ``decides``: it is a decision of a
    seat, which several at once may get; ``tone``: how its button looks (primary, danger or plain)."""

    name: str
    label: Text
    help: Text
    by: frozenset[str]
    apply: Callable[[Course, Given], None]
    states: frozenset[str] = field(default=frozenset({RUNNING}))
    seats: frozenset[str] = field(default=frozenset({DECIDE, HELP}))
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    decides: bool = False
    tone: str = "plain"


def refuse(status: int, code: str, zh: str, en: str, field_name: str = "") -> Refusal:
    """Return a refusal; ``field_name``: what of the input would mend it."""
    message = Text(zh=zh, en=en)
    return Refusal(status, code, message, (FieldError(field_name, code, message),) if field_name else ())


def not_now(zh: str = "当前状态不能这样操作", en: str = "that is not possible at this stage") -> Refusal:
    """Return the refusal of what the present state forbids."""
    return refuse(409, "NOT_ALLOWED_NOW", zh, en)


def not_yours() -> Refusal:
    """Return the refusal of an operation that is somebody else's."""
    return refuse(403, "FORBIDDEN", "这项操作不归您办理", "this is not yours to do")
