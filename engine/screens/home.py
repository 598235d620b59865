"""The first page: what this person worked on last, by object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.records.query import Query, read_page
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.menu import read_menu
from engine.screens.record import title_of
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.screens.site import Visit

ROWS = 6
OBJECTS = 9
FEW = 3  # with fewer groups of one's own than this, what others did last is shown as well
OTHERS = 4


def _recent(visit: Visit, names: Iterable[str], *, mine: bool) -> list[dict[str, Any]]:
    """Return what was changed last, by object: one's own, or all that one may see."""
    groups = []
    for name in names:
        compiled = visit.records.objects[name]
        own = "updated_by = me or created_by = me"
        if compiled.owner:
            own = f"{compiled.owner} = me or {own}"
        fields = ("id", compiled.title, "updated_at")
        asked = Query(name, fields, filter=own if mine else "", sort=("-updated_at",), limit=ROWS)
        rows = [
            {
                "url": f"/o/{name}/{row['id']}",
                "label": title_of(compiled, row, visit.language),
                "when": Html(ago(row["updated_at"], visit.context.now, visit.language, visit.locale.zone)),
            }
            for row in read_page(visit.context, asked).items
        ]
        if rows:
            definition = compiled.definition
            plural = (definition.plural or definition.label)(visit.language)
            label = say("recent" if mine else "recent_all", visit.language, object=plural)
            groups.append({"object": name, "icon": definition.icon, "label": label, "rows": rows})
    return groups


def home_page(visit: Visit) -> str:
    """Return the first page."""
    language = visit.language
    menu = read_menu(visit.records, visit.rights, visit.context.actor, language)
    names = list(dict.fromkeys(entry.object for group in menu for entry in group.entries))
    groups = _recent(visit, names[:OBJECTS], mine=True)
    if len(groups) < FEW:
        known = {group["object"] for group in groups}
        groups += _recent(visit, [name for name in names if name not in known][:OTHERS], mine=False)
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
