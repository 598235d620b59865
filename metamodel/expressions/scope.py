"""The scope an expression is checked in: which names mean what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from metamodel.expressions.types import Type

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from metamodel.expressions.types import Schema

Root: TypeAlias = "Type | Mapping[str, Type]"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up. Bare names are members of ``object`` in ``schema``; ``names`` adds roots (me, old, record, parent,
    user, group, rows, body, answer, param, a record that an earlier action bound with ``as:`` …).

    A root is a Type or a mapping:

    - ``Type(Base.LINK, ("user",))``: a record; paths go on from it (``user.department.name``), by itself it is its id (``user = owner``);
    - any other Type: a plain value (``value: NUMBER``); ``ANY`` admits every path below it (``body.lines.sku``);
    - a mapping of names to types: no value itself, its names are (``group.region``, ``param.utm``).

    A root hides a member of the same name; inside an aggregate the rows' members come first. Paths that begin with a root are marked
    (``Path.root``), and ``TypedExpression.depends.roots`` names the roots that an expression reads.

    Who runs the expression gives the roots their records. In Python by the moment: ``closure(reader, moment.with_roots(user=candidate,
    group=Known({"region": "east"})))``, or else by the reader itself, which is then asked for the whole path. In SQL a root is either
    known to Python beforehand (``SqlMoment(moment, known={"record"})``: its values are bound as parameters) or part of the statement:
    the scope answers ``column(("user", "region"))``, as ``RecordScope(…, names={"user": users})`` and ``RootScope`` do.

    ``key`` tells scopes apart that read alike (a pack set's hash, say); typed expressions are equal by text, object, names and it.
    """

    schema: Schema
    object: str | None = None
    names: Mapping[str, Root] = field(default_factory=dict)
    key: Hashable = None

    def bind(self, **roots: Root) -> Scope:
        """Return the same scope with more roots: ``scope.bind(request=Type(Base.LINK, ("support_request",)))``."""
        return replace(self, names={**self.names, **roots})

    def identity(self) -> tuple[Hashable, ...]:
        """Return a hashable value that is equal for equal scopes."""
        names = tuple(
            (name, root if isinstance(root, Type) else tuple(sorted(root.items(), key=lambda item: item[0])))
            for name, root in sorted(self.names.items(), key=lambda item: item[0])
        )
        return (self.object, names, self.key)
