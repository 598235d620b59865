"""The fault that says that the surroundings, not the input, are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.text import Text


class EnvironmentFault(Exception):
    """The surroundings are not as they must be: one sentence that says what to do. The command line exits 3."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message
