"""The field type `rich_text`: formatted text. Value: ``RichText``, which is its plain text (that is what expressions, search, exports and
history see) and carries the clean markup it was made of (that is what the API and the record's page give)."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Parts, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import stored_lines, typed, wrong_type
from engine.fields.markup import Markup, clean, looks_marked_up
from engine.fields.text import check_text, fitting
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST, WIDEST = 20_000, 500_000  # characters of text; characters with their markup, as it comes in


class RichText(str):
    """A formatted text: as a str its plain text; ``markup`` is what it was made of."""

    __slots__ = ("markup",)
    markup: str

    def __new__(cls, text: str, markup: str) -> Self:
        """Return the value of clean markup and its text."""
        made = super().__new__(cls, text)
        made.markup = markup
        return made

    def __eq__(self, other: object) -> bool:
        """Compare by markup with another of its like, by text with all else."""
        return self.markup == other.markup if isinstance(other, RichText) else str.__eq__(self, other)

    __hash__ = str.__hash__

    def __ne__(self, other: object) -> bool:
        """Return the opposite of ``==``."""
        return not self == other


def from_plain(text: str) -> str:
    """Return plain text as markup: blank lines part paragraphs, other line ends stay line ends."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.strip("\n"))
    return "".join("<p>" + escape(one, quote=False).replace("\n", "<br>") + "</p>" for one in paragraphs)


def rich(markup: str) -> RichText | None:
    """Return the value of markup, None where it says nothing."""
    cleaned = clean(markup)
    return RichText(Markup(cleaned).text(), cleaned) if cleaned else None


def _read(field: Field, raw: str) -> Value:
    if len(raw) > WIDEST:
        said = Text(zh=f"连同格式最多 {WIDEST} 个字符", en=f"must have at most {WIDEST} characters with its formatting")
        raise ValueFault("TOO_LONG", said)
    lines = stored_lines(raw)
    if lines is None:
        return None
    built = Markup(lines if looks_marked_up(lines) else from_plain(lines))
    if built.text():
        fitting(field, built.text(), LONGEST)  # before the slower part
    cleaned = built.clean()
    return RichText(Markup(cleaned).text(), cleaned) if cleaned else None


def _parse(field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("文字（HTML）", "text (HTML)")
    return _read(field, value)


def _parse_text(field: Field, text: str, _locale: Locale) -> Value:
    return _read(field, typed(text))


def _markup(_field: Field, value: Value) -> str:
    return value.markup if isinstance(value, RichText) else str(value)


def _edit(field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else _markup(field, value)


def _show(_field: Field, value: Value, _locale: Locale) -> str:
    return "" if value is None else str.__str__(value)


def _draw(_field: Field, value: Value, _locale: Locale, *, brief: bool, links: bool) -> str | None:
    """Return the markup, cleaned again by the rules of today: what is stored may be older than they are."""
    if brief or not links or not isinstance(value, RichText):
        return None
    return f'<div class="rich">{clean(value.markup)}</div>'


def _split(value: Value) -> Sequence[Any]:
    if value is not None and not isinstance(value, RichText):
        value = rich(from_plain(str(value)))
    return (None, None) if value is None else (value.markup, str.__str__(value))


def _join(parts: Sequence[Any]) -> Value:
    markup, text = parts
    return None if text is None else RichText(text, markup)


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": WIDEST, "contentMediaType": "text/html"}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    for option, given in (("unique", definition.unique), ("index", definition.index)):
        if given:
            message = Text(zh=f"富文本字段不能设 {option}", en=f"a rich text takes no {option}")
            faults.add("OPTION_VALUE", message, definition.mark)
    check_text(definition, faults)
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="rich_text",
    label=Text(zh="富文本", en="Rich text"),
    help=Text(zh="带格式的说明：标题、列表、链接、表格", en="Formatted text: headings, lists, links, tables"),
    icon="text-size",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=_markup,
    show=_show,
    edit=_edit,
    draw=_draw,
    options={
        "max": {
            "type": "integer",
            "minimum": 1,
            "maximum": 200_000,
            "description": "characters of its text at most (20,000)",
        },
        "min": {"type": "integer", "minimum": 0, "description": "characters of its text at least"},
    },
    json_schema=_schema,
    parts=Parts({"html": sa.Text(), "text": sa.Text()}, _split, _join, lambda columns: columns[1], indexed=False),
    operators=("contains", "not_contains", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json="<p>你好 <strong>榫卯</strong></p>", value="<p>你好 <strong>榫卯</strong></p>", shown="你好 榫卯"),
        Example(
            text="第一行\n第二行\n\n第二段",
            value="<p>第一行<br>第二行</p><p>第二段</p>",
            shown="第一行\n第二行\n第二段",
        ),
        Example(
            json="<h1>标题</h1><div><b>粗</b><i>斜</i></div>",
            value="<h2>标题</h2><p><strong>粗</strong><em>斜</em></p>",
        ),
        Example(
            text="李雷 <lilei@example.com>, a < b",
            value="<p>李雷 &lt;lilei@example.com&gt;, a &lt; b</p>",
            shown="李雷 <lilei@example.com>, a < b",
        ),
        Example(json="<ul><li>一<li>二</ul>", value="<ul><li>一</li><li>二</li></ul>", shown="一\n二"),
        Example(
            json="<table><tr><th>名<td colspan='2' onclick=x()>值</table>",
            value='<table><tbody><tr><th>名</th><td colspan="2">值</td></tr></tbody></table>',
            shown="名\t值",
        ),
        Example(json="<p onclick='x()'>a<script>alert(1)</script><img src=x onerror=alert(1)></p>", value="<p>a</p>"),
        Example(json='<p><a href="javascript:alert(1)">x</a></p>', value="<p>x</p>"),
        Example(
            json='<a href="https://tenon.example">x</a>',
            value='<p><a href="https://tenon.example" target="_blank" rel="noopener noreferrer nofollow">x</a></p>',
        ),
        Example(json="<p><br></p><p>&nbsp;</p>", value=None),
        Example(json="<script>alert(1)</script>", value=None),
        Example(json=1, refused="WRONG_TYPE"),
        Example(json={"html": "x"}, refused="WRONG_TYPE"),
        Example(json="a\x00", refused="MALFORMED"),
        Example(json="<p>四个字符</p>", options={"max": 3}, refused="TOO_LONG"),
        Example(json="<b>" + "x" * 20_001, refused="TOO_LONG"),
        Example(json="<b>" * 200_000, refused="TOO_LONG"),
        Example(text="<p>短</p>", options={"min": 2}, refused="TOO_SHORT"),
    ),
    control="rich_text",
    one_line=False,
    sortable=False,
    searchable=True,
)
