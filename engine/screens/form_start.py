"""How a new form begins: the defaults that hang on nothing typed, worked out by the server. Those that follow other fields are worked
out live in the browser, and in any case by the command."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.fields.base import Reference
from engine.records.moments import moment_of
from engine.records.rules import Rule
from engine.records.shape import USER
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.expressions.values import Reader
    from engine.fields.base import Value
    from engine.records.compile import CompiledObject
    from engine.screens.site import Visit


class Nothing:
    """The record that is not there yet, as expressions read it."""

    def get(self, path: tuple[str, ...]) -> Value:
        """Return blank."""
        del path

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return no rows."""
        del path
        return ()


def read_defaults(visit: Visit, compiled: CompiledObject) -> dict[str, Value]:
    """Return field → value of the defaults that need no other field."""
    moment = moment_of(visit.context, visit.records)
    actor = visit.context.actor
    found: dict[str, Value] = {}
    for name, default in compiled.rules.defaults.items():
        value = default
        if isinstance(default, Rule):
            if default.reads or default.rows:
                continue
            value = default.closure(Nothing(), moment)
            if isinstance(value, datetime):  # nobody reads or types a form's seconds
                value = value.replace(second=0, microsecond=0)
        field = compiled.fields[name]
        if (
            field.type.base is Base.LINK
            and field.type.objects == (USER,)
            and value == actor.id
            and actor.id is not None
        ):
            value = Reference(actor.id, actor.name or actor.login, USER)
        if value is not None:
            found[name] = value
    return found
