"""``tenon backup`` and ``tenon restore``: the database and the files of an installation, to a folder and back. A restore replaces
everything in one transaction or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from engine.cli.frame import command_instance, fail, say
from engine.config import EnvironmentFault
from engine.jobs.workshop import utc_now
from engine.storage.folders import postgres_tool
from engine.storage.migrate import known_revisions, migrate, present_revision
from engine.storage.tables import APP_SCHEMA, SCHEMA, current
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.storage.instance import Instance

DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Write database and files to a new folder inside DIR; the installation goes on working meanwhile."""
    with command_instance("backup", creating=False) as instance:
        now = utc_now()
        place = folder / f"tenon-{now:%Y%m%d-%H%M%S}"
        aside = folder / f".{place.name}"
        try:
            aside.mkdir(parents=True, mode=0o700)
            say(Text(zh="正在备份数据库……", en="Backing up the database …"))
            _tool(
                instance,
                "pg_dump",
                "--format=custom",
                "--no-owner",
                f"--schema={SCHEMA}",
                f"--schema={APP_SCHEMA}",
                f"--exclude-table-data={SCHEMA}.kept_*",  # counted in the transactions of this very database
                f"--file={aside / DUMP}",
            )
            if instance.config.files_folder.is_dir():
                say(Text(zh="正在复制文件……", en="Copying the files …"))
                shutil.copytree(instance.config.files_folder, aside / FILES)
            with instance.engine.connect() as connection:
                manifest = {
                    "tenon": 1,
                    "created_at": now.isoformat(),
                    "revision": present_revision(connection),
                    "server": connection.scalar(sa.text("SHOW server_version")),
                    "sha256": _digest(aside / DUMP),
                }
            (aside / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
            aside.rename(place)  # what bears the name is whole
        except OSError as error:
            raise EnvironmentFault(
                Text(
                    zh=f"无法写入 {folder}（{error.strerror}）。",
                    en=f"{folder} cannot be written to ({error.strerror}).",
                )
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    say(Text(zh=f"备份已完成：{place}", en=f"Backed up to {place}"))
    click.echo(place)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace an installation that holds data. They are lost.")
def restore(folder: Path, *, replace: bool) -> None:
    """Bring back what a backup holds. DIR is a backup's folder, or one with backups in it: then the newest."""
    place, manifest = _find(folder)
    with command_instance("restore", migrated=False) as instance:
        with instance.engine.connect() as connection:
            if manifest["revision"] not in known_revisions():
                raise fail(
                    Text(
                        zh=f"{place} 来自更新版本的 Tenon：请用该版本或更高版本恢复。",
                        en=f"{place} is of a newer Tenon: restore it with that version or a later one.",
                    )
                )
            if not replace and _holds_data(connection):
                raise fail(
                    Text(
                        zh="此处已有数据：请换一个 TENON_HOME，或加 --replace 覆盖（原有数据将丢失）。",
                        en="There are data here: use another TENON_HOME, or --replace, which loses them.",
                    )
                )
        say(Text(zh=f"正在从 {place} 恢复……", en=f"Restoring from {place} …"))
        _bring_back(instance, place / DUMP)
        migrate(instance.direct)
        if (place / FILES).is_dir():
            shutil.copytree(place / FILES, instance.config.files_folder, dirs_exist_ok=True)
    say(Text(zh="恢复完成。", en="Restored."))


def _find(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the backup's folder and its manifest, having compared the dump with it."""
    candidates = [folder] if (folder / MANIFEST).is_file() else sorted(folder.glob(f"tenon-*/{MANIFEST}"))[-1:]
    place = next((path if path.is_dir() else path.parent for path in candidates), None)
    if place is None:
        raise fail(Text(zh=f"{folder} 中没有备份。", en=f"There is no backup in {folder}."))
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        whole = manifest["tenon"] == 1 and manifest["sha256"] == _digest(place / DUMP) and "revision" in manifest
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise fail(Text(zh=f"备份 {place} 不完整或已损坏。", en=f"The backup {place} is damaged or not whole."))
    return place, manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _holds_data(connection: sa.Connection) -> bool:
    """Whether a version was ever installed here."""
    if connection.scalar(sa.text(f"SELECT to_regclass('{SCHEMA}.current')")) is None:
        return False
    return connection.scalar(sa.select(current.c.version)) is not None


def _bring_back(instance: Instance, dump: Path) -> None:
    """Replace both schemas by those of the dump, in one transaction."""
    script = (
        dump.with_name(f".{os.getpid()}.sql")
        if os.access(dump.parent, os.W_OK)
        else instance.config.home / "restore.sql"
    )
    try:
        with script.open("wb") as file:
            head = f"DROP SCHEMA IF EXISTS {APP_SCHEMA} CASCADE;\nDROP SCHEMA IF EXISTS {SCHEMA} CASCADE;\n"
            file.write(head.encode())
            file.flush()
            _tool(None, "pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump), output=file)
        _tool(
            instance,
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={script}",
        )
    finally:
        script.unlink(missing_ok=True)


def _tool(instance: Instance | None, name: str, *arguments: str, output: IO[bytes] | None = None) -> None:
    """Run a program of PostgreSQL on the installation's database; the password goes by the environment, not the command line."""
    environment = dict(os.environ)
    target: tuple[str, ...] = ()
    if instance is not None:
        url = make_url(instance.config.database.direct_url or instance.database_url).set(drivername="postgresql")
        if url.password:
            environment["PGPASSWORD"] = str(url.password)
        target = (f"--dbname={url.set(password=None).render_as_string()}",)
    done = subprocess.run(
        [str(postgres_tool(name)), *target, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        reason = " ".join(done.stderr.decode(errors="replace").split())[-300:]
        raise EnvironmentFault(Text(zh=f"{name} 失败：{reason}", en=f"{name} failed: {reason}"))


COMMANDS: tuple[click.Command, ...] = (backup, restore)
