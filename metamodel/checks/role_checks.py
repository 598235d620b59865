"""Roles: grants on objects that there are, in scopes that mean something there, rights on fields that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below, item, roots_of
from metamodel.checks.shown_checks import stored_values, unseen
from metamodel.definitions.roles import ACTS
from metamodel.expressions.types import BOOLEAN, Base
from metamodel.names import USER
from metamodel.reading.defaults import parent_link
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.checks.context import Checks
    from metamodel.checks.schema_of import ModelSchema
    from metamodel.definitions.objects import ObjectDef
    from metamodel.definitions.roles import RoleDef, ScopeDef
    from metamodel.nodes import Node

OBJECT = Text(zh="对象", en="object")
_OWNED = ("own", "reports", "department", "department_tree")


def check_roles(checks: Checks, schema: ModelSchema) -> None:
    """Check every role."""
    people = stored_values(checks, schema).get(USER, {})
    for role in checks.model.roles.values():
        tree = checks.tree("role", role.name)
        if role.name == "admin":
            message = Text(zh="admin 是内置角色，不能定义", en="admin is built in and can't be defined")
            checks.faults.add("RESERVED_NAME", message, below(tree, "role").mark)
        for name, acts in role.objects.items():
            definition = checks.model.objects.get(name)
            if definition is None:
                checks.unknown("UNKNOWN_OBJECT", OBJECT, name, item(tree, "objects", name), checks.model.objects)
            else:
                _check_acts(checks, definition, acts, below(tree, "objects", name))
        _check_rights(checks, role, tree)
        _check_people(checks, role, tree, people)


def _check_acts(checks: Checks, definition: ObjectDef, acts: Mapping[str, tuple[ScopeDef, ...]], node: Node) -> None:
    for act, scopes in acts.items():
        if act not in ACTS:
            continue  # named as an unknown key already
        for scope in scopes:
            if scope.where is not None:
                checks.expression(scope.where, definition.name, BOOLEAN, roots_of(checks.model, definition.name))
            elif (scope.name == "pool" and definition.pool is None) or (
                scope.name == "team" and not _team_of(checks, definition)
            ):
                message = Text(
                    zh=f"{definition.name} 没有 {scope.name}，范围 {scope.name} 里不会有记录",
                    en=f"{definition.name} has no {scope.name}: the scope {scope.name} holds no records",
                )
                checks.faults.warn("SCOPE_EMPTY", message, item(node, act, scope.name))
            elif (
                scope.name in _OWNED
                and not definition.owner
                and definition.name != USER
                and parent_link(definition) is None
            ):
                message = Text(
                    zh=f"{definition.name} 没有 owner，范围 {scope.name} 里不会有记录",
                    en=f"{definition.name} has no owner: the scope {scope.name} holds no records",
                )
                checks.faults.warn("SCOPE_EMPTY", message, item(node, act, scope.name))
    if acts.get("update") and not acts.get("read"):
        message = Text(zh=f"能修改 {definition.name} 却不能查看", en=f"may update {definition.name} and not read it")
        checks.faults.warn("UPDATE_UNREAD", message, node.key_mark)


def _team_of(checks: Checks, definition: ObjectDef) -> bool:
    """Whether records of an object have a team: their own, or that of the record that they are lines of."""
    link = parent_link(definition)
    to = link.options.get("to") if link is not None else None
    above = checks.model.objects.get(to) if isinstance(to, str) else None
    return definition.team is not None or (above is not None and above.team is not None)


def _check_people(checks: Checks, role: RoleDef, tree: Node, stored: Mapping[str, tuple[str, ...]]) -> None:
    """Warn where a role is granted records that name people and may not read people: whoever fills them in has nobody to pick. ``stored``: what
    people's records hold of other records; the advice must not earn the next warning."""
    people = role.objects.get(USER)
    if USER not in checks.model.objects or (people is not None and _grants(people.get("read", ()))):
        return
    for name, acts in role.objects.items():
        definition = checks.model.objects.get(name)
        if definition is None or name == USER or not any(_grants(acts.get(act, ())) for act in ACTS):
            continue
        field = next((one for one in definition.fields if _names_people(checks, role, name, one)), None)
        if field is None:
            continue
        message = Text(
            zh=f"角色 {role.name} 不能查看人员，{name}.{field} 将无人可选",
            en=f"the role {role.name} may not read users: there will be nobody to pick in {name}.{field}",
        )
        hint = Text(zh="加上 user: {read: all}", en="add user: {read: all}")
        if told := dict.fromkeys(one for fields in unseen(checks, role, USER, stored).values() for one in fields):
            said = ", ".join(f"{USER}.{one}: hidden" for one in told)
            hint = Text(
                zh=f"{hint.zh}；这些字段汇总了该角色看不到的记录，一并写明 fields: {{{said}}}（read 表示允许）",
                en=f"{hint.en}, and fields: {{{said}}}: they sum up records that the role may not see (read: it may see them)",
            )
        checks.faults.warn("ROLE_NO_USERS", message, below(tree, "objects").key_mark, hint=hint)
        return


def _grants(scopes: tuple[ScopeDef, ...]) -> bool:
    return any(scope.where is not None or scope.name != "none" for scope in scopes)


def _names_people(checks: Checks, role: RoleDef, object_name: str, field: str) -> bool:
    """Whether a field is filled in by picking a person, for this role."""
    sort = checks.kinds.fields.get(checks.model.objects[object_name].fields[field].type)
    type_ = (checks.schema.members(object_name) or {})[field]
    closed = role.fields.get(f"{object_name}.{field}") == "hidden"
    return type_.base is Base.LINK and USER in type_.objects and not closed and sort is not None and not sort.computed


def _check_rights(checks: Checks, role: RoleDef, tree: Node) -> None:
    for path, right in role.fields.items():
        object_name, _, field = path.partition(".")
        mark = item(tree, "fields", path)
        definition = checks.model.objects.get(object_name)
        if not field:
            continue  # named as no valid path already
        if definition is None:
            checks.unknown("UNKNOWN_OBJECT", OBJECT, object_name, mark, checks.model.objects)
        elif field not in definition.fields:
            checks.unknown("UNKNOWN_FIELD", Text(zh="字段", en="field"), field, mark, definition.fields)
        elif right == "edit":
            sort = checks.kinds.fields.get(definition.fields[field].type)
            if sort is not None and sort.computed:
                message = Text(zh=f"{path} 是计算字段，不能编辑", en=f"{path} is computed and can't be edited")
                checks.faults.warn("COMPUTED_OPTION", message, mark)
