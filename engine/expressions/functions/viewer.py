"""What depends on people: HASROLE, MANAGER, LABEL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from metamodel.expressions.types import BOOLEAN, TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from engine.expressions.values import Moment

GROUP = "people"


def _sql_has_role(machine: SqlMachine, role: Fragment) -> Fragment:
    roles = machine.moment.later(lambda moment: sorted(moment.roles), sa.ARRAY(sa.Text()))
    return machine.q("({} = ANY({}::text[]))", role, of(roles), total=True)


def _label(moment: Moment, name: str, field: tuple[str, str]) -> str | None:
    return moment.labels(*field).get(name, name) if name else None


def _sql_label(machine: SqlMachine, name: Fragment, field: tuple[str, str]) -> Fragment:
    labels: Any = machine.moment.labels(*field)
    return machine.q.keep(name, lambda n: machine.q("coalesce({} ->> {}, {})", of(labels), n, n))


KINDS = (
    Function(
        name="HASROLE",
        group=GROUP,
        usage=('HASROLE("manager")',),
        signatures=(takes(BOOLEAN, "role:text!"),),
        needs=frozenset({"me"}),
        help=Text(zh="当前用户是否有某个角色。", en="Whether the viewer has a role."),
        examples=(Example('HASROLE("rep")', True), Example('HASROLE("nobody")', False)),
        takes_moment=True,
        python=lambda moment, role: role in moment.roles,
        sql=_sql_has_role,
        js="(role) => m.roles.includes(role)",
    ),
    Function(
        name="MANAGER",
        group=GROUP,
        form="manager",
        usage=("MANAGER(user)",),
        help=Text(zh="用户的上级，与 user.manager 相同。", en="A user's manager, the same as user.manager."),
        examples=(),
    ),
    Function(
        name="LABEL",
        group=GROUP,
        form="label",
        usage=("LABEL(choice)",),
        signatures=(takes(TEXT, "choice:text"),),
        needs=frozenset({"language"}),
        help=Text(zh="选项或状态在当前语言下的名称。", en="What a choice or state is called in the viewer's language."),
        examples=(),
        takes_moment=True,
        prepare=lambda arguments: arguments,
        python=_label,
        sql=_sql_label,
        js="(name, field) => t.label(m, name, field)",
    ),
)
