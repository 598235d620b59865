"""``tenon import`` and ``tenon export-records``: tables in and out. What an import does with its rows is engine/transfer's. What only
some of them need (spreadsheets, the bar of a terminal) is loaded by those: it takes longer than a small import."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.cli.fault_lines import show_faults
from engine.cli.frame import Faulty, command_instance, composition, fail, language, many, print_json, say
from engine.people.actors import load_profile
from engine.people.zones import zone_named
from engine.records.compile import Records
from engine.storage.database import in_transaction
from engine.transfer.csv_source import open_csv
from engine.transfer.mapping import DUPLICATES, natural_key, suggested
from engine.transfer.mapping_file import read_mapping
from engine.transfer.plan import Gate, plan_import
from engine.transfer.report import write_issues
from engine.transfer.run import ImportOrder, Listener, Report, run_import
from engine.transfer.sources import SHEETS
from metamodel.faults import Faults, near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import sqlalchemy as sa

    from engine.context import Context, Runtime
    from engine.jobs.workshop import Workshop
    from engine.records.compile import CompiledObject
    from engine.transfer.jobs import Issue
    from engine.transfer.mapping import ImportMap
    from engine.transfer.sources import Source

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an import or export works: the open installation, and the login it acts as (empty: the system)."""

    workshop: Workshop
    login: str = ""

    def runtime(self) -> Runtime:
        """Return the version in force. Ends the command where nothing is installed."""
        found = self.workshop.current()
        if found is None:
            raise fail(
                Text(
                    zh="还没有安装任何应用包：请先运行 tenon install。",
                    en="Nothing is installed yet: run tenon install first.",
                )
            )
        return found

    def context(self, connection: sa.Connection) -> Context:
        """Return a context on ``connection``, at this moment."""
        context = self.workshop.context(connection, self.runtime(), self.workshop.clock())
        context = replace(context, language=language(), source="import")
        if not self.login:
            return context
        profile = load_profile(connection, login=self.login)
        if profile is None or profile.frozen:
            raise fail(Text(zh=f"没有可用的账号 {self.login}", en=f"there is no account {self.login} in use"))
        return replace(context, actor=profile.actor, zone=zone_named(profile.zone) or context.zone)

    def transact(self, work: Callable[[Context], Result], /) -> Result:
        """Run ``work`` in a transaction of its own."""
        return in_transaction(self.workshop.instance.direct, lambda connection: work(self.context(connection)))

    def target(self, name: str) -> CompiledObject:
        """Return an object of the version in force. Ends the command where there is none."""
        objects = self.runtime().part(Records).objects
        if name not in objects:
            hint = near_miss(name, objects)
            raise fail(Text(zh=f"没有名为 {name} 的对象。{hint('zh')}", en=f"there is no object {name}. {hint('en')}"))
        return objects[name]


@contextmanager
def desk(login: str) -> Iterator[Desk]:
    """Open the installation for a command of this file."""
    with command_instance("import", creating=False) as instance, composition().workshop(instance, "cli") as workshop:
        yield Desk(workshop, login)


@click.command("import")
@click.argument("name", metavar="OBJECT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "map_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Mapping file (YAML or JSON).",
)
@click.option(
    "--on-duplicate",
    type=click.Choice(DUPLICATES),
    default="fail",
    show_default=True,
    help="A row whose record is there already.",
)
@click.option(
    "--duplicates",
    "likely",
    type=click.Choice(["warn", "hold"]),
    default="warn",
    show_default=True,
    help="A new row that is likely in already, by the object's rules: it comes in and is told, or stays out.",
)
@click.option("--dry-run", is_flag=True, help="Check every row as an import would, and change nothing.")
@click.option("--all-or-nothing", is_flag=True, help="One transaction: nothing comes in where a row is faulty.")
@click.option("--again", is_flag=True, help="Begin anew, also where this very file came in before.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Error file (default: FILE.errors.csv)."
)
@click.option("--encoding", default="", help="The file's encoding, where it is not found by itself.")
@click.option("--separator", default="", help="What separates the cells of a CSV file.")
@click.option("--sheet", default="", help="The sheet of a workbook (default: the first).")
@click.option("--by", "login", default="", help="Login to import as (default: the system).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def import_(name: str, file: Path, **given: Any) -> None:
    """Bring the rows of FILE (CSV, XLSX and other spreadsheets) in as records of OBJECT.

    Good rows come in, faulty ones are listed in the error file and the exit code is 1. Broken off, the same command goes on where
    it was.
    """
    source = _source(file, given)
    with desk(given["login"]) as at:
        updating = given["on_duplicate"] == "update"
        order = at.transact(lambda context: _order(Gate(context, updating), at.target(name), source, given["map_file"]))
        order = replace(
            order,
            on_duplicate=given["on_duplicate"],
            hold=given["likely"] == "hold",
            whole=given["all_or_nothing"],
            trial=given["dry_run"],
            again=given["again"],
        )
        say(Text(zh=f"{file.name} → {name}（{source.about}）", en=f"{file.name} → {name} ({source.about})"))
        place = given["errors"] or file.with_name(f"{file.name}.errors.csv")
        first: list[Issue] = []

        def tell(issues: Iterable[Issue]) -> int:
            count, first[:] = write_issues(place, issues, language())
            return count

        with _progress(source.size) as progress:
            report = run_import(order, at.transact, Listener(progress, tell))
    _say_report(report, order, first, place)
    if given["form"] == "json":
        print_json({**asdict(report.counts), "faults": report.faults, "written": report.written, "resumed_at": report.resumed_at,
                    "earlier": report.earlier, "errors": str(place) if report.faults else None})  # fmt: skip
    if report.faults:
        raise Faulty


def _source(file: Path, given: dict[str, Any]) -> Source:
    if file.suffix.lower() in SHEETS:
        from engine.transfer.xlsx_source import open_sheet

        return open_sheet(file, sheet=given["sheet"])
    separator = given["separator"]
    return open_csv(file, encoding=given["encoding"], separator="\t" if separator == r"\t" else separator)


def _order(gate: Gate, target: CompiledObject, source: Source, map_file: Path | None) -> ImportOrder:
    """Return what is to be done. Ends the command with all faults of the mapping listed."""
    faults = Faults()
    mapping = read_mapping(map_file, faults) if map_file else suggested(target, source.header, shows=gate.shows)
    if not map_file and mapping.left_out:
        names = ", ".join(mapping.left_out)
        say(Text(zh=f"计算字段不导入：{names}", en=f"computed, so left out: {names}"))
    if not mapping.key:
        covered = {column.into for column in mapping.columns.values()} | set(mapping.constants)
        mapping = replace(mapping, key=natural_key(target, covered))
    placed, plan = _placed(mapping, source, map_file), None
    if not faults.fatal:
        plan = plan_import(target.records, target, source.header, placed, faults, marks=source.marks, gate=gate)
    if faults.fatal or plan is None:
        raise show_faults(faults)
    return ImportOrder(source, plan, mapping)


def _placed(mapping: ImportMap, source: Source, map_file: Path | None) -> ImportMap:
    """Return a mapping whose faults have a place: the table's header, where no file says it."""
    return (
        mapping if map_file else replace(mapping, mark=replace(mapping.mark, file=str(source.path), line=1, column=1))
    )


def _say_report(report: Report, order: ImportOrder, first: list[Issue], place: Path) -> None:
    """Tell a person how it ended: the figures, then the first faults."""
    if report.earlier:
        say(
            Text(
                zh="这个文件此前已完整导入，未作任何改动（--again 可再次导入）。",
                en="This very file came in before: nothing was done (--again imports it once more).",
            )
        )
        return
    if report.resumed_at:
        say(
            Text(
                zh=f"从第 {report.resumed_at} 行继续上次中断的导入。",
                en=f"Went on from row {report.resumed_at}, where it had broken off.",
            )
        )
    counts = report.counts
    say(
        Text(
            zh=f"新建 {counts.created:,} · 更新 {counts.updated:,} · 未变 {counts.skipped:,} · 有误 {counts.failed:,}",
            en=f"created {counts.created:,} · updated {counts.updated:,} · left alone {counts.skipped:,} · faulty {counts.failed:,}",
        )
    )
    for issue in first:
        where = Text(zh=f"第 {issue.row} 行", en=f"row {issue.row}")
        column = f" [{issue.column}]" if issue.column else ""
        value = f" “{issue.value[:60]}”" if issue.value else ""
        say(
            Text(
                zh=f"  {where('zh')}{column}{value}：{issue.message('zh')}（{issue.code}）",
                en=f"  {where('en')}{column}{value}: {issue.message('en')} ({issue.code})",
            )
        )
    if report.faults > len(first):
        more = report.faults - len(first)
        say(Text(zh=f"  ……另有 {more:,} 处", en=f"  … and {more:,} more"))
    if report.faults:
        say(Text(zh=f"全部错误见 {place}", en=f"All faults are in {place}"))
    if not report.written:
        say(
            Text(zh="试运行：未作任何改动。", en="A dry run: nothing was changed.")
            if order.trial
            else Text(zh="有错误，未导入任何记录。", en="There were faults: nothing came in.")
        )


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(), console=console, transient=True
    )
    with bar:
        task = bar.add_task("", total=max(total, 1))
        yield lambda done: bar.update(task, completed=done)


@click.command("export-records")
@click.argument("name", metavar="OBJECT")
@click.argument("destination", metavar="DEST", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--view", default="", help="Columns, filter and order of a view (default: all fields of all records).")
@click.option("--by", "login", default="", help="Login to export as (default: the system).")
def export_(name: str, destination: Path, view: str, login: str) -> None:
    """Write the records of OBJECT to DEST, a .csv or .xlsx file that an import reads back."""
    from engine.transfer.export import export_records

    with desk(login) as at:
        at.target(name)
        engine = at.workshop.instance.direct.execution_options(isolation_level="REPEATABLE READ")
        with engine.begin() as connection:
            count = export_records(at.context(connection), name, destination, view=view)
    say(Text(zh=f"已导出 {count:,} 条到 {destination}", en=f"{many(count, 'record')} written to {destination}"))


COMMANDS: tuple[click.Command, ...] = (import_, export_)
