"""Packs as layers: stacking, upgrading and removing lose nothing; the canonical form says the same as the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metamodel.diff import diff
from metamodel.read import read_canonical
from tests.metamodel.support import KINDS, MINI, PACKS, codes, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

A = "object: a\nfields:\n  name: {type: text}\n  size: {type: decimal, min: 0.10, default: 2.50}\n  part: {type: percent, default: 10%}\n"
PACK_NAMES = sorted(path.name for path in PACKS.iterdir() if (path / "pack.yaml").is_file())


@pytest.mark.parametrize("name", [*PACK_NAMES, "mini"])
def test_canonical_round_trip(name: str) -> None:
    found = read(MINI if name == "mini" else PACKS / name)
    assert found.model is not None, [(str(fault.mark), fault.code) for fault in found.faults]
    model = read_canonical(found.canonical, KINDS)
    assert model == found.model
    assert diff(model, found.model) == ()
    again = read(below=found.canonical)
    assert (again.canonical, again.hash) == (found.canonical, found.hash)
    assert list(again.faults) == [] or not again.faults.fatal


def test_the_spelling_of_numbers_survives(tmp_path: Path) -> None:
    pack = write_pack(
        tmp_path, {"objects/a.yaml": A + "  sum: {type: formula, value: 0.10}\n  yes: {type: formula, value: TRUE}\n"}
    )
    model = read_canonical(read(pack).canonical, KINDS)
    fields = model.objects["a"].fields
    assert str(fields["size"].default.value) == "2.50"  # type: ignore[union-attr]
    assert str(fields["part"].default.value) == "0.10"  # type: ignore[union-attr]
    assert [fields[name].options["value"].text for name in ("sum", "yes")] == ["0.10", "TRUE"]


def test_the_hash_is_of_what_is_said_not_of_where(tmp_path: Path) -> None:
    one = read(write_pack(tmp_path / "one", {"objects/a.yaml": A}))
    two = read(write_pack(tmp_path / "two", {"objects/a.yaml": "# comment\n\n" + A}))
    three = read(write_pack(tmp_path / "three", {"objects/a.yaml": A.replace("2.50", "2.5")}))
    assert one.hash == two.hash != three.hash
    assert one.model == two.model


def test_upgrading_what_is_below_keeps_what_is_above(tmp_path: Path) -> None:
    base = write_pack(tmp_path / "1", {"objects/a.yaml": A}, "below")
    top = write_pack(
        tmp_path,
        {"objects/a.yaml": "extend: object/a\nfields: {extra: {type: text, after: name}, size: {required: true}}\n"},
        requires='{below: "*"}',
    )
    first = read(base, top)
    assert list(first.model.objects["a"].fields) == ["name", "extra", "size", "part"]  # type: ignore[union-attr]
    newer = write_pack(tmp_path / "2", {"objects/a.yaml": A + "  more: {type: date}\n"}, "below", version="1.1.0")
    second = read(newer, below=first.canonical)
    assert second.model is not None
    fields = second.model.objects["a"].fields
    assert list(fields) == ["name", "extra", "size", "part", "more"]
    assert fields["size"].required
    assert second.given == ("below",)
    back = read(base, below=second.canonical)
    assert back.hash == first.hash


def test_removing_a_pack(tmp_path: Path) -> None:
    base = write_pack(tmp_path, {"objects/a.yaml": A}, "below")
    top = write_pack(
        tmp_path,
        {
            "objects/a.yaml": "extend: object/a\nfields: {extra: {type: text}}\n",
            "objects/b.yaml": A.replace("a\n", "b\n", 1),
        },
        "above",
        requires='{below: "*"}',
    )
    both = read(base, top)
    without = read(below=both.canonical, without=["above"])
    assert without.hash == read(base).hash
    broken = read(below=both.canonical, without=["below"])
    assert broken.model is None
    assert "MISSING_PACK" in codes(broken.faults)


def test_required_packs_are_found_beside_and_in_the_search_folders(tmp_path: Path) -> None:
    write_pack(tmp_path, {"objects/a.yaml": A}, "below")
    top = write_pack(
        tmp_path, {"objects/a.yaml": "extend: object/a\nfields: {extra: {type: text}}\n"}, requires='{below: ">=1"}'
    )
    found = read(top)
    assert found.given == ("site",)
    assert set(found.found) == {"below", "base"}
    assert found.model is not None


def test_packs_in_a_circle(tmp_path: Path) -> None:
    write_pack(tmp_path, {}, "one", requires='{two: "*"}')
    found = read(write_pack(tmp_path, {}, "two", requires='{one: "*"}'))
    assert "PACK_CIRCLE" in codes(found.faults)


def test_site_is_topmost(tmp_path: Path) -> None:
    site = write_pack(tmp_path, {"objects/a.yaml": "extend: object/a\nfields: {extra: {type: text}}\n"})
    later = write_pack(tmp_path, {"objects/a.yaml": A}, "zeta")
    found = read(site, later)
    assert found.model is not None
    assert list(found.model.packs) == ["base", "zeta", "site"]


names = st.sampled_from(["name", "size", "part", "one", "two", "three"])
labels = st.sampled_from(["甲", "{zh: 乙, en: B}", '"丙"'])
edits = st.dictionaries(
    names,
    st.one_of(
        st.just("{remove: true}"),
        st.builds("{{type: text, label: {}}}".format, labels),
        st.builds("{{type: text, after: {}}}".format, names),
        st.builds("{{type: text, hidden: {}}}".format, st.sampled_from(["true", "false"])),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lower=edits, upper=edits, newer=edits)
def test_stacking_and_upgrading_lose_nothing(
    tmp_path_factory: Any, lower: dict[str, str], upper: dict[str, str], newer: dict[str, str]
) -> None:
    """Installing packs one after another, in any order of upgrades, gives what installing all at once gives."""
    folder = tmp_path_factory.mktemp("packs")

    def pack(name: str, entries: dict[str, str], requires: str, at: str) -> Path:
        text = "extend: object/a\nfields:\n" + "".join(f"  {key}: {value}\n" for key, value in entries.items())
        return write_pack(folder / at, {"objects/a.yaml": text}, name, requires=f'{{{requires}: "*"}}')

    ground = write_pack(
        folder,
        {"objects/a.yaml": "object: a\nfields:\n  keep: {type: text}\n  name: {type: text}\n  size: {type: text}\n"},
        "ground",
    )
    low, high = pack("low", lower, "ground", "1"), pack("high", upper, "low", "1")
    low2 = pack("low", newer, "ground", "2")
    step = read(high, below=read(low, below=read(ground).canonical).canonical)
    assert step.hash == read(ground, low, high).hash
    assert step.model == read(ground, low, high).model
    upgraded = read(low2, below=step.canonical)
    assert upgraded.model == read(ground, low2, high).model
    assert read(low, below=upgraded.canonical).hash == step.hash
    assert read(below=step.canonical, without=["high"]).hash == read(ground, low).hash
