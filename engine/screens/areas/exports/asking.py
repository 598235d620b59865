"""What is to be exported: the records of a list as it stands, or those picked in it; its columns or all fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.files.store import Store
from engine.records.query import read_totals
from engine.refusals import Refusal
from engine.screens.lists import ask
from engine.screens.texts import say
from engine.transfer import export_orders
from engine.transfer.export import Wanted, columns_of
from engine.transfer.export_work import write_at_once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.screens.address import ListAddress
    from engine.screens.lists import Asked
    from engine.screens.site import Visit

MOST_PICKED = 5_000


def read_ids(given: Iterable[str]) -> tuple[int, ...]:
    """Return the ids of a form."""
    found = (int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 19)
    return tuple(dict.fromkeys(found))[:MOST_PICKED]


def ask_page(visit: Visit, address: ListAddress, ids: tuple[int, ...]) -> str:
    """Return the page that asks what is wanted. Raises Refusal 403, 404."""
    asked = ask(visit, address)
    wanted = _wanted(asked, ids, whole=True)
    columns_of(visit.context, wanted)
    try:
        count = read_totals(visit.context, wanted.query(fields=("id",), count=True)).count or 0
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        count = 0
    definition, language = asked.compiled.definition, visit.language
    return visit.page(
        "exports/ask.html",
        here=f"/o/{address.object}",
        object=address.object,
        label=definition.label(language),
        plural=(definition.plural or definition.label)(language),
        back=address.url(),
        rest=address.query(),
        ids=ids,
        said=say("exports_picked" if ids else "exports_these", language, count=f"{count:,}"),
        formats=[(name, say(f"exports_{name}", language)) for name in reversed(export_orders.FORMATS)],
    )


def _wanted(asked: Asked, ids: tuple[int, ...], *, whole: bool) -> Wanted:
    columns = () if whole else tuple(path for path in asked.table.fields if path not in {"id", "version"})
    return Wanted(
        asked.compiled.name,
        view=asked.view.name if asked.view else "",
        filter=asked.filters.expression,
        search=asked.address.search,
        sort=asked.sort,
        columns=columns,
        ids=ids or None,
        whole=whole,
    )


def order(visit: Visit, address: ListAddress, ids: tuple[int, ...], form: str, *, whole: bool) -> str:
    """Order an export, a small one written at once; return the page of it. Raises Refusal."""
    wanted = _wanted(ask(visit, address), ids, whole=whole)
    made = export_orders.order_export(visit.context, wanted, form)
    if made.total <= export_orders.AT_ONCE:
        write_at_once(visit.context, made, Store(visit.site.config.files_folder).put)
    return f"/exports/{made.id}"
