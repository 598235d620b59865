"""The moment: TODAY, NOW, IDLE."""

from __future__ import annotations

from datetime import UTC, date, datetime

from engine.expressions import calendars
from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from engine.expressions.sql_moment_values import NOW, TODAY
from metamodel.expressions.types import DATE, DATETIME
from metamodel.text import Text

GROUP = "date"

KINDS = (
    Function(
        name="TODAY",
        group=GROUP,
        usage=("TODAY()",),
        signatures=(takes(DATE),),
        needs=frozenset({"now"}),
        help=Text(zh="今天（按组织所在时区）。", en="Today, in the organisation's zone."),
        examples=(Example("TODAY()", date(2026, 1, 5)), Example("TODAY() + 1mo", date(2026, 2, 5))),
        takes_moment=True,
        python=lambda moment: moment.today,
        sql=lambda machine: of(machine.moment.later(*TODAY)),
        js="() => m.today",
    ),
    Function(
        name="NOW",
        group=GROUP,
        usage=("NOW()",),
        signatures=(takes(DATETIME),),
        needs=frozenset({"now"}),
        help=Text(zh="此刻。", en="This moment."),
        examples=(Example("NOW()", datetime(2026, 1, 5, 1, 0, tzinfo=UTC)),),
        takes_moment=True,
        python=lambda moment: calendars.within(moment.now),
        sql=lambda machine: of(machine.moment.later(*NOW)),
        js="() => m.now",
    ),
    Function(
        name="IDLE",
        group=GROUP,
        form="idle",
        usage=("IDLE(moment) > 14d",),
        needs=frozenset({"now"}),
        help=Text(
            zh="距今多久；IDLE(x) > 14d 即 x < NOW() - 14d。x 为空时比较结果为 FALSE，通常配合 COALESCE。",
            en="How long ago; IDLE(x) > 14d means x < NOW() - 14d. A blank x gives FALSE: usually with COALESCE.",
        ),
        examples=(
            Example("IDLE(COALESCE(x, NOW())) > 14d", True, {"x": ("datetime", "2025-12-01T00:00Z")}),
            Example("IDLE(COALESCE(x, NOW())) > 14d", False, {"x": ("datetime", "2026-01-01T00:00Z")}),
            Example("IDLE(DATE(2026, 1, 5)) >= 9h", True),
        ),
    ),
)
