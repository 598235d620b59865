"""Kept figures are exact at all times: whoever writes what in between, for whomever, what is put together out of kept parts is what one
statement over all records comes to at that very moment."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from engine.insight.asks import Figures, MetricAsk, StaysAsk
from engine.insight.figures import measure_metrics
from engine.insight.narrowing import Narrowing
from engine.insight.periods import read_period
from engine.insight.stays import read_stays
from engine.processes.transitions import Move, transition
from engine.records import commands, kept
from engine.records.kept import one_moment
from engine.records.kept_sweep import HORIZON, sweep
from engine.refusals import Refusal
from tests.insight.conftest import NOW
from tests.insight.test_behind import SPLITS, draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context
    from tests.insight.conftest import Ground


class TakenBackError(Exception):
    """What was written is rolled back."""


VIEWERS = ("dora", "mara", "mo", "rita")
MORE = ("win_rate", "cycle", "average", "biggest", "big_clients", "busy", "mine", "won_amount", "visits")


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is worth keeping, however little there is of it."""
    for name in ("LEAST", "SLOW", "SLOW_PART"):
        monkeypatch.setattr(kept, name, 0)


def ask_of(chance: random.Random) -> MetricAsk:
    if chance.random() < 0.5:
        return draw(chance)[1]
    name = chance.choice(MORE)
    about = "act" if name == "visits" else "deal"
    timed = {"day", "week", "month", "quarter", "year", "hour", "weekday"}
    splits = [one for one in SPLITS[about] if one not in timed]
    by = tuple(chance.sample(splits, chance.choice([0, 0, 1, 2])))
    period = read_period(chance.choice(("2025", "2026-Q1", "last_90_days")), NOW.date())
    narrowing = Narrowing((), period if chance.random() < 0.5 else None)
    return MetricAsk(name, by, narrowing, top=chance.choice([0, 3]) if by else 0)


def told(found: Any) -> Any:
    """What an answer tells, in a form that can be compared."""
    if isinstance(found, Refusal):
        return found.code
    if not isinstance(found, Figures):
        return found
    axes = [[one.value for one in axis] for axis in found.axes]
    return axes, dict(found.cells), found.more


def both(ground: Ground, who: str, ask: Callable[[Context], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The answer as it is given, and as one statement gives it, both of one moment."""
    reader = ground.app.engine.execution_options(isolation_level="AUTOCOMMIT")
    with reader.connect() as connection, one_moment(connection):
        context = ground.app.context(connection, who)
        given = ask(context)
        with monkeypatch.context() as patch:
            patch.setattr(kept, "LEAST", 1 << 60)
            return told(given), told(ask(context))


def open_deal(ground: Ground) -> int:
    """A deal that is counted where open ones are."""
    return int(next(one["id"] for one in ground.deals if one["stage"] == "needs" and not one["deleted"]))


def parts_kept(ground: Ground) -> int:
    return int(ground.app.rows("SELECT count(*) FROM tenon.kept_figure")[0][0])


def write(ground: Ground, chance: random.Random) -> None:
    """Do one thing that somebody may do: what may not be done now changes nothing."""
    app, people = ground.app, [ground.app.people[name].id for name in ("dora", "mara", "rita", "ron", "rob")]
    deal, act = chance.randrange(1, 401), chance.randrange(1, 901)
    owner, region = chance.choice(people), chance.choice(["north", "east", "south", None])
    doings: list[Callable[[Context], object]] = [
        lambda context: commands.create(context, "deal", [{"name": "neu", "owner": owner, "amount": "7.50"}]),
        lambda context: commands.create(
            context,
            "act",
            [{"subject": "neu", "deal": deal, "kind": "visit", "happened_at": "2026-03-02T08:00:00Z"}] * 3,
        ),
        lambda context: commands.update(context, "deal", [commands.Change(deal, {"region": region, "owner": owner})]),
        lambda context: commands.update(
            context,
            "deal",
            [
                commands.Change(one, {"amount": str(chance.randrange(900)), "due": "2026-03-09"})
                for one in {deal, 401 - deal}
            ],
        ),
        lambda context: commands.update(context, "act", [commands.Change(act, {"owner": owner, "deal": deal})]),
        lambda context: commands.delete(context, "act", [(act, None)]),
        lambda context: commands.restore(context, "act", [act]),
        lambda context: commands.delete(context, "deal", [(deal, None)]),
        lambda context: commands.restore(context, "deal", [deal]),
        lambda context: transition(
            context, "deal", chance.choice(["qualify", "bargain", "win", "back", "lose"]), [Move(deal)]
        ),
        lambda context: commands.update(context, "client", [commands.Change(1 + deal % 30, {"kind": "big"})]),
    ]
    doing = chance.choice(doings)

    def work(context: Context) -> None:
        doing(context)
        if chance.random() < 0.2:
            raise TakenBackError

    with suppress(Refusal, TakenBackError):
        app.run(work)


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_written_in_between(ground: Ground, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    asks = [(chance.choice(VIEWERS), ask_of(chance)) for _ in range(12)]
    for _ in range(12):
        for _ in range(chance.randrange(3)):
            write(ground, chance)
        if chance.random() < 0.3:
            ground.app.run(lambda context: sweep(context.connection, context.now))
        for who, ask in chance.sample(asks, 5):
            given, whole = both(ground, who, lambda context, ask=ask: measure_metrics(context, [ask])[0], monkeypatch)
            assert given == whole, (who, ask)
    assert parts_kept(ground)


@pytest.mark.usefixtures("keeping")
def test_what_is_swept_up_is_missed_by_nobody(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that began before a write keeps its parts after the sweep that took the write's mark: they must not pass for clean."""
    app = ground.app
    reader = app.engine.execution_options(isolation_level="AUTOCOMMIT")
    ask = MetricAsk("open_amount", ("region",))
    look = lambda context: measure_metrics(context, [ask])[0]  # noqa: E731
    with reader.connect() as connection, one_moment(connection):
        connection.exec_driver_sql("SELECT 1")  # its moment is now
        app.update("deal", open_deal(ground), {"amount": "123456.78", "region": "east"})
        app.run(lambda context: sweep(context.connection, context.now))
        look(app.context(connection, "dora"))
    assert parts_kept(ground)
    app.run(lambda context: sweep(context.connection, context.now))
    given, whole = both(ground, "dora", look, monkeypatch)
    assert given == whole
    marks = "SELECT count(*) FROM tenon.kept_mark"
    swept_clean(ground)
    given, whole = both(ground, "dora", look, monkeypatch)  # what a mark kept from being kept is kept by now
    assert given == whole
    kept_now = parts_kept(ground)
    app.update("deal", open_deal(ground), {"amount": "1.00"})
    assert app.rows(marks)[0][0] == 1
    app.run(lambda context: sweep(context.connection, context.now))
    assert parts_kept(ground) < kept_now
    given, whole = both(ground, "dora", look, monkeypatch)
    assert given == whole


def swept_clean(ground: Ground) -> None:
    """Sweep; what stays is of transactions that another session of the server may not have seen yet, be it another test's in a database of
    its own: that is taken away by hand."""
    horizon = ground.app.run(lambda context: context.connection.scalar(HORIZON))
    ground.app.run(lambda context: sweep(context.connection, context.now))
    assert ground.app.rows("SELECT count(*) FROM tenon.kept_mark WHERE xact < :horizon", horizon=horizon)[0][0] == 0
    ground.app.run(lambda context: context.connection.exec_driver_sql("DELETE FROM tenon.kept_mark"))


@pytest.mark.usefixtures("keeping")
def test_a_write_that_began_before_and_ends_after(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was worked out while somebody was writing does not stand once that is committed, though its mark is the older one."""
    app, look = ground.app, lambda context: measure_metrics(context, [MetricAsk("open_amount", ("region",))])[0]
    with app.engine.connect() as writing:
        change = commands.Change(open_deal(ground), {"amount": "987654.32"})
        commands.update(app.context(writing), "deal", [change])
        app.update("act", 7, {"minutes": 3})  # a transaction that began later has ended
        before, whole = both(ground, "dora", look, monkeypatch)
        assert before == whole
        writing.commit()
    after, whole = both(ground, "dora", look, monkeypatch)
    assert after == whole
    assert after != before


@pytest.mark.usefixtures("keeping")
def test_what_is_read_beside_counts(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure over a path changes with the record that the path leads to, whichever block that lies in."""
    look = lambda context: measure_metrics(context, [MetricAsk("big_clients")])[0]  # noqa: E731
    before, _ = both(ground, "dora", look, monkeypatch)
    used = {one["client"] for one in ground.deals if one["client"] and not one["deleted"]}
    small = next(one["id"] for one in ground.clients if one["kind"] != "big" and one["id"] in used)
    ground.app.update("client", small, {"kind": "big"})
    after, whole = both(ground, "dora", look, monkeypatch)
    assert after == whole
    assert after != before


@pytest.mark.usefixtures("keeping")
def test_what_is_kept_for_one_is_nothing_to_another(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two managers ask by the same statement; each gets what is theirs, and so does whoever narrows it otherwise."""
    for who in ("mara", "mo"):
        for region in ("north", "east"):
            asked = MetricAsk("deals", ("owner",), Narrowing((("region", (region,)),)))
            given, whole = both(ground, who, lambda context, ask=asked: measure_metrics(context, [ask])[0], monkeypatch)
            assert given == whole


@pytest.mark.usefixtures("keeping")
def test_what_is_kept_is_taken_and_what_was_written_is_worked_out(
    ground: Ground, statements: Callable[[Any], Any]
) -> None:
    """The second look reads no record; after a write it reads those of one block only, and the manager's figures are not the director's."""
    reader = ground.app.engine.execution_options(isolation_level="AUTOCOMMIT")
    ask = MetricAsk("open_amount", ("region",))

    def look(who: str) -> tuple[list[str], Any]:
        with statements(ground.app.engine) as found, reader.connect() as connection:
            figures = measure_metrics(ground.app.context(connection, who), [ask])[0]
        return [text for text in found if "AS block" in text and "kept_mark" not in text], told(figures)

    def settled(who: str) -> tuple[list[str], Any]:
        """Look until nothing is worked out: whatever writes in the server meanwhile, its own upkeep too, puts the keeping off."""
        until = time.monotonic() + 120
        while (found := look(who))[0] and time.monotonic() < until:
            time.sleep(0.1)
        return found

    first, figures = look("dora")
    assert len(first) == 1
    assert settled("dora") == ([], figures)
    others, theirs = look("mara")
    assert len(others) == 1
    assert theirs != figures
    ground.app.update("deal", open_deal(ground), {"amount": "1000000.00", "region": "east"})
    again, changed = look("dora")
    assert len(again) == 1
    assert "kept_low" in again[0]
    assert changed != figures
    assert settled("dora") == ([], changed)


@pytest.mark.usefixtures("keeping")
def test_while_others_write_at_the_same_time(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three writers over the same records, some of what they do rolled back; whoever reads sees both answers of one moment."""
    chance = random.Random(5)
    broken: list[BaseException] = []

    def go_on(seed: int) -> None:
        own = random.Random(seed)
        try:
            for _ in range(40):
                write(ground, own)
        except (AssertionError, sa.exc.SQLAlchemyError) as error:  # told to the test, which fails by it
            broken.append(error)

    threads = [threading.Thread(target=go_on, args=(seed,)) for seed in range(3)]
    asks = [(chance.choice(VIEWERS), ask_of(chance)) for _ in range(8)]
    stays = StaysAsk("deal_stages", Narrowing((), read_period("2026-Q1", NOW.date())), amount=True)
    for thread in threads:
        thread.start()
    looks = 0
    while looks < 25:
        who, ask = chance.choice(asks)
        given, whole = both(ground, who, lambda context, ask=ask: measure_metrics(context, [ask])[0], monkeypatch)
        assert given == whole, (who, ask)
        given, whole = both(ground, who, lambda context: read_stays(context, stays), monkeypatch)
        assert given == whole
        looks += 1
    for thread in threads:
        thread.join()
    assert not broken
    assert parts_kept(ground)
