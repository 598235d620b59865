"""What English does to words that are put into a sentence: capitals and plurals. The sentences themselves are in texts.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def fit(text: str, values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a sentence's places as English has them: the label of an object begins small within a sentence, unless it is
    written with further capitals; ``{s}`` is the ending of a plural, by ``{count}``."""
    label, fitting = str(values.get("object", "")), dict(values)
    if label[1:].islower() and not text.startswith("{object}"):
        fitting["object"] = label[:1].lower() + label[1:]
    if "{s}" in text:
        fitting["s"] = "" if str(values.get("count")) == "1" else "s"
    return fitting
