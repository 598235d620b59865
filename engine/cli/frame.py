"""The frame of the command line: finding the commands, the exit codes, the languages of what people read, and opening the
installation that a command works on. No command of its own."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from engine import cli
from engine.config import Config, EnvironmentFault, load_config
from engine.refusals import Refusal
from engine.storage.database import dump_json
from engine.storage.instance import Instance, open_instance
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    import sqlalchemy as sa

    from engine.context import Context
    from engine.jobs.workshop import Workshop
    from metamodel.kinds import Kinds

DONE, FAULTY, USAGE, SURROUNDINGS, INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True)
class Composition:
    """What the composition root gives the commands. ``web`` makes the WSGI application of an open installation, in the process
    that serves it, and what to call at that process's end; ``workshop`` what jobs, the clock and commands over records work with, under a lease as that kind of process (web,
    worker, cli …) as long as the context lasts; ``make_kinds`` the registry; ``packs`` is the folder of the packs that come along."""

    web: Callable[[Instance], tuple[WSGIApplication, Callable[[], None]]]
    workshop: Callable[[Instance, str], AbstractContextManager[Workshop]]
    make_kinds: Callable[[], Kinds]
    packs: Path

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


def fail(text: Text) -> Faulty:
    """Say what is wrong with the input and return the exception that ends the command with 1."""
    say(text)
    return Faulty()


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(dump_json(value))


@contextmanager
def command_instance(name: str, *, migrated: bool = True) -> Iterator[Instance]:
    """Open the installation of TENON_HOME for a command, whether it runs or not. Raises EnvironmentFault."""
    with open_instance(load_config(), f"tenon {name}", migrated=migrated) as instance:
        yield instance


def configuration() -> Config:
    """Return the checked configuration."""
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
    """The commands of all files beside this one. The file that bears a command's name is looked into first, and the others only
    when it is not there, so that ``tenon clock`` does not load what ``tenon check`` needs."""

    def _modules(self, first: str = "") -> list[str]:
        names = sorted(entry.name for entry in pkgutil.iter_modules(cli.__path__))
        return sorted(names, key=lambda name: name.strip("_") != first.replace("-", "_"))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands. A name given twice raises ValueError."""
        del ctx
        found = [name for module in self._modules() for name in find_commands(module)]
        if len(found) != len(set(found)):
            raise ValueError(f"a command is given twice: {sorted(found)}")
        return sorted(found)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, None where no file has it."""
        del ctx
        for module in self._modules(cmd_name):
            if found := find_commands(module).get(cmd_name):
                return found
        return None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tenon", prog_name="tenon")
def tenon() -> None:
    """Tenon 榫卯: business applications from definitions."""


def main(given: Composition, arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 the input has faults, 2 wrong usage, 3 the surroundings."""
    try:
        words = list(arguments) if arguments is not None else None
        result = tenon.main(args=words, prog_name="tenon", standalone_mode=False, obj=given)
    except click.exceptions.Exit as ending:
        return ending.exit_code
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
