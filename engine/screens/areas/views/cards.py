"""A view as a grid of cards: a picture where the view names one, the title, then what it says of cards; page by page as in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.query import read_page
from engine.refusals import Refusal
from engine.screens.columns import find_field, listable
from engine.screens.html import Html
from engine.screens.kanban_cards import card_drawer
from engine.screens.lists import ask, frame_of
from engine.screens.locks import mark_locked
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from engine.screens.address import ListAddress
    from engine.screens.lists import Asked
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

CARDS = 48  # of a page: whole rows of two, three, four and six


def cards_page(visit: Visit, address: ListAddress, *, part: bool = False) -> str:
    """Return a grid of cards as a page, or its body alone (``part``) for a swap. Raises Refusal 404 where the view is none."""
    asked = ask(visit, address)
    view = asked.view
    if view is None or view.kind != "cards":
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    notes = list(asked.filters.notes)
    drawn, following = "", None
    try:
        drawn, following = _read(visit, asked, view)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        notes.append(refusal.message(visit.language))
    name = asked.compiled.name
    values = frame_of(visit, asked, notes) | {
        "choosable": "",
        "cards": Html(drawn),
        "next_url": address.url(after=following) if following else "",
        "summary_url": address.url().replace(f"/o/{name}", f"/o/{name}/summary", 1),
    }
    body = visit.part("views/cards.html", **values)
    return body if part else visit.page("list.html", here=f"/o/{name}", body=Html(body), **values)


def _read(visit: Visit, asked: Asked, view: ViewDef) -> tuple[str, str | None]:
    compiled = asked.compiled
    shown = [name for name in view.card if find_field(visit, compiled, name)]
    owner = [compiled.owner] if compiled.owner and compiled.owner in listable(visit, compiled) else []
    fields = tuple(dict.fromkeys(("id", compiled.title, *shown, *owner)))
    page = read_page(visit.context, asked.query(fields=fields, sort=asked.sort, limit=CARDS, after=asked.address.after))
    mark_locked(visit, compiled, page.items)
    draw = card_drawer(visit, compiled, view)
    return "".join(draw(row, None) for row in page.items), page.next
