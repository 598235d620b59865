"""Small pieces of markup that tables are made of by the thousand: drawn in Python, because a template call a cell is too slow."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

__all__ = ["Html", "anchor", "avatar", "badge", "escape", "escaped", "initials", "person", "tone"]

TONES = frozenset(
    {"gray", "blue", "cyan", "teal", "green", "lime", "yellow", "orange", "red", "pink", "purple", "indigo"}
)
TONE_NAMES = {"grey": "gray", "violet": "purple", "amber": "yellow", "gold": "yellow", "azure": "blue", "rose": "pink"}
AVATARS = 8
PEOPLE = 512  # marks that are kept: the same few people stand in every row
_special = re.compile("[&<>\"']").search


class Html(Markup):
    """Markup drawn by this floor: every value in it was escaped where it was put in."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Return a text as markup: the same as ``escape`` gives, without its wrapper, because most texts hold nothing to escape."""
    return text if _special(text) is None else str(escape(str(text)))


def tone(color: str) -> str:
    """Return the class of a colour of the definitions; an unknown one is gray."""
    color = TONE_NAMES.get(color, color)
    return f"tone-{color}" if color in TONES else "tone-gray"


def badge(label: str, color: str = "") -> str:
    """Return a choice or state: a coloured mark where the definitions give it a colour, else plain words."""
    return f'<span class="badge {tone(color) if color else "plain"}">{escaped(label)}</span>'


def initials(name: str) -> str:
    """Return what stands in an avatar: the first character of a Chinese name, two initials of a Latin one."""
    name = name.strip()
    if not name:
        return "?"
    if not name[0].isascii():
        return name[0]
    parts = name.split()
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def avatar(name: str, number: int, *, big: bool = False) -> str:
    """Return a person's round mark; its colour stays the same for a person."""
    css = f"avatar av-{number % AVATARS}{' big' if big else ''}"
    return f'<span class="{css}" aria-hidden="true">{escaped(initials(name))}</span>'


@lru_cache(maxsize=PEOPLE)
def person(name: str, number: int) -> str:
    """Return a person: mark and name."""
    return f'<span class="who">{avatar(name, number)}<span>{escaped(name)}</span></span>'


def anchor(url: str, label: str, css: str = "") -> str:
    """Return a link."""
    return f'<a href="{escaped(url)}"{f" class={css}" if css else ""}>{escaped(label)}</a>'
