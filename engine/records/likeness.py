"""How alike two names are, written and spoken, and the few terms by which likely ones are found in an index. Pure; nothing depends on
the database's locale.

A name is taken apart into grams: pairs of syllables for Chinese (what is written is held beside it), threes of letters for other
scripts, whole numbers. Legal forms (有限公司, Co., Ltd) do not count. Likeness is Dice's: twice what two names share over what they
have. Names that sound the same and are written otherwise count a little less."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

from engine.records.search import folded, syllable

if TYPE_CHECKING:
    from collections.abc import Iterable

SPOKEN = 0.9  # what a name that sounds the same counts, in place of one that is written the same
LONGEST = 200  # characters of a name that are looked at
_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(f"[{_HAN}]+|[0-9]+|[^\\W\\d_{_HAN}]+")
_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}])[\\W_]+(?=[{_HAN}])")
_FORMS_HAN = re.compile(
    "(?:股份有限公司|有限责任公司|集团有限公司|控股有限公司|有限公司|股份公司|集团公司|总公司|集团|公司)$"
)
_FORMS_LATIN = re.compile(
    "[\\s,.]+(?:co|company|ltd|limited|inc|incorporated|corp|corporation|llc|llp|plc|gmbh|ag|kg|sa|srl|bv|nv|pte|pty|group|holdings?)[.,]*$"
)
_SIGNS = re.compile("[()\\[\\]{}（）【】「」《》<>·・]")
# Words that many names have in common: a name is looked for by its other parts first. They change what is quick, never what is found.
_COMMON = (
    "上海 北京 广州 深圳 杭州 苏州 南京 成都 武汉 天津 重庆 宁波 青岛 西安 厦门 珠海 无锡 佛山 东莞 合肥 中国 江苏 浙江 广东 山东 "
    "科技 技术 贸易 商贸 实业 投资 发展 信息 网络 电子 机械 设备 工程 建设 建筑 国际 服务 管理 咨询 文化 传媒 广告 物流 医疗 器械 食品 "
    "材料 能源 汽车 智能 制造 工业 软件 系统 数据 环保 化工 纺织 服装 家具 教育 酒店 餐饮 农业 生物 医药 有限 公司 集团 股份 零部件 半导体"
)


class Grams(NamedTuple):
    """A name taken apart: its grams as they are written, and as they sound; one that occurs again is told from the first."""

    written: frozenset[str]
    spoken: frozenset[str]


def core(name: str) -> str:
    """Return what of a name tells it from others: folded, without signs between Chinese characters and without its legal form."""
    text = " ".join(_SIGNS.sub(" ", folded(name[:LONGEST])).split())
    text = _BETWEEN_HAN.sub("", text)
    while True:
        shorter = _FORMS_LATIN.sub("", _FORMS_HAN.sub("", text).strip()).strip(" ,.")
        if shorter == text:
            return text
        if not shorter:
            return text  # a name of nothing but its form
        text = shorter


def _grams_of(run: str, units: list[str]) -> list[str]:
    """Return the grams of a run: pairs with its ends for Chinese, threes for letters, the whole of a number."""
    if run[0].isdigit():
        number = run.lstrip("0") or "0"
        return [f"#{number}", f"#{number}#"]  # counted twice: another number means another thing
    if re.match(f"[{_HAN}]", run):
        ends = ["^", *units, "$"]
        return [f"{ends[at]} {ends[at + 1]}" for at in range(len(ends) - 1)]
    padded = f"__{run}_"
    return [padded[at : at + 3] for at in range(len(padded) - 2)]


@lru_cache(maxsize=20_000)
def grams(name: str) -> Grams:
    """Return a name taken apart; nothing where it has neither letters nor digits."""
    written: Counter[str] = Counter()
    spoken: Counter[str] = Counter()
    for run in _RUNS.findall(core(name)):
        written.update(_grams_of(run, list(run)))
        spoken.update(_grams_of(run, [syllable(character) or character for character in run]))
    return Grams(_numbered(written), _numbered(spoken))


def likeness(one: str, other: str) -> Decimal:
    """Return how alike two names are, from 0 to 1, to two decimals."""
    first, second = grams(one), grams(other)
    found = max(_dice(first.written, second.written), SPOKEN * _dice(first.spoken, second.spoken))
    return Decimal(floor(found * 100 + 1e-9)) / 100


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    size = len(one) + len(other)
    return 2 * len(one & other) / size if size else 0.0


def terms(name: str, at_least: Decimal) -> list[str]:
    """Return the terms that a name is found by: two names that are alike to ``at_least`` share one of them at least.

    Grams are put into one order for all names, rare ones first. Names of n grams that share ceil(n·t/(2-t)) of them (what Dice t
    needs at the least) can't miss each other in the first n - that + 1. What is written the same sounds the same, so that the
    sounds alone will do.
    """
    found = grams(name).spoken
    if not found:
        return []
    least = ceil(len(found) * float(at_least) / (2 - float(at_least)) - 1e-9)
    return sorted(found, key=_rank)[: len(found) - max(least, 1) + 1]


def _numbered(counted: Counter[str]) -> frozenset[str]:
    """Return each gram as often as it occurs, the second one told from the first."""
    return frozenset(
        gram if turn == 0 else f"{gram}*{turn}" for gram, times in counted.items() for turn in range(times)
    )


def _rank(gram: str) -> tuple[bool, bytes]:
    bare = gram.partition("*")[0]
    common = bare in _common_grams() or bare.startswith("^") or bare.endswith("$")
    return common, blake2b(gram.encode(), digest_size=8).digest()


@lru_cache(maxsize=1)
def _common_grams() -> frozenset[str]:
    """Return the pairs of syllables of common words."""

    def pairs(words: Iterable[str]) -> Iterable[str]:
        for word in words:
            units = [syllable(character) for character in word]
            yield from (f"{units[at]} {units[at + 1]}" for at in range(len(units) - 1))

    return frozenset(pairs(_COMMON.split()))
