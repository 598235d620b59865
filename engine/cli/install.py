"""``tenon install | remove | export | versions | rollback``: what is installed, and how it changes. The work is
engine/publishing's; here it is asked for and told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.accounts import ADMIN, ensure_admin
from engine.cli.frame import composition, fail, many, print_json, say, system_context
from engine.cli.install_report import (
    FORMAT,
    PATHS,
    packs_of,
)
from engine.cli.publication import ACCEPT, open_press, publish_told
from engine.publishing.demo import load_demo
from engine.publishing.faults import PublishFault
from engine.publishing.install import export_pack, remove_pack, rollback_to
from engine.publishing.sources import load_sources
from engine.publishing.versions import current_number, list_versions, load_version
from engine.storage.database import in_transaction
from metamodel.folders import pack_paths
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.storage.instance import Instance


@click.command()
@PATHS
@click.option(
    "--demo", is_flag=True, help="Load the packs' demo data too, once; prints the passwords drawn for its people."
)
@ACCEPT
@FORMAT
def install(paths: tuple[Path, ...], demo: bool, accept_loss: bool, form: str) -> None:
    """Check, plan, migrate and publish packs. Completes, or leaves the old version serving and says how to go on."""
    with open_press("install") as (press, instance):
        report = publish_told(press, packs_of(paths), accept_loss=accept_loss, form=form)
        if drawn := _first_admin(instance):
            report["admin"] = drawn
            if form == "text":
                say(Text(zh=f"管理员账号：{ADMIN}　密码：{drawn}", en=f"Administrator: {ADMIN}  password: {drawn}"))
        if demo:
            places = [pack for path in paths for pack in pack_paths(path)]
            try:
                loaded = load_demo(press, instance.engine, places)
            except PublishFault as fault:
                raise fail(fault.message) from fault
            count = sum(loaded.records.values())
            report["demo"], report["demo_records"] = loaded.passwords, dict(loaded.records)
            if form == "text":
                say(_told(count, len([one for one in loaded.records.values() if one])))
                for login, password in loaded.passwords.items():
                    say(
                        Text(
                            zh=f"演示账号：{login}　密码：{password}", en=f"Demo account: {login}  password: {password}"
                        )
                    )
    if form == "json":
        print_json(report)


def _told(count: int, objects: int) -> Text:
    if not count:
        return Text(
            zh="没有新的演示数据：此前已载入，或应用包没有附带。",
            en="No new demo data: it was loaded before, or the packs bring none.",
        )
    return Text(
        zh=f"已载入演示数据：{objects} 个对象，共 {count} 条记录。",
        en=f"Demo data loaded: {many(count, 'record')} of {many(objects, 'object')}.",
    )


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
    with open_press("remove", creating=False) as (press, _):
        report = publish_told(press, remove_pack(press, pack), accept_loss=accept_loss, form=form)
    if form == "json":
        print_json(report)


@click.command()
@click.argument("number", type=click.IntRange(min=1), metavar="VERSION")
@ACCEPT
@FORMAT
def rollback(number: int, accept_loss: bool, form: str) -> None:
    """Go back to the definitions of a version: they are published as a new one."""
    with open_press("rollback", creating=False) as (press, _):
        report = publish_told(press, rollback_to(press, number), accept_loss=accept_loss, form=form)
    if form == "json":
        print_json(report)


@click.command()
@click.argument("pack")
@click.argument("destination", type=click.Path(path_type=Path), metavar="DEST")
def export(pack: str, destination: Path) -> None:
    """Write an installed pack into the folder DEST: the files that it came from."""
    with open_press("export", creating=False) as (press, _):
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
    with open_press("versions", creating=False) as (press, _), press.engine.connect() as connection:
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


COMMANDS = (install, remove, export, versions, rollback)
