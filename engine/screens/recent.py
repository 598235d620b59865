"""The records that somebody opened last, on this device: kept in the session's cookie as names and ids alone, so that what is shown of them
is what they may see at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request, session

from engine.records.query import Query, read_page
from engine.refusals import Refusal
from engine.screens.record import title_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from engine.screens.site import Visit

RECENT = "recent"
KEPT = 8
RULE = "/o/<name>/<int:number>"


def note_opened(answer: Response) -> Response:
    """Note the record whose page is answered."""
    opened = request.url_rule is not None and request.url_rule.rule == RULE and answer.status_code == 200
    if opened and request.method == "GET" and request.view_args:
        one = [request.view_args["name"], request.view_args["number"]]
        former = [other for other in session.get(RECENT, []) if other != one]
        if session.get(RECENT, [])[:1] != [one]:
            session[RECENT] = [one, *former][:KEPT]
    return answer


def read_opened(visit: Visit) -> list[tuple[str, int, str]]:
    """Return (object, id, title) of the records opened last that are still there for the viewer, the last one first."""
    noted = [(str(name), int(number)) for name, number in session.get(RECENT, [])]
    titles: dict[tuple[str, int], str] = {}
    for name in {name for name, _ in noted if name in visit.records.objects}:
        compiled = visit.records.objects[name]
        ids = ", ".join(str(number) for other, number in noted if other == name)
        try:
            page = read_page(visit.context, Query(name, ("id", compiled.title), filter=f"id in ({ids})", limit=KEPT))
        except Refusal:
            continue
        titles |= {(name, row["id"]): title_of(compiled, row, visit.language) for row in page.items}
    return [(name, number, titles[name, number]) for name, number in noted if (name, number) in titles]
