"""The draft on a newer version: packs below may have changed freely, since the draft only lies over them; where the ``site`` pack itself
was published otherwise, files changed on one side are taken, files changed on both wait for a decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from designer.drafts import Draft, Edit
from engine.publishing.install import yaml_lines
from engine.publishing.sources import load_sources
from engine.storage.tables import version
from metamodel.canonical import from_text
from metamodel.layers import SITE
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from designer.drafts import Author

EMPTY_PACK = "pack: site\nlabel: {zh: 本单位的调整, en: Our own changes}\nversion: 1.0.0\n"
PACK_FILE = "pack.yaml"
_SUFFIXES = (".yaml", ".yml", ".json")


def site_files(connection: sa.Connection, number: int) -> dict[str, str]:
    """Return the files of a version's ``site`` pack: as they were installed, or where those are not kept written from its definitions. An
    empty pack where it has none."""
    kept = load_sources(connection, number, SITE)
    found = {
        path: file.content.decode("utf-8-sig")
        for path, file in kept.items()
        if path.endswith(_SUFFIXES) and _is_text(file.content)
    }
    if found:
        return found
    canonical = connection.scalar(sa.select(version.c.canonical).where(version.c.number == number)) or ""
    layer = next((one for one in from_text(canonical) if one.name == SITE), None) if canonical else None
    if layer is None:
        return {PACK_FILE: EMPTY_PACK}
    documents = (layer.pack, *layer.documents.values(), *layer.later.values())
    return {f"{one.path.rpartition('.')[0]}.yaml": "\n".join(yaml_lines(one.root)) + "\n" for one in documents}


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def rebased(draft: Draft, before: Mapping[str, str], after: Mapping[str, str], number: int, author: Author) -> Draft:
    """Return the draft on version ``number``. ``before`` and ``after`` are the ``site`` files of the draft's version and of that one."""
    if after in (before, draft.files):
        return replace(draft, base=number)
    files, theirs = dict(draft.files), {}
    for path in dict.fromkeys((*before, *after)):
        if before.get(path) == after.get(path):
            continue
        if draft.files.get(path) == before.get(path):
            _put(files, path, after.get(path))
        elif draft.files.get(path) != after.get(path):
            theirs[path] = after.get(path)
    touched = {
        path: (draft.files.get(path), files.get(path))
        for path in dict.fromkeys((*draft.files, *files))
        if draft.files.get(path) != files.get(path)
    }
    rev = draft.rev + 1
    words = Text(zh=f"并入版本 {number}", en=f"taken over from version {number}")
    past = draft.past
    if touched and past:
        past = (*past, Edit(rev, author.id, author.name, author.at.isoformat(), words, touched))
    return replace(draft, rev=rev, base=number, files=files, past=past, future=(), theirs=theirs)


def decided(draft: Draft, path: str, *, mine: bool) -> dict[str, str]:
    """Return the files with a conflict decided: one's own text stays, or the published one is taken."""
    files = dict(draft.files)
    if not mine:
        _put(files, path, draft.theirs.get(path))
    return files


def _put(files: dict[str, str], path: str, text: str | None) -> None:
    if text is None:
        files.pop(path, None)
    else:
        files[path] = text
