"""``tenon user``: accounts added, frozen, handed over, their passwords and tokens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click
import sqlalchemy as sa

from engine.administration.accounts import create_account
from engine.administration.handover import freeze_account
from engine.cli.frame import command_instance, composition, fail, say, system_context
from engine.cli.handover import handover
from engine.people.actors import Profile, load_profile
from engine.people.credentials import check_password_rules, random_password, set_password
from engine.people.sessions import close_all
from engine.people.tables import department as departments
from engine.people.tokens import issue_token
from engine.storage.database import in_transaction
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context

Result = TypeVar("Result")


@click.group()
def user() -> None:
    """Accounts: add, freeze, hand over, passwords and tokens."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", "roles", multiple=True, required=True, help="A role; may be given several times.")
@click.option("--manager", help="The login of the person's manager.")
@click.option("--department", help="The name of the person's department.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; without it the account works by token.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="The person's language; zh unless given.")
@click.option("--token", "with_token", is_flag=True, help="Print a new API token, alone, on standard output.")
def add(
    login: str,
    name: str,
    roles: tuple[str, ...],
    manager: str | None,
    department: str | None,
    *,
    password_stdin: bool,
    language: str | None,
    with_token: bool,
) -> None:
    """Add an account."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    def command(context: Context) -> str:
        values: dict[str, object] = {"login": login, "name": name}
        if language:
            values["language"] = language
        if manager:
            values["manager"] = _person(context, manager).actor.id
        if department:
            values["department"] = _department(context, department)
        number = create_account(context, values, roles, password)
        return issue_token(context.connection, number, context.now, days=None, name="cli") if with_token else ""

    secret = _with_context(command)
    say(Text(zh=f"已添加 {login}。", en=f"Added {login}."))
    if secret:
        click.echo(secret)


@user.command()
@click.argument("login")
def freeze(login: str) -> None:
    """Freeze an account: it can do nothing any more; its records stay."""

    def command(context: Context) -> None:
        freeze_account(context, _person(context, login).actor.id or 0)

    _with_context(command)
    say(Text(zh=f"已停用 {login}，其会话与令牌均已失效。", en=f"{login} is frozen; sessions and tokens have ended."))


@user.command()
@click.argument("login")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="How long the token is valid; without it until it is taken back."
)
def token(login: str, days: int | None) -> None:
    """Print a new API token, alone, on standard output."""

    def command(context: Context) -> str:
        person = _person(context, login)
        if person.frozen:
            raise fail(Text(zh=f"{login} 已停用。", en=f"{login} is frozen."))
        return issue_token(context.connection, person.actor.id or 0, context.now, days=days, name="cli")

    click.echo(_with_context(command))


@user.command()
@click.argument("login")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; without it a random one is printed."
)
def password(login: str, *, password_stdin: bool) -> None:
    """Set a new password, random unless given; it ends the person's sessions."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    chosen = given if given is not None else random_password()

    def command(context: Context) -> None:
        person = _person(context, login)
        check_password_rules(chosen, login, 8)
        set_password(context.connection, person.actor.id or 0, chosen, context.now)
        close_all(context.connection, person.actor.id or 0)

    _with_context(command)
    if given is None:
        click.echo(chosen)


user.add_command(handover)


def _with_context(command: Callable[[Context], Result]) -> Result:
    """Run ``command`` in one transaction of the installation."""
    with command_instance("user", creating=False) as instance, composition().workshop(instance, "cli") as workshop:
        return in_transaction(instance.engine, lambda connection: command(system_context(workshop, connection)))


def _person(context: Context, login: str) -> Profile:
    """Return the person of a login, or end the command with 1."""
    found = load_profile(context.connection, login=login)
    if found is None:
        raise fail(Text(zh=f"没有账号 {login}。", en=f"There is no account {login}."))
    return found


def _department(context: Context, name: str) -> int:
    """Return the id of the department of that name, or end the command with 1."""
    ids = context.connection.scalars(
        sa.select(departments.c.id).where(departments.c.name == name, departments.c.deleted_at.is_(None))
    ).all()
    if len(ids) != 1:
        message = Text(zh=f"没有部门 {name}。", en=f"There is no department {name}.")
        raise fail(
            message
            if not ids
            else Text(zh=f"有 {len(ids)} 个部门名为 {name}。", en=f"{len(ids)} departments are called {name}.")
        )
    return int(ids[0])


COMMANDS: tuple[click.Command, ...] = (user,)
