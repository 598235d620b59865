"""Text as it may be stored: normalised, without characters that hide or break. Shared by the types that hold text, and by all
that read what people type."""

from __future__ import annotations

import unicodedata

from engine.fields.base import ValueFault
from metamodel.text import Text

# Invisible characters that come along when copying from chats, spreadsheets and file dialogs; they carry no meaning in a value.
_STOWAWAYS = dict.fromkeys(
    map(ord, "\ufeff\u200b\u2060\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_OVERRIDES = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0xA0: " ",
    0xFFE5: "¥",
    0x2212: "-",
    0x2013: "-",
}
_KEPT = frozenset("\n\t")


def wrong_type(zh: str, en: str) -> ValueFault:
    """Return the fault of a JSON value of another type than ``zh`` / ``en`` name."""
    return ValueFault("WRONG_TYPE", Text(zh=f"应为{zh}", en=f"must be {en}"))


def malformed(zh: str, en: str) -> ValueFault:
    """Return the fault of a text that can't be read as a value of the type."""
    return ValueFault("MALFORMED", Text(zh=zh, en=en))


def _refuse_hidden(value: str, kept: frozenset[str]) -> None:
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs":
            raise malformed("含有不成对的代理字符", "contains half of a surrogate pair")
        if (category == "Cc" and character not in kept) or character in _OVERRIDES:
            code = f"U+{ord(character):04X}"
            raise malformed(f"含有不可见的控制字符（{code}）", f"contains an invisible control character ({code})")


def stored_line(value: str) -> str | None:
    """Return one line of text as stored: NFC, trimmed, without control characters; None when nothing is left."""
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    value = value.strip()
    if not value.isprintable():
        _refuse_hidden(value, frozenset())
        if "\u2028" in value or "\u2029" in value:
            raise malformed("只能是一行文字", "must be one line")
    return value or None


def stored_lines(value: str) -> str | None:
    """Return text of several lines as stored: NFC, line ends as ``\\n``, outer blank space off; None when nothing is left."""
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    _refuse_hidden(value, _KEPT)
    value = value.strip("\n").rstrip()
    return value if value.strip() else None


def typed(text: str) -> str:
    """Return typed or pasted text without the stowaways of copying; letters and widths stay as they are."""
    return text if text.isascii() else text.translate(_STOWAWAYS)  # translating is slow, and none of them is ASCII


def plain_ascii(text: str) -> str:
    """Return typed text, trimmed, with full-width digits, signs and letters made ordinary ones. Narrower than Unicode's
    compatibility form, which would read ``10²`` as 102 and ``①`` as 1."""
    return " ".join((text if text.isascii() else typed(text).translate(_WIDTHS)).split())


def shortened(text: str) -> str:
    """Return typed text for use in a message: at most 40 characters, nothing invisible."""
    visible = "".join(character if character.isprintable() else "·" for character in text)
    return visible if len(visible) <= 40 else visible[:39] + "…"
