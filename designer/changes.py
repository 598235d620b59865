"""Changes of definitions in the draft: what the packs below define is changed by an overlay that says no more than the difference, what
the draft itself defines in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from designer.yaml_edit import Keys, move_entry, read_data, remove_entry, rename_entry, set_entry
from designer.yaml_tree import EditFault
from metamodel.text import Text
from metamodel.vocabulary import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from designer.candidate import Candidate

REMOVED = {"remove": True}
ORDER = ("after", "before")


@dataclass
class Changes:
    """The files of a draft while one edit changes them. ``files`` is the result. Every method raises EditFault where a file is written in
    a way that can't be changed entry by entry."""

    candidate: Candidate
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the draft's files."""
        self.files = self.files or dict(self.candidate.files)

    def path_of(self, kind: str, name: str) -> tuple[str, bool]:
        """Return the file that a definition is changed in, and whether that lies over the one of a pack below."""
        known = self.candidate.documents.get((kind, name))
        if known is not None:
            return known.path, known.extends
        return f"{KINDS[kind] or 'packs'}/{name}.yaml", True

    def define(self, kind: str, name: str, data: Mapping[str, Any]) -> None:
        """Add a definition of the draft's own."""
        path = f"{KINDS[kind]}/{name}.yaml"
        if path in self.files or (kind, name) in self.candidate.merged:
            raise EditFault(Text(zh=f"名称 {name} 已被使用。", en=f"The name {name} is taken."))
        text = f"{kind}: {name}\n"
        for key, value in data.items():
            text = set_entry(text, (key,), value)
        self.files[path] = text

    def put(self, kind: str, name: str, path: Keys, value: Any, *, after: str = "") -> None:
        """Let an entry be ``value``; a new one comes last, or behind a sibling."""
        file, extends = self.path_of(kind, name)
        if not extends:
            self.files[file] = set_entry(self.files[file], path, value, after=after)
            return
        below = _find(self.candidate.data_below(kind, name), path)
        if below is not None and _equal(below, value):
            self._drop(file, path)
            return
        self._clear_removal(file, path)
        if isinstance(value, dict) and isinstance(below, dict):
            self._put_map(kind, name, path, value, below)
            return
        if isinstance(value, list) and isinstance(below, list):
            value = list_overlay(below, value)
        text = self.files.get(file) or f"extend: {kind}/{name}\n"
        if after and below is None and isinstance(value, dict):
            value = {**value, "after": after}
        self.files[file] = set_entry(text, path, value)

    def _put_map(self, kind: str, name: str, path: Keys, value: dict[str, Any], below: dict[str, Any]) -> None:
        for key, one in value.items():
            self.put(kind, name, (*path, key), one)
        for key in below:
            if key not in value:
                self.remove(kind, name, (*path, key))
        file, _ = self.path_of(kind, name)
        said = _find(read_data(self.files[file]), path) if file in self.files else None
        for key in said or {}:
            if key not in value and key not in below and key not in ORDER:
                self._drop(file, (*path, key))

    def remove(self, kind: str, name: str, path: Keys) -> None:
        """Take an entry away."""
        file, extends = self.path_of(kind, name)
        if not extends:
            self.files[file] = remove_entry(self.files[file], path)
            return
        holder = _find(self.candidate.data(kind, name), path[:-1])
        if len(path) > 1 and isinstance(holder, dict) and list(holder) == [path[-1]]:
            self.remove(kind, name, path[:-1])  # a map without entries says nothing
            return
        self._drop(file, path)
        if _find(self.candidate.data_below(kind, name), path) is not None:
            text = self.files.get(file) or f"extend: {kind}/{name}\n"
            self.files[file] = set_entry(text, path, REMOVED)

    def move(self, kind: str, name: str, path: Keys, *, after: str = "", before: str = "") -> None:
        """Put an entry of a map beside a sibling."""
        file, extends = self.path_of(kind, name)
        if not extends:
            self.files[file] = move_entry(self.files[file], path, after=after, before=before)
            return
        word, other = ("after", "before") if after else ("before", "after")
        text = self.files.get(file) or f"extend: {kind}/{name}\n"
        if _find(read_data(text), (*path, other)) is not None:
            text = remove_entry(text, (*path, other))
        self.files[file] = set_entry(text, (*path, word), after or before)

    def rename(self, kind: str, name: str, path: Keys, new: str) -> None:
        """Call an entry that only the draft has otherwise."""
        file, _ = self.path_of(kind, name)
        self.files[file] = rename_entry(self.files[file], path, new)

    def is_new(self, kind: str, name: str, path: Keys) -> bool:
        """Whether nothing is published of an entry yet, neither by the packs below nor by the ``site`` pack in force."""
        return _find(self.candidate.data_below(kind, name), path) is None

    def _drop(self, file: str, path: Keys) -> None:
        if file not in self.files:
            return
        self.files[file] = remove_entry(self.files[file], path)
        if list(read_data(self.files[file])) == ["extend"] and "#" not in self.files[file]:
            del self.files[file]

    def _clear_removal(self, file: str, path: Keys) -> None:
        """Take back that a map on the way, or the entry itself, is removed."""
        if file not in self.files:
            return
        for length in range(1, len(path) + 1):
            if _find(read_data(self.files[file]), path[:length]) == REMOVED:
                self._drop(file, path[:length])
                return


def list_overlay(below: Sequence[Any], wanted: Sequence[Any]) -> Any:
    """Return what an overlay says to make ``wanted`` of ``below``: what is added and taken away where that tells it all, so that what the
    pack below adds later is not lost; else the whole list."""
    gone = [one for one in below if one not in wanted]
    kept = [one for one in wanted if one in below]
    added = [one for one in wanted if one not in below]
    said: dict[str, Any] = {}
    if added:
        said["add"] = added
        at = wanted.index(added[0])
        if wanted[at : at + len(added)] != added:
            return list(wanted)
        if at + len(added) < len(wanted):
            said["after" if at else "before"] = wanted[at - 1] if at else wanted[len(added)]
    if kept != [one for one in below if one in wanted] or len(kept) == 0:
        return list(wanted)
    if gone:
        said["remove"] = gone
    return said


def _find(data: Any, path: Keys) -> Any:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    return data


def _equal(one: Any, other: Any) -> bool:
    """Whether two values say the same; the order of entries counts, and true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_equal(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)
