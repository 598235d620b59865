"""Runs the checks of a whole set: shapes of every definition and overlay, then what hangs together across definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.computed_checks import check_computed
from metamodel.checks.context import Checks
from metamodel.checks.field_checks import check_fields
from metamodel.checks.names_checks import check_names
from metamodel.checks.object_checks import check_objects
from metamodel.checks.role_checks import check_roles
from metamodel.checks.schema_of import ModelSchema
from metamodel.checks.view_checks import check_menus, check_views
from metamodel.faults import Faults
from metamodel.schema import schemas
from metamodel.shape import Shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamodel.assemble import Assembly
    from metamodel.kinds import Kinds
    from metamodel.layers import Cache, Layer


def check_shapes(
    assembly: Assembly, layers: Sequence[Layer], kinds: Kinds, faults: Faults, cache: Cache | None
) -> None:
    """Hold every overlay and every merged definition against its schema."""
    shapes = {kind: Shapes(schema) for kind, schema in schemas(kinds).items()}
    for layer in layers:
        for document in (layer.pack, *layer.documents.values()):
            if document.extends:
                shapes[document.kind].part("overlay")(document.root, faults)
    for (kind, name), entry in assembly.merged.items():
        key = f"shape {kind} {name}"
        known = cache.memory.get(key) if cache is not None else None
        if isinstance(known, tuple) and known[0] == entry.sources:
            faults.extend(known[1])
            continue
        own = Faults()
        shapes[kind].whole(entry.node, own)
        if cache is not None:
            cache.memory[key] = (entry.sources, tuple(own))
        faults.extend(own)


def check_whole(assembly: Assembly, kinds: Kinds, faults: Faults) -> None:
    """Check what hangs together: references, expressions, computed fields, views, roles, menus."""
    schema = ModelSchema(assembly.model, kinds)
    told = frozenset((fault.mark.file, fault.mark.path) for fault in faults)
    checks = Checks(assembly.model, kinds, assembly.merged, schema, faults, told)
    check_names(checks)
    check_fields(checks)
    check_computed(checks)
    check_objects(checks)
    check_views(checks)
    check_roles(checks)
    check_menus(checks)
