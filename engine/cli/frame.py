"""The frame of the command line: finding the commands, the exit codes, the languages of what people read, and opening the
installation that a command works on. No command of its own."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from textwrap import shorten as _shorten
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from engine import cli
from engine.cli.outline import Outline, outlines
from engine.config.fault import EnvironmentFault
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from wsgiref.types import WSGIApplication

    import sqlalchemy as sa

    from engine.config import Config
    from engine.context import Context
    from engine.jobs.workshop import Consumer, Workshop
    from engine.runtime import AppRuntime
    from engine.storage.instance import Instance
    from engine.storage.ticks import Tick
    from metamodel.kinds import Kinds

DONE, FAULTY, USAGE, SURROUNDINGS, INTERRUPTED = 0, 1, 2, 3, 130


class Web(NamedTuple):
    """The application of an open installation, made before its processes are forked. Each of them calls ``begin`` after the fork
    and ``end`` at its end."""

    application: WSGIApplication
    begin: Callable[[], object]
    end: Callable[[], None]


@dataclass(frozen=True)
class Composition:
    """What the composition root gives the commands.

    ``ahead`` loads all code of web and, unless ``jobs`` is False, of worker, clock and events; ``compiled`` compiles the version in
    force, None where there is none. Both are for the process that forks the others, which then share them. ``web`` makes the web
    application, ``workshop`` what jobs and commands over records work with, under a lease as that kind of process (worker, cli …) as
    long as the context lasts: both take what is compiled already. ``make_kinds`` makes the registry; ``packs`` is the folder of the
    packs that come along, ``ticks`` answers the work that comes due by the clock, ``consumers`` who works on events.
    """

    ahead: Callable[..., None]
    compiled: Callable[[Instance, Kinds], AppRuntime | None]
    web: Callable[[Instance, Kinds, AppRuntime | None], Web]
    workshop: Callable[..., AbstractContextManager[Workshop]]
    make_kinds: Callable[[], Kinds]
    packs: Path
    ticks: Callable[[Config], tuple[Tick, ...]] = lambda _: ()
    consumers: Callable[[Config], tuple[Consumer, ...]] = lambda _: ()

    @cached_property
    def kinds(self) -> Kinds:
        """The registry of kinds, collected when first asked for."""
        return self.make_kinds()


class Faulty(Exception):
    """The input has faults, and the command has listed them: exit 1 without another word."""


def language() -> str:
    """Return the language of the terminal: ``zh`` where the locale says so, else ``en``."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def say(text: Text) -> None:
    """Tell a person something, on standard error, so that standard output stays the command's result."""
    click.echo(text(language()), err=True)


def many(count: int, what: str) -> str:
    """Return a count of things in English: ``1 record``, ``2,000 records``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def fail(text: Text) -> Faulty:
    """Say what is wrong with the input and return the exception that ends the command with 1."""
    say(text)
    return Faulty()


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    from engine.storage.database import dump_json

    click.echo(dump_json(value))


@contextmanager
def command_instance(name: str, *, migrated: bool = True, creating: bool = True) -> Iterator[Instance]:
    """Open the installation of TENON_HOME for a command, whether it runs or not. ``creating`` False: one that is not there is not
    made, and the command ends with 1. Raises EnvironmentFault."""
    from engine.storage.instance import open_instance

    config = configuration()
    if not (creating or is_there(config)):
        raise fail(absent(config))
    with open_instance(config, f"tenon {name}", migrated=migrated) as instance:
        yield instance


def is_there(config: Config) -> bool:
    """Whether there is an installation: a database of somebody else's keeping, or a cluster of ours."""
    return bool(config.database.url) or (config.home / "postgres" / "data" / "PG_VERSION").exists()


def absent(config: Config) -> Text:
    """Return what to say where nothing is installed."""
    return Text(
        zh=f"{config.home} 处没有安装任何内容：请执行 tenon run（或 tenon install），或用 TENON_HOME 指定已有的安装。",
        en=f"Nothing is installed at {config.home}: run tenon run (or tenon install), or name an installation by TENON_HOME.",
    )


def configuration() -> Config:
    """Return the checked configuration."""
    from engine.config import load_config

    return load_config()


def system_context(workshop: Workshop, connection: sa.Connection) -> Context:
    """Return the surroundings of a command that the operator runs: the system acts, now. Raises EnvironmentFault before the first
    installation."""
    runtime = workshop.current()
    if runtime is None:
        raise EnvironmentFault(
            Text(
                zh="尚未安装任何应用：请先执行 tenon install（或 tenon run）。",
                en="No application is installed yet: run tenon install (or tenon run) first.",
            )
        )
    context = workshop.context(connection, runtime, workshop.clock())
    return replace(context, language=language(), source="cli")


def composition() -> Composition:
    """Return what the composition root gave."""
    given = click.get_current_context().find_object(Composition)
    if given is None:
        raise RuntimeError("the command line was started without a composition")
    return given


def find_commands(module: str) -> dict[str, click.Command]:
    """Return the commands of one file of this package."""
    commands: Sequence[click.Command] = getattr(importlib.import_module(f"{cli.__name__}.{module}"), "COMMANDS", ())
    return {command.name: command for command in commands if command.name}


class Commands(click.Group):
    """The commands of all files beside this one. Only the file of the command that is called is loaded."""

    @cached_property
    def outlined(self) -> dict[str, Outline]:
        """Every command by name. A name given twice raises ValueError."""
        found = outlines(Path(cli.__path__[0]))
        if len(found) != len({one.name for one in found}):
            raise ValueError(f"a command is given twice: {sorted(one.name for one in found)}")
        return {one.name: one for one in found}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return sorted(self.outlined)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, None where no file has it."""
        del ctx
        outline = self.outlined.get(cmd_name)
        return find_commands(outline.module).get(cmd_name) if outline else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands with their help in a line each."""
        room = formatter.width - 6 - max(map(len, self.outlined))
        rows = [(name, _shorten(self.outlined[name].help, room, placeholder=" …")) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tenon", prog_name="tenon")
def tenon() -> None:
    """Tenon 榫卯: business applications from definitions."""


def main(given: Composition, arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(arguments) if arguments is not None else None
    return ending(lambda: tenon.main(args=words, prog_name="tenon", standalone_mode=False, obj=given))


def ending(action: Callable[[], object]) -> int:
    """Do something, say how it ended where that was not well, and return the exit code: 0 done, 1 the input has faults, 2 wrong
    usage, 3 the surroundings."""
    try:
        result = action()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return FAULTY
    except click.Abort:
        return INTERRUPTED
    except Faulty:
        return FAULTY
    except EnvironmentFault as fault:
        say(fault.message)
        return SURROUNDINGS
    except Refusal as refusal:
        say(refusal.message)
        for bad in refusal.errors:
            click.echo(f"  {bad.field}: {bad.message(language())} ({bad.code})", err=True)
        return FAULTY
    except BrokenPipeError:
        # The reader of a pipe went away: nothing to tell it, and Python must not try to at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return result if isinstance(result, int) else DONE
