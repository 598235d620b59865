"""Search: what a record may be found by, as terms in one indexed array (single and paired characters, pinyin in full and by
initials), and the condition that looks for them. Nothing here depends on the database's locale."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import lru_cache, partial
from itertools import repeat
from operator import add
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from engine.records.sqlscope import Condition

LONGEST = 400  # characters of a field that pinyin is kept for
LONGEST_QUERY = 100
TERMS, SOUNDS, LIKE = "search_terms_asked", "search_sounds_asked", "search_like"
_MARK = "~"  # before a pair of letters of a pinyin; `folded` leaves no such sign in texts
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def folded(text: str) -> str:
    """Return text as it is compared: compatibility forms, one case, blanks as one space."""
    text = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(text.replace(_MARK, " ").split())


@lru_cache(maxsize=1)
def _pinyin() -> Callable[[str], Sequence[str]]:
    """Return the dictionary of sounds, loaded when first needed: of characters alone, since its phrases would take 47 MB a process
    and are of no use for one character at a time (its documented switches leave them out)."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import Style, lazy_pinyin

    return partial(lazy_pinyin, style=Style.NORMAL, errors="ignore")


@lru_cache(maxsize=50_000)
def syllable(character: str) -> str:
    """Return what a character sounds like: letters and digits stand for themselves, signs for nothing."""
    if _HAN.match(character):
        return "".join(_pinyin()(character)[:1])
    return character if character.isascii() and character.isalnum() else ""


@lru_cache(maxsize=50_000)
def _initial(character: str) -> str:
    return syllable(character)[:1]


def _pairs(text: str) -> Iterator[str]:
    return map(add, text, text[1:])  # without a line of Python a pair: an import makes millions


def spoken(text: str) -> tuple[str, str]:
    """Return the pinyin of a text, in full and by initials; letters and digits stand for themselves; ("", "") without Chinese."""
    if text.isascii() or _HAN.search(text) is None:
        return "", ""
    return "".join(map(syllable, text)), "".join(map(_initial, text))


def terms_of(values: Mapping[str, str | None]) -> list[str]:
    """Return the terms of a record: ``values`` maps its search fields to their texts."""
    found: set[str] = set()
    for name, value in values.items():
        if not value:
            continue
        text = folded(value)
        found.update(text)
        for word in text.split(" ") if " " in text else (text,):
            found.update(_pairs(word))
        for sound in spoken(text[:LONGEST]):
            if sound:
                found.update(map(add, repeat(_MARK), _pairs(sound)))
                found.add(_MARK + sound[0])
                found.add(f"{_MARK}{name}{_MARK}{sound}")
    found.discard(" ")
    return sorted(found)


def may_be_sound(asked: str) -> bool:
    """Whether what is asked could be pinyin: letters and digits only, a letter among them."""
    text = folded(asked).replace(" ", "").replace("'", "")
    return text.isascii() and text.isalnum() and any(character.isalpha() for character in text)


def parameters(asked: str) -> dict[str, Any]:
    """Return the values of the condition's parameters."""
    text = folded(asked[:LONGEST_QUERY])
    words = text.split(" ")
    sound = text.replace(" ", "").replace("'", "")
    terms = sorted({term for word in words for term in (_pairs(word) if len(word) > 1 else word)})
    sounds = sorted({_MARK + pair for pair in _pairs(sound)}) if len(sound) > 1 else [f"{_MARK}{sound}"]
    return {TERMS: terms, LIKE: f"%{_escaped(text)}%", SOUNDS: sounds, f"{LIKE}_sound": f"%{_escaped(sound)}%"}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def condition(alias: sa.FromClause, columns: Mapping[str, sa.ColumnElement[Any]], *, sound: bool) -> Condition:
    """Return which records are meant: by the array's index first, then by what their texts really hold. ``columns`` are the
    search fields that the viewer may read."""
    if not columns:
        return sa.false()
    array = alias.c.search_terms
    pattern = sa.bindparam(LIKE, type_=sa.Text)
    written = [_plain(column).like(pattern, escape="\\") for column in columns.values()]
    found = sa.and_(array.contains(sa.bindparam(TERMS, type_=ARRAY(sa.Text))), sa.or_(*written))
    if not sound:
        return found
    heard = sa.func.unnest(array).table_valued("term", name="heard").render_derived()
    spoken_pattern = sa.bindparam(f"{LIKE}_sound", type_=sa.Text)
    exact = sa.or_(
        *(heard.c.term.like(sa.func.concat(f"{_MARK}{name}{_MARK}", spoken_pattern), escape="\\") for name in columns)
    )
    by_sound = sa.and_(
        array.contains(sa.bindparam(SOUNDS, type_=ARRAY(sa.Text))),
        sa.exists(sa.select(sa.literal(1)).select_from(heard).where(exact)),
    )
    return sa.or_(found, by_sound)


def _plain(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the column folded as in ``folded``, near enough for a recheck after the index has chosen."""
    spaced = sa.func.regexp_replace(sa.func.normalize(column, sa.text("NFKC")), r"\s+", " ", "g")
    return sa.func.lower(spaced)


def rows_terms(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> list[list[str]]:
    """Return the terms of many records."""
    return [terms_of({name: row.get(name) for name in names}) for row in rows]
