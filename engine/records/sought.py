"""What is searched for in a question: what it means for the question's shape, and its condition over the fields that the viewer may read.
Terms and their index are search.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import search
from engine.records.filters import bad_query, storable
from engine.records.rights import Right
from metamodel.text import Text

if TYPE_CHECKING:
    import sqlalchemy as sa

    from engine.records.compile import CompiledObject
    from engine.records.rights import Rights
    from engine.records.sqlscope import Condition


def searched(rights: Rights, compiled: CompiledObject, alias: sa.FromClause, *, sound: bool) -> Condition:
    """Return the condition of a search, over the fields that the viewer may read."""
    readable = {
        name: alias.c[next(iter(compiled.fields[name].columns.values()))]
        for name in compiled.shape.search_fields
        if rights.field(compiled.name, name).least >= Right.READ
    }
    return search.condition(alias, readable, sound=sound)


def how_sought(text: str) -> str:
    """Return what a search means for the shape of a question: "" for none, text, or sound where pinyin may be meant. Raises Refusal 400."""
    if not storable(text):
        said = Text(zh="含有不能使用的字符。", en="It holds characters that can't be used.")
        raise bad_query("search", "BAD_TEXT", said)
    if not text.strip():
        return ""
    return "sound" if search.may_be_sound(text) else "text"
