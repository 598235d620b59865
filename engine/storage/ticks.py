"""Work that comes due by the clock: the record that a floor fills in so that the clock looks for it and a worker does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import sqlalchemy as sa

    from engine.context import Context

Result = TypeVar("Result")


class Do(Protocol):
    """Runs a piece of work in one transaction of its own, as the system at the present moment, and again as a whole where the database broke
    a deadlock. A network call is made between two such pieces, never in one."""

    def __call__(self, work: Callable[[Context], Result], /) -> Result: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """Work of one sort. ``due`` is asked every ``seconds`` at the least, in the clock's process: a look at an index, nothing more. ``run``
    then does what is due, in a worker; it never runs twice at once, and being called with nothing due is harmless. Anything it raises
    is logged, and it is called again as long as something is due. ``often``: it comes due again and again, and nothing hangs on the minute,
    so that whoever lets time pass quickly need not stop at each. ``leaves``: it reaches out over the network. ``when`` tells the next moment at which it
    comes due, None for none; where it is not given, ``due`` is asked of moments until one is found."""

    name: str
    due: Callable[[sa.Connection, datetime], bool]
    run: Callable[[Do], None]
    seconds: float = 1.0
    often: bool = False
    leaves: bool = False
    when: Callable[[sa.Connection], datetime | None] | None = None
