"""What stored values over other records would tell a role of records that its scope leaves out: they are facts of their record, the same
for every viewer. What formulas tell of hidden fields is checked with the formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import item
from metamodel.reading.defaults import parent_link
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from metamodel.checks.context import Checks
    from metamodel.checks.schema_of import ModelSchema
    from metamodel.definitions.roles import RoleDef, ScopeDef
    from metamodel.expressions.typed import RowsRead

_WIDTHS = {
    name: width for width, name in enumerate(("own", "reports", "department", "department_tree", "all"), start=1)
}
WIDEST = max(_WIDTHS.values())


def check_shown(checks: Checks, schema: ModelSchema) -> None:
    """Warn where a role reads an object more widely than the records that its stored values are made of."""
    stored = stored_values(checks, schema)
    for role in checks.model.roles.values():
        for name, fields in stored.items():
            for one, names in unseen(checks, role, name, fields, _width(checks, role, name) or 0).items():
                _warn(checks, role, name, one, names)


def unseen(
    checks: Checks, role: RoleDef, name: str, fields: Mapping[str, tuple[str, ...]], width: int = WIDEST
) -> Mapping[str, list[str]]:
    """Return, for a role that reads an object so widely, which of its stored values (``fields``) are made of records it does not read: object
    of those → fields of this one."""
    told: dict[str, list[str]] = {}
    for field, objects in fields.items():
        if f"{name}.{field}" not in role.fields:
            for one in objects:
                if (_width(checks, role, one) or 0) < width and _surely_less(checks, role, one):
                    told.setdefault(one, []).append(field)
    return told


def stored_values(checks: Checks, schema: ModelSchema) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return object → stored field → the objects of the records that it is made of."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for (name, field), checked in schema.computed.items():
        options = checks.model.objects[name].fields[field].options
        rolled = "scoped" in checks.kinds.fields[checks.model.objects[name].fields[field].type].options
        if checked.expression is not None and (options.get("scoped") != "viewer" if rolled else options.get("store")):
            objects = tuple(dict.fromkeys(_objects(checked.depends.rows)))
            found.setdefault(name, {})[field] = objects
    return found


def _objects(rows: Iterable[RowsRead]) -> Iterator[str]:
    for read in rows:
        yield from read.objects
        yield from _objects(read.rows)


def _reading(checks: Checks, role: RoleDef, name: str) -> tuple[ScopeDef, ...] | None:
    """Return the scopes in which a role reads an object; None where that follows from other records: files and comments, lines."""
    seen: set[str] = set()
    while name in checks.model.objects and name not in seen:
        seen.add(name)
        definition = checks.model.objects[name]
        if any("every" in field.options for field in definition.fields.values()):
            return None
        link = parent_link(definition)
        above = link.options.get("to") if link is not None else None
        if not isinstance(above, str):
            return role.objects.get(name, {}).get("read", ())
        name = above
    return None


def _width(checks: Checks, role: RoleDef, name: str) -> int | None:
    """Return how widely a role reads an object, 0 for not at all."""
    scopes = _reading(checks, role, name)
    if scopes is None:
        return None
    return max((_WIDTHS.get(one.name, 1) for one in scopes if one.where is not None or one.name != "none"), default=0)


def _surely_less(checks: Checks, role: RoleDef, name: str) -> bool:
    """Whether it can be told that a role does not read all records of an object: of a condition it can't."""
    scopes = _reading(checks, role, name)
    return scopes is not None and all(one.where is None for one in scopes)


def _warn(checks: Checks, role: RoleDef, name: str, other: str, fields: list[str]) -> None:
    shown = ", ".join(f"{name}.{field}" for field in fields)
    message = Text(
        zh=f"角色 {role.name} 能查看的 {other} 比 {name} 少，但 {shown} 由全部 {other} 算出",
        en=f"the role {role.name} reads fewer records of {other} than of {name}, and all of them go into {shown}",
    )
    hint = Text(
        zh=f"汇总字段写 scoped: viewer，或在该角色的 fields 中写明，如 {name}.{fields[0]}: hidden（read 表示允许）",
        en=f"compute it with scoped: viewer, or say what is meant in the role's fields, {name}.{fields[0]}: hidden (read: it may be seen)",
    )
    checks.faults.warn("SHOWS_UNSEEN", message, item(checks.tree("role", role.name), "objects", name), hint=hint)
