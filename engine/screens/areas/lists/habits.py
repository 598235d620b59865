"""What people keep of lists: views under names, for themselves, for roles or for all, which of them opens first, and how tables stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from engine.refusals import Refusal
from engine.screens import saved_views
from engine.screens.address import read_address
from engine.screens.list_frame import may_share
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.screens.site import Visit

EVERYBODY = "*"


def read_title(given: str) -> str:
    """Return a view's name as it is kept. Raises Refusal 422."""
    title = " ".join(given.replace("\0", "").split())
    if not title or len(title) > saved_views.LONGEST_NAME:
        raise Refusal(422, "NAME", TEXTS["save_view_named"])
    return title


def keep(visit: Visit, object_name: str, title: str, query: str, whom: Sequence[str]) -> int:
    """Keep a view; return its id. ``whom``: the roles it is shared with, EVERYBODY for all, none for oneself. Raises Refusal 403, 404, 422."""
    visit.object(object_name)
    if whom and not may_share(visit):
        raise Refusal(403, "FORBIDDEN", TEXTS["share_barred"])
    if any(one != EVERYBODY and one not in visit.records.model.roles for one in whom):
        raise Refusal(422, "UNKNOWN_ROLE", TEXTS["error_400"])
    roles = () if EVERYBODY in whom else tuple(dict.fromkeys(whom))
    return saved_views.keep_view(visit.context, object_name, read_title(title), query, shared=bool(whom), roles=roles)


def rename(visit: Visit, object_name: str, number: int, title: str) -> None:
    """Give one's own view another name. Raises Refusal 404, 422."""
    visit.object(object_name)
    if not saved_views.rename_view(visit.context, object_name, number, read_title(title)):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])


def drop(visit: Visit, object_name: str, number: int) -> None:
    """Delete one's own view; where it was what opens first, nothing does any more. Raises Refusal 404."""
    visit.object(object_name)
    if not saved_views.drop_view(visit.context, object_name, number):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    first = saved_views.read_kept(visit.context, object_name).habits.first
    if dict(parse_qsl(first)).get("saved") == str(number):
        saved_views.keep_habits(visit.context, object_name, {"first": ""})


def change(visit: Visit, object_name: str, given: Mapping[str, Any]) -> None:
    """Change habits: ``density``, ``frozen``, ``first``, ``widths`` (column → pixels, None = as wide as it needs). Raises Refusal 400."""
    visit.object(object_name)
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "density" and value in saved_views.DENSITIES:
            saved_views.keep_habits(visit.context, saved_views.ALL_OBJECTS, {name: value})
        elif name == "frozen" and type(value) is int and 0 <= value <= saved_views.MOST_FROZEN:
            found[name] = value
        elif name == "first" and isinstance(value, str):
            found[name] = read_address(object_name, parse_qsl(value[: saved_views.LONGEST_QUERY])).query()
        elif name == "widths" and isinstance(value, dict):
            found[name] = _widths(value)
        else:
            raise Refusal(400, "MALFORMED", TEXTS["error_400"])
    if found:
        saved_views.keep_habits(visit.context, object_name, found)


def _widths(given: Mapping[str, Any]) -> dict[str, int]:
    least, most = saved_views.WIDTHS
    if len(given) > saved_views.MOST_WIDTHS or any(
        len(name) > 200 or type(width) is not int or not least <= width <= most for name, width in given.items()
    ):
        raise Refusal(400, "MALFORMED", TEXTS["error_400"])
    return dict(given)
