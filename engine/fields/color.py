"""The field type `color`: a colour. Value: str, ``#rrggbb`` in lower case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened, wrong_type
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

# three figures alone, 100 say, are a number that came to the wrong place
_WRITTEN = re.compile(r"(?:#|(?![0-9]{3}\Z))([0-9a-f]{3}|[0-9a-f]{6})\Z", re.IGNORECASE)
_KEPT = re.compile("#[0-9a-f]{6}")
_PARTS = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)\Z", re.ASCII | re.IGNORECASE)


def _read(text: str) -> str:
    folded = plain_ascii(text)
    match, parts = _WRITTEN.match(folded), _PARTS.match(folded)
    if match:
        digits = match[1].lower()
        return "#" + (digits if len(digits) == 6 else "".join(one * 2 for one in digits))
    if parts and all(int(one) < 256 for one in parts.groups()):
        return "#" + "".join(f"{int(one):02x}" for one in parts.groups())
    raise malformed(
        f"「{shortened(text)}」不是颜色，应如 #3366ff", f"“{shortened(text)}” is no colour, such as #3366ff"
    )


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("颜色（文字）", "a colour (text)")
    return _read(value) if plain_ascii(value) else None


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    return _read(text) if plain_ascii(text) else None


def _draw(_field: Field, value: Value, _locale: Locale, /, *, brief: bool, links: bool) -> str | None:  # noqa: ARG001 - as a drawing is asked
    """Draw a patch of the colour before its name."""
    if not _KEPT.fullmatch(str(value)):
        return None
    patch = f'<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><path fill="{value}" d="M0 0h12v12H0z"/></svg>'
    return f'<span class="patch">{patch}{value}</span>'


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "pattern": "^#[0-9a-f]{6}$"}


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


KIND = FieldKind(
    name="color",
    label=Text(zh="颜色", en="Colour"),
    help=Text(zh="一种颜色，如日历或标签的颜色", en="A colour, such as that of a label"),
    icon="palette",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    json_schema=_schema,
    operators=("eq", "ne", "in", "blank", "not_blank"),
    check=_check,
    draw=_draw,
    examples=(
        Example(text="#3366FF", value="#3366ff", shown="#3366ff"),
        Example(text="36f", value="#3366ff"),
        Example(text="＃３３６６ＦＦ", value="#3366ff"),
        Example(text="rgb(51, 102, 255)", value="#3366ff"),
        Example(json="#000000", value="#000000"),
        Example(json="", value=None),
        Example(json="blue", refused="MALFORMED"),
        Example(json="#12345", refused="MALFORMED"),
        Example(json="rgb(1,2,300)", refused="MALFORMED"),
        Example(json="url(javascript:1)", refused="MALFORMED"),
        Example(json=255, refused="WRONG_TYPE"),
    ),
    control="color",
    widens_to=("text", "long_text"),
)
