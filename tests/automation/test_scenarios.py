"""The sales examples of rules, as scenarios in their own clock: silence, progress, contacts, leads, production, birthdays, zombies, buttons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app import PACKS, create_kinds
from engine.automation.clockwork import create_ticks
from engine.automation.hearing import consume
from engine.cli.scenario import run_pack
from engine.scenarios.passing import Passing
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

PACK = Path(__file__).parent / "packs" / "care"


def test_the_examples_run_as_written(database_factory: Callable[..., Any], system_template: str) -> None:
    engine = database_factory(system_template).engine
    outcome = run_pack(PACK, engine, create_kinds(), (PACKS,), Passing((consume,), create_ticks()))
    assert not outcome.faults.fatal, [
        (one.mark.file[-30:], one.mark.line, one.code, one.message.en)
        for one in outcome.faults
        if one.severity == "error"
    ]
    told = {
        result.scenario.name: (
            result.failure.step,
            result.failure.message.en,
            [one.en for one in result.failure.details],
        )
        for result in outcome.results
        if result.failure is not None
    }
    assert told == {}
    assert len(outcome.results) == 9


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{expect: {notified: {to: rita}}}", "rita should have been told"),
        ("{expect: {notified: {to: =dan, by: mail}}}", "dan should have been told by mail"),
    ],
)
def test_who_was_not_told_is_said(
    step: str, said: str, database_factory: Callable[..., Any], system_template: str, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "pack.yaml").write_text("pack: small\nversion: 1.0.0\n", encoding="utf-8")
    text = f'scenario: small\ngiven: {{users: {{dan: {{}}, rita: {{}}}}, now: "2026-01-05T10:00+08:00"}}\ndo:\n  a: {step}\n'
    (tmp_path / "scenarios" / "s.yaml").write_text(text, encoding="utf-8")
    engine = database_factory(system_template).engine
    outcome = run_pack(tmp_path, engine, create_kinds(), (PACKS,), Passing((consume,), create_ticks()))
    (result,) = outcome.results
    assert result.failure is not None
    assert result.failure.message.en == said
    assert result.failure.details == (Text(zh="没有任何通知", en="nobody was told anything"),)
