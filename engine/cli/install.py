"""``tenon install | remove | export | versions | rollback``: what is installed, and how it changes. The work is
engine/publishing's; here it is asked for and told."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import redis

from engine.cli.accounts import ADMIN, ensure_admin
from engine.cli.fault_lines import fault_json, show_faults
from engine.cli.frame import Faulty, command_instance, composition, fail, language, print_json, say, system_context
from engine.cli.install_report import (
    FORMAT,
    PATHS,
    outcome_json,
    packs_of,
    problem_lines,
    problems_json,
    step_line,
)
from engine.publishing.demo import load_demo
from engine.publishing.faults import PublishFault
from engine.publishing.install import export_pack, remove_pack, rollback_to
from engine.publishing.press import Press
from engine.publishing.publish import publish
from engine.publishing.sources import load_sources
from engine.publishing.steps import PlanRefusal
from engine.publishing.versions import CHANNEL, current_number, list_versions, load_version
from engine.storage.database import in_transaction
from metamodel.folders import pack_paths
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.publishing.press import Read
    from engine.publishing.steps import Step
    from engine.storage.instance import Instance

ACCEPT = click.option(
    "--accept-loss", is_flag=True, help="Go on with blanks where rows do not fit; they are listed first."
)


@contextmanager
def _press(name: str, *, creating: bool = True) -> Iterator[tuple[Press, Instance]]:
    """Open the installation with what publishing works with."""
    with command_instance(name, creating=creating) as instance:

        def wake(number: int) -> None:
            with suppress(redis.RedisError):  # processes look by themselves as well
                instance.redis.publish(CHANNEL, number)

        config = instance.config
        press = Press(
            instance.direct,
            composition().kinds,
            home=config.zone,
            calendar=config.working_days,
            wake=wake,
            waiting=say,
        )
        yield press, instance


@click.command()
@PATHS
@click.option(
    "--demo", is_flag=True, help="Load the packs' demo data too, once; prints the passwords drawn for its people."
)
@ACCEPT
@FORMAT
def install(paths: tuple[Path, ...], demo: bool, accept_loss: bool, form: str) -> None:
    """Check, plan, migrate and publish packs. Completes, or leaves the old version serving and says how to go on."""
    with _press("install") as (press, instance):
        report = _publish(press, packs_of(paths), accept_loss=accept_loss, form=form)
        if drawn := _first_admin(instance):
            report["admin"] = drawn
            if form == "text":
                say(Text(zh=f"管理员账号：{ADMIN}　密码：{drawn}", en=f"Administrator: {ADMIN}  password: {drawn}"))
        if demo:
            places = [pack for path in paths for pack in pack_paths(path)]
            try:
                passwords = load_demo(press, instance.engine, places)
            except PublishFault as fault:
                raise fail(fault.message) from fault
            report["demo"] = passwords
            if form == "text":
                for login, password in passwords.items():
                    say(
                        Text(
                            zh=f"演示账号：{login}　密码：{password}", en=f"Demo account: {login}  password: {password}"
                        )
                    )
    if form == "json":
        print_json(report)


def _first_admin(instance: Instance) -> str | None:
    """Create the user ``admin`` of a fresh installation; return its password, or None where it exists."""
    with composition().workshop(instance, "cli") as workshop:
        return in_transaction(instance.engine, lambda connection: ensure_admin(system_context(workshop, connection)))


@click.command()
@click.argument("pack")
@ACCEPT
@FORMAT
def remove(pack: str, accept_loss: bool, form: str) -> None:
    """Take a pack out. Its records stay in the database and come back with it."""
    with _press("remove", creating=False) as (press, _):
        report = _publish(press, remove_pack(press, pack), accept_loss=accept_loss, form=form)
    if form == "json":
        print_json(report)


@click.command()
@click.argument("number", type=click.IntRange(min=1), metavar="VERSION")
@ACCEPT
@FORMAT
def rollback(number: int, accept_loss: bool, form: str) -> None:
    """Go back to the definitions of a version: they are published as a new one."""
    with _press("rollback", creating=False) as (press, _):
        report = _publish(press, rollback_to(press, number), accept_loss=accept_loss, form=form)
    if form == "json":
        print_json(report)


@click.command()
@click.argument("pack")
@click.argument("destination", type=click.Path(path_type=Path), metavar="DEST")
def export(pack: str, destination: Path) -> None:
    """Write an installed pack into the folder DEST: the files that it came from."""
    with _press("export", creating=False) as (press, _):
        with press.engine.connect() as connection:
            base = load_version(connection, current_number(connection), press.kinds)
            files = load_sources(connection, base.number, pack)
        try:
            written = export_pack(base, pack, destination, files)
        except PublishFault as fault:
            raise fail(fault.message) from fault
        except OSError as error:
            raise fail(
                Text(
                    zh=f"无法写入 {destination}：{error.strerror}",
                    en=f"{destination} can't be written: {error.strerror}",
                )
            ) from error
    for path in written:
        click.echo(path)


@click.command()
@FORMAT
def versions(form: str) -> None:
    """List the published versions, newest first; the one that serves is marked."""
    with _press("versions", creating=False) as (press, _), press.engine.connect() as connection:
        listed = list_versions(connection)
    if form == "json":
        print_json(
            {
                "versions": [
                    {
                        "number": one.number,
                        "hash": one.hash,
                        "packs": dict(one.packs),
                        "note": one.note,
                        "created_at": one.created_at,
                        "current": one.serves,
                    }
                    for one in listed
                ]
            }
        )
        return
    for one in listed:
        packs = " ".join(f"{name}@{number}" for name, number in one.packs.items())
        mark = "*" if one.serves else " "
        click.echo(f"{mark} {one.number:>4}  {one.created_at:%Y-%m-%d %H:%M}Z  {one.hash[:12]}  {packs}  ({one.note})")
    if not listed:
        say(Text(zh="还没有安装任何应用包。", en="Nothing is installed yet."))


def _publish(press: Press, read: Read, *, accept_loss: bool, form: str) -> dict[str, Any]:
    """Publish, tell how it goes, and return the report as JSON has it. Ends the command with 1 where it could not be done."""

    def tell(step: Step) -> None:
        click.echo(step_line(step, language()), err=True)

    try:
        outcome = publish(replace(press, tell=tell) if form == "text" else press, read, accept_loss=accept_loss)
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
    return outcome_json(outcome)


def _refused(refusal: PlanRefusal, form: str) -> Faulty:
    """Tell which rows stand against a change."""
    if form == "json":
        print_json(
            {
                "refused": {
                    "total": refusal.total,
                    "lossy": refusal.lossy,
                    "problems": problems_json(refusal.problems),
                }
            }
        )
    for line in problem_lines(refusal.problems, refusal.total, language()):
        click.echo(line, err=True)
    if refusal.lossy:
        return fail(
            Text(
                zh="未作任何更改。请先修改这些记录；或加 --accept-loss 继续，这些值将置为空（原列保留）。",
                en="Nothing was changed. Mend these records first, or go on with --accept-loss: they become blank (the column before is kept).",
            )
        )
    return fail(Text(zh="未作任何更改。请先修改这些记录。", en="Nothing was changed. Mend these records first."))


COMMANDS = (install, remove, export, versions, rollback)
