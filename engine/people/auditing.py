"""The audit of sensitive acts, as the floors above name it."""

from __future__ import annotations

from engine.storage.audit import has_signed_in, note, note_all, note_sign_in

__all__ = ["has_signed_in", "note", "note_all", "note_sign_in"]
