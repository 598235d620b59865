"""What the commands that plan and publish share: their arguments, and how plans and outcomes read on a terminal and in JSON. No command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.fault_lines import fault_json
from engine.cli.frame import composition
from engine.publishing.install import install_packs
from engine.publishing.steps import CONTRACT, LISTED
from metamodel.faults import sample
from metamodel.folders import pack_paths
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.publishing.press import Outcome, Read
    from engine.publishing.steps import PlanRefusal, Problem, Step
    from metamodel.diff import DefinitionChange

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="json: one document on standard output",
)
PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
SHOWN = 20  # rows told on a terminal
MEND = Text(
    zh="请先修改这些记录：重复的记录、仍被使用的选项或状态不能用 --accept-loss 放弃（选项可停用：retired: true；状态用 rows_to 说明去向）。",
    en="Mend these records first: --accept-loss gives up no duplicates, and no choices or states in use (retire the choice by retired: true,"
    " say by rows_to where a state's records go).",
)
RISKS = {
    "safe": Text(zh="安全", en="safe"),
    "slow": Text(zh="耗时", en="slow"),
    "loses_data": Text(zh="可能丢失数据", en="may lose data"),
}


def packs_of(paths: Sequence[Path]) -> Read:
    """Return the way to put the packs at ``paths`` on what is installed."""
    found = [pack for path in paths for pack in pack_paths(path)]
    given = composition()
    return install_packs(given.kinds, found, [given.packs])


def step_line(step: Step, language: str) -> str:
    """Return a step in one line: before or after the new version serves, its risk, what it does."""
    when = Text(zh="切换后", en="after") if step.phase == CONTRACT else Text(zh="切换前", en="before")
    return f"  [{when(language)} · {RISKS[step.risk](language)}] {step.sentence(language)}"


def change_json(one: DefinitionChange, language: str) -> dict[str, Any]:
    """Return a change of definitions as ``--format json`` has it."""
    return {
        "act": one.act,
        "kind": one.kind,
        "name": one.name,
        "was": one.was,
        "option": one.option,
        "text": one.text(language),
    }


def problem_lines(problems: Sequence[Problem], total: int, language: str) -> Iterator[str]:
    """Yield a line for some of the rows, one of each kind first, and how many more there are: a terminal is not the place for all."""
    for one in sample(problems, lambda row: (row.code, row.object, row.field), SHOWN):
        shown = f" {one.value!r}" if one.value else ""
        yield f"  ! {one.object}/{one.record}  {one.field}{shown}  {one.code}  {one.reason(language)}"
    more = total - min(len(problems), SHOWN)
    if more > 0:
        yield Text(zh=f"  ……另有 {more:,} 行", en=f"  … and {more:,} more")(language)


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the rows as ``--format json`` lists them: the first thousand, beside a total that counts all."""
    return [one.to_json() for one in problems[:LISTED]]


def refused_json(refusal: PlanRefusal) -> dict[str, Any]:
    """Return the rows that stand against a change, and whether accepting the loss would let it go on."""
    return {"total": refusal.total, "lossy": refusal.lossy, "problems": problems_json(refusal.problems)}


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return what came of a publication."""
    accepted = outcome.accepted
    return {
        "base": outcome.base,
        "version": outcome.version,
        "changed": outcome.changed,
        "packs": list(outcome.read.given),
        "faults": [fault_json(fault) for fault in outcome.read.faults],
        "steps": [step.to_json() for step in outcome.plan.steps] if outcome.plan else [],
        "accepted": {"total": accepted.total, "problems": problems_json(accepted.problems)} if accepted else None,
    }
