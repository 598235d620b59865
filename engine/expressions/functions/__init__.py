"""The functions of the expression language, a file each or a small family. ``discover`` collects their records."""

from __future__ import annotations

import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from engine.expressions.functions.base import Function


def discover(package: ModuleType) -> Mapping[str, Any]:
    """Return the records that the modules of ``package`` export as KIND or KINDS, by name. Raises ValueError where two have one name."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        loaded = importlib.import_module(module.name)
        kinds = getattr(loaded, "KINDS", None) or ((loaded.KIND,) if hasattr(loaded, "KIND") else ())
        for kind in kinds:
            if kind.name in found:
                raise ValueError(f"two functions are called {kind.name}")
            found[kind.name] = kind
    return MappingProxyType(dict(sorted(found.items())))


FUNCTIONS: Mapping[str, Function] = discover(importlib.import_module(__name__))
