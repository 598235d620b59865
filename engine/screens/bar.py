"""The lists inside a list's menus (sorting, columns, fields to filter by) and its heads: long, and on every list page. They are drawn
once for a table, with a place left for the address; a page only puts its own address there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.screens.grouping import EVERY, NOTHING, STEPS
from engine.screens.html import Html, escaped
from engine.screens.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.screens.address import Gap, ListAddress
    from engine.screens.assets import Assets
    from engine.screens.cells import Column
    from engine.screens.grouping import Grouping

SORTS = 12  # columns in the sorting menu
# The places of the address around a choice: no text of a definition holds such a character.
BEFORE, AFTER = "\x01", "\x02"


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head while nothing is sorted by it, while it sorts ascending, and while it sorts descending."""

    name: str
    unsorted: str
    up: str
    down: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of one table, drawn but for the address of the page. ``order``: what to sort by, with the markup up to the place
    of the tick and after it."""

    top: tuple[Head, ...]
    order: tuple[tuple[str, str, str], ...]
    tick: str
    fields: str
    choices: Html
    blanks: Html
    groups: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str, str], ...] = ()

    def groupings(self, address: ListAddress, grouping: Grouping | None, language: str) -> Html:
        """Return the entries of the menu that groups a list, the one in force ticked; for days their steps, and which group comes first."""
        gap = address.grouping()
        here = grouping.path if grouping else ""
        parts = [f"{one}{self.tick if path == here else ''}</a>" for path, one in self.groups]
        if grouping is not None:
            parts.append('<hr class="menu-sep">')
            sign = "-" if grouping.down else ""
            for step, one in self.steps if grouping.step else ():
                url = f"{sign}{grouping.path}:{step}"
                parts.append(f"{one.replace(AFTER, escaped(url))}{self.tick if step == grouping.step else ''}</a>")
            other = grouping.text.removeprefix("-") if grouping.down else f"-{grouping.text}"
            parts.append(_way(f"{gap.before}{other}", "group_up" if grouping.down else "group_down", language))
            folded = EVERY in address.shut
            url = address.url(shut=()) if folded else address.url(shut=(EVERY,))
            parts.append(_way(url, "unfold_all" if folded else "fold_all", language))
        return _placed("".join(parts), gap)

    def heads(self, gap: Gap, sort: tuple[str, ...]) -> Html:
        """Return the table's heads, each sortable one leading to the other order. ``sort``: names, ``-`` in front for descending."""
        directions = {name.removeprefix("-"): name.startswith("-") for name in sort}
        parts = [
            one.unsorted if one.name not in directions else one.down if directions[one.name] else one.up
            for one in self.top
        ]
        return _placed("".join(parts), gap)

    def sorts(self, gap: Gap, sort: tuple[str, ...]) -> Html:
        """Return the entries of the sorting menu, the one in force ticked."""
        parts = [f"{one}{self.tick if sort == (name,) else ''}{rest}" for name, one, rest in self.order]
        return _placed("".join(parts), gap)

    def filters(self, gap: Gap) -> Html:
        """Return the entries of the menu that adds a filter."""
        return _placed(self.fields, gap)


def _placed(markup: str, gap: Gap) -> Html:
    return Html(markup.replace(BEFORE, escaped(gap.before)).replace(AFTER, escaped(gap.after)))


def make_bar(
    columns: Sequence[Column],
    title: str,
    language: str,
    assets: Assets,
    *,
    others: Mapping[str, str],
    fields: Iterable[tuple[str, str, str]],
    groups: Iterable[tuple[str, str, str]] = (),
) -> Bar:
    """Return the bar of a table. ``others``: columns that are not shown, name → label; ``fields``: what can be filtered by, as
    name, label and icon, ``groups``: what can be grouped by."""
    shown = [(one.name, one.label, " checked") for one in columns]
    entries = [*shown, *((name, label, "") for name, label in others.items())]
    return Bar(
        top=tuple(_head(one, title, assets) for one in columns),
        order=tuple(_order(columns, language, assets)),
        tick=f'<span class="push">{assets.icon("check")}</span>',
        fields="".join(
            f'<a class="menu-item" href="{BEFORE}{escaped(name)}">{assets.icon(icon)}{escaped(label)}</a>'
            for name, label, icon in fields
        ),
        choices=Html("".join(_choice(name, label, checked, language, assets) for name, label, checked in entries)),
        blanks=Html("".join(f'<td class="{one.css}"></td>' for one in columns)),
        groups=tuple(_groups(groups, language, assets)),
        steps=tuple(
            (
                step,
                f'<a class="menu-item" href="{BEFORE}{AFTER}">{assets.icon("calendar")}{say(f"step_{step}", language)}',
            )
            for step in STEPS
        ),
    )


def _groups(groups: Iterable[tuple[str, str, str]], language: str, assets: Assets) -> Iterable[tuple[str, str]]:
    none = say("group_none", language)
    yield NOTHING, f'<a class="menu-item" href="{BEFORE}{NOTHING}">{assets.icon("list")}{none}'
    for text, label, icon in groups:
        said = escaped(say("group_by", language, field=label))
        url = f"{BEFORE}{escaped(text)}"
        path = text.partition(":")[0]
        yield path, f'<a class="menu-item" href="{url}" aria-label="{said}">{assets.icon(icon)}{escaped(label)}'


def _way(url: str, text: str, language: str) -> str:
    return f'<a class="menu-item" href="{escaped(url)}">{say(text, language)}</a>'


def _head(one: Column, title: str, assets: Assets) -> Head:
    css = f"{one.css} c-title".strip() if one.name == title else one.css
    label, name = escaped(one.label), escaped(one.name)

    def head(state: str, arrow: str, following: str) -> str:
        inner = f"{label}{assets.icon(arrow, 'icon-s') if arrow else ''}"
        if one.sortable:
            inner = f'<a href="{BEFORE}{following}{AFTER}">{inner}</a>'
        return f'<th scope="col" class="{css}"{state} data-name="{name}">{inner}</th>'

    return Head(
        one.name,
        unsorted=head("", "", name),
        up=head(' aria-sort="ascending"', "arrow-up", f"-{name}"),
        down=head(' aria-sort="descending"', "arrow-down", name),
    )


def _order(columns: Sequence[Column], language: str, assets: Assets) -> Iterable[tuple[str, str, str]]:
    newest = say("sort_new", language)
    yield _sort("-id", newest, newest, assets)
    for one in [column for column in columns if column.sortable][:SORTS]:
        label = escaped(one.label)
        up, down = (f'{label} <span class="muted">{say(text, language)}</span>' for text in ("ascending", "descending"))
        yield _sort(one.name, up, say("sort_up", language, field=label), assets)
        yield _sort(f"-{one.name}", down, say("sort_down", language, field=label), assets)


def _sort(name: str, label: str, said: str, assets: Assets) -> tuple[str, str, str]:
    mark = assets.icon("sort-descending" if name.startswith("-") else "sort-ascending")
    url = f"{BEFORE}{escaped(name)}{AFTER}"
    return name, f'<a class="menu-item" href="{url}" aria-label="{said}">{mark}{label}', "</a>"


def _choice(name: str, label: str, checked: str, language: str, assets: Assets) -> str:
    label, icon = escaped(label), assets.icon
    up, down = (say(text, language, field=label) for text in ("columns_up", "columns_down"))
    return (
        f'<li><span class="grip" aria-hidden="true">{icon("grip-vertical", "icon-s")}</span>'
        f'<label><input class="check" type="checkbox" name="columns" value="{escaped(name)}"{checked}>'
        f'<span class="cut">{label}</span></label>'
        f'<button class="btn ghost square" type="button" data-nudge="-1" aria-label="{up}">{icon("chevron-up", "icon-s")}</button>'
        f'<button class="btn ghost square" type="button" data-nudge="1" aria-label="{down}">{icon("chevron-down", "icon-s")}</button>'
        "</li>"
    )
