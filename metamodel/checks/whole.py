"""Runs the checks of a whole set: shapes of every definition and overlay, then what hangs together across definitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metamodel.checks.approval_checks import check_approval
from metamodel.checks.automation_checks import check_automation
from metamodel.checks.computed_checks import check_computed
from metamodel.checks.connection_checks import check_connection
from metamodel.checks.context import Checks
from metamodel.checks.duplicate_checks import check_duplicates
from metamodel.checks.field_checks import check_fields
from metamodel.checks.insight_checks import check_dashboard, check_metric, check_report
from metamodel.checks.loop_checks import check_loops
from metamodel.checks.memo import Watch, WatchedSchema, is_unchanged, watched_model
from metamodel.checks.names_checks import check_names, check_reverse
from metamodel.checks.object_checks import check_object
from metamodel.checks.process_checks import check_process, check_state_fields
from metamodel.checks.role_checks import check_roles
from metamodel.checks.schema_of import ModelSchema
from metamodel.checks.sharing_checks import check_sharing
from metamodel.checks.shown_checks import check_shown
from metamodel.checks.view_checks import check_menus, check_views
from metamodel.faults import Faults
from metamodel.schema import schemas
from metamodel.shape import Shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from metamodel.assemble import Assembly
    from metamodel.checks.schema_of import Place
    from metamodel.faults import Fault
    from metamodel.kinds import Kinds
    from metamodel.layers import Cache, Layer

    Check = Callable[[Checks, Any], None]


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
        known: tuple[Fault, ...] | None = cache.recall(key, entry.sources) if cache is not None else None
        if known is None:
            own = Faults()
            shapes[kind].whole(entry.node, own)
            known = tuple(own)
            if cache is not None:
                cache.keep(key, entry.sources, known)
        faults.extend(known)


def check_whole(assembly: Assembly, kinds: Kinds, faults: Faults, cache: Cache | None) -> None:
    """Check what hangs together: references, expressions, computed fields, views, roles, menus."""
    told = frozenset((fault.mark.file, fault.mark.path) for fault in faults)
    broken = _broken_fields(assembly, faults)
    schema = ModelSchema(assembly.model, kinds, cache, broken)
    checks = Checks(assembly.model, kinds, assembly.merged, schema, faults, told, broken)
    check_reverse(checks)
    check_computed(checks, schema)
    for definition in assembly.model.objects.values():
        faults.extend(_check_one(checks, "object", definition, _OBJECT, cache))
    for kind, (attribute, check) in _CHECKS.items():
        for definition in getattr(assembly.model, attribute).values():
            faults.extend(_check_one(checks, kind, definition, (check,), cache))
    check_state_fields(checks)
    check_loops(checks)
    check_roles(checks, schema)
    check_shown(checks, schema)
    check_menus(checks)


_HARMLESS = frozenset({"UNKNOWN_KEY", "EXPR_CUT", "EXPR_SIGN"})  # what they are about is left out when read


def _broken_fields(assembly: Assembly, faults: Faults) -> frozenset[Place]:
    """Return the fields that shape faults are about."""
    bad: dict[str, set[str]] = {}
    for fault in faults:
        parts = fault.mark.path.split("/")
        if parts[0] == "fields" and len(parts) > 1 and fault.code not in _HARMLESS:
            bad.setdefault(fault.mark.file, set()).add(parts[1])
    if not bad:
        return frozenset()
    return frozenset(
        (name, field)
        for (kind, name), entry in assembly.merged.items()
        if kind == "object"
        for document in entry.sources
        for field in bad.get(document.root.file, ())
    )


_OBJECT: tuple[Check, ...] = (check_names, check_fields, check_object, check_duplicates, check_views, check_sharing)
_CHECKS: Mapping[str, tuple[str, Check]] = {  # kind → attribute of the model, its check
    "process": ("processes", check_process),
    "approval": ("approvals", check_approval),
    "automation": ("automations", check_automation),
    "metric": ("metrics", check_metric),
    "dashboard": ("dashboards", check_dashboard),
    "report": ("reports", check_report),
    "connection": ("connections", check_connection),
}


def _check_one(
    checks: Checks, kind: str, definition: Any, what: tuple[Check, ...], cache: Cache | None
) -> Iterable[Fault]:
    """Return the faults of one definition, from the cache where nothing it looked at has changed."""
    key = f"check {kind} {definition.name}"
    token = (checks.merged[kind, definition.name].sources, definition, checks.told, checks.broken)
    known: _Kept | None = cache.recall(key, token) if cache is not None else None
    if known is not None and is_unchanged(known.reads, checks.model, checks.schema):
        return known.faults
    watch, own = Watch(), Faults()
    if cache is None:
        run = replace(checks, faults=own)
    else:
        model, schema = watched_model(checks.model, watch), WatchedSchema(checks.schema, watch)
        run = replace(checks, model=model, schema=schema, faults=own)
    for check in what:
        check(run, definition)
    if cache is not None and not watch.whole:
        cache.keep(key, token, _Kept(watch.reads, tuple(own)))
    return own


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a check looked at, and what it found."""

    reads: Mapping[tuple[str, str, str], object]
    faults: tuple[Fault, ...]
