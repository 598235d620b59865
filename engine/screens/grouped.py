"""The rows of a grouped list: heads with their figures, the rows of the first open groups, and the way to those of the others. The figures
are one statement, the rows at most two, however many groups there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.records.query import read_page
from engine.refusals import Refusal
from engine.screens.cells import total_cells
from engine.screens.grouping import EVERY, address_key, read_grouping, read_groups, read_key
from engine.screens.html import Html, escaped
from engine.screens.texts import TEXTS, say
from engine.screens.tints import dress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.records.query import Page, Row
    from engine.screens.grouping import Group, Grouping
    from engine.screens.lists import Asked
    from engine.screens.site import Visit

ROWS = 60  # that a page begins with, over all groups
PART = 40  # of one group at a time
LEAST = 5  # fewer rows of a group than these are not worth beginning it
WHOLE = ROWS  # groups that one statement reads


def draw_groups(visit: Visit, asked: Asked, grouping: Grouping) -> Html:
    """Return the body of a grouped list. Raises Refusal 400, 403 where the viewer may not have it grouped so."""
    groups, more = read_groups(visit, asked, grouping)
    shut = set(asked.address.shut)
    opened = [one for one in groups if EVERY not in shut and one.name not in shut]
    whole, begun, room = _shares(opened)
    rows: dict[str, list[Row]] = {one.name: [] for one in groups}
    after = ""
    if whole:
        for row in _read(visit, asked, grouping, whole, sum(one.count for one in whole)).items:
            name = _name_of(visit, grouping, row)
            if name in rows:
                rows[name].append(row)
    if begun is not None:
        page = _read(visit, asked, grouping, [begun], room)
        rows[begun.name], after = list(page.items), page.next or ""
    drawn: list[str] = []
    there = {one.name for one in whole}
    for one in groups:
        is_open = one in opened
        drawn.append(_head(visit, asked, one, is_open=is_open))
        drawn += _rows(asked, one.name, rows[one.name])
        if not is_open or one.name in there:
            continue
        if begun is None or one is not begun:
            drawn.append(_more(visit, asked, one.name, "", auto=True))
        elif after:
            drawn.append(_more(visit, asked, one.name, after))
    if more:
        said = escaped(say("group_more", visit.language, count=len(groups)))
        drawn.append(f'<tr class="group-end"><td class="pick"></td><td colspan="{_width(asked)}">{said}</td></tr>')
    return Html("".join(drawn))


def group_part(visit: Visit, asked: Asked, text: str) -> Html:
    """Return more rows of one group, from the address's cursor on. Raises Refusal 404 where that is no group."""
    grouping = read_grouping(visit, asked.compiled, asked.view, asked.address.group)
    if grouping is None:
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"])
    try:
        key = read_key(grouping, text)
    except (KeyError, ValueError):
        raise Refusal(404, "NOT_FOUND", TEXTS["error_404"]) from None
    page = _page(visit, asked, grouping, grouping.condition(key, 0), limit=PART, after=asked.address.after)
    drawn = _rows(asked, text, page.items)
    if page.next:
        drawn.append(_more(visit, asked, text, page.next))
    return Html("".join(drawn))


def _shares(opened: Sequence[Group]) -> tuple[list[Group], Group | None, int]:
    """Return the open groups that a page shows as a whole, the one that it begins, and how many of its rows."""
    room = ROWS
    whole: list[Group] = []
    for one in opened:
        if one.count > room or len(whole) == WHOLE:
            fits = room >= LEAST and len(whole) < WHOLE
            return whole, one if fits else None, room
        whole.append(one)
        room -= one.count
    return whole, None, 0


def _read(visit: Visit, asked: Asked, grouping: Grouping, groups: Sequence[Group], limit: int) -> Page:
    found = [grouping.condition(one.key, place) for place, one in enumerate(groups)]
    values = {name: value for _, given in found for name, value in given.items()}
    within = " or ".join(condition for condition, _ in found), values
    # Some may have come in since they were counted: with room for a few more none of the last group is lost.
    return _page(visit, asked, grouping, within, limit=min(limit + (len(groups) > 1) * LEAST, 1000))


def _page(
    visit: Visit, asked: Asked, grouping: Grouping, within: tuple[str, dict[str, Any]], *, limit: int, after: str = ""
) -> Page:
    condition, values = within
    narrowed = asked.filters.expression
    fields = tuple(dict.fromkeys((*asked.table.fields, grouping.path)))
    query = asked.query(fields=fields, sort=asked.sort, limit=max(limit, 1), after=after, values=values)
    page = read_page(visit.context, replace(query, filter=f"({narrowed}) and ({condition})" if narrowed else condition))
    dress(visit, asked, page.items)
    return page


def _name_of(visit: Visit, grouping: Grouping, row: Row) -> str:
    return address_key(grouping.key_of(row.get(grouping.path), visit))


def _rows(asked: Asked, name: str, rows: Sequence[Row]) -> list[str]:
    begin = f'<tr data-in="{escaped(name)}"'
    return [begin + asked.table.draw(row).removeprefix("<tr") for row in rows]


def _width(asked: Asked) -> int:
    return len(asked.table.columns)


def _head(visit: Visit, asked: Asked, group: Group, *, is_open: bool) -> str:
    """Return a group's head: what it is called, how many there are, and its totals under their columns."""
    view_totals = asked.view.totals if asked.view else {}
    totals = {name: (view_totals[name], value) for name, value in group.totals.items()}
    columns = asked.table.columns
    cells = total_cells(columns, totals, visit.language)
    first = next((place for place, cell in enumerate(cells) if cell and place), len(cells))
    rest = "".join(
        f'<td class="{one.css}">{cell}</td>' for one, cell in zip(columns[first:], cells[first:], strict=True)
    )
    icon = visit.site.renderer.assets.icon("chevron-down", "icon-s")
    picked = escaped(say("pick_group", visit.language, group=group.words))
    said = escaped(say("list_count", visit.language, count=f"{group.count:,}"))
    state = "" if is_open else f' data-from="{escaped(_part_url(asked, group.name, ""))}"'
    return (
        f'<tr class="group" data-group="{escaped(group.name)}"{state}><td class="pick"><label>'
        f'<input class="check" type="checkbox" data-pick-group aria-label="{picked}"></label></td>'
        f'<th scope="rowgroup" colspan="{first}"><button type="button" class="group-toggle" '
        f'aria-expanded="{"true" if is_open else "false"}">{icon}{group.label}'
        f'<span class="group-count" title="{said}">{group.count:,}</span></button></th>{rest}</tr>'
    )


def _more(visit: Visit, asked: Asked, name: str, after: str, *, auto: bool = False) -> str:
    """Return the row that leads to more rows of a group; ``auto``: which come by themselves when it is seen."""
    url, said = escaped(_part_url(asked, name, after)), say("list_more", visit.language)
    return (
        f'<tr class="group-more" data-in="{escaped(name)}"><td class="pick"></td><td colspan="{_width(asked)}">'
        f'<a class="btn ghost" href="{url}" data-group-more{" data-auto" if auto else ""} hx-boost="false">{said}</a></td></tr>'
    )


def _part_url(asked: Asked, name: str, after: str) -> str:
    path = f"/o/{asked.compiled.name}"
    return asked.address.url(after=after, shut=()).replace(path, f"{path}/group/{name}", 1)
