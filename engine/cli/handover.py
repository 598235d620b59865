"""``tenon user handover``: everything that hangs on somebody who leaves goes to others, in one act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.administration.handover import POOL, Rule, hand_over
from engine.approvals.handing import hand_over_approvals
from engine.cli.frame import command_instance, composition, fail, say, system_context
from engine.people.actors import Profile, load_profile
from engine.records.compile import Records
from engine.storage.database import in_transaction
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context

_WORDS = {
    "reports": Text(zh="下属", en="people below"),
    "departments": Text(zh="部门负责人", en="departments led"),
    "approvals": Text(zh="待办审批", en="approvals waiting"),
    "teams": Text(zh="团队席位", en="places in teams"),
    "reminders": Text(zh="未读提醒", en="unread reminders"),
}


@click.command()
@click.argument("login")
@click.option("--to", "heirs", multiple=True, required=True, help="Who takes over; several are dealt records in turn.")
@click.option(
    "--of",
    "rules",
    multiple=True,
    metavar="OBJECT=LOGIN|pool",
    help="Who gets the records of one object instead, or that they go back to its pool.",
)
@click.option("--freeze/--no-freeze", default=True, help="Freeze the account at once (the default).")
def handover(login: str, heirs: tuple[str, ...], rules: tuple[str, ...], *, freeze: bool) -> None:
    """Hand over all that hangs on a person: records, people below, approvals that wait, teams, reminders."""

    def command(context: Context) -> dict[str, int]:
        rule = Rule(tuple(_heir(context, one) for one in heirs), _rules(context, rules))
        person = _person(context, login).actor.id or 0
        return hand_over(context, person, rule, freeze=freeze, others=(hand_over_approvals,))

    with command_instance("user", creating=False) as instance, composition().workshop(instance, "cli") as workshop:
        found = in_transaction(instance.engine, lambda connection: command(system_context(workshop, connection)))
        runtime = workshop.current()
    labels = dict(_WORDS)
    if runtime is not None:
        labels |= {name: one.plural or one.label for name, one in runtime.part(Records).model.objects.items()}
    for name, count in found.items():
        label = labels.get(name, Text(name, name))
        say(Text(zh=f"{label('zh')}：{count}", en=f"{label('en')}: {count}"))
    if freeze:
        say(Text(zh=f"{login} 已停用。", en=f"{login} is frozen."))


def _rules(context: Context, rules: Sequence[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for rule in rules:
        name, sign, heir = rule.partition("=")
        if not sign or name not in context.runtime.part(Records).objects:
            raise fail(
                Text(zh=f"不认识的规则 {rule}，应为 对象=登录名。", en=f"{rule} is no rule: OBJECT=LOGIN is one.")
            )
        found[name] = (*found.get(name, ()), POOL if heir == "pool" else _heir(context, heir))
    return found


def _heir(context: Context, login: str) -> int:
    return _person(context, login).actor.id or 0


def _person(context: Context, login: str) -> Profile:
    """Return the person of a login, or end the command with 1."""
    found = load_profile(context.connection, login=login)
    if found is None:
        raise fail(Text(zh=f"没有账号 {login}。", en=f"There is no account {login}."))
    return found


COMMANDS: tuple[click.Command, ...] = ()
