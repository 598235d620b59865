"""The first page: what waits for this person, by object, and what was changed last. Which records are open is said by the packs'
views, so that nothing here knows tasks or deals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.records.query import Query, read_page
from engine.screens.areas.boards.mine import my_numbers
from engine.screens.cells import drawing, is_numeric
from engine.screens.columns import find_field, listable
from engine.screens.formats import ago
from engine.screens.html import Html
from engine.screens.lately import Lately
from engine.screens.menu import read_menu
from engine.screens.record import title_of
from engine.screens.texts import say
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit
    from metamodel.definitions.objects import ViewDef

ROWS = 6
CARDS = 5  # of one's own; the last changes are the sixth
LOOKED_AT = 9  # objects: each costs a statement
LAST = 8
LAST_EACH = 3  # of one object: a batch of one kind would hide all else
PERSON = re.compile(r"\bme\b")
MOMENTS = frozenset({Base.DATE, Base.DATETIME})


def home_page(visit: Visit) -> str:
    """Return the first page."""
    menu = read_menu(visit.records, visit.rights, visit.context.actor, visit.language)
    entries = [entry for group in menu for entry in group.entries]
    names = list(dict.fromkeys(entry.object for entry in entries if entry.object))[:LOOKED_AT]
    model, lately = visit.records.model, Lately(visit, names)
    makeable = [
        {
            "url": f"/o/{name}/new",
            "icon": model.objects[name].icon,
            "label": say("new", visit.language, object=model.objects[name].label(visit.language)),
        }
        for name in names
        if visit.rights.grants(name, "create")
    ]
    return visit.page(
        "home.html",
        here="/",
        cards=_cards(visit, lately, names),
        last=_last(visit, lately, names),
        makeable=makeable,
        places=entries,
        numbers=my_numbers(visit),
    )


def _cards(visit: Visit, lately: Lately, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return one's own open records by object: those with a day to keep first, those that look back last."""
    chosen = []
    for name in names:
        compiled = visit.records.objects[name]
        view = _open_view(compiled)
        if view is not None and compiled.owner in listable(visit, compiled):
            deadline = _deadline(visit, compiled, view)
            rank = 0 if deadline else 1 if _is_personal(view) else 3 if _is_log(compiled, view) else 2
            chosen.append((rank, deadline, compiled, view))
    cards: list[dict[str, Any]] = []
    for _rank, deadline, compiled, view in sorted(chosen, key=lambda one: one[0]):
        card = _card(visit, lately, compiled, view, deadline)
        cards += [card] if card["rows"] else []
        if len(cards) == CARDS:
            break
    return cards or _others(visit, lately, [compiled for _rank, _deadline, compiled, _view in chosen])


def _others(visit: Visit, lately: Lately, objects: Sequence[CompiledObject]) -> list[dict[str, Any]]:
    """Return what is open in the hands of others, for a viewer who owns none of it: those who lead see what they answer for."""
    chosen = []
    for compiled in objects:
        view = next((one for one in _filtered(compiled) if not _is_personal(one)), None)
        if view is not None:
            key = _deadline(visit, compiled, view) or _largest(visit, compiled, view)
            chosen.append((0 if key else 2 if _is_log(compiled, view) else 1, key, compiled, view))
    ranked = sorted(chosen, key=lambda one: one[0])[:CARDS]
    cards = [_card(visit, lately, compiled, view, key, mine=False) for _rank, key, compiled, view in ranked]
    return [card for card in cards if card["rows"]]


def _filtered(compiled: CompiledObject) -> list[ViewDef]:
    return [view for view in compiled.definition.views.values() if view.filter is not None and view.kind == "list"]


def _open_view(compiled: CompiledObject) -> ViewDef | None:
    """Return the view that says what is open: one that asks for the viewer, else the first that asks for anything."""
    if not compiled.owner:
        return None
    views = _filtered(compiled)
    return next((view for view in views if _is_personal(view)), views[0] if views else None)


def _is_personal(view: ViewDef) -> bool:
    return view.filter is not None and PERSON.search(view.filter.text) is not None


def _deadline(visit: Visit, compiled: CompiledObject, view: ViewDef) -> str:
    """Return the day that a view puts first, "" where it is sorted by something else."""
    first = view.sort[0] if view.sort else ""
    field = listable(visit, compiled).get(first)
    return first if field is not None and field.type.base in MOMENTS else ""


def _largest(visit: Visit, compiled: CompiledObject, view: ViewDef) -> str:
    """Return the amount whose largest a view puts first, "" where it is sorted by something else."""
    first = view.sort[0] if view.sort else ""
    field = listable(visit, compiled).get(first.removeprefix("-"))
    return field.name if first.startswith("-") and field is not None and is_numeric(field) else ""


def _is_log(compiled: CompiledObject, view: ViewDef) -> bool:
    """Whether a view looks back, latest first: what was done rather than what there is to do."""
    first = view.sort[0] if view.sort else ""
    field = compiled.fields.get(first.removeprefix("-"))
    return first.startswith("-") and field is not None and field.type.base in MOMENTS


def _card(
    visit: Visit, lately: Lately, compiled: CompiledObject, view: ViewDef, deadline: str, *, mine: bool = True
) -> dict[str, Any]:
    language, definition, fields = visit.language, compiled.definition, listable(visit, compiled)
    mark = next((name for name in view.columns if name in fields and fields[name].choices), "")
    about = next((name for name in view.columns if _is_about(compiled, fields, name)), "")
    assert view.filter is not None  # noqa: S101 - the view was chosen for its filter
    asked = Query(
        compiled.name,
        tuple(dict.fromkeys(one for one in ("id", compiled.title, about, mark, deadline, "updated_at") if one)),
        filter=view.filter.text
        if _is_personal(view) or not mine
        else f"({view.filter.text}) and {compiled.owner} = me",
        sort=view.sort,
        limit=ROWS,
    )
    # As the card's head says.
    if not deadline:
        found = lately.rows(asked, own=mine)
    else:
        found = read_page(visit.context, asked).items if mine else lately.first(asked)
    rows = [
        {
            "url": f"/o/{compiled.name}/{row['id']}",
            "label": title_of(compiled, row, language),
            "about": str(getattr(row.get(about), "label", "")),
            "mark": _drawn(visit, compiled, row, mark),
            "when": _drawn(visit, compiled, row, deadline) or _changed(visit, row),
        }
        for row in found
    ]
    return {
        "object": compiled.name,
        "icon": definition.icon,
        "label": _card_label(compiled, view, language, mine=mine),
        "when": fields[deadline].label(language) if deadline else say("home_changed", language),
        "url": f"/o/{compiled.name}?view={view.name}",
        "rows": rows,
    }


def _card_label(compiled: CompiledObject, view: ViewDef, language: str, *, mine: bool) -> str:
    """Return what a card is called: its view's label, with the object where that does not say what it lists."""
    definition, label = compiled.definition, view.label(language)
    plural = (definition.plural or definition.label)(language)
    if _is_personal(view):
        return label
    if mine:
        return say("home_mine", language, object=plural, view=label)
    said = definition.label(language).casefold()[:5] in label.casefold()
    return label if said else f"{plural} · {label}"


def _is_about(compiled: CompiledObject, fields: Mapping[str, Field], name: str) -> bool:
    """Whether a column says what a record belongs to: a link that is neither its title nor its owner."""
    return name in fields and fields[name].type.base is Base.LINK and name not in {compiled.title, compiled.owner}


def _drawn(visit: Visit, compiled: CompiledObject, row: Row, name: str) -> Html:
    found = find_field(visit, compiled, name) if name else None
    if found is None:
        return Html()
    return Html(drawing(found[0], visit.locale, visit.site.renderer.assets, brief=True)(row.get(name)))


def _changed(visit: Visit, row: Row) -> Html:
    return Html(ago(row["updated_at"], visit.context.now, visit.language, visit.locale.zone))


def _last(visit: Visit, lately: Lately, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return what was changed last among all that one may see, newest first."""
    found: list[tuple[Row, CompiledObject]] = []
    for name in names:
        compiled = visit.records.objects[name]
        asked = Query(name, ("id", compiled.title, "updated_at", "updated_by"), limit=LAST_EACH)
        found += [(row, compiled) for row in lately.rows(asked)]
    found.sort(key=lambda one: one[0]["updated_at"], reverse=True)
    return [
        {
            "url": f"/o/{compiled.name}/{row['id']}",
            "icon": compiled.definition.icon,
            "object": compiled.definition.label(visit.language),
            "label": title_of(compiled, row, visit.language),
            "who": str(getattr(row.get("updated_by"), "label", "")),
            "when": _changed(visit, row),
        }
        for row, compiled in found[:LAST]
    ]
