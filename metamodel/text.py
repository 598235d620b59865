"""Texts for people in the product's languages: one value, every language, a fallback between them."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese and English. An empty side falls back to the other one."""

    zh: str = ""
    en: str = ""

    def __call__(self, language: str) -> str:
        """Return the text in ``language`` (``zh`` or ``en``), or in the other one where that is empty."""
        first, second = (self.en, self.zh) if language == "en" else (self.zh, self.en)
        return first or second

    def format(self, **values: object) -> Text:
        """Return the same text with ``{name}`` places filled in both languages; a value that is a text fills each in its own."""
        zh = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        return Text(zh=self.zh.format(**zh), en=self.en.format(**en))

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


def plain(text: str) -> Text:
    """Return ``text`` as a Text that reads the same in every language (names, numbers, proper nouns)."""
    return Text(zh=text, en=text)
