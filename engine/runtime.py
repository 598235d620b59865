"""The compiled application of one published version: the parts of all floors, held by class, immutable."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from engine.approvals.compile import compile_approvals
from engine.approvals.stage import stages_of as approval_stages
from engine.automation.compile import compile_automations, compile_effects
from engine.connections.compile import compile_connections
from engine.files.attaching import file_stages
from engine.insight.compile import compile_insight
from engine.insight.targets import target_asked
from engine.processes.compile import compile_processes
from engine.processes.stage import stages_of as process_stages
from engine.records.compile import Records, compile_records
from engine.records.register import Targets
from engine.storage.physical import Physical
from engine.storage.tables import current
from engine.storage.tables import version as versions
from engine.talk.mentions import talk_stages
from metamodel.read import read_canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.model import Model
    from metamodel.kinds import Kinds

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class AppRuntime:
    """A version ready to serve. Requests take it once at their start and keep it; publishing swaps the reference."""

    version: int
    hash: str
    model: Model
    parts: Mapping[type, object]

    def part(self, kind: type[Part]) -> Part:
        """Return the compiled part of class ``kind``. Raises KeyError where there is none."""
        found = self.parts[kind]
        assert isinstance(found, kind)  # noqa: S101 - parts are stored by their class
        return found


def compile_app(version: int, digest: str, model: Model, physical: Physical, kinds: Kinds) -> AppRuntime:
    """Compile every floor's part of a checked model."""
    records = compile_records(
        model,
        physical,
        kinds,
        (*process_stages(model), *approval_stages(model), *file_stages(model, kinds), *talk_stages(model)),
    )
    automations = compile_automations(records)
    parts = (
        records,
        compile_processes(records),
        compile_approvals(records),
        automations,
        compile_effects(automations),
        compile_insight(records),
        Targets(target_asked),
        compile_connections(records),
    )
    return AppRuntime(version, digest, model, MappingProxyType({type(part): part for part in parts}))


def load_app(connection: sa.Connection, number: int, kinds: Kinds) -> AppRuntime:
    """Read a published version and compile it; learn how large its objects are."""
    asked = sa.select(versions.c.hash, versions.c.canonical, versions.c.physical).where(versions.c.number == number)
    row = connection.execute(asked).one()
    model = read_canonical(row.canonical, kinds)
    app = compile_app(number, row.hash, model, Physical.from_json(row.physical), kinds)
    app.part(Records).sizes.learn(connection)
    return app


def load_current(connection: sa.Connection, kinds: Kinds) -> AppRuntime | None:
    """Read and compile the version in force; None where nothing is installed."""
    number = connection.scalar(sa.select(current.c.version))
    return load_app(connection, number, kinds) if number else None
