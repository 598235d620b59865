"""What depends on people: HASROLE, INDEPARTMENT, MANAGER, LABEL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.fragments import of
from engine.expressions.functions.base import Example, Function, takes
from metamodel.expressions.types import BOOLEAN, TEXT, Base
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.expressions.fragments import Fragment
    from engine.expressions.sql import SqlMachine
    from engine.expressions.values import Moment
    from metamodel.expressions.typed import Typed

GROUP = "people"
DEEPEST = 50  # departments above each other


def _sql_has_role(machine: SqlMachine, role: Fragment) -> Fragment:
    roles = machine.moment.later(lambda moment: sorted(moment.roles), sa.ARRAY(sa.Text()))
    return machine.q("({} = ANY({}::text[]))", role, of(roles), total=True)


def departments_of(moment: Moment) -> dict[int, str]:
    """Return the viewer's department and all above it: id → name. They are read by ``me``, so the viewer's reader must know paths
    over ``department`` and ``part_of``."""
    found: dict[int, str] = {}
    path: tuple[str, ...] = ("department",)
    while moment.me is not None and len(path) <= DEEPEST:
        number = moment.me.get(path)
        if not isinstance(number, int) or number in found:
            break
        found[number] = str(moment.me.get((*path, "name")) or "")
        path = (*path, "part_of")
    return found


def _in_department(moment: Moment, asked: int | str, by: str) -> bool:
    found = departments_of(moment)
    return asked in (found if by == "id" else found.values())


def _sql_in_department(machine: SqlMachine, asked: Fragment, by: str) -> Fragment:
    if by == "id":
        ids = machine.moment.later(lambda moment: sorted(departments_of(moment)), sa.ARRAY(sa.BigInteger()))
        return machine.q("({} = ANY({}::bigint[]))", asked, of(ids))
    names = machine.moment.later(lambda moment: sorted(departments_of(moment).values()), sa.ARRAY(sa.Text()))
    return machine.q("({} = ANY({}::text[]))", asked, of(names), total=True)


def _asked_by(arguments: tuple[Typed, ...]) -> str:
    return "id" if arguments[0].type.base is Base.LINK else "name"


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
        name="INDEPARTMENT",
        group=GROUP,
        usage=("INDEPARTMENT(department)", 'INDEPARTMENT("华东区")'),
        signatures=(takes(BOOLEAN, "department:user"), takes(BOOLEAN, "name:text!")),
        needs=frozenset({"me", "departments"}),
        help=Text(
            zh="当前用户是否在某个部门或其下级部门：给出部门字段，或直接写部门名称。",
            en="Whether the viewer is in a department or in one below it: a field that holds a department, or a name written out.",
        ),
        examples=(Example('INDEPARTMENT("nowhere")', False),),
        prepare=_asked_by,
        takes_moment=True,
        python=_in_department,
        sql=_sql_in_department,
        js="(asked, by) => m.departments.some((one) => one[by] === asked)",
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
