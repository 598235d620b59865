"""Files on their way in: read once as a whole when they arrive, so that what is wrong with them is told then, and made a draft whose mapping is
the one kept for such a header, or else the one that guess.py suggests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.records.access import may
from engine.records.compile import Records
from engine.refusals import Refusal
from engine.transfer.guess import Guess, guess, importable, mapping_of_guesses
from engine.transfer.jobs import Counts
from engine.transfer.mapping import ColumnMap, ImportMap
from engine.transfer.orders import DRAFT, Order, Settings, create_order, recall_mapping
from engine.transfer.uploads import open_upload
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject
    from engine.transfer.sources import Reading, Source

SAMPLED = 2_000  # rows whose cells say what a column holds
NO_ROWS = Text(zh="表头下面没有任何数据行。", en="There is no row below the header.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was read: ``sheet`` is the store's key of what was unpacked; ``samples``: column → different texts in it."""

    name: str
    digest: str
    stored: str
    sheet: str
    size: int
    settings: Settings
    samples: Mapping[str, Sequence[str]]


def take_in(path: Path, name: str, reading: Reading, keep: Callable[[Path], str], *, stored: str, digest: str) -> Taken:
    """Read a content that was sent. ``keep`` puts the sheet that was unpacked into the store. Raises Refusal 422."""
    with TemporaryDirectory(prefix="tenon-import-") as folder:
        found = open_upload(path, name, reading, lambda: Path(folder) / "sheet.csv")
        total = sum(1 for _ in found.source.rows())
        if not total:
            raise Refusal(422, "EMPTY_FILE", NO_ROWS)
        samples = sampled(found.source)
        sheet = keep(found.source.path) if found.sheets else ""
    settings = Settings(
        reading=replace(reading, sheet=found.sheet or reading.sheet, header_row=found.header_row),
        about="" if sheet else found.source.about,
        sheets=found.sheets,
        notes=found.notes,
        header=found.source.header,
        total=total,
    )
    return Taken(name, digest, stored, sheet, found.source.size, settings, samples)


def sampled(source: Source) -> dict[str, list[str]]:
    """Return column → different texts of a table's first rows, in their order."""
    found: dict[str, dict[str, None]] = {column: {} for column in source.header}
    for row in islice(source.rows(), SAMPLED):
        for column, cell in zip(source.header, row.cells, strict=True):
            if cell.strip():
                found[column][cell.strip()] = None
    return {column: list(texts) for column, texts in found.items()}


def target_of(context: Context, name: str) -> CompiledObject:
    """Return an object that the actor may import into. Raises Refusal 404, 403."""
    target = context.runtime.part(Records).objects.get(name)
    if target is None or not (may(context, name, "read") or may(context, name, "create")):
        raise Refusal(404, "UNKNOWN_OBJECT", Text(zh="没有这个对象。", en="There is no such object."))
    if not (may(context, name, "import") and may(context, name, "create")):
        said = Text(zh=f"您没有导入 {name} 的权限。", en=f"You may not import records of {name}.")
        raise Refusal(403, "FORBIDDEN", said)
    return target


def suggest(context: Context, target: CompiledObject, taken: Taken) -> tuple[ImportMap, str, list[Guess]]:
    """Return the mapping of a file, what happens to duplicates, and the reason of each column."""
    header = taken.settings.header
    guesses = guess(context, target, header, taken.samples)
    kept = recall_mapping(context, target.name, header)
    if kept is not None:
        mapping, on_duplicate = kept
        fields = importable(context, target)
        columns = {
            name: column if column.into in fields or not column.into else ColumnMap(name)
            for name, column in mapping.columns.items()
        }
        reasons = [Guess(name, columns[name].into, "saved") for name in header]
        into = {column.into for column in columns.values()}
        key = mapping.key if into.issuperset(mapping.key) else ()
        return replace(mapping, columns=columns, key=key), on_duplicate, reasons
    mapping = mapping_of_guesses(target, guesses)
    return mapping, "fail", guesses


def make_draft(context: Context, name: str, taken: Taken, origin: str) -> int:
    """Make a draft of a file that was taken in and return its number. Raises Refusal 403, 404."""
    target = target_of(context, name)
    mapping, on_duplicate, _ = suggest(context, target, taken)
    order = new_order(context, taken, mapping, origin)
    return create_order(context, replace(order, on_duplicate=on_duplicate))


def new_order(context: Context, taken: Taken, mapping: ImportMap, origin: str) -> Order:
    """Return an order of a file for the mapping's object, not kept yet."""
    return Order(
        0, mapping.target, taken.name, bytes.fromhex(taken.digest), DRAFT, origin, "fail", taken.stored, taken.sheet,
        taken.size, 0, Counts(), replace(taken.settings, language=context.language), mapping, None,
        context.actor.id or 0, context.now, None, None,
    )  # fmt: skip
