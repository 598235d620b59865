"""From pack folders to a checked model: the order of reading, merging and checking. The parts live in layers, overlay, assemble,
shape and checks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from metamodel.assemble import assemble
from metamodel.canonical import from_text, to_text
from metamodel.checks.blame import blame_overlays
from metamodel.checks.whole import check_shapes, check_whole
from metamodel.collecting import uncollected
from metamodel.faults import Faults, Mark
from metamodel.folders import PackFiles
from metamodel.layers import BASE, Cache, Layer, read_layer, stack
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from metamodel.assemble import Assembly
    from metamodel.definitions.model import Model
    from metamodel.kinds import Kinds

__all__ = ["Cache", "ReadSet", "read_canonical", "read_packs"]


@dataclass(frozen=True, slots=True)
class ReadSet:
    """What reading gave: a model (None where a fault is fatal), its canonical text (JSON, stable; key order has meaning) and hash
    ("" where a fault is fatal), all faults. ``given``: names of the packs read from paths, ``found`` those taken along to meet a requirement."""

    model: Model | None
    canonical: str
    hash: str
    faults: Faults
    given: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    sound: Model | None = None  # also where nothing but scenarios is at fault: what they can be checked against


def read_packs(
    paths: Sequence[Path | PackFiles],
    kinds: Kinds,
    *,
    below: str | Sequence[Layer] = "",
    without: Sequence[str] = (),
    search: Sequence[Path] = (),
    cache: Cache | None = None,
) -> ReadSet:
    """Read, merge and check packs (folders, zips, or files in memory) on top of the canonical set ``below`` (its text, or the layers that
    were read from it, which ``cache`` knows again).

    A pack that is in ``below`` already is replaced; packs named in ``without`` are taken out. A required pack (``base`` always) that is
    in neither is looked for by name in the folders ``search`` and beside the given paths. ``cache`` makes a second reading cost what has changed.
    """
    with uncollected():
        known = from_text(below) if isinstance(below, str) else below
        layers = {layer.name: layer for layer in known if layer.name not in without}
        return _read(paths, kinds, layers, search, cache)


def _read(
    paths: Sequence[Path | PackFiles],
    kinds: Kinds,
    layers: dict[str, Layer],
    search: Sequence[Path],
    cache: Cache | None,
) -> ReadSet:
    faults = Faults()
    given: list[str] = []
    for path in paths:
        layer = read_layer(path, faults, cache)
        if layer is None:
            continue
        if layer.name in given:
            message = Text(zh="包 {name} 给出了两次", en="the pack {name} is given twice").format(name=layer.name)
            faults.add("DUPLICATE_DEFINITION", message, layer.pack.root.mark)
        given.append(layer.name)
        layers[layer.name] = layer
    beside = [path.parent for path in paths if not isinstance(path, PackFiles)]
    found = _fetch_required(layers, [*search, *beside], faults, cache)
    order = stack(layers, faults)
    assembly = assemble(order, kinds, faults, cache)
    check_shapes(assembly, order, kinds, faults, cache)
    check_whole(assembly, kinds, faults, cache)
    if faults.fatal:
        sound = None if _beside_scenarios(assembly, faults) else assembly.model
        told = blame_overlays(order, faults, partial(_checked, kinds))
        return ReadSet(None, "", "", told, tuple(given), found, sound)
    text, digest = to_text(order)
    return ReadSet(assembly.model, text, digest, faults, tuple(given), found, assembly.model)


def _checked(kinds: Kinds, order: Sequence[Layer]) -> Faults:
    """Return the faults of another stack of the same packs."""
    faults = Faults()
    assembly = assemble(order, kinds, faults)
    check_shapes(assembly, order, kinds, faults, None)
    check_whole(assembly, kinds, faults, None)
    return faults


def _beside_scenarios(assembly: Assembly, faults: Faults) -> bool:
    """Whether anything but scenarios is at fault."""
    scenarios = {entry.node.file for (kind, _), entry in assembly.merged.items() if kind == "scenario"}
    return any(fault.severity == "error" and fault.mark.file not in scenarios for fault in faults)


def _fetch_required(
    layers: dict[str, Layer], folders: Sequence[Path], faults: Faults, cache: Cache | None
) -> tuple[str, ...]:
    """Read the required packs that are not there yet from ``folders``; return their names."""
    found: list[str] = []
    while True:
        wanted = {name for layer in layers.values() for name in layer.requires} | ({BASE} if layers else set())
        missing = sorted(name for name in wanted - set(layers) if name.isidentifier())
        places = [
            (name, folder / name) for name in missing for folder in folders if (folder / name / "pack.yaml").is_file()
        ]
        if not places:
            return tuple(found)
        name, path = places[0]
        layer = read_layer(path, faults, cache)
        if layer is None or layer.name != name:
            faults.add(
                "MISSING_PACK",
                Text(zh=f"{path} 里不是包 {name}", en=f"{path} does not hold the pack {name}"),
                Mark(str(path), 1, 1),
            )
            return tuple(found)
        found.append(name)
        layers[name] = layer


def read_canonical(text: str, kinds: Kinds) -> Model:
    """Return the model a canonical text stands for, without checking it again. Raises ValueError where it is no canonical text."""
    with uncollected():
        return assemble(from_text(text, places=False), kinds, Faults()).model
