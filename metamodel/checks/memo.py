"""What a check has looked at: recorded while it runs, so that its outcome can be kept as long as all of that stays the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from metamodel.expressions.named import NamesTargets

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.expressions.types import Schema, Type

T = TypeVar("T")
_KINDS = (
    "objects", "choices", "roles", "reverse", "processes", "approvals", "automations", "metrics", "dashboards", "reports", "connections",
)  # fmt: skip
_ABSENT = object()


class Watch:
    """The record of one check: (what, name) → what was there. ``whole`` says that it went through all names of something, so that
    nothing can be kept."""

    def __init__(self) -> None:
        self.reads: dict[tuple[str, str, str], object] = {}
        self.whole = False


class WatchedMap(Mapping[str, T]):
    """A mapping that notes what is looked up."""

    def __init__(self, inner: Mapping[str, T], what: tuple[str, str], watch: Watch) -> None:
        self._inner = inner
        self._what = what
        self._watch = watch

    def __getitem__(self, name: str) -> T:
        found = self._inner[name] if name in self._inner else _ABSENT  # noqa: SIM401 - reading may raise by itself
        self._watch.reads[*self._what, name] = found
        if found is _ABSENT:
            raise KeyError(name)
        return found  # type: ignore[return-value]

    def __contains__(self, name: object) -> bool:
        there = name in self._inner
        self._watch.reads.setdefault((f"in {self._what[0]}", self._what[1], str(name)), there)
        return there

    def __iter__(self) -> Iterator[str]:
        self._watch.whole = True
        return iter(self._inner)

    def __bool__(self) -> bool:
        return True  # as good as any: an empty mapping answers every look-up alike

    def __len__(self) -> int:
        self._watch.whole = True
        return len(self._inner)


class WatchedSchema:
    """A schema that notes which names of which objects are looked up."""

    def __init__(self, inner: Schema, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the names an object's records offer, or None where there is no such object."""
        found = self._inner.members(object_name)
        if found is None:
            self._watch.reads["object", "", object_name] = None
            return None
        return WatchedMap(found, ("member", object_name), self._watch)

    def targets(self) -> Collection[str]:
        """Return the names of all targets; what has asked for them is looked at anew each time."""
        self._watch.whole = True
        return self._inner.targets() if isinstance(self._inner, NamesTargets) else ()


def watched_model(model: Model, watch: Watch) -> Model:
    """Return the model with look-ups noted."""
    maps: dict[str, Any] = {kind: WatchedMap(getattr(model, kind), (kind, ""), watch) for kind in _KINDS}
    return replace(model, **maps)


def is_unchanged(reads: Mapping[tuple[str, str, str], object], model: Model, schema: Schema) -> bool:
    """Whether everything that was looked up is still what it was. May raise what reading a schema's member raises."""
    for (what, of, name), before in reads.items():
        if what in {"member", "in member"}:
            members: Mapping[str, Any] = schema.members(of) or {}
            there = name in members
            now = there if what == "in member" else members[name] if there else _ABSENT
            if now is not before and now != before:
                return False
        elif what == "object":
            if schema.members(name) is not None:
                return False
        elif not _is_same(what, name, before, model):
            return False
    return True


def _is_same(what: str, name: str, before: object, model: Model) -> bool:
    if what.startswith("in "):
        return (name in getattr(model, what[3:])) is before
    now = getattr(model, what).get(name, _ABSENT)
    return now is before or (what == "reverse" and now == before)
