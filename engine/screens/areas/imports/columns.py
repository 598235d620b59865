"""The page on which a person says which column is which field: suggested, with samples and the reason of each suggestion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.records.compile import Records
from engine.screens.areas.imports import starting
from engine.screens.formats import show_moment
from engine.screens.texts import say
from engine.transfer import orders
from engine.transfer.binding import open_order
from engine.transfer.guess import guess, importable
from engine.transfer.intake import sampled, suggest, target_of
from engine.transfer.mapping import DUPLICATES, ColumnMap, ImportMap
from engine.transfer.sources import Reading
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from engine.records.compile import CompiledObject
    from engine.refusals import Refusal
    from engine.screens.site import Visit
    from engine.transfer.orders import Order

SHOWN_SAMPLES = 3
LONGEST_SAMPLE = 40
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252", "shift_jis")
SEPARATORS = ((",", "imports_comma"), (";", "imports_semicolon"), ("\t", "imports_tab"), ("|", "imports_bar"))
BETWEEN = "|"  # a field and what its link is looked up by, in the value of an option


def columns_page(visit: Visit, number: int, refusal: Refusal | None = None) -> str:
    """Return the page of a draft; ``refusal`` is why it can't go on as it is."""
    order = orders.read_order(visit.context, number)
    target = target_of(visit.context, order.object)
    source = open_order(order, starting.store_of(visit).place)
    samples = sampled(source)
    fields = importable(visit.context, target)
    reasons = _reasons(visit, target, order, samples)
    earlier = orders.earlier_import(visit.context, order)
    language = visit.language
    problem = ""
    if refusal is not None:
        details = dict.fromkeys(error.message(language) for error in refusal.errors)
        problem = " · ".join(details) or refusal.message(language)
    return visit.page(
        "imports/columns.html",
        here=f"/o/{order.object}",
        **frame_of(visit, order, target),
        columns=[_column(order, place, samples, reasons) for place in range(len(order.settings.header))],
        options=_options(visit, fields),
        keys=_keys(visit, order, target, fields),
        duplicates=[(name, say(f"imports_duplicate_{name}", language)) for name in DUPLICATES],
        holds=bool(target.definition.duplicates),
        clears=any(column.clear for column in order.mapping.columns.values()),
        required=_required(visit, order, fields),
        reading=_reading(order),
        problem=problem,
        same_file=show_moment(earlier, language, visit.locale.zone) if earlier else "",
    )


def frame_of(visit: Visit, order: Order, target: CompiledObject) -> dict[str, Any]:
    """Return what stands around each step."""
    definition, language = target.definition, visit.language
    return {
        "order": order,
        "base": f"/imports/{order.id}",
        "object": order.object,
        "label": definition.label(language),
        "plural": (definition.plural or definition.label)(language),
        "notes": [note(language) for note in order.settings.notes],
        "total": f"{order.settings.total:,}",
    }


def _reasons(
    visit: Visit, target: CompiledObject, order: Order, samples: Mapping[str, list[str]]
) -> dict[str, tuple[str, str]]:
    """Return column → the field suggested and why."""
    kept = orders.recall_mapping(visit.context, target.name, order.settings.header)
    if kept is not None:
        return {name: (column.into, "saved") for name, column in kept[0].columns.items()}
    return {one.column: (one.field, one.reason) for one in guess(visit.context, target, order.settings.header, samples)}


def _column(
    order: Order, place: int, samples: Mapping[str, list[str]], reasons: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    name = order.settings.header[place]
    chosen = order.mapping.columns.get(name, ColumnMap(name))
    suggested, reason = reasons.get(name, ("", "none"))
    texts = samples.get(name, [])
    shown = [text if len(text) <= LONGEST_SAMPLE else text[:LONGEST_SAMPLE] + "…" for text in texts[:SHOWN_SAMPLES]]
    return {
        "place": place,
        "name": name,
        "samples": shown,
        "chosen": f"{chosen.into}{BETWEEN}{chosen.by}" if chosen.by else chosen.into,
        "reason": f"imports_reason_{reason}" if suggested == chosen.into else "",
        "unknown": reason in {"none", "unit"} and not chosen.into,
    }


def _options(visit: Visit, fields: Mapping[str, Field]) -> list[tuple[str, str]]:
    """Return what a column may go into: a field, and for a link each way to find its record."""
    found: list[tuple[str, str]] = []
    for name, field in fields.items():
        label = field.label(visit.language) or name
        if not field.targets:
            found.append((name, label))
            continue
        found.extend(
            (f"{name}{BETWEEN}{by}" if by else name, say("imports_by", visit.language, field=label, by=called))
            for by, called in _ways(visit, field)
        )
    return found


def _ways(visit: Visit, field: Field) -> list[tuple[str, str]]:
    """Return what a link's record may be found by: its title first, then what is unique of it, then its id."""
    records = visit.context.runtime.part(Records)
    several = len(field.targets) > 1
    found: list[tuple[str, str]] = []
    for to in field.targets:
        if not visit.rights.grants(to, "read"):
            continue
        linked = records.objects[to]
        prefix = f"{linked.definition.label(visit.language)} · " if several else ""
        for name, one in linked.fields.items():
            title = name == linked.title
            if one.kind.computed or one.targets or one.type.base is Base.ROWS or not (title or one.definition.unique):
                continue
            by = f"{to}.{name}" if several else "" if title else name
            found.insert(0 if title and not several else len(found), (by, prefix + one.label(visit.language)))
        found.append((f"{to}.id" if several else "id", prefix + say("imports_by_id", visit.language)))
    return found


def _keys(
    visit: Visit, order: Order, target: CompiledObject, fields: Mapping[str, Field]
) -> list[tuple[str, str, bool]]:
    """Return by what a record may be known again: unique rules and single fields."""
    named = [
        rule.fields
        for rule in target.definition.unique.values()
        if rule.when is None and all(one in fields for one in rule.fields)
    ]
    single = [(name,) for name, one in fields.items() if one.type.base is not Base.LINKS and one.kind.one_line]
    single.sort(key=lambda names: not fields[names[0]].definition.unique)
    chosen = order.mapping.key
    choices = dict.fromkeys([*single, *named])
    return [
        (",".join(names), " + ".join(fields[name].label(visit.language) or name for name in names), names == chosen)
        for names in choices
    ]


def _required(visit: Visit, order: Order, fields: Mapping[str, Field]) -> str:
    mapped = {column.into for column in order.mapping.columns.values()} | set(order.mapping.constants)
    missing = [
        field.label(visit.language)
        for name, field in fields.items()
        if field.definition.required and field.definition.default is None and name not in mapped
    ]
    return "、".join(missing) if visit.language == "zh" else ", ".join(missing)


def _reading(order: Order) -> dict[str, Any]:
    settings = order.settings
    codec, _, separator = settings.about.partition(", ")
    words = dict(SEPARATORS)
    return {
        "sheets": settings.sheets,
        "sheet": settings.reading.sheet,
        "encoding": codec.upper().replace("UTF-8-SIG", "UTF-8"),
        "separator": words.get("\t" if separator == "tab" else separator, ""),
        "said": settings.reading,
        "encodings": ENCODINGS,
        "separators": SEPARATORS,
    }


def keep_columns(visit: Visit, number: int, form: Mapping[str, str]) -> str:
    """Take over what a person chose for each column; go on to the preview."""
    order = orders.read_order(visit.context, number, lock=True)
    target = target_of(visit.context, order.object)
    fields = importable(visit.context, target)
    clear = form.get("clear") == "1"
    columns: dict[str, ColumnMap] = {}
    for place, name in enumerate(order.settings.header):
        before = order.mapping.columns.get(name, ColumnMap(name))
        into, _, by = form.get(f"into_{place}", before.into).partition(BETWEEN)
        into = into if into in fields else ""
        repair = before.repair if into == before.into else {}
        columns[name] = ColumnMap(name, into, by[:120] if into else "", repair, clear and bool(into))
    key = tuple(name for name in form.get("key", "").split(",") if name in fields)
    duplicate = form.get("on_duplicate", "")
    changed = replace(
        order,
        mapping=ImportMap(order.object, key, columns, order.mapping.constants),
        on_duplicate=duplicate if duplicate in DUPLICATES else order.on_duplicate,
    )
    chosen = orders.with_settings(changed, remember=form.get("remember") == "1", hold=form.get("hold") == "1")
    orders.keep(visit.context.connection, chosen)
    return f"/imports/{number}/preview"


def read_again(visit: Visit, number: int, form: Mapping[str, str]) -> str:
    """Read the file anew as a person says; its columns are suggested anew where they are others."""
    order = orders.read_order(visit.context, number, lock=True)
    target = target_of(visit.context, order.object)
    store = starting.store_of(visit)
    path = store.place(order.stored)
    if not path.is_file():
        open_order(order, store.place)
    row = form.get("header_row", "1")
    encoding, separator = form.get("encoding", ""), form.get("separator", "")
    head = int(row) if row.isascii() and row.isdigit() and 0 < int(row[:4]) <= 1000 else 1
    before = order.settings.reading
    if form.get("sheet", before.sheet) != before.sheet and head == before.header_row:
        head = 0  # said of the other sheet
    reading = Reading(
        encoding if encoding in ENCODINGS else "",
        separator if separator in dict(SEPARATORS) else "",
        form.get("sheet", "")[:100],
        head,
        lenient=True,
    )
    taken = starting.read(store, path, order.file, reading, (order.stored, order.digest.hex()))
    settings = replace(taken.settings, language=visit.language)
    changed = replace(order, settings=settings, sheet=taken.sheet, size=taken.size)
    if settings.header != order.settings.header:
        mapping, duplicates, _ = suggest(visit.context, target, taken)
        changed = replace(changed, mapping=mapping, on_duplicate=duplicates)
    orders.keep(visit.context.connection, changed)
    return f"/imports/{number}"
