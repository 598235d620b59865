"""The audit of sensitive acts, as the floors above name it."""

from __future__ import annotations

from engine.storage.audit import note, note_all, note_sign_in

__all__ = ["note", "note_all", "note_sign_in"]
