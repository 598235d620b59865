"""Statements compiled once to the driver's text and run again and again with new parameters, past the statement compiler."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.storage.dialect import DIALECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.sql.elements import ClauseElement


@dataclass(frozen=True, slots=True)
class Statement:
    """The text of a statement for psycopg, with the values of the constants that were in it."""

    text: str
    constants: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, connection: sa.Connection, **parameters: Any) -> list[Any]:
        """Run it and return all rows."""
        result = connection.exec_driver_sql(self.text, {**self.constants, **parameters})
        return list(result.fetchall())

    def planned_rows(self, connection: sa.Connection, **parameters: Any) -> list[Any]:
        """Run it and return all rows, planned for these very values: the plan that is kept for any would suit the usual ones."""
        driver: Any = connection.connection.driver_connection
        kept, driver.prepare_threshold = driver.prepare_threshold, None
        try:
            return self.rows(connection, **parameters)
        finally:
            driver.prepare_threshold = kept

    def run(self, connection: sa.Connection, **parameters: Any) -> int:
        """Run it and return how many rows it touched."""
        return connection.exec_driver_sql(self.text, {**self.constants, **parameters}).rowcount


def among(column: sa.ColumnElement[Any], name: str, *, single: bool) -> sa.ColumnElement[bool]:
    """Return that a column is among the ids of a parameter; ``single``: is the one id that it holds. The database keeps the plan of
    the latter, where it would plan anew each time for an array, whose length it can't know."""
    if single:
        return column == sa.bindparam(name, type_=sa.BigInteger)
    return column == sa.any_(sa.bindparam(name, type_=ARRAY(sa.BigInteger)))


def given_ids(ids: Sequence[int]) -> list[int] | int:
    """Return the value of the parameter of ``among``: the id itself where it is one."""
    return ids[0] if len(ids) == 1 else list(ids)


def prepare(clause: ClauseElement) -> Statement:
    """Compile a statement. Its bind parameters without a value are the ones to give when it runs."""
    compiled = clause.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    constants = {
        name: value for name, value in compiled.params.items() if value is not None or name.startswith("param_")
    }
    return Statement(compiled.string, constants)
