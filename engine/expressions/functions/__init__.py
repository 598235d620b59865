"""The functions of the expression language, a file each or a small family. ``discover`` collects their KIND records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from metamodel.expressions.signatures import FunctionLike


def discover(package: ModuleType | None = None) -> Mapping[str, FunctionLike]:
    """Return the functions of ``package`` (default: this one) by name. Raises ValueError where two have one name."""
    raise NotImplementedError
