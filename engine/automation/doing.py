"""Running actions: one after another, in one transaction, with a trace whose paths are the definition's; and stopping at a ``wait`` so
that the rest goes on from there later. What a single action does is its own file's business."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.people.actors import load_profile
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.automation.frame import Action
    from engine.context import Context
    from engine.expressions.values import Reader
    from engine.records.effects import Bound
    from metamodel.definitions.actions import ActionDef
    from metamodel.expressions.scope import Root

DEEPEST = 8  # rules that may set one another off, one behind the other
Frame = dict[str, Any]  # where a run stands at one level: {"at": action} and what that action has to remember


@dataclass(frozen=True, slots=True)
class Given:
    """A root of expressions beside the records bound by name: what is known of its type, and who reads it."""

    type: Root
    reader: Reader


@dataclass(eq=False)
class Pause(Exception):
    """A ``wait`` was met: the run goes on at ``until``, at the place that ``frames`` tell, outermost first. ``note`` is what the action that
    the pause passes through has to remember."""

    until: datetime
    frames: list[Frame] = field(default_factory=list)
    note: Frame = field(default_factory=dict)

    def __post_init__(self) -> None:
        Exception.__init__(self, self.until)


class Stop(Exception):
    """A ``stop`` was met: the rest of the run is left out."""


@dataclass(eq=False)
class Doing:
    """One run of actions. ``context`` is the system's, whose chain holds the rules that led here; ``actor`` is the id of who set the run
    off (``me``); ``subject`` the record that bare names belong to; ``names`` the records bound by ``as``; ``given`` further roots (old, group …);
    ``key`` tells this run from every other, so that a message or call made from it is made once."""

    context: Context
    kinds: Mapping[str, Action]
    subject: Bound | None
    actor: int | None = None
    names: dict[str, Bound] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)  # answers among them: name → number of the call
    key: str = ""
    rule: str = ""  # the definition that says what is done, for messages
    path: str = "do"
    trace: list[dict[str, Any]] = field(default_factory=list)
    resume: list[Frame] = field(default_factory=list)

    @property
    def about(self) -> Bound:
        """Return the subject. Raises Refusal where there is none (the checker refuses such a rule)."""
        if self.subject is None:
            raise Refusal(409, "NO_RECORD", Text(zh="这里没有对应的记录", en="there is no record that this is about"))
        return self.subject

    @property
    def seen_by(self) -> Context:
        """Return the context that expressions are evaluated in: ``me`` is who set the run off."""
        if self.actor is None:
            return self.context
        profile = load_profile(self.context.connection, user_id=self.actor)
        return self.context if profile is None else replace(self.context, actor=profile.actor)

    def frame(self) -> Frame | None:
        """Return what the action that this run goes on in remembered, once; None where it is met for the first time."""
        return self.resume.pop(0) if self.resume else None

    def within(self, actions: Sequence[ActionDef], *steps: str, subject: Bound | None = None, **changes: Any) -> Doing:
        """Run nested actions: at ``steps`` below this action, perhaps about another record or with more ``names``. The trace is shared."""
        inner = replace(self, path="/".join((self.path, *steps)), subject=subject or self.subject, **changes)
        inner.trace, inner.resume = self.trace, self.resume
        perform(inner, actions)
        return inner


def perform(doing: Doing, actions: Sequence[ActionDef]) -> None:
    """Run actions in order. Raises Refusal and whatever else an action raises, Pause at a ``wait``, Stop at a ``stop``."""
    frame = doing.resume[0] if doing.resume else None
    if frame is not None:
        actions = _from(actions, str(frame["at"]))
    base = doing.path
    for action in actions:
        entry = {"path": f"{base}/{action.name}", "do": action.verb, "at": doing.context.now.isoformat()}
        doing.path = f"{base}/{action.name}"
        try:
            doing.trace.append(entry)
            did = doing.kinds[action.verb].run(doing, action.options)
        except Pause as pause:
            pause.frames.insert(0, {"at": action.name, **pause.note})
            pause.note = {}
            raise
        except (Stop, RecursionError):
            raise
        except Exception as error:
            entry.setdefault("error", told(error))
            raise
        if did:
            entry |= did
    doing.path = base


def _from(actions: Sequence[ActionDef], name: str) -> Sequence[ActionDef]:
    """Return the actions from ``name`` on. Raises Refusal where the definition no longer has it."""
    for place, action in enumerate(actions):
        if action.name == name:
            return actions[place:]
    said = Text(zh=f"规则已修改：没有动作 {name}", en=f"the rule has changed: there is no action {name}")
    raise Refusal(409, "RULE_CHANGED", said)


def told(error: BaseException) -> str:
    """Return what a trace and the page of kept failures say of an error."""
    if isinstance(error, Refusal):
        fields = "; ".join(f"{one.field} {one.code}" for one in error.errors[:5])
        return f"{error.code}: {error.message.en}" + (f" ({fields})" if fields else "")
    return f"{type(error).__name__}: {error}"


def deeper(chain: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the chain with one more rule. Raises Refusal LOOP, which names the circle, where that is one too many."""
    longer = (*chain, name)
    if len(longer) <= DEEPEST:
        return longer
    circle = _circle(longer)
    shown = " → ".join(circle)
    raise Refusal(
        409,
        "LOOP",
        Text(
            zh=f"规则互相触发超过 {DEEPEST} 层：{shown}", en=f"rules set one another off over {DEEPEST} deep: {shown}"
        ),
    )


def _circle(chain: Sequence[str]) -> Sequence[str]:
    """Return the circle that a chain ends in: from the last time that its last rule came before; the whole chain where it is none."""
    for place in range(len(chain) - 2, -1, -1):
        if chain[place] == chain[-1]:
            return chain[place:]
    return chain
