"""Reports of packs: who sees which, and that every figure on the page is that of its records."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.insight.saved import answer_report, visible_reports
from engine.records.compile import Records
from engine.records.rights import rights_of
from engine.refusals import Refusal
from tests.application import write_pack
from tests.metamodel.support import codes, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.insight.conftest import Ground


def test_a_report_is_for_those_who_may_see_all_that_it_reads(ground: Ground) -> None:
    def seen(who: str) -> list[str]:
        def work(context: Any) -> list[str]:
            records = context.runtime.part(Records)
            return sorted(visible_reports(records, rights_of(records, context.actor), context.actor))

        return list(ground.app.run(work, who))

    assert seen("dora") == ["by_region", "costly", "leads"]
    assert seen("rita") == ["by_region"]  # `costly` reads a field that is hidden from reps, `leads` is for directors
    with pytest.raises(Refusal, match="UNKNOWN_REPORT"):
        ground.app.run(lambda context: answer_report(context, "costly"), "rita")


def test_its_figures_are_those_of_the_records(ground: Ground) -> None:
    for who in ("dora", "rita"):
        rows = [row for row in ground.deals if ground.sees(who, row) and row["stage"] == "won" and not row["deleted"]]
        found = ground.app.run(lambda context: answer_report(context, "by_region"), who)
        told = {tuple(one.key for one in group.buckets): group.values["count"] for group in found.cells.groups}
        wanted: dict[tuple[object, ...], int] = {}
        for row in rows:
            key = (row["region"], row["owner"])
            wanted[key] = wanted.get(key, 0) + 1
        assert {key: int(value) for key, value in told.items()} == wanted
        assert (found.cells.units["average"].kind, found.cells.units["count"].kind) == ("days", "")
        (whole,) = found.whole.groups
        amounts = [Decimal(str(row["amount"])) for row in rows if row["amount"] is not None]
        assert whole.values["average"] == (sum(amounts, Decimal(0)) / len(amounts)).quantize(Decimal("1e-12"))


def test_what_is_wrong_with_one_is_told(tmp_path: Path) -> None:
    files = {
        "objects/deal.yaml": "object: deal\ntitle: name\nfields: {name: {type: text}, won_on: {type: date}}\n",
        "reports/bad.yaml": """
            report: bad
            object: deal
            rows: [name:month, nmae, won_on, created_at, created_by]
            measures: {count: COUNT(rows), text: name}
            filter: name > 1
            """,
        "pack.yaml": "pack: said\nversion: 1.0.0\nmenu: {all: {label: All, items: [report/badd]}}\n",
    }
    found = codes(read(write_pack(tmp_path, "said", files)).faults)
    assert sorted(found) == [
        "EXPR_TYPE", "EXPR_UNKNOWN_NAME", "MANY_SPLITS", "UNKNOWN_FIELD", "UNKNOWN_REPORT", "WRONG_TYPE",
    ]  # fmt: skip
