"""From layers in stack order to one model: overlays merged, definitions read, defaults filled in. Located trees stay beside the
definitions, for the checks to point at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metamodel.definitions.model import Model
from metamodel.faults import near_miss
from metamodel.overlay import merge
from metamodel.reading.approvals import read_approval
from metamodel.reading.automations import read_automation
from metamodel.reading.choices import read_choices
from metamodel.reading.common import frozen
from metamodel.reading.connections import read_connection
from metamodel.reading.defaults import begin_states, complete, reverse_maps, with_related
from metamodel.reading.insight import read_dashboard, read_metric, read_report
from metamodel.reading.objects import read_object
from metamodel.reading.packs import read_pack
from metamodel.reading.processes import read_process
from metamodel.reading.roles import read_role
from metamodel.reading.scenarios import read_scenario
from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from metamodel.definitions.objects import ObjectDef
    from metamodel.faults import Faults
    from metamodel.kinds import Kinds
    from metamodel.layers import Cache, Document, Layer
    from metamodel.nodes import Node

    Reader = Callable[[str, "Merged"], Any]

Key = tuple[str, str]  # kind, name


@dataclass(slots=True)
class Merged:
    """A definition after overlays. ``sources``: the documents it came from, the defining one first."""

    pack: str
    node: Node
    sources: tuple[Document, ...]


@dataclass(slots=True)
class Assembly:
    """The model of a stack with what it was made from."""

    model: Model
    merged: Mapping[Key, Merged]


def assemble(layers: Sequence[Layer], kinds: Kinds, faults: Faults, cache: Cache | None = None) -> Assembly:
    """Return the model of ``layers``; what overlays get wrong is added to ``faults``."""
    merged = merge_layers(layers, faults)
    objects = {name: _object(name, entry, kinds, cache) for (kind, name), entry in merged.items() if kind == "object"}
    reverse = reverse_maps(objects)
    for name, definition in objects.items():
        form = merged["object", name].node.map.get("form")
        given = form is not None and "related" in form.map
        sides = tuple(reverse[name].items())
        kept: ObjectDef | None = (
            cache.recall(f"related {name}", (definition, sides, given)) if cache is not None else None
        )
        objects[name] = kept or with_related(definition, reverse[name], given=given)
        if cache is not None and kept is None:
            cache.keep(f"related {name}", (definition, sides, given), objects[name])
    behaviour = {attribute: _all(merged, kind, read, cache) for kind, (attribute, read) in _readers(kinds).items()}
    begin_states(objects, behaviour["processes"], cache)
    model = Model(
        packs=frozen({name: read_pack(name, entry.node) for (kind, name), entry in merged.items() if kind == "pack"}),
        objects=frozen(objects),
        choices=frozen({n: read_choices(n, e.node, e.pack) for (kind, n), e in merged.items() if kind == "choices"}),
        roles=frozen({n: read_role(n, e.node, e.pack) for (kind, n), e in merged.items() if kind == "role"}),
        scenarios=frozen(
            {n: read_scenario(n, e.node, e.pack) for (kind, n), e in merged.items() if kind == "scenario"}
        ),
        **behaviour,
        reverse=reverse,
    )
    return Assembly(model, merged)


def _readers(kinds: Kinds) -> Mapping[str, tuple[str, Reader]]:
    """Return kind → attribute of the model, and how one is read, of the kinds that hang on registries or on nothing else."""
    return {
        "process": ("processes", lambda name, one: read_process(name, one.node, one.pack, kinds, _overlays(one))),
        "approval": ("approvals", lambda name, one: read_approval(name, one.node, one.pack, kinds)),
        "automation": ("automations", lambda name, one: read_automation(name, one.node, one.pack, kinds)),
        "metric": ("metrics", lambda name, one: read_metric(name, one.node, one.pack)),
        "dashboard": ("dashboards", lambda name, one: read_dashboard(name, one.node, one.pack, kinds)),
        "report": ("reports", lambda name, one: read_report(name, one.node, one.pack)),
        "connection": ("connections", lambda name, one: read_connection(name, one.node, one.pack)),
    }


def _overlays(entry: Merged) -> tuple[Node, ...]:
    return tuple(document.root for document in entry.sources[1:])


def _all(merged: Mapping[Key, Merged], wanted: str, read: Reader, cache: Cache | None) -> Mapping[str, Any]:
    """Return the definitions of one kind by name, from the cache where their files are what they were."""
    found: dict[str, Any] = {}
    for (kind, name), entry in merged.items():
        if kind != wanted:
            continue
        known = cache.recall(f"{kind} {name}", entry.sources) if cache is not None else None
        found[name] = known if known is not None else read(name, entry)
        if cache is not None and known is None:
            cache.keep(f"{kind} {name}", entry.sources, found[name])
    return frozen(found)


def _object(name: str, entry: Merged, kinds: Kinds, cache: Cache | None) -> ObjectDef:
    known: ObjectDef | None = cache.recall(f"object {name}", entry.sources) if cache is not None else None
    if known is not None:
        return known
    definition = complete(read_object(name, entry.node, entry.pack, kinds.fields), kinds.fields)
    if cache is not None:
        cache.keep(f"object {name}", entry.sources, definition)
    return definition


def merge_layers(layers: Sequence[Layer], faults: Faults) -> dict[Key, Merged]:
    """Return every definition with the overlays of the packs above laid over it."""
    merged: dict[Key, Merged] = {
        ("pack", layer.name): Merged(layer.name, layer.pack.root, (layer.pack,)) for layer in layers
    }
    for layer in layers:
        documents = sorted(layer.documents.values(), key=lambda document: (document.extends, document.path))
        for document in documents:
            if document.extends:
                _lay_over(merged, document, faults)
            else:
                _define(merged, document, layer, faults)
    return merged


def _define(merged: dict[Key, Merged], document: Document, layer: Layer, faults: Faults) -> None:
    key = (document.kind, document.name)
    if key in merged:
        first = next(iter(merged[key].node.map.values())).mark
        message = Text(zh="{kind} {name} 重复定义", en="{kind} {name} is defined twice")
        hint = Text(
            zh=f"已在 {first.file}:{first.line} 定义；要修改它请用 extend: {key[0]}/{key[1]}",
            en=f"first defined in {first.file}:{first.line}; to change it write extend: {key[0]}/{key[1]}",
        )
        place = next(iter(document.root.map.values())).mark
        faults.add("DUPLICATE_DEFINITION", message.format(kind=key[0], name=clip(key[1])), place, hint=hint)
        return
    merged[key] = Merged(layer.name, document.root, (document,))


def _lay_over(merged: dict[Key, Merged], document: Document, faults: Faults) -> None:
    key = (document.kind, document.name)
    below = merged.get(key)
    if below is None:
        message = Text(zh="下层没有 {kind} {name}", en="there is no {kind} {name} below").format(
            kind=key[0], name=clip(key[1])
        )
        hint = near_miss(key[1], [name for kind, name in merged if kind == key[0]])
        faults.add("UNKNOWN_TARGET", message, document.root.map["extend"].mark, hint=hint)
        return
    node = merge(below.node, document.root, faults)
    merged[key] = Merged(below.pack, node, (*below.sources, document))
