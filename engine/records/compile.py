"""The compiled form of a version's objects: tables, fields, rules as closures, access. Made once a version by
``compile_records``; requests only read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa

    from engine.context import Context
    from engine.fields.base import Field
    from engine.storage.physical import Physical
    from metamodel.definitions.model import Model, Reverse
    from metamodel.definitions.objects import ObjectDef
    from metamodel.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that a floor above adds to every command (process, approval, automation outbox events). ``apply`` runs in the
    command's transaction after the rows are written, set-based: (context, object name, event, written rows)."""

    name: str
    apply: Callable[[Context, str, str, list[Mapping[str, object]]], None]


@dataclass(frozen=True, slots=True)
class CompiledObject:
    """An object ready to use. ``fields`` in definition order, computed ones too. ``table`` names every column explicitly."""

    name: str
    definition: ObjectDef
    table: sa.Table
    fields: Mapping[str, Field]
    title: str
    owner: str = ""
    parent: str = ""  # the link field with `parent: true` of a lines object
    reverse: Mapping[str, Reverse] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Records:
    """The records floor's part of a Runtime (``ctx.runtime.part(Records)``)."""

    model: Model
    physical: Physical
    objects: Mapping[str, CompiledObject]
    stages: tuple[Stage, ...] = ()


def compile_records(model: Model, physical: Physical, kinds: Kinds, stages: tuple[Stage, ...] = ()) -> Records:
    """Compile all objects of a checked model."""
    raise NotImplementedError
