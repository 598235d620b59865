"""An order bound to its file and to the version that serves: the table opened as it was read, the mapping met with the object, everything
that does not fit told before a row is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.records.compile import Records
from engine.refusals import FieldError, Refusal
from engine.transfer.csv_source import open_csv
from engine.transfer.mapping import natural_key
from engine.transfer.plan import Gate, plan_import
from engine.transfer.run import ROWS, ImportOrder, demand_import
from engine.transfer.uploads import mended, open_unpacked
from metamodel.faults import Faults
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.context import Context
    from engine.transfer.mapping import ImportMap
    from engine.transfer.orders import Order
    from engine.transfer.sources import Source

FEW, MANY = 500, 20_000  # rows of a chunk while somebody watches; rows above which chunks are as large as they pay


def open_order(order: Order, place: Callable[[str], Path]) -> Source:
    """Return an order's table with its mended cells. Raises Refusal 410 where its file is gone, 422 where it can't be read."""
    path = place(order.sheet or order.stored)
    if not path.is_file():
        raise Refusal(
            410,
            "GONE",
            Text(zh="文件已过期清理，请重新上传。", en="The file was kept for its time and is gone: send it again."),
        )
    reading = order.settings.reading
    source = (
        open_unpacked(path, order.file, reading) if order.sheet else open_csv(path, reading=reading, name=order.file)
    )
    edits = {int(row): cells for row, cells in order.settings.edits.items()}
    return mended(source, edits, order.settings.left_out, order.settings.only)


def bind(context: Context, order: Order, source: Source) -> ImportOrder:
    """Return what is to be done with an order's table. Raises Refusal 403, 409 NO_KEY, 422 BAD_MAPPING with an error a column."""
    records = context.runtime.part(Records)
    target = records.objects.get(order.object)
    if target is None:
        raise Refusal(404, "UNKNOWN_OBJECT", Text(zh="没有这个对象。", en="There is no such object."))
    mapping = keyed(context, order.mapping)
    faults = Faults()
    gate = Gate(context, updating=order.on_duplicate == "update")
    plan = plan_import(records, target, source.header, mapping, faults, gate=gate)
    if faults.fatal:
        errors = tuple(FieldError("mapping", one.code, one.message) for one in faults)
        raise Refusal(422, "BAD_MAPPING", errors[0].message, errors)
    if not plan.cells:
        said = Text(zh="至少要有一列导入到字段。", en="At least one column must go into a field.")
        raise Refusal(422, "BAD_MAPPING", said, (FieldError("mapping", "EMPTY", said),))
    settings = order.settings
    found = ImportOrder(
        source,
        plan,
        mapping,
        order.on_duplicate,
        hold=settings.hold,
        trial=settings.trial,
        again=True,
        job=order.id or None,
        rows=ROWS if settings.total > MANY else FEW,
    )
    demand_import(context, found)
    return found


def keyed(context: Context, mapping: ImportMap) -> ImportMap:
    """Return a mapping with the key that the object suggests, where it names none."""
    target = context.runtime.part(Records).objects[mapping.target]
    if mapping.key:
        return mapping
    covered = {column.into for column in mapping.columns.values()} | set(mapping.constants)
    return replace(mapping, key=natural_key(target, covered))
