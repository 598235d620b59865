"""The shape of a question to the reading door: what its statements depend on, without the values of one request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.records.renamed import has_renames, path_now, text_now

if TYPE_CHECKING:
    from engine.records.rights import Rights

LINES = "*"  # in place of a link: the rows of several parents at once


@dataclass(frozen=True, slots=True)
class Ask:
    """The shape of a query: what its statements depend on. ``names``: names bound by ``Query.values`` with a sample of each value.
    ``search``: "", text, or sound where pinyin may be meant. ``link``: "field target" for the records that link to one, or LINES."""

    object: str
    fields: tuple[str, ...] | None
    filter: str
    names: tuple[tuple[str, Any], ...]
    sort: tuple[str, ...]
    view: str
    search: str
    ids: bool
    binned: bool
    link: str = ""
    single: bool = False  # ids: it is one
    act: str = "read"  # what must be granted as well
    within: str = ""  # the field whose place lies in a box


def under_todays_names(rights: Rights, ask: Ask) -> Ask:
    """Return a query with renamed fields under their names of today."""

    if not has_renames(rights.records):
        return ask

    def now(path: str) -> str:
        sign = path[:1] if path[:1] in {"-", "+"} else ""
        return sign + path_now(rights, ask.object, path.removeprefix(sign))

    fields = None if ask.fields is None else tuple(dict.fromkeys(map(now, ask.fields)))
    text = text_now(rights, ask.object, ask.filter, (name for name, _ in ask.names)) if ask.filter else ""
    return replace(ask, fields=fields, filter=text, sort=tuple(map(now, ask.sort)))
