"""An instance on its way while one operation is applied: steps entered, passed and reset, seats opened and closed. Pure: what it has to
know it asks of the World it was given, and what should follow it notes as effects."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.approvals.instance import (
    ACTIVE,
    APPROVED,
    CANCELLED,
    COMING,
    COPY,
    DECIDE,
    DONE,
    FINISHED,
    OPEN,
    PASSED,
    REJECTED,
    RESUBMIT,
    RUNNING,
    SKIPPED,
    Instance,
    Node,
    Seat,
    Vote,
    rebuild,
)
from engine.approvals.operation import Effect, not_yours, refuse
from engine.approvals.voting import joined, outcome, silenced, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.approvals.operation import Given, World
    from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef


def steps_of(steps: Mapping[str, ApprovalStepDef], above: str = "") -> dict[str, ApprovalStepDef]:
    """Return all steps by their dotted names, branches too."""
    found: dict[str, ApprovalStepDef] = {}
    for name, step in steps.items():
        found[above + name] = step
        found |= steps_of(step.branches, f"{above}{name}.")
    return found


def new_nodes(steps: Mapping[str, ApprovalStepDef], above: str = "") -> tuple[Node, ...]:
    """Return nodes for steps none of which has begun."""
    return tuple(
        Node(above + name, branches=new_nodes(step.branches, f"{above}{name}.")) for name, step in steps.items()
    )


class Course:
    """One instance being worked on."""

    def __init__(self, definition: ApprovalDef, instance: Instance, world: World) -> None:
        self.definition, self.instance, self.world = definition, instance, world
        self.steps = steps_of(definition.steps)
        self.effects: list[Effect] = []

    # --- going on ---------------------------------------------------------------------------------------------------
    def advance(self) -> None:
        """Go on as far as it goes by itself: until somebody has to decide, or it is finished."""
        for place in range(len(self.instance.nodes)):
            if self.instance.state != RUNNING:
                return
            node = self.instance.nodes[place]
            if node.state in PASSED:
                continue
            before = {seat.id for seat in self.instance.all_seats() if seat.state == OPEN}
            node = self._progress(node)
            nodes = self.instance.nodes
            self.instance = replace(self.instance, nodes=(*nodes[:place], node, *nodes[place + 1 :]))
            self._note_opened(before)
            if node.state == REJECTED:
                self.finish(REJECTED)
            elif node.state not in PASSED:
                return
        if self.instance.state != RUNNING:
            return
        if self.review():  # nothing is approved on the strength of what has changed meanwhile
            self.advance()
        else:
            self.finish(APPROVED)

    def _note_opened(self, before: set[int]) -> None:
        self.effects += [
            Effect("asked", seat.id)
            for seat in self.instance.all_seats()
            if seat.state == OPEN and seat.kind != COPY and seat.id not in before
        ]

    def _progress(self, node: Node) -> Node:
        step = self.steps[node.step]
        if node.state == COMING:
            node = self._enter(node, step)
        if node.state != ACTIVE:
            return node
        if node.branches:
            node, verdict = self._branches(node, step.join)
        else:
            node = take_turns(node, step.decide)
            verdict = outcome(node, step.decide)
        return silenced(replace(node, state=verdict)) if verdict else node

    def _branches(self, node: Node, join: str) -> tuple[Node, str]:
        branches = list(node.branches)
        for place, branch in enumerate(branches):
            branches[place] = self._progress(branch)
            verdict = joined(join, branches)
            if verdict and (verdict == REJECTED or join == "any_of"):
                break  # the rest is not even asked
        return replace(node, branches=tuple(branches)), joined(join, branches)

    def _enter(self, node: Node, step: ApprovalStepDef) -> Node:
        node = replace(node, looked=self.world.looked(node.step))
        if step.when is not None and not self.world.when(node.step):
            return replace(node, state=SKIPPED)
        if step.branches:
            return replace(node, state=ACTIVE)
        if step.copy_to is not None:
            self.copy(self.world.people(node.step), node.step)
            return replace(node, state=SKIPPED)
        chosen = [user for user in self.instance.chosen.get(node.step, ()) if self.world.works(user)]
        people = chosen or self.world.people(node.step)
        asked = list(dict.fromkeys(pair for user in people for pair in self._unrepeated(user, step.repeated)))
        if not asked:
            if step.nobody == "skip":
                return replace(node, state=SKIPPED)
            asked = [(user, False) for user in self.world.admins()] if step.nobody == "admin" else []
        if not asked:
            return replace(node, state=REJECTED)
        votes = tuple(Vote((self._seat_for(node.step, user, auto=auto),)) for user, auto in asked)
        return replace(node, state=ACTIVE, votes=votes)

    def _unrepeated(self, user: int, rule: str) -> Iterable[tuple[int, bool]]:
        """Yield who is asked in place of somebody who is the submitter or has approved before, and whether their vote counts at once."""
        known = self._spoken()
        if user not in known or rule == "ask":
            yield user, False
        elif rule == "skip":
            yield user, True
        else:
            seen, above = {user}, self.world.manager(user)
            while above is not None and above not in seen and above in known:
                seen.add(above)
                above = self.world.manager(above)
            if above is not None and above not in seen:
                yield above, False

    def _spoken(self) -> set[int | None]:
        """Return the submitter and all who have approved in steps that are passed."""
        own = {
            seat.behalf_of or seat.user
            for node in self.instance.walk()
            if node.state == APPROVED
            for vote in node.votes
            for seat in vote.seats
            if seat.kind == DECIDE and seat.decision == "approve"
        }
        return {self.instance.submitter, *own}

    def _seat_for(self, step: str, user: int, *, auto: bool) -> Seat:
        if auto:
            return self.new_seat(user, step, state=DONE, decision="auto")
        delegate = self.world.delegate(user)
        if delegate is None or delegate in {user, self.instance.submitter}:
            return self.new_seat(user, step)
        return self.new_seat(delegate, step, behalf_of=user)

    # --- what operations do -----------------------------------------------------------------------------------------
    def new_seat(self, user: int, step: str, **more: Any) -> Seat:
        """Make a seat with a number of its own. The caller puts it where it belongs."""
        self.instance = replace(self.instance, seats=self.instance.seats + 1)
        return Seat(self.instance.seats, user, step, **more)

    def own_seat(self, given: Given) -> Seat:
        """Return the place in which an operation is done: the one that is named, else the actor's own that is open."""
        named = self.instance.seat(given.seat) if given.seat else None
        if named is not None and named.state == OPEN and (given.actor is None or named.held_by(given.actor)):
            return named
        own = self.instance.open_seat(given.actor)
        if own is None:
            raise not_yours()
        return own

    def hand_over(self, seat: Seat, user: int, how: str) -> None:
        """Let somebody else act in a seat's place. Nobody hands what they should approve to whoever asks for it."""
        if user == seat.user or (seat.kind != RESUBMIT and user == self.instance.submitter):
            raise refuse(422, "NOT_POSSIBLE", "不能交给自己或提交人", "neither to oneself nor to the submitter", "to")
        heir = self.new_seat(user, seat.step, kind=seat.kind, added_by=seat.added_by)
        gone = replace(seat, state=CANCELLED, decision=how)

        def swapped(seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
            return tuple(new for one in seats for new in ((gone, heir) if one.id == seat.id else (one,)))

        if seat.step and self.instance.node(seat.step) is not None:
            self.change_vote(seat, swapped)
        else:
            heir = replace(heir, state=OPEN)
            self.instance = replace(self.instance, loose=swapped(self.instance.loose))
            self.effects.append(Effect("asked", heir.id))

    def finish_turn(self, state: str, seats: Iterable[Seat]) -> None:
        """Let it rest in a state until one of ``seats`` takes it up again."""
        self.instance = replace(self.instance, state=state)
        self.effects += [Effect(state, state=state), *(Effect("asked", seat.id) for seat in seats)]

    def copy(self, people: Iterable[int], step: str = "", by: int | None = None) -> None:
        """Send copies to people who have none yet."""
        have = {seat.user for seat in self.instance.loose if seat.kind == COPY}
        for user in dict.fromkeys(people):
            if user not in have:
                seat = self.new_seat(user, step, kind=COPY, state=OPEN, added_by=by)
                self.instance = replace(self.instance, loose=(*self.instance.loose, seat))
                self.effects.append(Effect("copied", seat.id))

    def speak(self, seat: Seat, decision: str) -> None:
        """Note what is decided in a seat."""
        number = self.instance.decisions + 1
        self.instance = replace(self.instance, decisions=number)
        self.change_seat(seat, state=DONE, decision=decision, order=number)

    def change_seat(self, seat: Seat, **changes: Any) -> None:
        """Change a seat."""
        self.instance = self.instance.with_seat(seat.id, lambda one: replace(one, **changes))

    def change_vote(self, seat: Seat, change: Callable[[tuple[Seat, ...]], tuple[Seat, ...]]) -> None:
        """Change the seats of the vote that a seat belongs to."""

        def vote(one: Vote) -> Vote:
            return Vote(change(one.seats)) if any(other.id == seat.id for other in one.seats) else one

        self.change_node(seat.step, lambda node: replace(node, votes=tuple(vote(one) for one in node.votes)))

    def change_node(self, step: str, change: Callable[[Node], Node]) -> None:
        """Change a node."""
        self.instance = self.instance.with_node(step, change)

    def place_of(self, step: str) -> int:
        """Return the place of the outermost step that a step is, or is in."""
        return list(self.definition.steps).index(step.partition(".")[0])

    def reset(self, places: Iterable[int]) -> None:
        """Have steps begin anew, as if nobody had been asked."""
        wanted = set(places)
        self.instance = replace(
            self.instance,
            nodes=tuple(
                rebuild((node,), lambda one: replace(one, state=COMING, votes=(), looked=""))[0]
                if place in wanted
                else node
                for place, node in enumerate(self.instance.nodes)
            ),
        )

    def review(self) -> bool:
        """Have steps begin anew, from the first whose answer rests on something that has changed since, as far as somebody has spoken
        there; return whether there was one."""
        for place, node in enumerate(self.instance.nodes):
            for one in self.instance.walk() if node.state != COMING else ():
                if one.step.partition(".")[0] != node.step or not one.looked:
                    continue
                settled = one.state in PASSED or any(seat.order for vote in one.votes for seat in vote.seats)
                if settled and self.world.looked(one.step) != one.looked:
                    self.reset(range(place, len(self.instance.nodes)))
                    return True
                if not settled and self.world.looked(one.step) != one.looked:
                    fresh = self.world.looked(one.step)
                    self.change_node(one.step, partial(replace, looked=fresh))
        return False

    def finish(self, state: str) -> None:
        """End it: nobody is asked any more, copies stay."""
        self.close_all()
        self.instance = replace(self.instance, state=state)
        self.effects.append(Effect("ended" if state in FINISHED else state, state=state))

    def close_all(self) -> None:
        """Take the say from everybody who is still asked."""
        nodes = tuple(  # in what has not begun nobody has a say yet, and it may still begin after a return
            node
            if node.state == COMING
            else silenced(node if node.state in {*PASSED, REJECTED} else replace(node, state=CANCELLED))
            for node in self.instance.nodes
        )
        loose = tuple(
            replace(seat, state=CANCELLED) if seat.live and seat.kind != COPY else seat for seat in self.instance.loose
        )
        self.instance = replace(self.instance, nodes=nodes, loose=loose)
