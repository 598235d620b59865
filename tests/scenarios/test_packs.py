"""Every pack keeps its promises: the scenarios of all packs, each pack on a fresh database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import create_consumers, create_kinds, create_ticks
from engine.cli.scenario import run_pack
from engine.config import Config
from engine.scenarios.passing import Passing
from engine.storage.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Database

ROOT = Path(__file__).parents[2]
PACKS = sorted(
    {place.parent.parent for folder in ("packs", "tests/packs") for place in (ROOT / folder).glob("*/scenarios/*.yaml")}
)
KINDS = create_kinds()


@pytest.mark.parametrize("pack", PACKS, ids=[pack.name for pack in PACKS])
def test_the_scenarios_of_a_pack_pass(pack: Path, database_factory: Callable[..., Database], tmp_path: Path) -> None:
    engine = database_factory().engine
    migrate(engine)
    config = Config(home=tmp_path)
    passing = Passing(create_consumers(config), create_ticks(config))
    outcome = run_pack(pack, engine, KINDS, (ROOT / "packs",), passing)
    assert not outcome.faults.fatal, [(fault.mark, fault.code, fault.message.en) for fault in outcome.faults]
    assert outcome.results
    failures = [
        f"{one.scenario.name} / {one.failure.step} (line {one.failure.mark.line}): {one.failure.message.en}\n"
        + "\n".join(f"  {detail.en}" for detail in one.failure.details)
        for one in outcome.results
        if one.failure is not None
    ]
    assert not failures, "\n\n".join(failures)
