"""The laws of approvals, whatever the definition, the people and the operations: an approval is finished or waits for somebody real; nobody
acts without the right; nothing is lost or counted twice; history played again ends in the same state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.approvals.course import steps_of
from engine.approvals.instance import COPY, DECIDE, FINISHED, OPEN, RUNNING, SUSPENDED, from_json, to_json
from engine.approvals.machine import OPERATIONS, begin, decide
from engine.approvals.operation import Given
from engine.approvals.voting import outcome
from engine.approvals.world import Replayed
from engine.refusals import Refusal
from tests.approvals.worlds import ADMIN, PEOPLE, TestWorld, definitions

if TYPE_CHECKING:
    from engine.approvals.instance import Instance
    from metamodel.definitions.approvals import ApprovalDef

PERSON = st.sampled_from(PEOPLE)
SOME = st.sets(PERSON, min_size=1, max_size=4).map(lambda found: tuple(sorted(found)))
MANY = st.one_of(SOME, SOME, SOME, st.just(()))  # seldom nobody: else few approvals would get anywhere
PERSONAL = sorted(name for name, kind in OPERATIONS.items() if name not in {"submit", "late", "review"})


class Laws(RuleBasedStateMachine):
    """One approval, and whatever people do to it."""

    definition: ApprovalDef
    instance: Instance
    world: TestWorld

    def __init__(self) -> None:
        super().__init__()
        self.history: list[tuple[Given, dict[str, Any]]] = []
        self.begun = False

    @initialize(
        definition=definitions(),
        data=st.data(),
        submitter=PERSON,
        frozen=st.sets(st.sampled_from(PEOPLE[:7]), max_size=2),
    )
    def start(self, definition: ApprovalDef, data: st.DataObject, submitter: int, frozen: set[int]) -> None:
        """Submit."""
        names = steps_of(definition.steps)
        people = {name: data.draw(MANY) for name in names}
        off = {name for name in names if names[name].when is not None and data.draw(st.booleans())}
        delegates = data.draw(st.dictionaries(PERSON, PERSON, max_size=2))
        self.definition, self.world = definition, TestWorld(people, off, frozen - {submitter}, delegates)
        self.instance = self.first = begin(definition, submitter)
        self.begun = True
        self.do(Given("submit", actor=submitter))

    def do(self, given: Given) -> bool:
        """Apply an operation; whether it was not refused."""
        before, self.world.answers = self.instance, {}
        try:
            decision = decide(self.definition, before, given, self.world)
        except Refusal as refusal:
            if refusal.status not in {403, 409, 422}:
                raise
            return False
        self.instance = decision.instance
        self.history.append((given, dict(self.world.answers)))
        self.check_right(before, given)
        return True

    def check_right(self, before: Instance, given: Given) -> None:
        """Nobody acts without the right."""
        kind = OPERATIONS[given.operation]
        if given.actor is None or given.operation == "submit":
            return
        if kind.decides:
            seats = [seat for seat in before.all_seats() if seat.state == OPEN and seat.kind != COPY]
            assert any(given.actor in {seat.user, seat.behalf_of} for seat in seats)
        if kind.by == frozenset({"admin"}):
            assert given.admin
        if kind.by == frozenset({"submitter"}):
            assert given.actor == before.submitter
        assert before.state in kind.states

    @rule(
        name=st.sampled_from(PERSONAL),
        actor=PERSON,
        to=PERSON,
        place=st.sampled_from(["before", "after", "beside"]),
        data=st.data(),
    )
    def anybody(self, name: str, actor: int, to: int, place: str, data: st.DataObject) -> None:
        """Anybody tries anything."""
        seats = [seat.id for seat in self.instance.all_seats()] or [0]
        step = data.draw(st.sampled_from(["", *self.definition.steps]))
        seat = data.draw(st.sampled_from([0, *seats]))
        given = Given(name, actor=actor, admin=actor == ADMIN, seat=seat, comment="c", to=(to,), step=step, place=place)
        self.do(given)

    @rule(name=st.sampled_from(["approve", "approve", "approve", "reject", "return", "resubmit"]), data=st.data())
    def who_is_asked(self, name: str, data: st.DataObject) -> None:
        """Somebody who is asked decides."""
        seats = [seat for seat in self.instance.all_seats() if seat.state == OPEN and seat.kind != COPY]
        if seats:
            seat = data.draw(st.sampled_from(seats))
            self.do(Given(name, actor=seat.user, seat=seat.id))

    @rule(data=st.data(), whole=st.booleans())
    def clock(self, data: st.DataObject, *, whole: bool) -> None:
        """Somebody is late."""
        seats = [seat.id for seat in self.instance.all_seats() if seat.state == OPEN and seat.kind != COPY]
        if seats and self.instance.state == RUNNING:
            self.do(Given("late", seat=data.draw(st.sampled_from(seats)), place="whole" if whole else "step"))

    @rule()
    def changed(self) -> None:
        """What was looked at changes."""
        self.world.content += 1
        if self.instance.state == RUNNING:
            self.do(Given("review"))
            for node in self.instance.walk():
                if node.state == "approved":
                    assert node.looked == str(self.world.content)  # no approval of something else stands

    @invariant()
    def finished_or_waiting_for_somebody_real(self) -> None:
        """It never hangs."""
        if not self.begun:
            return
        asked = [seat for seat in self.instance.all_seats() if seat.state == OPEN and seat.kind != COPY]
        if self.instance.state in FINISHED:
            assert not asked
        elif self.instance.state != SUSPENDED:
            assert asked
            assert all(seat.user in PEOPLE for seat in asked)
            assert all(seat.user not in self.world.frozen for seat in asked)

    @invariant()
    def nothing_is_lost_or_counted_twice(self) -> None:
        """Seats are told apart, decisions are numbered without a gap, steps are as their votes have it."""
        if not self.begun:
            return
        seats = list(self.instance.all_seats())
        numbers = [seat.id for seat in seats]
        assert len(numbers) == len(set(numbers))
        orders = [seat.order for seat in seats if seat.order]
        assert len(orders) == len(set(orders))
        assert all(order <= self.instance.decisions for order in orders)
        for node in self.instance.walk():
            if node.votes and node.state in {"approved", "rejected"}:
                step = steps_of(self.definition.steps)[node.step]
                assert outcome(node, step.decide) == node.state
            if node.state == "coming":
                assert not node.votes
        for place, node in enumerate(self.instance.nodes):  # nobody is asked before those in front of them are through
            if self.instance.state == RUNNING and node.state == "active":
                assert all(one.state in {"approved", "skipped"} for one in self.instance.nodes[:place])
        own = [seat for seat in seats if seat.kind == DECIDE and seat.state == OPEN]
        assert len({(seat.step, seat.id) for seat in own}) == len(own)

    @invariant()
    def it_survives_being_written(self) -> None:
        """JSON and back is the same."""
        if self.begun:
            assert from_json(orjson.loads(to_json(self.instance))) == self.instance

    def teardown(self) -> None:
        """Play the history again."""
        if not self.begun:
            return
        instance = self.first
        for given, answers in self.history:
            kept = orjson.loads(orjson.dumps(answers))
            instance = decide(self.definition, instance, given, Replayed(kept)).instance
        assert instance == self.instance


class TestLaws(Laws.TestCase):  # type: ignore[misc]
    """The laws hold."""

    settings = settings(
        max_examples=60,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
