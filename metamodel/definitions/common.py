"""What several kinds of definition share: expressions with their place, frozen maps."""

from __future__ import annotations

from dataclasses import dataclass, field

from metamodel.faults import Mark


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as written, with the place of its first character. Typed when a set is checked or compiled."""

    text: str
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with ``{path}`` places, filled from a record."""

    text: str
    mark: Mark = field(default=Mark(), compare=False)
