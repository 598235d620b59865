"""From pack folders to a checked model: the order of reading, merging and checking. The parts live in source, schema, overlay
and checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from metamodel.definitions.model import Model
    from metamodel.faults import Faults
    from metamodel.kinds import Kinds


@dataclass(frozen=True, slots=True)
class ReadSet:
    """What reading gave: a model (None where a fault is fatal), its canonical text (JSON, sorted, stable) and hash, all faults."""

    model: Model | None
    canonical: str
    hash: str
    faults: Faults


def read_packs(paths: Sequence[Path], kinds: Kinds, *, below: str = "") -> ReadSet:
    """Read, merge and check packs (folders or zips) on top of the canonical set ``below``."""
    raise NotImplementedError


def read_canonical(text: str, kinds: Kinds) -> Model:
    """Return the model a canonical text stands for, without checking it again."""
    raise NotImplementedError
