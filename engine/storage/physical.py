"""The physical names of a version: which table and columns hold which object and fields. Names never change once given: a
rename changes this mapping only. Pure data; making the names is publishing's work."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 63  # bytes of a PostgreSQL identifier
SYSTEM_COLUMNS = (
    "id", "created_at", "created_by", "updated_at", "updated_by", "version", "deleted_at", "owner_since", "search_terms", "match_terms",
)  # fmt: skip


def physical_name(*parts: str) -> str:
    """Join parts into an identifier of at most 63 bytes; a longer one is cut and ends in a hash of the whole."""
    name = "_".join(parts)
    if len(name.encode()) <= LONGEST:
        return name
    return f"{name[:52]}_{sha256(name.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a column without a field held when it was retired: the field's key and type (``link:TABLE`` for ids of that table's
    records), by which it may come back. ``successor``: the column that took its values over, converted."""

    key: str
    type: str
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Physical:
    """``tables``: object → table in schema ``app``. ``columns``: object → key → column; the key is the field's name, or
    ``field.target`` for a link to several objects. ``spent``: table → columns that retired fields still hold, oldest first.
    ``retired``: removed object → the table that still holds its records. ``renames``: object → former name → name of the fields without
    a column that this very version renamed: no column tells of them later."""

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spent: Mapping[str, Mapping[str, Spent]] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the form stored with a version."""
        return {
            "tables": dict(self.tables),
            "columns": {name: dict(columns) for name, columns in self.columns.items()},
            "spent": {
                # a list, since JSON in the database does not keep the order of keys
                table: [[column, held.key, held.type, held.successor] for column, held in columns.items()]
                for table, columns in self.spent.items()
            },
            "retired": dict(self.retired),
            "renames": {name: dict(renames) for name, renames in self.renames.items()},
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Physical:
        """Return the mapping that ``to_json`` wrote."""
        return Physical(
            tables=data.get("tables", {}),
            columns=data.get("columns", {}),
            spent={
                table: {column: Spent(*held) for column, *held in columns}
                for table, columns in data.get("spent", {}).items()
            },
            retired=data.get("retired", {}),
            renames=data.get("renames", {}),
        )
