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
        mine = "updated_by = me or created_by = me"
        if compiled.owner:
            mine = f"{compiled.owner} = me or {mine}"
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
    places = [
        {
            "url": entry.url,
            "icon": entry.icon,
            "label": entry.label,
            "new_url": f"/o/{entry.object}/new" if visit.rights.grants(entry.object, "create") else "",
            "new_label": say("new", language, object=visit.records.model.objects[entry.object].label(language)),
        }
        for group in menu
        for entry in group.entries
    ]
    return visit.page("home.html", here="/", groups=groups, places=places)
