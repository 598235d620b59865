"""The scope an expression is checked in: which names mean what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from metamodel.expressions.types import Type

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from metamodel.expressions.types import Schema

Root: TypeAlias = "Type | Mapping[str, Type]"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up. Bare names are members of ``object`` in ``schema``; ``names`` adds roots (me, old, record, parent,
    user, group, rows, body, answer …): a type (LINK: paths go on from it), or a mapping for a root that is no record.

    ``key`` tells scopes apart that read alike (a pack set's hash, say); typed expressions are equal by text, object, names and it.
    """

    schema: Schema
    object: str | None = None
    names: Mapping[str, Root] = field(default_factory=dict)
    key: Hashable = None

    def identity(self) -> tuple[Hashable, ...]:
        """Return a hashable value that is equal for equal scopes."""
        names = tuple(
            (name, root if isinstance(root, Type) else tuple(sorted(root.items(), key=lambda item: item[0])))
            for name, root in sorted(self.names.items(), key=lambda item: item[0])
        )
        return (self.object, names, self.key)
