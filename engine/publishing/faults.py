"""What stops a publication, said so that people can act upon it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.text import Text


class PublishFault(Exception):
    """A publication that could not be completed. ``code``: BUSY, STEP_FAILED, BASE_MOVED, NOT_SERVING …; the message says which
    version serves and how to go on."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code, message.en)
        self.code = code
        self.message = message
