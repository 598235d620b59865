"""The draft of an installation: the files of its pack ``site`` as they are being changed, shared by all who design, with every edit's
author and the way back. Kept in tenon.draft; what the files mean is candidate.py's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.refusals import Refusal
from engine.storage.tables import draft as table
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARED, KIND, KEY = 0, "site", "draft"
MOST_EDITS = 200  # that can be undone; older ones stay done


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: ``files`` holds path → (text before, text after), None where there was no file. ``rev`` is the draft's after it."""

    rev: int
    by: int | None
    name: str
    at: str
    words: Text
    files: Mapping[str, tuple[str | None, str | None]]

    @property
    def moment(self) -> datetime:
        """Return when it was made."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Draft:
    """``files``: path → text. ``base``: the version whose ``site`` pack the edits were made on. ``past`` can be undone, ``future`` redone.
    ``theirs``: path → text of files that were published otherwise meanwhile (None: removed), to be decided on."""

    rev: int = 0
    base: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    past: tuple[Edit, ...] = ()
    future: tuple[Edit, ...] = ()
    theirs: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Return whether anything was edited since the last publication."""
        return bool(self.past) or bool(self.theirs)


@dataclass(frozen=True, slots=True)
class Author:
    """Who edits, and when."""

    id: int | None
    name: str
    at: datetime


def load_draft(connection: sa.Connection, *, lock: bool = False) -> Draft | None:
    """Return the draft, None before the first edit. ``lock``: keep it until the transaction ends."""
    asked = sa.select(table.c.base, table.c.content).where(
        table.c.user_id == SHARED, table.c.kind == KIND, table.c.key == KEY
    )
    row = connection.execute(asked.with_for_update() if lock else asked).first()
    if row is None:
        return None
    content = row.content
    return Draft(
        content["rev"],
        row.base or 0,
        content["files"],
        tuple(map(_edit, content["past"])),
        tuple(map(_edit, content["future"])),
        content["theirs"],
    )


def save_draft(connection: sa.Connection, draft: Draft, now: datetime) -> None:
    """Keep the draft."""
    content = {
        "rev": draft.rev,
        "files": dict(draft.files),
        "past": [_to_json(one) for one in draft.past[-MOST_EDITS:]],
        "future": [_to_json(one) for one in draft.future],
        "theirs": dict(draft.theirs),
    }
    row = insert(table).values(
        user_id=SHARED, kind=KIND, key=KEY, base=draft.base or None, content=content, updated_at=now
    )
    kept = {name: row.excluded[name] for name in ("base", "content", "updated_at")}
    connection.execute(row.on_conflict_do_update(index_elements=["user_id", "kind", "key"], set_=kept))


def edited(draft: Draft, files: Mapping[str, str], words: Text, author: Author) -> Draft:
    """Return the draft with its files as ``files`` says; the same one where nothing differs."""
    touched = {
        path: (draft.files.get(path), files.get(path))
        for path in dict.fromkeys((*draft.files, *files))
        if draft.files.get(path) != files.get(path)
    }
    if not touched:
        return draft
    rev = draft.rev + 1
    edit = Edit(rev, author.id, author.name, author.at.isoformat(), words, touched)
    return replace(draft, rev=rev, files=dict(files), past=(*draft.past, edit)[-MOST_EDITS:], future=())


def refuse_stale(draft: Draft, seen: int, path: str) -> None:
    """Raise Refusal 409 where somebody has changed the file since the draft's version ``seen``."""
    later = [edit for edit in draft.past if edit.rev > seen and path in edit.files]
    undone = [edit for edit in draft.future if path in edit.files] if draft.rev > seen else []
    if later or undone:
        name = (later or undone)[-1].name
        raise Refusal(
            409,
            "STALE",
            Text(
                zh=f"{name} 刚刚改过这里，页面已显示最新内容，请再做一次。",
                en=f"{name} has just changed this: the page shows it as it is now. Please do it once more.",
            ),
        )


def undo(draft: Draft) -> Draft:
    """Return the draft before its last edit; the same one where there is none."""
    if not draft.past:
        return draft
    last = draft.past[-1]
    files = _with(draft.files, {path: before for path, (before, _) in last.files.items()})
    return replace(draft, rev=draft.rev + 1, files=files, past=draft.past[:-1], future=(*draft.future, last))


def redo(draft: Draft) -> Draft:
    """Return the draft with the edit that was undone last."""
    if not draft.future:
        return draft
    last = draft.future[-1]
    files = _with(draft.files, {path: after for path, (_, after) in last.files.items()})
    again = replace(last, rev=draft.rev + 1)
    return replace(draft, rev=draft.rev + 1, files=files, past=(*draft.past, again), future=draft.future[:-1])


def _with(files: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    merged = {**files, **changes}
    return {path: text for path, text in merged.items() if text is not None}


def _edit(data: Mapping[str, Any]) -> Edit:
    files = {path: (before, after) for path, (before, after) in data["files"].items()}
    return Edit(data["rev"], data["by"], data["name"], data["at"], Text(**data["words"]), files)


def _to_json(edit: Edit) -> dict[str, Any]:
    return {
        "rev": edit.rev,
        "by": edit.by,
        "name": edit.name,
        "at": edit.at,
        "words": {"zh": edit.words.zh, "en": edit.words.en},
        "files": {path: list(texts) for path, texts in edit.files.items()},
    }
