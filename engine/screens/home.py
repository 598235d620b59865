"""The first page: what this person worked on last, by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.query import Query, read_page
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.menu import read_menu
from engine.screens.record import title_of
from engine.screens.texts import say

if TYPE_CHECKING:
    from engine.screens.site import Visit

ROWS = 6
OBJECTS = 9


def home_page(visit: Visit) -> str:
    """Return the first page."""
    language = visit.language
    menu = read_menu(visit.records, visit.rights, visit.context.actor, language)
    names = list(dict.fromkeys(entry.object for group in menu for entry in group.entries))
    groups = []
    for name in names[:OBJECTS]:
        compiled = visit.records.objects[name]
        mine = f"{compiled.owner} = me" if compiled.owner else "created_by = me or updated_by = me"
        asked = Query(name, ("id", compiled.title, "updated_at"), filter=mine, sort=("-updated_at",), limit=ROWS)
        rows = [
            {
                "url": f"/o/{name}/{row['id']}",
                "label": title_of(compiled, row, language),
                "when": Html(ago(row["updated_at"], visit.context.now, language, visit.locale.zone)),
            }
            for row in read_page(visit.context, asked).items
        ]
        if rows:
            definition = compiled.definition
            plural = (definition.plural or definition.label)(language)
            label = say("recent", language, object=plural)
            groups.append({"object": name, "icon": definition.icon, "label": label, "rows": rows})
    return visit.page("home.html", here="/", groups=groups)
