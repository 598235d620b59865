"""Table cells: for an object's columns in a language, the closures that turn a record into one row of markup. Compiled once per
set of columns; drawing a row is string work only. Which columns and which records is decided by the list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.fields.base import Reference, called
from engine.fields.results import format_of
from engine.screens import html
from engine.screens.card_cells import columns_on_card
from engine.screens.texts import say
from engine.screens.totals import figure
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from engine.fields.base import Draw, Field, Locale, Value
    from engine.records.query import Row
    from engine.screens.assets import Assets

USER = "user"
MANY_SHOWN = 3  # of several links in a cell; the others are counted
LOCKED = "\0locked"  # in a row: the mark of a record that can't be changed as things stand (locks.py)
TINTS = "\0tints"  # in a row: its colours
_QUIET = frozenset({Base.DATE, Base.DATETIME})


@dataclass(frozen=True, slots=True)
class Tints:
    """The colours of one record: attributes of its row, and column → class and words of its cells."""

    row: str
    cells: Mapping[str, tuple[str, str]]

    def on(self, opening: str, name: str) -> str:
        """Return the opening tag of a cell with its colour."""
        if name not in self.cells:
            return opening
        css, words = self.cells[name]
        if 'class="' in opening:
            return opening.replace('class="', f'title="{words}" class="{css} ', 1)
        return opening.replace("<td", f'<td title="{words}" class="{css}"', 1)


NO_TINTS = Tints("", {})


@dataclass(frozen=True, slots=True)
class Column:
    """One column as a table shows it. ``name`` is a field's name or a path; ``draw`` gives the inner markup of a value."""

    name: str
    label: str
    css: str
    draw: Callable[[Value], str]
    numeric: bool = False
    sortable: bool = False
    editable: bool = False
    minor: bool = False  # left out of cards on a phone
    opens: bool = False  # drawn as a link of its own
    amount: bool = False  # of money
    total: Callable[[str, Value], str | None] | None = None  # its totals in words: what they are, the value


def drawing(
    field: Field, locale: Locale, assets: Assets, *, links: bool = True, brief: bool = False
) -> Callable[[Value], str]:
    """Return what draws a value of ``field``: by the type of its value, so that a new field type needs nothing here.

    ``brief``: whole amounts of money without their zeros behind the point, as lists are read.
    """
    base = field.type.base
    if field.kind.draw is not None:
        return _drawn(field, field.kind.draw, locale, brief=brief, links=links)
    if base is Base.LIST:
        return _badges(field, locale, MANY_SHOWN if brief else 0)
    if base is Base.CHOICE and field.choices:
        return _choice(field, locale)
    if base is Base.BOOLEAN:
        return _boolean(locale, assets)
    if base is Base.LINK:
        return lambda value: reference(value, links=links)
    if base is Base.LINKS:
        return lambda value: references(value, links=links, most=MANY_SHOWN if brief else 0)
    show = field.kind.show
    escaped = html.escaped
    if field.kind.address and links:
        return lambda value: "" if value is None else opening(field, value, escaped(show(field, value, locale)))
    if brief and is_money(field):
        return lambda value: "" if value is None else escaped(_whole(show(field, value, locale)))
    return lambda value: "" if value is None else escaped(show(field, value, locale))


def _drawn(field: Field, draw: Draw, locale: Locale, *, brief: bool, links: bool) -> Callable[[Value], str]:
    """Return what draws a value as its kind does, its text where that says all."""

    def drawn(value: Value) -> str:
        if value is None:
            return ""
        found = draw(field, value, locale, brief=brief, links=links)
        return html.escaped(field.kind.show(field, value, locale)) if found is None else found

    return drawn


def opening(field: Field, value: Value, shown: str) -> str:
    """Return a value, drawn as ``shown``, as the way to what a click on it opens: a letter, a call, a page elsewhere."""
    kind = field.kind
    address = html.escaped(kind.address.format(kind.addressed(value) if kind.addressed else value))
    away = ' target="_blank" rel="noopener noreferrer nofollow"' if address.startswith("http") else ""
    return f'<a href="{address}"{away}>{shown}</a>'


def is_money(field: Field) -> bool:
    """Whether a field's values are amounts of money, computed ones too."""
    return field.kind.name == "money" or (field.kind.computed and format_of(field.definition) == "money")


def _whole(shown: str) -> str:
    """Return an amount without decimals that are all zero."""
    amount, _, decimals = shown.rpartition(".")
    return amount if amount and not decimals.strip("0") else shown


def _choice(field: Field, locale: Locale) -> Callable[[Value], str]:
    marks = {name: html.badge(one.label(locale.language), one.color) for name, one in field.choices.items()}
    return lambda value: "" if value is None else marks.get(value) or html.badge(str(value))


def _badges(field: Field, locale: Locale, most: int) -> Callable[[Value], str]:
    """Return what draws several choices or tags; ``most``: of more only so many, and how many others there are."""
    names = {name: one.label(locale.language) for name, one in field.choices.items()}
    marks = {name: html.badge(names[name], one.color) for name, one in field.choices.items()}

    def draw(value: Value) -> str:
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        shown = values[:most] if most else values
        rest = _rest("span", [names.get(one, str(one)) for one in values[len(shown) :]])
        drawn = "".join(marks.get(one) or html.badge(str(one)) for one in shown)
        return f'<span class="several">{drawn}{rest}</span>' if drawn else ""

    return draw


def _boolean(locale: Locale, assets: Assets) -> Callable[[Value], str]:
    yes = f'<span class="yes">{assets.icon("check")}<span class="hush">{say("yes", locale.language)}</span></span>'
    no = f'<span class="muted">{say("no", locale.language)}</span>'
    return lambda value: "" if value is None else yes if value else no


def reference(value: Value, *, links: bool = True) -> str:
    """Return a link's value: people with their mark, other records as the way to them."""
    if value is None:
        return ""
    if not isinstance(value, Reference):
        return html.escaped(str(value))
    number, label, target = value
    if target == USER:
        return html.person(label, number)
    label = html.escaped(label)
    return f'<a href="/o/{html.escaped(target)}/{number}">{label}</a>' if links else label


def references(value: Value, *, links: bool = True, most: int = 0) -> str:
    """Return several links one behind the other; ``most``: of more only so many, and how many others there are."""
    if not value:
        return ""
    shown = value if not most or len(value) <= most else value[:most]
    drawn = "".join(f"<li>{reference(one, links=links)}</li>" for one in shown)
    rest = _rest("li", [str(getattr(one, "label", one)) for one in value[len(shown) :]])
    return f'<ul class="several">{drawn}{rest}</ul>'


def _rest(tag: str, names: Sequence[str]) -> str:
    """Return how many others there are, and which: for whoever copies the cell, or points at it."""
    said = html.escaped("".join(f"、{one}" for one in names))
    return f'<{tag} class="muted num" data-rest="{said}" title="{said[1:]}">+{len(names)}</{tag}>' if names else ""


def is_numeric(field: Field) -> bool:
    """Whether a field's values stand aligned right: numbers, computed ones too."""
    return field.kind.numeric or field.type.base is Base.NUMBER


def column(
    field: Field,
    locale: Locale,
    assets: Assets,
    *,
    name: str = "",
    label: str = "",
    editable: bool = False,
    brief: bool = True,
) -> Column:
    """Return the column of a field; ``name`` and ``label`` for one that is reached over a link."""
    base = field.type.base
    numeric = is_numeric(field)
    css = "num c-num" if numeric else "c-tag" if base is Base.CHOICE else "soft" if base in _QUIET else ""
    return Column(
        name=name or field.name,
        label=label or field.label(locale.language),
        css=css,
        draw=drawing(field, locale, assets, brief=brief),
        numeric=numeric,
        sortable=field.kind.sortable,
        editable=editable,
        minor=field.kind.control == "serial",
        opens=bool(field.kind.address) or field.kind.draw is not None,
        amount=is_money(field),
        total=partial(figure, field),
    )


def row_drawer(
    object_name: str, title: str, columns: Sequence[Column], language: str, *, pick: bool
) -> Callable[[Row], str]:
    """Return what draws a record as a ``<tr>``: the title leads to the record, the other cells in the order of ``columns``."""
    untitled = say("no_label", language)
    base = f"/o/{object_name}/"
    on_card = columns_on_card(columns, title)
    # A cell's markup stands between its opening and the next one's: a row is one join, however many cells it has.
    # A link holds no other link: a title that would be one itself is shown as its text.
    draws: dict[str, Callable[[Value], str]] = {
        one.name: _label if one.opens and one.name == title else one.draw for one in columns
    }
    parts = [(_opening(one, title, on_card=one.name in on_card), one.name, draws[one.name]) for one in columns]
    closed = [(opening.partition(" data-edit")[0].removesuffix(">") + ">", name, cell) for opening, name, cell in parts]
    before, after = _pick(language) if pick else ("", "")

    def draw(row: Row) -> str:
        get, number, lock = row.get, row["id"], row.get(LOCKED)
        box = f"{before}{_label(get(title)) or untitled}{after}" if before else ""
        tints = get(TINTS, NO_TINTS)
        drawn = [
            f'<tr{tints.row} data-id="{number}" data-version="{get("version", "")}" data-url="{base}{number}">{box}'
        ]
        for opening, name, cell in closed if lock else parts:
            drawn.append(tints.on(opening, name) if tints.cells else opening)
            value = get(name)
            if name == title:
                shown = _label(value) if isinstance(value, Reference) else cell(value)
                drawn.append(f'{lock or ""}<a href="{base}{number}">{shown or untitled}</a></td>')
            else:
                drawn.append(cell(value) + "</td>")
        drawn.append("</tr>")
        return "".join(drawn)

    return draw


def _label(value: Value) -> str:
    """Return the text that names a record in other words than its cell: without marks and links."""
    return html.escaped(called(value))


def _pick(language: str) -> tuple[str, str]:
    """Return the markup before and after a record's label in the cell of its box."""
    before, after = say("pick_one", language, record="\0").split("\0")
    return (
        f'<td class="pick"><label><input class="check" type="checkbox" aria-label="{before}',
        f'{after}"></label></td>',
    )


def _opening(one: Column, title: str, *, on_card: bool) -> str:
    """Return the opening tag of a column's cells."""
    if one.name == title:
        return '<td class="c-title">'
    classes = one.css if on_card else f"{one.css} c-more".strip()
    css = f' class="{classes}"' if classes else ""
    edit = f' data-edit="{one.name}"' if one.editable else ""
    return f"<td{css}{edit}>"


def draw_rows(rows: Iterable[Row], draw: Callable[[Row], str]) -> html.Html:
    """Return the rows' markup."""
    return html.Html("".join([draw(row) for row in rows]))


def total_cells(columns: Sequence[Column], totals: Mapping[str, tuple[str, Value]], language: str) -> list[html.Html]:
    """Return a foot's cells in column order: what each total is (``sum`` …) and its value, "" where a column has none."""
    cells = []
    for one in columns:
        kind, value = totals.get(one.name, ("", None))
        said = ""
        if kind and value is not None:
            words = one.total(kind, value) if one.total else None
            shown = one.draw(value) if words is None else html.escaped(words)
            said = f"<small>{say(f'total_{kind}', language)}</small> {shown}"
        cells.append(html.Html(said))
    return cells
