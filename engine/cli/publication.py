"""Publishing from a terminal: the press of an installation, and a publication told as it goes, with what stands against it. No
command."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from engine.cli.fault_lines import fault_json, show_faults
from engine.cli.frame import Faulty, command_instance, composition, fail, language, print_json, say
from engine.cli.install_report import MEND, outcome_json, problem_lines, refused_json, step_line
from engine.publishing.faults import PublishFault
from engine.publishing.press import Press
from engine.publishing.publish import publish
from engine.publishing.steps import PlanRefusal
from engine.publishing.unreachable import told, unreachable
from engine.storage.instance import VERSION
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.publishing.plan import Base
    from engine.publishing.press import Candidate, Read
    from engine.publishing.steps import Step
    from engine.storage.instance import Instance

ACCEPT = click.option(
    "--accept-loss",
    is_flag=True,
    help="Go on with blanks where rows do not fit; they are listed first. Duplicates, and choices or states taken away that records still"
    " have, are refused all the same.",
)


@contextmanager
def open_press(name: str, *, creating: bool = True) -> Iterator[tuple[Press, Instance]]:
    """Open the installation with what publishing works with."""
    with command_instance(name, creating=creating) as instance:
        config = instance.config
        press = Press(
            instance.direct,
            composition().kinds,
            home=config.zone,
            calendar=config.working_days,
            wake=lambda number: instance.tell(VERSION, number),
            waiting=say,
        )
        yield press, instance


def publish_told(press: Press, read: Read, *, accept_loss: bool, form: str) -> dict[str, Any]:
    """Publish, tell how it goes, and return the report as JSON has it. Ends the command with 1 where it could not be done."""

    left: dict[str, int] = {}

    def tell(step: Step) -> None:
        click.echo(step_line(step, language()), err=True)

    looked = _looking(press, read, left, form)
    try:
        outcome = publish(replace(press, tell=tell) if form == "text" else press, looked, accept_loss=accept_loss)
    except PlanRefusal as refusal:
        raise _refused(refusal, form) from refusal
    except PublishFault as fault:
        if form == "json":
            print_json({"error": {"code": fault.code, "message": fault.message(language())}})
        raise fail(fault.message) from fault
    if not outcome.version:
        if form == "json":
            print_json(
                {"version": outcome.base, "changed": False, "faults": [fault_json(one) for one in outcome.read.faults]}
            )
            raise Faulty
        raise show_faults(outcome.read.faults)
    if form == "text":
        show_faults(outcome.read.faults)
        if outcome.accepted is not None:
            for line in problem_lines(outcome.accepted.problems, outcome.accepted.total, language()):
                click.echo(line, err=True)
        say(
            Text(zh=f"版本 {outcome.version} 已生效。", en=f"Version {outcome.version} serves.")
            if outcome.changed
            else Text(
                zh=f"没有变化，版本 {outcome.version} 生效中。",
                en=f"Nothing changed: version {outcome.version} serves.",
            )
        )
    return {**outcome_json(outcome), "unreachable": left}


def _looking(press: Press, read: Read, left: dict[str, int], form: str) -> Read:
    """Return ``read`` that notes in ``left``, and says, how many records of what objects nobody will come to any more."""

    def looked(base: Base) -> Candidate:
        candidate = read(base)
        if candidate.read.model is not None:
            left.update(unreachable(press.engine, base, candidate.read.model))
        if form == "text":
            for name, count in left.items():
                say(told(base, name, count))
        return candidate

    return looked


def _refused(refusal: PlanRefusal, form: str) -> Faulty:
    """Tell which rows stand against a change."""
    if form == "json":
        print_json({"refused": refused_json(refusal)})
    for line in problem_lines(refusal.problems, refusal.total, language()):
        click.echo(line, err=True)
    if refusal.lossy:
        return fail(
            Text(
                zh="未作任何更改。请先修改这些记录；或加 --accept-loss 继续，这些值将置为空（原列保留）。",
                en="Nothing was changed. Mend these records first, or go on with --accept-loss: they become blank (the column before is kept).",
            )
        )
    return fail(Text(zh=f"未作任何更改。{MEND.zh}", en=f"Nothing was changed. {MEND.en}"))
