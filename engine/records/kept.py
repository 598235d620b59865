"""Kept figures: parts of the answer to a question, a block of record ids each, that stand as long as nothing in the block was written. A
write leaves a mark in its own transaction; a read takes the parts that no mark came after and works out the others, both as of one moment:
exact at all times. What is asked, and how parts become one, is known to ``measure.py`` and its like."""

from __future__ import annotations

import hashlib
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql import ARRAY

from engine.storage.kept_tables import EVERYTHING, FINEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import Records
    from engine.records.statement import Statement

BLOCK_BITS = 4  # up to 2^4 blocks of an object's records
LEAST = 1 << 14  # records; fewer are counted quicker than looked up
SLOW, SLOW_PART = 0.010, 0.003  # seconds: what a question, or a part of one, must take to be worth keeping
MOST_ROWS = 20_000  # of one question's parts together
_ALL = -1
_WHOLE = 1 << 53
_READ = re.compile(r"\b(app|tenon)\.(?:\"([^\"]+)\"|(\w+))")
_STAYS = "stay"  # stays are written with their records, so that the marks of these tell of them as well
_IN_MOMENT = "tenon.moment"


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer may be kept. ``whole``: the statement of all parts; ``part``: that of some, which takes ``kept_low``,
    ``kept_high`` (ids) and ``kept_blocks``; both take ``kept_shift`` and give rows of the block and the rest. Without ``part`` all records are
    one block. ``others``: the objects that they read beside. ``decode``: of each column after the block, what makes its value out of a text
    (whole numbers, links and booleans are themselves in JSON), None where it is the text itself."""

    object: str
    table: str
    others: tuple[str, ...]
    whole: Statement
    part: Statement | None
    decode: tuple[Callable[[str], Any] | None, ...]


def read_beside(records: Records, object_name: str, *statements: Statement) -> tuple[str, ...] | None:
    """Return the objects that statements read beside one; None where they read what leaves no marks."""
    tables = {records.objects[name].table.name: name for name in records.model.objects}
    found: set[str] = set()
    for schema, quoted, plain in (match for one in statements for match in _READ.findall(one.text)):
        name = quoted or plain
        if schema == "tenon":
            if name != _STAYS:
                return None
        elif name not in tables:
            return None
        else:
            found.add(tables[name])
    return tuple(sorted(found - {object_name}))


@contextmanager
def one_moment(connection: sa.Connection) -> Iterator[None]:
    """Let everything that is read inside be of one moment, where the connection is in no transaction: in one it is as that has it."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status != TransactionStatus.IDLE or not driver.autocommit:
        yield
        return
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ")
    connection.info[_IN_MOMENT] = True
    try:
        yield
    except BaseException:
        connection.info.pop(_IN_MOMENT, None)
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.info.pop(_IN_MOMENT, None)
    connection.exec_driver_sql("COMMIT")


def answer(context: Context, question: Question, values: Mapping[str, Any]) -> list[tuple[Any, ...]] | None:
    """Return the rows of all parts, without their blocks: kept ones and fresh ones. None where the question is to be asked as a whole."""
    if any(value == context.now for value in values.values()):
        return None  # of this very moment
    with one_moment(context.connection):
        return _Asked(context, question, values).answer()


class _Asked:
    """One question with its values, being answered."""

    def __init__(self, context: Context, question: Question, values: Mapping[str, Any]) -> None:
        self.context, self.question, self.values = context, question, values
        said = (question.whole.text, sorted(question.whole.constants.items()), sorted(values.items()))
        self.key = hashlib.sha256(repr(said).encode()).hexdigest()
        self.shift, self.top = 0, 0
        self.marks: dict[int, int] = {}
        self.kept: dict[int, tuple[int, str]] = {}

    def answer(self) -> list[tuple[Any, ...]] | None:
        if not self._look():
            return None
        blocks = range((self.top >> self.shift) + 1) if self.shift else range(1)
        dirty = [block for block in blocks if not self._is_clean(block)]
        if dirty and not self.context.connection.info.get(_IN_MOMENT):
            return None  # what is read now may be of a later moment than what is kept
        rows = [row for block in blocks if block not in set(dirty) for row in self._decoded(self.kept[block][1])]
        if dirty:
            fresh = self._work_out(dirty, len(blocks))
            if fresh is None:
                return None
            rows += fresh
        return rows

    def _look(self) -> bool:
        """Find out how far the records go, what is kept and what was marked; whether anything is to be kept at all."""
        question, memory = self.question, self.context.runtime.part(_records_class()).memory
        text = memory.get(("kept", question.table, question.part is None), lambda: _look_text(question))
        given = {"key": self.key, "object": question.object, "marked": [question.object, EVERYTHING, *question.others]}
        for what, block, number, figures in self.context.connection.exec_driver_sql(text, given):
            if what == "top":
                self.top, self.shift = number, block
            elif what == "mark":
                self.marks[block] = number
            elif what == "kept":
                self.kept[block] = (number, figures)
            else:
                return False  # a publication is at work on the tables
        return self.top >= LEAST

    def _is_clean(self, block: int) -> bool:
        kept = self.kept.get(block)
        return kept is not None and kept[0] > max(self.marks.get(_ALL, 0), self.marks.get(block, 0))

    def _decoded(self, figures: str) -> Iterator[tuple[Any, ...]]:
        decode = [(place, make) for place, make in enumerate(self.question.decode) if make is not None]
        for row in orjson.loads(figures):
            for place, make in decode:
                if isinstance(row[place], str):
                    row[place] = make(row[place])
            yield tuple(row)

    def _work_out(self, dirty: Sequence[int], count: int) -> list[tuple[Any, ...]] | None:
        """Ask for the parts that are not kept, and keep them where that took its time. None where there are too many rows."""
        question, connection = self.question, self.context.connection
        given: dict[str, Any] = {**self.values, "kept_shift": self.shift}
        began = time.perf_counter()
        if question.part is None or len(dirty) == count:
            found = question.whole.rows(connection, **given)
        else:
            span = {"kept_low": dirty[0] << self.shift, "kept_high": (dirty[-1] + 1) << self.shift}
            found = question.part.rows(connection, **given, **span, kept_blocks=list(dirty))
        if len(found) > MOST_ROWS:
            return None
        if time.perf_counter() - began >= (SLOW_PART if self.kept else SLOW):
            self._keep(dirty, found)
        return [tuple(row[1:]) for row in found]

    def _keep(self, dirty: Sequence[int], found: Sequence[Sequence[Any]]) -> None:
        parts: dict[int, list[list[Any]]] = {block: [] for block in dirty}
        for row in found:
            parts[row[0]].append([_encoded(one) for one in row[1:]])
        question = self.question
        self.context.connection.exec_driver_sql(
            _KEEP,
            {
                "key": self.key,
                "object": question.object,
                "others": list(question.others),
                "shift": self.shift,
                "blocks": list(parts),
                "figures": [orjson.dumps(rows).decode() for rows in parts.values()],
                "now": self.context.now,
            },
        )


def _encoded(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value.as_tuple().exponent == 0 and abs(value) < _WHOLE else str(value)
    return value if value is None or isinstance(value, bool | int) else str(value)


def block_of(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the block that a record's id lies in."""
    return column.op(">>")(sa.bindparam("kept_shift", type_=sa.Integer))


def within_blocks(column: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
    """Return that a record's id lies in one of the blocks that are asked for: the span first, which an index serves."""
    low, high = (sa.bindparam(f"kept_{name}", type_=sa.BigInteger) for name in ("low", "high"))
    blocks = sa.any_(sa.bindparam("kept_blocks", type_=ARRAY(sa.BigInteger)))
    return [column >= low, column < high, block_of(column) == blocks]


def _records_class() -> type[Records]:
    from engine.records.compile import Records

    return Records


def _look_text(question: Question) -> str:
    shift, block = "0", "0"
    if question.part is not None:
        shift = f"greatest({FINEST}, length(ltrim(top::bit(63)::text, '0')) - {BLOCK_BITS})"
        block = f"k.place >> (g.shift - {FINEST})"
    return f"""
WITH g AS MATERIALIZED (SELECT top, {shift} AS shift FROM (SELECT coalesce(max(id), 0) AS top FROM {question.table}) AS t)
SELECT 'top' AS what, shift::bigint AS block, top AS number, NULL AS figures FROM g
UNION ALL SELECT 'mark', CASE WHEN k.object = %(object)s THEN {block} ELSE {_ALL} END AS block, max(k.xact), NULL
  FROM tenon.kept_mark AS k, g WHERE k.object = ANY (%(marked)s::text[]) GROUP BY 2
UNION ALL (SELECT DISTINCT ON (f.block) 'kept', f.block, f.horizon, f.figures FROM tenon.kept_figure AS f, g
  WHERE f.key = %(key)s AND f.shift = g.shift ORDER BY f.block, f.id DESC)
UNION ALL SELECT 'stop', 0, 0, NULL WHERE EXISTS (SELECT 1 FROM tenon.journal WHERE state IN ('pending', 'failed'))
"""  # noqa: S608 - names of our own tables


_KEEP = """
INSERT INTO tenon.kept_figure (key, object, others, shift, block, horizon, figures, kept_at)
SELECT %(key)s, %(object)s, %(others)s::text[], %(shift)s, b.block, (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint, b.figures, %(now)s
FROM unnest(%(blocks)s::bigint[], %(figures)s::text[]) AS b (block, figures)
"""
