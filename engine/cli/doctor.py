"""``tenon doctor``: looks at everything an installation needs, says what is well and what is not, and what would mend it."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from engine.cli.frame import (
    SURROUNDINGS,
    Faulty,
    absent,
    command_instance,
    configuration,
    is_there,
    language,
    print_json,
)
from engine.cli.services import check_port
from engine.config import EnvironmentFault
from engine.storage.migrate import present_revision
from engine.storage.outbox import stuck
from engine.storage.processes import living
from engine.storage.tables import current
from metamodel.text import Text, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.storage.instance import Instance

LEAST_BYTES = 2**30
INSTALLATION = Text("安装", "installation")  # the finding that there is none


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``well`` False makes the command end with 3, or with 1 where there is nothing to look at."""

    name: Text
    well: bool
    message: Text


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def doctor(form: str) -> None:
    """Look at what this installation needs, and say what is wrong and what would mend it."""
    findings = list(examine())
    if form == "json":
        print_json(
            {
                "findings": [
                    {**asdict(one), "name": one.name("en"), "message": one.message(language())} for one in findings
                ]
            }
        )
    else:
        for one in findings:
            click.echo(f"{'✓' if one.well else '✗'} {one.name(language())}: {one.message(language())}")
    if any(one.name == INSTALLATION for one in findings):
        raise Faulty
    if not all(one.well for one in findings):
        raise click.exceptions.Exit(SURROUNDINGS)


def examine() -> Iterator[Finding]:
    """Yield the findings, the most basic first; what cannot be looked at without an earlier one is left out."""
    yield Finding(
        Text("Python", "Python"), sys.version_info >= (3, 11), plain(f"{platform.python_version()} {sys.platform}")
    )
    name = Text("配置", "configuration")
    try:
        config = configuration()
    except EnvironmentFault as fault:
        yield Finding(name, well=False, message=fault.message)
        return
    yield Finding(name, well=True, message=plain(str(config.home)))
    yield _disk(config.home)
    if not is_there(config):
        yield Finding(INSTALLATION, well=False, message=absent(config))
        return
    try:
        with command_instance("doctor", creating=False) as instance:
            yield from _services(instance)
    except EnvironmentFault as fault:
        yield Finding(Text("数据库与 Redis", "database and Redis"), well=False, message=fault.message)


def _disk(home: Path) -> Finding:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    shown = plain(f"{free / 2**30:.1f} GiB")
    few = Text(zh=f"仅剩 {shown.zh}：请腾出空间。", en=f"only {shown.en} left: free some space.")
    return Finding(Text("磁盘", "disk"), well=free >= LEAST_BYTES, message=shown if free >= LEAST_BYTES else few)


def _services(instance: Instance) -> Iterator[Finding]:
    """Look at the installation's inside."""
    with instance.engine.connect() as connection:
        server = connection.scalar(sa.text("SHOW server_version"))
        where = Text("内置", "embedded") if not instance.config.database.url else Text("外部", "external")
        yield Finding(plain("PostgreSQL"), well=True, message=Text(f"{server}（{where.zh}）", f"{server} ({where.en})"))
        redis_version = instance.redis.info("server").get("redis_version", "?")
        yield Finding(plain("Redis"), well=True, message=plain(str(redis_version)))
        yield Finding(Text("系统表", "system tables"), well=True, message=plain(f"{present_revision(connection)}"))
        version = connection.scalar(sa.select(current.c.version))
        none = Text(zh="尚未安装应用：tenon install", en="nothing installed yet: tenon install")
        yield Finding(Text("应用版本", "version"), well=True, message=plain(str(version)) if version else none)
        processes = living(connection)
        shown = ", ".join(f"{one.kind} {one.host}:{one.pid}" for one in processes)
        yield Finding(
            Text("进程", "processes"), well=True, message=plain(shown) if shown else Text("没有运行", "none runs")
        )
        waiting, failed = stuck(connection)
        yield Finding(
            Text("事件", "events"),
            well=not failed,
            message=Text(zh=f"等待 {waiting}，出错 {failed}", en=f"{waiting} wait, {failed} failed"),
        )
    if any(one.kind == "web" for one in processes):
        return
    try:
        check_port(instance.config)
    except EnvironmentFault as fault:
        yield Finding(Text("端口", "port"), well=False, message=fault.message)
    else:
        yield Finding(
            Text("端口", "port"),
            well=True,
            message=Text(f"{instance.config.web.port} 可用", f"{instance.config.web.port} is free"),
        )


COMMANDS: tuple[click.Command, ...] = (doctor,)
