"""``tenon plan``: what installing would do, told and not done. Nothing is made for it: where no installation is, it says what the first
one would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from engine.cli.fault_lines import fault_json, show_faults
from engine.cli.frame import (
    Faulty,
    command_instance,
    composition,
    configuration,
    fail,
    is_there,
    language,
    print_json,
    say,
)
from engine.cli.install_report import (
    FORMAT,
    MEND,
    PATHS,
    change_json,
    packs_of,
    problem_lines,
    problems_json,
    refused_json,
    step_line,
)
from engine.publishing.ddl import sql_of
from engine.publishing.press import Press
from engine.publishing.publish import preview, preview_on_nothing
from engine.publishing.steps import PlanRefusal
from engine.publishing.unreachable import told, unreachable
from engine.storage.migrate import present_revision
from metamodel.diff import diff
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.publishing.plan import Base
    from engine.publishing.press import Candidate, Read
    from engine.publishing.steps import Plan
    from engine.publishing.survey import Found


class _Seen(NamedTuple):
    """What installing would do, and the records that nobody would come to any more, by object."""

    base: Base
    candidate: Candidate
    plan: Plan | None
    found: Found | None
    left: Mapping[str, int]


def _preview(read: Read) -> _Seen:
    """Ask the installation; where there is none, or an empty database, what would be the first."""
    kinds = composition().kinds
    if not is_there(configuration()):
        return _Seen(*preview_on_nothing(kinds, read), {})
    with command_instance("plan", migrated=False) as instance:
        with instance.direct.connect() as connection:
            known = present_revision(connection)
        if known is None:
            return _Seen(*preview_on_nothing(kinds, read), {})
        config = instance.config
        seen = preview(Press(instance.direct, kinds, home=config.zone, calendar=config.working_days), read)
        base, candidate, *_ = seen
        return _Seen(*seen, unreachable(instance.direct, base, candidate.read.model) if candidate.read.model else {})


@click.command()
@PATHS
@click.option("--sql", "with_sql", is_flag=True, help="Print the SQL of the steps too.")
@FORMAT
def plan(paths: tuple[Path, ...], with_sql: bool, form: str) -> None:
    """Say what installing would do: changes of definitions, the risk of each step, and the rows against it; exit 1 where installing would
    be refused. Changes nothing."""
    base, candidate, made, found, left = _preview(packs_of(paths))
    faults, model = candidate.read.faults, candidate.read.model
    if made is None or found is None or model is None:
        if form == "json":
            print_json({"base": base.number, "faults": [fault_json(fault) for fault in faults]})
            raise Faulty
        raise show_faults(faults)
    changes = diff(base.model, model)
    refusal = PlanRefusal(tuple(found.problems), found.total) if found.problems else None
    if form == "json":
        print_json(
            {
                "base": base.number,
                "faults": [fault_json(fault) for fault in faults],
                "changes": [change_json(one, language()) for one in changes],
                "unreachable": left,
                "steps": [step.to_json() | {"sentence": step.sentence(language())} for step in made.steps],
                "sql": sql_of(made.steps, made.desired),
                "problems": problems_json(found.problems),
                "total": found.total,
                "refused": refused_json(refusal) if refusal is not None else None,
            }
        )
        if refusal is not None:
            raise Faulty
        return
    show_faults(faults)
    if not changes and not made.steps:
        say(Text(zh=f"没有变化（当前版本 {base.number}）。", en=f"Nothing changes (version {base.number} serves)."))
        return
    lines = [f"* {change.text(language())}" for change in changes]
    lines += [f"  ! {told(base, name, count)(language())}" for name, count in left.items()]
    lines += [step_line(step, language()) for step in made.steps]
    click.echo("\n".join(lines))
    if with_sql:
        click.echo(f"\n{sql_of(made.steps, made.desired)}".rstrip())
    for line in problem_lines(found.problems, found.total, language()):
        click.echo(line)
    if made.steps and not with_sql:
        hint = Text(zh="加 --sql 可查看将要执行的 SQL。", en="Add --sql to see the SQL that will run.")
        click.echo(hint(language()))
    if refusal is not None:
        raise _refused(refusal)


def _refused(refusal: PlanRefusal) -> Faulty:
    """Return the ending of a plan that installing would refuse."""
    rows = Text(
        zh=f"有 {refusal.total:,} 行数据与这些变更不符，安装会被拒绝。",
        en=f"Installing would be refused: {refusal.total:,} {'row stands' if refusal.total == 1 else 'rows stand'} against these changes.",
    )
    way = (
        Text(
            zh="请先修改这些记录；或在安装时加 --accept-loss，这些值将置为空（原列保留）。",
            en=" Mend these records first, or install with --accept-loss: they become blank (the column before is kept).",
        )
        if refusal.lossy
        else Text(zh=MEND.zh, en=f" {MEND.en}")
    )
    return fail(Text(zh=rows.zh + way.zh, en=rows.en + way.en))


COMMANDS = (plan,)
