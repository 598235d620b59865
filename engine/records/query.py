"""The one door for reading: every selection of business rows goes through here, the viewer's access in the WHERE clause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.fields.base import Value


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``fields``: names and paths (``customer.name``), None = all that the viewer may see. ``filter``: an expression;
    ``values`` binds names it uses as parameters. ``sort``: names, ``-`` in front for descending. ``after``: a page's cursor.
    ``totals``: field → sum | avg | min | max | count, over everything that matches. ``binned``: the recycle bin instead."""

    object: str
    fields: tuple[str, ...] | None = None
    filter: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    limit: int = 20
    after: str = ""
    view: str = ""
    search: str = ""
    count: bool = False
    totals: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[int, ...] = ()
    binned: bool = False


Row = dict[str, Any]  # name → Value; links and users as Reference; lines as list[Row]; id and version always


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    items: list[Row]
    next: str | None = None
    count: int | None = None
    totals: Mapping[str, Value] = field(default_factory=dict)


def read_page(context: Context, query: Query) -> Page:
    """Return one page. A constant number of statements, whatever the page and its size.

    Raises Refusal 400 for a malformed filter or sort or one over a field hidden or masked for the viewer, 404 for an object
    the viewer has no read grant on.
    """
    raise NotImplementedError


def read_page_json(context: Context, query: Query) -> bytes:
    """Return the same page as the API's JSON body ``{"items": […], "next": …}``: the fast road for the API's lists."""
    raise NotImplementedError


def read_one(
    context: Context, object_name: str, record_id: int, fields: tuple[str, ...] | None = None, *, binned: bool = False
) -> Row:
    """Return one record with its lines. Raises Refusal 404 where the viewer may not see it or it is not there."""
    raise NotImplementedError


def read_one_json(context: Context, object_name: str, record_id: int) -> tuple[int, bytes]:
    """Return version and JSON body of one record: the fast road."""
    raise NotImplementedError
