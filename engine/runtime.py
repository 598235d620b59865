"""The compiled application of one published version: the parts of all floors, held by class, immutable."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from engine.records.compile import Records, compile_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.storage.physical import Physical
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
    records = compile_records(model, physical, kinds)
    return AppRuntime(version, digest, model, MappingProxyType({Records: records}))
