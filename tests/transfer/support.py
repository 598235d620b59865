"""What tests of imports share: the sample pack and a small one compiled, their tables in a database, and an import in one call. Also
runs as a script: an import in a process of its own, which may be killed in the middle of its work."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import create_kinds
from engine.context import SYSTEM, Actor, Context
from engine.records.compile import Records, compile_records
from engine.records.query import Query, read_page
from engine.storage.database import create_engine, in_transaction
from engine.storage.migrate import migrate
from engine.storage.physical import Physical
from engine.transfer.csv_source import open_csv
from engine.transfer.mapping import natural_key, suggested
from engine.transfer.mapping_file import read_mapping
from engine.transfer.plan import plan_import
from engine.transfer.run import ImportOrder, Listener, Report, run_import
from engine.transfer.xlsx_source import open_sheet
from metamodel.faults import Faults
from metamodel.read import read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.transfer.jobs import Issue

ROOT = Path(__file__).parents[2]
PACKS = (ROOT / "packs/crm_sample", Path(__file__).parent / "packs/goods")
MAPS = ROOT / "packs/crm_sample/imports"
NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
KINDS = create_kinds()


@dataclass(frozen=True, slots=True)
class Serving:
    """A runtime with the records floor's part only."""

    records: Records
    version: int = 1

    def part(self, kind: type) -> Any:
        """Return the records."""
        assert kind is Records
        return self.records


@dataclass
class App:
    """An application on a database of its own. ``issues``: what the last import had to tell."""

    engine: sa.Engine
    runtime: Serving
    issues: list[Issue] = field(default_factory=list)

    def context(self, connection: sa.Connection, actor: Actor = SYSTEM) -> Context:
        """Return a context of a fixed moment."""
        return Context(actor, NOW, connection, self.runtime, language="en", source="import")

    def run(self, work: Callable[[Context], Any], actor: Actor = SYSTEM) -> Any:
        """Run ``work`` in a transaction of its own."""
        return in_transaction(self.engine, lambda connection: work(self.context(connection, actor)))

    def rows(self, name: str, *fields: str, where: str = "", sort: str = "id") -> list[tuple[Any, ...]]:
        """Return fields of an object's records, links as labels."""
        found: list[tuple[Any, ...]] = []
        after = ""
        while True:
            asked = Query(name, fields, filter=where, sort=(sort,), limit=1000, after=after)
            page = self.run(lambda context, asked=asked: read_page(context, asked))
            found += [tuple(getattr(row[one], "label", row[one]) for one in fields) for row in page.items]
            if page.next is None:
                return found
            after = page.next

    def totals(self, name: str, where: str = "", **totals: str) -> tuple[int, dict[str, Any]]:
        """Return how many records there are and their totals."""
        page = self.run(lambda c: read_page(c, Query(name, ("id",), filter=where, count=True, totals=totals, limit=1)))
        return page.count, dict(page.totals)

    def state(self, name: str) -> list[tuple[Any, ...]]:
        """Return id and version of every record: what a second import must not change."""
        return self.rows(name, "id", "version")

    def order(self, name: str, path: Path, mapping: Path | None = None, **options: Any) -> ImportOrder:
        """Return an import order. Raises AssertionError where the mapping has faults."""
        source = open_sheet(path) if path.suffix == ".xlsx" else open_csv(path)
        faults = Faults()
        target = self.runtime.records.objects[name]
        found = read_mapping(mapping, faults) if mapping else suggested(target, source.header)
        if not found.key:
            covered = {one.into for one in found.columns.values()}
            found = type(found)(found.target, natural_key(target, covered), found.columns, found.constants)
        plan = plan_import(self.runtime.records, target, source.header, found, faults)
        assert not faults.fatal, [(one.code, one.message.en) for one in faults]
        return ImportOrder(source, plan, found, **options)

    def bring(
        self,
        name: str,
        path: Path,
        mapping: Path | None = None,
        *,
        actor: Actor = SYSTEM,
        heard: Callable[[int], object] = lambda _: None,
        **options: Any,
    ) -> Report:
        """Import a file; ``issues`` holds what is wrong with it afterwards. ``heard`` is told how far it is."""

        def tell(issues: Iterable[Issue]) -> int:
            self.issues = list(issues)
            return len(self.issues)

        order = self.order(name, path, mapping, **options)
        return run_import(order, lambda work: self.run(work, actor), Listener(heard, tell))


def compiled() -> Records:
    """Return the records of the test's packs."""
    found = read_packs(PACKS, KINDS, search=[ROOT / "packs"])
    assert found.model is not None, [(one.code, one.message.en, one.mark) for one in found.faults]
    return compile_records(found.model, Physical(), KINDS)


def make_app(url: str, *, fresh: bool = True) -> App:
    """Return the application on a database, with its tables made where ``fresh``."""
    records = compiled()
    engine = create_engine(url)
    if fresh:
        migrate(engine)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS app"))
            records.tables().create_all(connection)
    return App(engine, Serving(records))


def die_after(chunks: int) -> Callable[[int], None]:
    """Return what hears how far an import is, and kills its process some moment after so many chunks: while it works on."""
    left = chunks

    def hear(_: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            threading.Timer(random.uniform(0, 0.03), os.kill, (os.getpid(), signal.SIGKILL)).start()

    return hear


if __name__ == "__main__":
    database, target, table, chunks = sys.argv[1:5]
    report = make_app(database, fresh=False).bring(
        target, Path(table), on_duplicate="fail", rows=200, heard=die_after(int(chunks))
    )
    sys.stdout.write(f"{report.resumed_at} {report.counts.created}\n")
