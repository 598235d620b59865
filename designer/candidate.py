"""What a draft comes to: read and checked with all packs below it, its definitions with and without the draft, and a sound model to show
where parts of the draft are faulty. Nothing is written here."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from designer.rebase import site_files
from designer.yaml_edit import remove_entry
from designer.yaml_tree import EditFault
from engine.publishing.naming import name_physical
from engine.publishing.versions import load_version
from engine.records.associations import with_associations
from engine.records.compile import Records
from engine.records.shape import Shapes
from engine.runtime import compile_app
from metamodel.assemble import assemble, merge_layers
from metamodel.canonical import from_text
from metamodel.checks.whole import check_shapes, check_whole
from metamodel.faults import Faults
from metamodel.folders import PackFiles
from metamodel.layers import SITE, Cache, Layer, read_layer, stack
from metamodel.read import ReadSet, read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sqlalchemy as sa

    from designer.drafts import Draft
    from engine.context import Runtime
    from engine.publishing.plan import Base
    from engine.runtime import AppRuntime
    from metamodel.assemble import Key, Merged
    from metamodel.definitions.model import Model
    from metamodel.faults import Fault
    from metamodel.kinds import Kinds

ROUNDS = 12  # of leaving out what is faulty, until the rest is sound
KEPT = 8  # candidates kept: a page is drawn from one several times


@dataclass(frozen=True, slots=True)
class SiteDocument:
    """A file of the draft: the definition it makes, or (``extends``) lies over."""

    path: str
    extends: bool


@dataclass(frozen=True, eq=False)
class Candidate:
    """A draft on the version that serves. ``read`` is what publishing would be given; ``below`` are the definitions of the packs under the
    draft, ``merged`` those with it, ``documents`` the draft's own files by definition. ``model`` can be shown: where the draft has faults
    it is the draft without what is at fault, ``left_out`` (file, path)."""

    base: Base
    kinds: Kinds
    files: Mapping[str, str]
    read: ReadSet
    below: Mapping[Key, Merged]
    merged: Mapping[Key, Merged]
    documents: Mapping[Key, SiteDocument]
    model: Model
    left_out: tuple[tuple[str, str], ...] = ()
    plain: dict[tuple[bool, str, str], dict[str, Any]] = field(
        default_factory=dict
    )  # definitions as data, once asked for

    @property
    def faults(self) -> list[Fault]:
        """Return the errors, which stand against publishing."""
        return [one for one in self.read.faults if one.severity == "error"]

    @property
    def warnings(self) -> list[Fault]:
        """Return the warnings about files of the draft."""
        return [one for one in self.read.faults if one.severity != "error" and one.mark.file.startswith(f"{SITE}/")]

    @cached_property
    def runtime(self) -> AppRuntime:
        """The model compiled, to draw pages with: nothing can be read or written through it, its new columns are not there yet."""
        model = with_associations(self.model, self.kinds, self.base.physical.tables)
        naming = name_physical(self.base.records.shapes, self.base.physical, Shapes(model, self.kinds))
        return compile_app(self.base.number, self.read.hash, self.model, naming.physical, self.kinds)

    @cached_property
    def definitions(self) -> Mapping[str, Key]:
        """The definition that each file, of the draft or below it, makes or changes."""
        return {one.root.file: key for key, merged in self.merged.items() for one in merged.sources}

    def data(self, kind: str, name: str) -> dict[str, Any]:
        """Return a definition as plain data, {} where there is none. Not to be changed: it is kept."""
        return self._plain(self.merged, kind, name)

    def data_below(self, kind: str, name: str) -> dict[str, Any]:
        """Return a definition as the packs below have it, {} where they have none. Not to be changed: it is kept."""
        return self._plain(self.below, kind, name)

    def _plain(self, definitions: Mapping[Key, Merged], kind: str, name: str) -> dict[str, Any]:
        key = (definitions is self.below, kind, name)
        if key not in self.plain:
            found = definitions.get((kind, name))
            self.plain[key] = found.node.to_data() if found is not None else {}
        return self.plain[key]


@dataclass(slots=True)
class Desk:
    """Makes candidates, and keeps the last of them. One serves an installation's pages; threads take turns."""

    cache: Cache = field(default_factory=Cache)
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: dict[tuple[int, int], Candidate] = field(default_factory=dict)
    base: Base | None = None
    layers: tuple[Layer, ...] = ()
    published: Mapping[str, str] = field(default_factory=dict)  # the files of the site pack in force

    def candidate(self, connection: sa.Connection, runtime: Runtime, draft: Draft) -> Candidate:
        """Return what a draft comes to on the version that ``runtime`` serves."""
        with self.lock:
            base = self._base(connection, runtime)
            key = (base.number, hash(tuple(sorted(draft.files.items()))))
            found = self.made.get(key)
            if found is None or found.files != draft.files:
                found = make_candidate(base, draft.files, runtime.part(Records).kinds, self.cache, self.layers)
                self.made[key] = found
                while len(self.made) > KEPT:
                    del self.made[next(iter(self.made))]
            return found

    def faults(self, candidate: Candidate, files: Mapping[str, str], *, gone: Key | None = None) -> list[Fault]:
        """Return the errors that other files in the place of a candidate's would have, where they show; ``gone``: a definition that is
        taken out of the packs below too."""
        with self.lock:
            current = self.base is candidate.base
            layers = list(self.layers if current else from_text(candidate.base.canonical))
            if gone is not None:
                layers = [_lacking(layer, gone) for layer in layers]
            return faults_of(files, candidate.kinds, layers, self.cache if current else None)

    def _base(self, connection: sa.Connection, runtime: Runtime) -> Base:
        if self.base is None or self.base.number != runtime.version:
            self.base = load_version(connection, runtime.version, runtime.part(Records).kinds)
            self.published = site_files(connection, runtime.version)
            self.layers = tuple(from_text(self.base.canonical))
            self.cache = Cache()
            self.made.clear()
        return self.base


def _lacking(layer: Layer, gone: Key) -> Layer:
    """Return a pack without what it says of a definition."""
    kept = {path: one for path, one in layer.documents.items() if (one.kind, one.name) != gone}
    return Layer(layer.name, layer.pack, kept, layer.later)


def site_pack(files: Mapping[str, str]) -> PackFiles:
    """Return the draft's files as a pack to be read."""
    found = PackFiles(SITE, {path: text.encode() for path, text in sorted(files.items())})
    found.folders = {path.partition("/")[0]: path for path in files if "/" in path}
    return found


def make_candidate(
    base: Base,
    files: Mapping[str, str],
    kinds: Kinds,
    cache: Cache | None = None,
    layers: Sequence[Layer] = (),
) -> Candidate:
    """Read a draft on ``base``, whose ``layers`` may be given. Never raises for what the files hold."""
    given = layers or from_text(base.canonical)

    def again(kept: Mapping[str, str]) -> ReadSet:
        return read_packs([site_pack(kept)], kinds, below=given, cache=cache)

    found = again(files)
    below = [layer for layer in given if layer.name != SITE]
    layer = read_layer(site_pack(files), Faults(), cache)
    stacked = [*below, *([layer] if layer is not None else [])]
    documents = {
        (one.kind, one.name): SiteDocument(one.path, one.extends)
        for one in ((layer.pack, *layer.documents.values()) if layer is not None else ())
    }
    model, left_out = (found.model, ()) if found.model is not None else _sound(base, files, found, again)
    return Candidate(
        base,
        kinds,
        dict(files),
        found,
        merge_layers(below, Faults()),
        merge_layers(stack({one.name: one for one in stacked}, Faults()), Faults()),
        documents,
        model,
        left_out,
    )


def faults_of(
    files: Mapping[str, str], kinds: Kinds, below: Sequence[Layer], cache: Cache | None = None
) -> list[Fault]:
    """Return the errors of a draft over ``below`` where they show, not at the overlay that causes them."""
    faults = Faults()
    layers = {layer.name: layer for layer in below if layer.name != SITE}
    layer = read_layer(site_pack(files), faults, cache)
    if layer is not None:
        layers[layer.name] = layer
    order = stack(layers, faults)
    assembly = assemble(order, kinds, faults, cache)
    check_shapes(assembly, order, kinds, faults, cache)
    check_whole(assembly, kinds, faults, cache)
    return [one for one in faults if one.severity == "error"]


def _sound(
    base: Base, files: Mapping[str, str], found: ReadSet, read: Callable[[Mapping[str, str]], ReadSet]
) -> tuple[Model, tuple[tuple[str, str], ...]]:
    """Return the model of the draft without what is faulty, and what that was; the published model where nothing else helps."""
    kept, left_out = dict(files), []
    for _ in range(ROUNDS):
        places = {(one.mark.file.partition("/")[2], one.mark.path) for one in found.faults if _own_error(one)}
        places = {(path, inside) for path, inside in places if path in kept}
        if not places:
            break
        for path, inside in sorted(places, key=lambda one: (one[0], -one[1].count("/"))):
            if path in kept:
                _leave_out(kept, path, inside)
                left_out.append((path, inside))
        found = read(kept)
        if found.model is not None:
            return found.model, tuple(left_out)
    return base.model, tuple((path, "") for path in files)


def _own_error(fault: Fault) -> bool:
    return fault.severity == "error" and fault.mark.file.startswith(f"{SITE}/")


def _leave_out(files: dict[str, str], path: str, inside: str) -> None:
    if not inside or inside == "extend":
        del files[path]
        return
    try:
        files[path] = remove_entry(files[path], tuple(inside.split("/")))
    except EditFault:
        del files[path]
        return
    if len(files[path].strip().splitlines()) <= 1 and files[path].startswith("extend:"):
        del files[path]


def without(files: Mapping[str, str], path: str, inside: tuple[str, ...]) -> dict[str, str]:
    """Return files with one entry taken out of one of them."""
    kept = dict(files)
    _leave_out(kept, path, "/".join(inside))
    return kept
