"""The lists inside a list's menus (sorting, columns, fields to filter by) and its heads, drawn in Python: they are long, and on every
list page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import escape

from engine.screens.html import Html
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.screens.address import ListAddress
    from engine.screens.assets import Assets
    from engine.screens.cells import Column

SORTS = 12  # columns in the sorting menu


@dataclass(frozen=True, slots=True)
class Bar:
    """What draws the bar of one list. ``sort`` is the order in force, names with ``-`` for descending."""

    address: ListAddress
    columns: Sequence[Column]
    sort: tuple[str, ...]
    title: str
    language: str
    assets: Assets

    def heads(self) -> Html:
        """Return the table's heads; those that can be sorted by lead to the other order."""
        directions = {name.lstrip("-"): name.startswith("-") for name in self.sort}
        parts = []
        for one in self.columns:
            down = directions.get(one.name)
            css = f"{one.css} c-title".strip() if one.name == self.title else one.css
            state = "" if down is None else f' aria-sort="{"descending" if down else "ascending"}"'
            arrow = "" if down is None else self.assets.icon("arrow-down" if down else "arrow-up", "icon-s")
            label = f"{escape(one.label)}{arrow}"
            if one.sortable:
                url = self.address.url(sort=(f"-{one.name}" if down is False else one.name,))
                label = f'<a href="{escape(url)}">{label}</a>'
            parts.append(f'<th scope="col" class="{css}"{state}>{label}</th>')
        return Html("".join(parts))

    def sorts(self) -> Html:
        """Return the entries of the sorting menu."""
        newest = say("sort_new", self.language)
        parts = [self._sort("-id", newest, newest)]
        for one in [column for column in self.columns if column.sortable][:SORTS]:
            label = str(escape(one.label))
            parts.append(self._sort(one.name, label, say("sort_up", self.language, field=label)))
            parts.append(self._sort(f"-{one.name}", label, say("sort_down", self.language, field=label)))
        return Html("".join(parts))

    def _sort(self, name: str, label: str, said: str) -> str:
        mark = self.assets.icon("sort-descending" if name.startswith("-") else "sort-ascending")
        here = f'<span class="push">{self.assets.icon("check")}</span>' if self.sort == (name,) else ""
        url = escape(self.address.url(sort=(name,)))
        return f'<a class="menu-item" href="{url}" aria-label="{said}">{mark}{label}{here}</a>'

    def choices(self, others: Mapping[str, str]) -> Html:
        """Return the entries of the columns menu: those shown in their order, then ``others`` (name → label)."""
        shown = [(one.name, one.label, " checked") for one in self.columns]
        entries = [*shown, *((name, label, "") for name, label in others.items())]
        return Html("".join([self._choice(name, str(escape(label)), checked) for name, label, checked in entries]))

    def _choice(self, name: str, label: str, checked: str) -> str:
        up, down = (say(text, self.language, field=label) for text in ("columns_up", "columns_down"))
        icon = self.assets.icon
        return (
            f'<li><span class="grip" aria-hidden="true">{icon("grip-vertical", "icon-s")}</span>'
            f'<label><input class="check" type="checkbox" name="columns" value="{escape(name)}"{checked}>'
            f'<span class="cut">{label}</span></label>'
            f'<button class="btn ghost square" type="button" data-nudge="-1" aria-label="{up}">{icon("chevron-up", "icon-s")}</button>'
            f'<button class="btn ghost square" type="button" data-nudge="1" aria-label="{down}">{icon("chevron-down", "icon-s")}</button>'
            "</li>"
        )

    def filters(self, fields: Iterable[tuple[str, str, str]]) -> Html:
        """Return the entries of the menu that adds a filter: (name, label, icon) each."""
        return Html(
            "".join(
                [
                    f'<a class="menu-item" href="{escape(self.address.url(edit=name))}">{self.assets.icon(icon)}{escape(label)}</a>'
                    for name, label, icon in fields
                ]
            )
        )
