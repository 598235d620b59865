"""The members that records of several objects share, looked up one at a time: asking for one name must not ask for the types of
all others, some of which may still be inferred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.expressions.types import Schema, Type

_NONE: Mapping[str, Type] = {}


class CommonMembers(Mapping[str, "Type"]):
    """Names that every one of several objects offers with one kind of type; the first object's type counts."""

    def __init__(self, parts: list[Mapping[str, Type]]) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> Type:
        first, *others = self._parts
        found = first[name]
        if all(name in part and part[name].base is found.base for part in others):
            return found
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        first, *others = self._parts
        return (name for name in first if all(name in part for part in others))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def members_of(schema: Schema, objects: tuple[str, ...]) -> Mapping[str, Type]:
    """Return what records of ``objects`` offer in common; nothing for no object."""
    parts = [schema.members(name) or _NONE for name in objects]
    if len(parts) == 1:
        return parts[0]
    return CommonMembers(parts) if parts else _NONE
