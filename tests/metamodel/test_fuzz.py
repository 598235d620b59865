"""Whatever is fed in ends in faults or a model: never in a traceback, never in a hang."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from metamodel.faults import Faults
from metamodel.read import read_canonical
from metamodel.source import read_document
from tests.metamodel.support import KINDS, MINI, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 20.0  # seconds for one broken file on a busy machine; most take milliseconds


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".yaml", ".json"]))
def test_random_bytes(data: bytes, suffix: str) -> None:
    read_document(data, f"a{suffix}", Faults())


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="ab:{}[],-?&*!|>'\"%@`# \n\t=~<é中0.", max_size=80))
def test_random_yaml(text: str) -> None:
    read_document(text.encode(), "a.yaml", Faults())


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet='{}[]",:\\u0dn truefalse1.-e', max_size=60))
def test_random_json(text: str) -> None:
    read_document(text.encode(), "a.json", Faults())


def test_packs_with_pieces_changed(tmp_path: Path) -> None:
    """Each round spoils a good pack somewhere: bytes flipped, lines dropped, doubled, moved, words swapped."""
    dice = random.Random(20260105)
    good = {path.relative_to(MINI).as_posix(): path.read_text() for path in MINI.rglob("*.yaml")}
    words = sorted({word for text in good.values() for word in text.replace(",", " ").replace("{", " ").split()})
    for number in range(150):
        files = dict(good)
        for _ in range(dice.randint(1, 3)):
            name = dice.choice(sorted(files))
            files[name] = spoil(files[name], words, dice)
        started = time.perf_counter()
        pack = write_pack(tmp_path / str(number), {k: v for k, v in files.items() if k != "pack.yaml"}, "mini")
        (pack / "pack.yaml").write_text(files["pack.yaml"], encoding="utf-8", errors="surrogatepass")
        found = read(pack)
        assert time.perf_counter() - started < LONGEST
        if found.model is not None:
            assert read_canonical(found.canonical, KINDS) == found.model


def spoil(text: str, words: list[str], dice: random.Random) -> str:
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    act = dice.randrange(7)
    if act == 0:
        del lines[at]
    elif act == 1:
        lines.insert(at, lines[dice.randrange(len(lines))])
    elif act == 2:
        lines[at] = lines[at][: dice.randint(0, len(lines[at]))]
    elif act == 3:
        lines[at] = lines[at].replace(dice.choice(words), dice.choice(words))
    elif act == 4:
        lines[at] = "  " * dice.randrange(3) + lines[at]
    elif act == 5:
        place = dice.randint(0, len(lines[at]))
        lines[at] = lines[at][:place] + dice.choice("{}[]:,'\"#=*&!|-\t \u4e2d") + lines[at][place:]
    else:
        found = [word for word in lines[at].replace(",", " ").split() if word]
        if found:
            lines[at] = lines[at].replace(dice.choice(found), dice.choice(words), 1)
    return "\n".join(lines)


def test_files_wrong_all_over_end_soon(tmp_path: Path) -> None:
    """Thousands of misspelt names are not compared with thousands of others one by one."""
    many = "".join(f"  f{n}: {{type: txet, requird: true}}\n" for n in range(3000))
    wide = (
        "object: wide\nfields: {a: {type: text}}\nviews: {v: {columns: ["
        + ", ".join(f"b{n}" for n in range(5000))
        + "]}}\n"
    )
    long = (
        "object: long\nfields:\n  a: {type: formula, value: '"
        + "(" * 5000
        + "1'}\n  b: {type: formula, value: '"
        + "1+" * 20000
        + "1'}\n"
    )
    files = {
        "objects/many.yaml": "object: many\nfields:\n" + many,
        "objects/wide.yaml": wide,
        "objects/long.yaml": long,
    }
    started = time.perf_counter()
    found = read(write_pack(tmp_path, files))
    assert found.model is None
    assert time.perf_counter() - started < LONGEST


def test_a_long_chain_of_formulas(tmp_path: Path) -> None:
    """Inference keeps a stack of its own: the last formula hangs on the first over thousands of others."""
    fields = "".join(f"  f{n}: {{type: formula, value: f{n + 1} + 1}}\n" for n in range(1500))
    found = read(write_pack(tmp_path, {"objects/a.yaml": f"object: a\nfields:\n{fields}  f1500: {{type: decimal}}\n"}))
    assert found.model is not None, [(fault.code, str(fault.mark)) for fault in found.faults][:3]
