"""The values of the moment that functions bind in SQL: how each is computed, and its SQL type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from engine.expressions.values import Moment


def _now(moment: Moment) -> Any:
    return moment.now


def _today(moment: Moment) -> Any:
    return moment.today


NOW = (_now, sa.TIMESTAMP(timezone=True))
TODAY = (_today, sa.Date())
