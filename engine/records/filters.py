"""Expressions that come with a query: checked against what the viewer may see, so that a hidden name is as unknown to a filter,
a sort and a path as one that does not exist; of a masked one, which they see is there, it is said that it is masked for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.records.rights import Right, Rights
from engine.records.standing import Standing
from engine.refusals import FieldError, Refusal
from metamodel.expressions.checker import check_expression
from metamodel.expressions.scope import Scope
from metamodel.expressions.types import BLANK, BOOLEAN, DATE, DATETIME, NUMBER, SEVERAL, TEXT, Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.expressions.faults import ExpressionFault
    from metamodel.expressions.typed import TypedExpression

UNKNOWN = "EXPR_UNKNOWN_NAME"
LONGEST = 4000  # characters of a filter


class ViewerSchema:
    """The metamodel's Schema with the names that one set of roles may filter, sort, group and read paths by: those of which they have at
    ``least`` this right on every record."""

    def __init__(self, rights: Rights, least: Right = Right.READ) -> None:
        self.rights, self.least = rights, least
        self._records = rights.records
        self._known: dict[str, Mapping[str, Type]] = {}

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the names of an object that may be used; none of one that the viewer may not read at all."""
        if object_name not in self._records.model.objects:
            return None
        found = self._known.get(object_name)
        if found is None:
            found = self._known[object_name] = self._visible(object_name)
        return found

    def _visible(self, object_name: str) -> Mapping[str, Type]:
        members = self._records.shapes[object_name].members
        if self.rights.full:
            return members
        if not self.rights.grants(object_name, "read"):
            return {}
        fields = self._records.objects[object_name].definition.fields
        return {
            name: members[name]
            for name in members
            if (name not in fields or self.rights.field(object_name, name).least >= self.least)
            and (members[name].base not in SEVERAL or self._shows_rows(object_name, name, members[name]))
        }

    def _shows_rows(self, object_name: str, name: str, type_: Type) -> bool:
        """Whether the viewer may ask for the rows on the other side of a link."""
        reverse = self._records.objects[object_name].reverse.get(name)
        if reverse is not None and not reverse.lines and not self.rights.shows_link(reverse.object, reverse.field):
            return False
        return all(self.rights.grants(rows, "read") for rows in type_.objects)


def schema_of(rights: Rights) -> ViewerSchema:
    """Return the schema of a set of roles, kept."""
    return rights.records.memory.get(("schema", rights.roles, rights.full), lambda: ViewerSchema(rights))


def check_filter(
    rights: Rights,
    object_name: str,
    text: str,
    names: Mapping[str, Any] | None = None,
    want: Type | None = BOOLEAN,
    *,
    part: str = "filter",
) -> TypedExpression:
    """Return a query's expression checked for its viewer. ``names``: values bound to further names. ``part``: the part of the query
    that it is, for what is said of it (filter, sort, totals). Raises Refusal 400."""
    if len(text) > LONGEST:
        said = Text(
            zh=f"表达式过长，最多 {LONGEST} 个字符", en=f"the expression is too long: {LONGEST} characters at most"
        )
        raise bad_filter(text[:60] + "…", said, Text(), "FILTER_TOO_LONG", part)
    for given in (text, *(value for value in (names or {}).values() if isinstance(value, str))):
        if not storable(given):
            said = Text(zh="含有不能使用的字符", en="it holds characters that can't be used")
            raise bad_filter("", said, Text(), "BAD_TEXT", part)
    roots: dict[str, Type] = {"me": Type(Base.LINK, ("user",))}
    roots |= {name: type_of(value) for name, value in (names or {}).items()}
    scope = Scope(schema_of(rights), object_name, roots, key=(rights.roles, rights.full))
    checked = check_expression(text, scope, rights.records.kinds.functions, want=want)
    if checked.expression is None:
        fault = next(fault for fault in checked.faults if fault.severity == "error")
        if fault.code == UNKNOWN and _masked(rights, text, scope, fault):
            name = text[fault.start : fault.end]
            said = Text(
                zh=f"{name} 对您只显示掩码，不能用来筛选、排序、分组或汇总",
                en=f"{name} is masked for you: it can't be filtered, sorted, grouped or summed by",
            )
            raise bad_filter(text, said, Text(), fault.code, part)
        raise bad_filter(text, fault.message, fault.hint, fault.code, part)
    return checked.expression


def _masked(rights: Rights, text: str, scope: Scope, fault: ExpressionFault) -> bool:
    """Whether a name is unknown to its viewer only because what it stands for is masked for them."""
    wider = replace(scope, schema=ViewerSchema(rights, Right.MASKED), key=("masked", scope.key))
    found = check_expression(text, wider, rights.records.kinds.functions).faults
    return all((one.code, one.start) != (UNKNOWN, fault.start) for one in found)


def storable(text: str) -> bool:
    """Whether the database could hold a text: no NUL, no halves of surrogate pairs."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def type_of(value: object) -> Type:
    """Return the type that a value bound to a name has in a filter."""
    match value:
        case None:
            return BLANK
        case Standing():
            return Type(Base.LINK, (value.object,))
        case bool():
            return BOOLEAN
        case int() | Decimal():
            return NUMBER
        case datetime():
            return DATETIME
        case date():
            return DATE
        case _:
            return TEXT


_PARTS = {
    "filter": Text(zh="筛选条件", en="filter"),
    "sort": Text(zh="排序", en="sort"),
    "totals": Text(zh="汇总", en="total"),
    "by": Text(zh="分组", en="split"),
    "split": Text(zh="分组", en="split"),
    "measures": Text(zh="度量", en="measure"),
}


def bad_filter(text: str, message: Text, hint: Text, code: str, part: str = "filter") -> Refusal:
    """Return the refusal of a malformed filter, or of another part that is read as one, with what is wrong and what may have been
    meant."""
    what = _PARTS[part]
    shown = text if len(text) <= 60 else text[:59] + "…"
    said = Text(
        zh=f"{what.zh}「{shown}」有误：{message.zh or message.en}" + (f"（{hint.zh or hint.en}）" if hint else ""),
        en=f"The {what.en} “{shown}” is wrong: {message.en or message.zh}"
        + (f" ({hint.en or hint.zh})" if hint else ""),
    )
    return Refusal(400, code, said, (FieldError(part, code, said),))


def bad_query(part: str, code: str, message: Text) -> Refusal:
    """Return the refusal of another malformed part of a query: sort, fields, after, totals, view."""
    return Refusal(400, code, message, (FieldError(part, code, message),))
