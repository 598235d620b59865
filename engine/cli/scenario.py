"""``tenon test PACK``: a pack's scenarios on a scratch database of their own, which goes when they are done."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from engine.cli.fault_lines import fault_json, show_faults, source_line
from engine.cli.frame import Faulty, command_instance, composition, fail, language, many, print_json
from engine.publishing.install import install_packs
from engine.publishing.press import Press
from engine.publishing.publish import publish
from engine.publishing.versions import load_version
from engine.records.compile import Records
from engine.runtime import AppRuntime, compile_app
from engine.scenarios.check import check_scenario
from engine.scenarios.passing import Passing
from engine.scenarios.read import read_scenarios
from engine.scenarios.run import Result, load_verbs, run_scenarios
from engine.storage.database import create_engine
from engine.storage.migrate import migrate
from metamodel.faults import Faults
from metamodel.read import read_packs
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.storage.instance import Instance
    from metamodel.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pack's scenarios came to: faults of the pack or the scenarios, or else results."""

    faults: Faults
    results: tuple[Result, ...] = ()


@click.command("test")
@click.argument("packs", metavar="PACK…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def test_(packs: tuple[Path, ...], form: str) -> None:
    """Run the scenarios of packs on a scratch database, with a clock of their own."""
    given = composition()
    found: list[tuple[Path, Outcome]] = []
    with command_instance("test", migrated=False) as instance:
        for pack in packs:
            with scratch(instance) as engine:
                passing = Passing(given.consumers(instance.config), given.ticks(instance.config))
                found.append((pack, run_pack(pack, engine, given.kinds, (given.packs,), passing)))
            if form == "text":
                _show(pack, found[-1][1])
    if form == "json":
        print_json({"packs": [_as_json(pack, outcome) for pack, outcome in found]})
    if any(outcome.faults.fatal or any(result.failure for result in outcome.results) for _, outcome in found):
        raise Faulty


@contextmanager
def scratch(instance: Instance) -> Iterator[sa.Engine]:
    """Make a database that is gone at the end, beside the installation's own, with the system tables in it."""
    name = f"tenon_test_{uuid.uuid4().hex[:12]}"
    server = instance.direct.execution_options(isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    except sa.exc.ProgrammingError as error:
        raise fail(
            Text(
                zh=f"无法建立临时数据库：{error.orig}。数据库账号需要 CREATEDB 权限。",
                en=f"The scratch database can't be made: {error.orig}. The account needs the right CREATEDB.",
            )
        ) from error
    url = make_url(str(instance.direct.url.render_as_string(hide_password=False))).set(database=name)
    engine = create_engine(url.render_as_string(hide_password=False), application="tenon test", statement_seconds=0)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()
        with server.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def run_pack(
    pack: Path, engine: sa.Engine, kinds: Kinds, search: Sequence[Path], passing: Passing | None = None
) -> Outcome:
    """Publish a pack on an empty, migrated database and run its scenarios there. ``search``: folders to find required packs in;
    ``passing``: who works on what the scenarios bring about."""
    read = read_packs([pack], kinds, search=search)
    faults = Faults()
    scenarios = [] if read.model is None else read_scenarios(pack, faults)
    if read.model is None or faults.fatal:
        faults.extend(read.faults)
        return Outcome(faults)
    press = Press(engine, kinds)
    published = publish(press, install_packs(press.kinds, [pack], search))
    runtime = _runtime(engine, published.version, kinds)
    verbs, found = load_verbs(), Faults()
    for scenario in scenarios:
        check_scenario(scenario, runtime.part(Records), verbs, found)
    if found.fatal:
        return Outcome(found)
    return Outcome(found, tuple(run_scenarios(scenarios, runtime, engine, verbs, passing or Passing())))


def _runtime(engine: sa.Engine, number: int, kinds: Kinds) -> AppRuntime:
    with engine.connect() as connection:
        base = load_version(connection, number, kinds)
    return compile_app(number, base.hash, base.model, base.physical, kinds)


def _show(pack: Path, outcome: Outcome) -> None:
    """Tell how a pack's scenarios went, with the place and the values of whatever went wrong."""
    spoken = language()
    show_faults(outcome.faults)
    if outcome.faults.fatal:
        return
    for result in outcome.results:
        name = result.scenario.name
        if result.failure is None:
            click.echo(f"  ✓ {name}  ({result.seconds:.2f} s)")
            continue
        failure = result.failure
        click.echo(f"  ✗ {name}")
        mark = failure.mark
        click.echo(f"    {mark.file}:{mark.line}:{mark.column}  {failure.step}: {failure.message(spoken)}")
        line = source_line(mark.file, mark.line)
        if line:
            click.echo(f"      {line}\n      {' ' * (mark.column - 1)}^")
        for detail in failure.details:
            click.echo(f"      {detail(spoken)}")
    failed = sum(result.failure is not None for result in outcome.results)
    total = len(outcome.results)
    summary = Text(
        zh=f"{pack}：{total - failed} 个场景通过，{failed} 个失败",
        en=f"{pack}: {many(total - failed, 'scenario')} passed, {failed} failed",
    )
    click.echo(summary(spoken))


def _as_json(pack: Path, outcome: Outcome) -> dict[str, Any]:
    spoken = language()
    return {
        "pack": str(pack),
        "faults": [fault_json(fault) for fault in outcome.faults],
        "scenarios": [
            {
                "name": result.scenario.name,
                "file": result.scenario.mark.file,
                "passed": result.failure is None,
                "seconds": round(result.seconds, 3),
                "failure": None
                if result.failure is None
                else {
                    "step": result.failure.step,
                    "message": result.failure.message(spoken),
                    "details": [detail(spoken) for detail in result.failure.details],
                    "line": result.failure.mark.line,
                    "column": result.failure.mark.column,
                },
            }
            for result in outcome.results
        ],
    }


COMMANDS: tuple[click.Command, ...] = (test_,)
