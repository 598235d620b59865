"""Demo data of packs: a CSV an object, brought in through the door for writing in one transaction, once. Its form is described in
docs/implementers.md; an import of people's own files is engine/transfer's."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert

from engine.context import DEMO, SYSTEM, Context
from engine.expressions.python import compile_python
from engine.fields.base import Locale
from engine.fields.links import parts_of
from engine.people.credentials import random_password, set_password
from engine.people.roles import grant_roles
from engine.publishing.demo_stays import STAY, read_stays, stays_given
from engine.publishing.faults import PublishFault
from engine.publishing.versions import current_number, load_version
from engine.records.commands import create
from engine.records.compile import Records
from engine.records.compute import fitted
from engine.records.moments import moment_of
from engine.records.shape import USER
from engine.records.stages import BACKFILL, Act
from engine.refusals import Refusal
from engine.runtime import compile_app
from engine.storage.database import in_transaction
from engine.storage.tables import setting
from metamodel.expressions.types import DATETIME
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from engine.context import Runtime
    from engine.expressions.values import Moment
    from engine.publishing.press import Press
    from engine.records.compile import CompiledObject

BATCH = 500
REF, ROLES, CREATED = "ref", "roles", "created_at"


@dataclass(slots=True)
class DemoRow:
    """A row of a file: its place, its cells by column, the lines that hang on it (field → rows)."""

    file: str
    line: int
    cells: dict[str, str]
    lines: dict[str, list[DemoRow]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Loaded:
    """What came in: how many records of each object, lines among them, and login → drawn password of the people among them."""

    records: Counter[str] = field(default_factory=Counter)
    passwords: dict[str, str] = field(default_factory=dict)


def load_demo(press: Press, engine: sa.Engine, packs: Sequence[Path]) -> Loaded:
    """Load the demo data of packs (folders) that have not been loaded yet, all or nothing, and return what came in. ``engine`` is the one whose commits wake the workers. Raises PublishFault with the file and line of a row
    that can't be brought in."""
    with press.engine.connect() as connection:
        number = current_number(connection)
        base = load_version(connection, number, press.kinds)
    runtime = compile_app(number, base.hash, base.model, base.physical, press.kinds)

    def load(connection: sa.Connection) -> Loaded:
        now = press.clock()
        context = Context(
            SYSTEM, now, connection, runtime, zone=press.home, home=press.home, calendar=press.calendar, source=DEMO
        )
        loaded = Loaded()
        for pack in packs:
            noted = insert(setting).values(key=f"demo.{pack.name}", value={"version": number}, updated_at=now)
            first = connection.execute(noted.on_conflict_do_nothing().returning(setting.c.key)).first()
            if first is not None and (pack / "demo").is_dir():
                _Loader(context, runtime, loaded).load(pack / "demo")
        return loaded

    return in_transaction(engine, load)


class _Loader:
    """Brings the files of one pack in."""

    def __init__(self, context: Context, runtime: Runtime, loaded: Loaded) -> None:
        self.context, self.runtime, self.loaded = context, runtime, loaded
        self.pasts: dict[tuple[str, str], list[DemoRow]] = {}  # (object, ref) → its stays
        self.records = runtime.part(Records)
        self.moment: Moment = moment_of(context, self.records)
        home = self.moment.home
        self.locale = Locale("zh", home, home)
        self.ids: dict[tuple[str, str], int] = {}  # (object, ref) → id

    def load(self, folder: Path) -> None:
        waiting = {path.stem: list(_rows(path)) for path in sorted(folder.glob("*.csv"))}
        self.pasts = read_stays(waiting.pop(STAY, []), self.runtime, _fault)
        for name, rows in waiting.items():
            if name not in self.records.objects:
                raise _fault(
                    rows[0] if rows else DemoRow(f"{name}.csv", 1, {}), _text("没有这个对象", "there is no such object")
                )
        self._hang_lines(waiting)
        while any(waiting.values()):
            before = sum(map(len, waiting.values()))
            for name, rows in list(waiting.items()):
                waiting[name] = self._wave(name, rows)
            if sum(map(len, waiting.values())) == before:
                row = next(left[0] for left in waiting.values() if left)
                raise _fault(
                    row, _text("引用的 ref 不存在或成环", "it refers to a ref that is not there, or in a circle")
                )

    def _hang_lines(self, waiting: dict[str, list[DemoRow]]) -> None:
        """Hang rows of lines on the rows of their parents, which they are written with."""
        for name in list(waiting):
            for field_name, child in self.records.objects[name].lines():
                parents = {row.cells.get(REF, ""): row for row in waiting[name]}
                for row in waiting.pop(child.name, []):
                    parent = parents.get(row.cells.pop(child.parent, ""))
                    if parent is None:
                        raise _fault(row, _text("所属记录的 ref 不存在", "the ref of its parent is not there"))
                    parent.lines[field_name].append(row)

    def _wave(self, name: str, rows: list[DemoRow]) -> list[DemoRow]:
        """Create the rows whose links lead to records that are there; return the others."""
        compiled = self.records.objects[name]
        ready: list[DemoRow] = []
        values: list[dict[str, Any]] = []
        left: list[DemoRow] = []
        for row in rows:
            made = self._values(compiled, row) if self._people_are_there(name, row) else None
            if made is None:
                left.append(row)
            else:
                ready.append(row)
                values.append(made)
        for at, places in self._by_moment(ready).items():
            for start in range(0, len(places), BATCH):
                some = places[start : start + BATCH]
                self._create(compiled, at, [ready[one] for one in some], [values[one] for one in some])
        return left

    def _people_are_there(self, name: str, row: DemoRow) -> bool:
        """Whether those who moved the record are made already."""
        moved = {past.cells.get("by", "") for past in self.pasts.get((name, row.cells.get(REF, "")), ())}
        return all((USER, one) in self.ids for one in moved - {""})

    def _by_moment(self, rows: list[DemoRow]) -> dict[datetime, list[int]]:
        """Return moment → the places of the rows that were made then, oldest first: what has a past is written as it was written then."""
        found: dict[datetime, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            at = self._moment(row, CREATED) if row.cells.get(CREATED) else self.context.now
            found[at].append(place)
        return dict(sorted(found.items()))

    def _moment(self, row: DemoRow, column: str) -> datetime:
        """Return the moment in a cell: an expression over now, or as people write it; never one that is still to come."""
        cell = row.cells.get(column, "")
        if not cell:
            raise _fault(row, _text("缺少时间", "the moment is missing"), column)
        try:
            if cell.startswith("="):
                shapes = self.records.shapes
                expression = shapes.check(cell[1:], shapes.scope(None), DATETIME)
                value = compile_python(expression)(_Nobody(), self.moment)
            else:
                value = datetime.fromisoformat(cell)
        except Exception as error:
            raise _fault(row, _text(f"时间有误：{error}", f"no moment: {error}"), column) from error
        if not isinstance(value, datetime):
            raise _fault(row, _text("缺少时间", "the moment is missing"), column)
        value = value if value.tzinfo else value.replace(tzinfo=self.moment.home)
        return min(value.astimezone(UTC), self.context.now)

    def _create(
        self, compiled: CompiledObject, at: datetime, rows: list[DemoRow], values: list[dict[str, Any]]
    ) -> None:
        pasts = {
            place: stays_given(past, self.runtime, self._moment, self.ids, _fault)
            for place, row in enumerate(rows)
            if (past := self.pasts.get((compiled.name, row.cells.get(REF, ""))))
        }
        act = Act("create", details={BACKFILL: True, "stays": pasts})
        try:
            written = create(replace(self.context, now=at), compiled.name, values, text=True, act=act)
        except Refusal as refusal:
            error = refusal.errors[0] if refusal.errors else None
            row = rows[error.row or 0] if error else rows[0]
            message = error.message if error else refusal.message
            raise _fault(row, message, error.field if error else "") from refusal
        self.loaded.records[compiled.name] += len(rows)
        for name, child in compiled.lines():
            self.loaded.records[child.name] += sum(len(row.lines[name]) for row in rows if name in row.lines)
        for row, one in zip(rows, written, strict=True):
            self.ids[compiled.name, row.cells.get(REF, "")] = one.id
            if compiled.name == USER:
                self._welcome(one.id, row)

    def _welcome(self, number: int, row: DemoRow) -> None:
        """Give a person roles and a password that is drawn for them: none is known beforehand."""
        password = random_password()
        set_password(self.context.connection, number, password, self.context.now)
        grant_roles(self.context.connection, number, row.cells.get(ROLES, "").split(), at=self.context.now)
        self.loaded.passwords[row.cells["login"]] = password

    def _values(self, compiled: CompiledObject, row: DemoRow) -> dict[str, Any] | None:
        """Return a row's values as people would type them; None where a link waits for its target."""
        values: dict[str, Any] = {}
        for column, cell in row.cells.items():
            if column in {REF, CREATED} or not cell or (compiled.name == USER and column == ROLES):
                continue
            if column not in compiled.fields:
                raise _fault(row, _text(f"没有字段 {column}", f"there is no field {column}"), column)
            if compiled.fields[column].targets:
                link = self._link(compiled, column, cell)
                if link is None:
                    return None
                values[column] = link
            else:
                values[column] = self._worked_out(compiled, row, column, cell) if cell.startswith("=") else cell
        for name, lines in row.lines.items():
            child = self.records.objects[compiled.reverse[name].object]
            made = [self._values(child, line) for line in lines]
            if None in made:
                return None
            values[name] = made
        return values

    def _link(self, compiled: CompiledObject, column: str, cell: str) -> str | None:
        """Return the id that a link's cell means, or ids where it means several; None where one of them is still to come."""
        if not compiled.fields[column].kind.many:
            return self._one(compiled, column, cell)
        found = [self._one(compiled, column, part) for part in parts_of(cell)]
        return None if None in found else ";".join(filter(None, found))

    def _one(self, compiled: CompiledObject, column: str, cell: str) -> str | None:
        targets = compiled.fields[column].targets
        if len(targets) == 1:
            found = self.ids.get((targets[0], cell))
            return None if found is None else str(found)
        target, _, ref = cell.partition(":")
        found = self.ids.get((target, ref))
        return None if found is None else f"{target}/{found}"

    def _worked_out(self, compiled: CompiledObject, row: DemoRow, column: str, cell: str) -> str:
        """Return the text of an expression's value: dates are relative to the day of installation."""
        one, shapes = compiled.fields[column], self.records.shapes
        try:
            expression = shapes.check(cell[1:], shapes.scope(None), one.type)
        except Exception as error:
            raise _fault(row, _text(f"表达式有误：{error}", f"a faulty expression: {error}"), column) from error
        value = fitted(one, compile_python(expression)(_Nobody(), self.moment))
        return "" if value is None else one.kind.edit(one, value, self.locale)


class _Nobody:
    """No record: a demo expression reads the calendar alone."""

    def get(self, path: tuple[str, ...]) -> None:
        raise KeyError(path)

    def rows(self, path: tuple[str, ...]) -> tuple[()]:
        raise KeyError(path)


def _rows(path: Path) -> Iterator[DemoRow]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        for cells in reader:
            yield DemoRow(
                path.name, reader.line_num, {name: (cell or "").strip() for name, cell in cells.items() if name}
            )


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def _fault(row: DemoRow, message: Text, column: str = "") -> PublishFault:
    place = f"{row.file}:{row.line}{f' {column}' if column else ''}"
    return PublishFault("DEMO_DATA", Text(zh=f"演示数据 {place}：{message.zh}", en=f"Demo data {place}: {message.en}"))
