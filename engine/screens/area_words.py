"""The words of all areas, collected without loading their pages."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from engine.screens import areas

Words = dict[str, tuple[str, str]]


def area_words() -> tuple[Words, Words]:
    """Return the words of all areas, and those that scripts use. Raises ValueError where two areas give a name different words."""
    words: Words = {}
    scripts: Words = {}
    for info in iter_modules(areas.__path__):
        module = import_module(f"{areas.__name__}.{info.name}.words")
        for found, given in ((words, module.WORDS), (scripts, getattr(module, "SCRIPT_WORDS", {}))):
            for name, pair in given.items():
                if found.setdefault(name, pair) != pair:
                    raise ValueError(f"{info.name}: the word {name} is taken")
    return words, scripts
