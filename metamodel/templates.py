"""Templates: texts with ``{path}`` places, as messages, subjects and values have them. ``{{`` and ``}}`` are the brackets themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*\Z")


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """A place of a template: the ``path`` in its brackets, and where in the text that begins. ``good``: whether it is written as one."""

    path: str
    start: int
    good: bool = True


def places(text: str) -> tuple[TemplatePlace, ...]:
    """Return the places of a template in order; a bracket that nothing closes or opens is one that is not good."""
    found: list[TemplatePlace] = []
    for match in _PLACE.finditer(text):
        if match.group() in {"{{", "}}"}:
            continue
        inner = match.group(1)
        if inner is None:
            found.append(TemplatePlace(match.group(), match.start(), good=False))
            continue
        path = inner.strip()
        start = match.start(1) + len(inner) - len(inner.lstrip())
        found.append(TemplatePlace(path, start, _PATH.match(path) is not None))
    return tuple(found)


def fill(text: str, shown: Callable[[str], str]) -> str:
    """Return the template with every place filled by what ``shown`` says for its path."""

    def put(match: re.Match[str]) -> str:
        if match.group() in {"{{", "}}"}:
            return match.group()[0]
        inner = match.group(1)
        return match.group() if inner is None else shown(inner.strip())

    return _PLACE.sub(put, text)
