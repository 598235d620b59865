"""The rules for names: how they are written, which are taken by the language and by the system's own fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metamodel.expressions.types import DATETIME, NUMBER, Base, Type
from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.faults import Faults, Mark

PATTERN = "^[a-z][a-z0-9_]{0,59}$"
REVERSE_PATTERN = "^[a-z][a-z0-9_]{0,119}$"
_NAME = re.compile(PATTERN.replace("$", r"\Z"))
_REVERSE = re.compile(REVERSE_PATTERN.replace("$", r"\Z"))

USER = "user"  # the object whose records are people
_PERSON = Type(Base.LINK, (USER,))
SYSTEM_FIELDS: Mapping[str, Type] = {
    "id": NUMBER,
    "created_at": DATETIME,
    "created_by": _PERSON,
    "updated_at": DATETIME,
    "updated_by": _PERSON,
    "version": NUMBER,
    "deleted_at": DATETIME,
}
OWNED_FIELDS: Mapping[str, Type] = {"owner_since": DATETIME}  # of objects that name an owner
SYSTEM_LABELS: Mapping[str, Text] = {
    "id": Text(zh="编号", en="ID"),
    "created_at": Text(zh="创建时间", en="Created at"),
    "created_by": Text(zh="创建人", en="Created by"),
    "updated_at": Text(zh="修改时间", en="Updated at"),
    "updated_by": Text(zh="修改人", en="Updated by"),
    "version": Text(zh="版本", en="Version"),
    "deleted_at": Text(zh="删除时间", en="Deleted at"),
    "owner_since": Text(zh="归属时间", en="Owner since"),
}
WORDS = frozenset(
    {
        "me",
        "old",
        "record",
        "parent",
        "user",
        "group",
        "rows",
        "true",
        "false",
        "blank",
        "null",
        "and",
        "or",
        "not",
        "in",
    }
)
RESERVED_FIELDS = frozenset(SYSTEM_FIELDS) | frozenset(OWNED_FIELDS) | WORDS


def is_name(text: str) -> bool:
    """Whether ``text`` is written as a name."""
    return _NAME.match(text) is not None


def check_name(name: str, mark: Mark, faults: Faults, *, field: bool = False, reverse: bool = False) -> bool:
    """Add a fault where ``name`` is no name, or (for a ``field`` or ``reverse`` name) one that is reserved; return whether it is good."""
    if not (_REVERSE if reverse else _NAME).match(name):
        message = Text(zh="名称 {name} 不合规则", en="{name} is not a valid name").format(name=clip(name) or '""')
        most = 120 if reverse else 60
        hint = Text(
            zh=f"以小写字母开头，只含小写字母、数字、下划线，最长 {most} 个字符",
            en=f"lower-case letters, digits and _, a letter first, at most {most} characters",
        )
        faults.add("BAD_NAME", message, mark, hint=hint)
        return False
    if (field or reverse) and name in RESERVED_FIELDS:
        message = Text(zh="名称 {name} 是保留字", en="the name {name} is reserved").format(name=name)
        hint = Text(zh=f"可改为 {name}_value 之类的名称", en=f"call it something like {name}_value")
        faults.add("RESERVED_NAME", message, mark, hint=hint)
        return False
    return True


def label_of(name: str) -> Text:
    """Return the label a definition without one gets: ``close_on`` reads Close on."""
    words = name.replace("_", " ").strip()
    shown = words[:1].upper() + words[1:]
    return Text(zh=shown, en=shown)


_VIEWS: Mapping[str, Text] = {
    "all": Text(zh="全部", en="All"),
    "mine": Text(zh="我的", en="Mine"),
    "board": Text(zh="看板", en="Board"),
    "kanban": Text(zh="看板", en="Board"),
    "calendar": Text(zh="日历", en="Calendar"),
    "agenda": Text(zh="日程", en="Agenda"),
    "cards": Text(zh="卡片", en="Cards"),
    "map": Text(zh="地图", en="Map"),
    "pool": Text(zh="公海", en="Pool"),
}


def view_label_of(name: str) -> Text:
    """Return the label of a view without one: what views of that name are called in both languages, else the name."""
    return _VIEWS.get(name) or label_of(name)


def plural_of(name: str) -> str:
    """Return the English plural: opportunity → opportunities, box → boxes."""
    if not name:
        return name
    lower = name.lower()
    if lower.endswith("y") and lower[-2:-1] not in {"a", "e", "i", "o", "u", ""}:
        return name[:-1] + "ies"
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    return name + "s"
