"""Accounts as administrators handle them: made, given roles, frozen and opened again, new passwords and tokens. Each of these acts is
noted. Nobody shuts themselves or the last administrator out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.administration.handover import freeze_account
from engine.people.actors import ADMIN_ROLE, load_profile
from engine.people.auditing import note
from engine.people.credentials import check_password_rules, random_password, read_hash, set_password, verify_password
from engine.people.roles import grant_roles, revoke_roles, roles_of
from engine.people.sessions import close_all
from engine.people.tables import user
from engine.people.tokens import issue_token, revoke_tokens
from engine.records.commands import Change, create, update
from engine.records.compile import Records
from engine.records.rights import everything
from engine.records.shape import USER
from engine.refusals import FieldError, Refusal
from engine.storage.tables import user_role
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.context import Context


def demand_admin(context: Context) -> None:
    """Refuse (403) whoever is no administrator."""
    if not everything(context.actor):
        raise Refusal(403, "FORBIDDEN", Text(zh="只有管理员可以使用。", en="This is for administrators."))


def create_account(
    context: Context, values: Mapping[str, Any], roles: Sequence[str], password: str | None, *, shortest: int = 8
) -> int:
    """Create a person with ``roles``; without a password the account works by token alone. Return the id.

    Raises Refusal: DUPLICATE for a login that exists, UNKNOWN_ROLE, WEAK_PASSWORD, and what the record's own rules refuse.
    """
    login = str(values.get("login") or "")
    if login and load_profile(context.connection, login=login) is not None:
        message = Text(zh=f"登录名 {login} 已存在。", en=f"The login {login} exists already.")
        raise Refusal(422, "DUPLICATE", message, (FieldError("login", "DUPLICATE", message),))
    check_roles(context, roles)
    if password is not None:
        check_password_rules(password, login, shortest)
    (written,) = create(context, USER, [values])
    grant_roles(context.connection, written.id, roles, at=context.now, by=context.actor.id)
    if password is not None:
        set_password(context.connection, written.id, password, context.now)
    note(context, "account", USER, written.id, {"login": login, "roles": sorted(roles)})
    return written.id


def check_roles(context: Context, roles: Iterable[str]) -> None:
    """Refuse roles that are neither built in nor defined."""
    known = {*context.runtime.part(Records).model.roles, ADMIN_ROLE}
    for role in roles:
        if role not in known:
            hint = near_miss(role, known)
            message = Text(
                zh=f"没有角色 {role}。{hint.zh}", en=f"There is no role {role}{f'; {hint.en}' if hint else ''}"
            )
            raise Refusal(422, "UNKNOWN_ROLE", message, (FieldError("roles", "UNKNOWN_ROLE", message),))


def set_roles(context: Context, person: int, roles: Iterable[str]) -> None:
    """Give a person exactly these roles, from their next request on. Raises Refusal UNKNOWN_ROLE, LAST_ADMIN, OWN_ROLES."""
    wanted, held = frozenset(roles), roles_of(context.connection, person)
    if wanted == held:
        return
    check_roles(context, wanted - held)
    if ADMIN_ROLE in held - wanted:
        _keep_an_admin(context, person)
    revoke_roles(context.connection, person, held - wanted)
    grant_roles(context.connection, person, wanted - held, at=context.now, by=context.actor.id)
    note(context, "roles", USER, person, {"before": sorted(held), "after": sorted(wanted)})


def freeze(context: Context, person: int) -> None:
    """Freeze an account at once. Raises Refusal LAST_ADMIN."""
    _keep_an_admin(context, person)
    freeze_account(context, person)


def unfreeze(context: Context, person: int) -> None:
    """Open a frozen account again; it needs to sign in anew."""
    update(context, USER, [Change(person, {"frozen": False})])


def renew_password(context: Context, person: int) -> str:
    """Set a random password, which ends the person's sessions; return it: this is the only time it can be read."""
    password = random_password()
    set_password(context.connection, person, password, context.now)
    close_all(context.connection, person)
    note(context, "password", USER, person)
    return password


def change_password(context: Context, old: str, new: str, *, shortest: int, keep: str = "") -> None:
    """Change the actor's own password; their other sessions end (``keep``: the secret of the one that goes on).

    Raises Refusal 422 WRONG_PASSWORD, WEAK_PASSWORD."""
    person = context.actor.id or 0
    if not verify_password(read_hash(context.connection, person), old):
        message = Text(zh="当前密码不正确。", en="That is not your present password.")
        raise Refusal(422, "WRONG_PASSWORD", message, (FieldError("old", "WRONG_PASSWORD", message),))
    check_password_rules(new, context.actor.login, shortest)
    set_password(context.connection, person, new, context.now)
    close_all(context.connection, person, but=keep)
    note(context, "own password", USER, person)


def new_token(context: Context, person: int, *, days: int | None, name: str = "") -> str:
    """Issue a token for the API; return it: this is the only time it can be read."""
    secret = issue_token(context.connection, person, context.now, days=days, name=name[:60])
    note(context, "token", USER, person, {"days": days})
    return secret


def take_tokens(context: Context, person: int) -> int:
    """Take all of a person's tokens back; return how many there were."""
    count = revoke_tokens(context.connection, person)
    note(context, "tokens gone", USER, person, {"count": count})
    return count


def end_sessions(context: Context, person: int) -> int:
    """End all sessions of a person; return how many there were."""
    count = close_all(context.connection, person)
    note(context, "sessions ended", USER, person, {"count": count})
    return count


def _keep_an_admin(context: Context, person: int) -> None:
    """Refuse what would leave nobody to administer, or shut the actor out of it."""
    if person == context.actor.id:
        message = Text(
            zh="不能停用自己或取消自己的管理员角色。", en="You can't freeze yourself or give up being an administrator."
        )
        raise Refusal(409, "OWN_ROLES", message)
    # The rows are locked, so that two administrators can't take each other's role at the same moment.
    asked = sa.select(user_role.c.user_id).where(user_role.c.role == ADMIN_ROLE).with_for_update()
    admins = set(context.connection.scalars(asked))
    able = sa.select(user.c.id).where(
        user.c.id.in_(admins - {person}), user.c.frozen.is_not(sa.true()), user.c.deleted_at.is_(None)
    )
    if person in admins and context.connection.scalar(able.limit(1)) is None:
        message = Text(zh="这是最后一位管理员。", en="This is the last administrator.")
        raise Refusal(409, "LAST_ADMIN", message)
