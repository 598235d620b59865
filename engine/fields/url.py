"""The field type `url`: an address on the web. Value: str, with http or https; nothing that a browser would run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, shortened, stored_line, typed, wrong_type
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST = 2000
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WIDE = re.compile(r"^(https?)\s*[:：]\s*[/／]{2}", re.IGNORECASE)
_HOST = re.compile(
    r"(?:(?!-)[\w-]{1,63}\.)+(?![\d-])[\w-]{2,63}\Z|localhost\Z|\d{1,3}(?:\.\d{1,3}){3}\Z|[0-9a-f]*:[0-9a-f:]+\Z",
    re.IGNORECASE,
)


def _address(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueFault("TOO_LONG", Text(zh=f"最多 {LONGEST} 个字符", en=f"must have at most {LONGEST} characters"))
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address(text) from None
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.match(host) or re.search(r"[\s\\<>\"]", text):
        raise _no_address(text)
    if parts.username is not None:
        raise malformed("网址中不能带用户名或密码", "a web address must not hold a user name or password")
    return f"{parts.scheme.lower()}{text[len(parts.scheme) :]}"


def _no_address(text: str) -> Exception:
    shown = shortened(text)
    return malformed(
        f"「{shown}」不是网址，应如 https://example.com", f"“{shown}” is no web address, such as https://example.com"
    )


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("网址", "a web address")
    line = stored_line(value)
    return None if line is None else _address(line)


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    """Take an address without its scheme as well: it is read as https."""
    line = stored_line(_WIDE.sub(r"\1://", typed(text).strip()).replace("．", ".").rstrip("。，；"))
    if line is None:
        return None
    scheme = _SCHEME.match(line)
    bare = scheme is None or (not line.lower().startswith(("http:", "https:")) and line[scheme.end() :][:1].isdigit())
    return _address(f"https://{line}" if bare else line)


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": LONGEST}


KIND = FieldKind(
    name="url",
    label=Text(zh="网址", en="Web address"),
    help=Text(zh="网站或文档的链接", en="The address of a site or a document"),
    icon="world",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    json_schema=_schema,
    operators=("contains", "not_contains", "eq", "ne", "starts", "ends", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text=" www.example.com ", value="https://www.example.com", shown="https://www.example.com"),
        Example(text="example.com:8080/a?b=1#c", value="https://example.com:8080/a?b=1#c"),
        Example(text="HTTP://Example.com/路径", value="http://Example.com/路径"),
        Example(json="https://榫卯.中国/", value="https://榫卯.中国/"),
        Example(json="http://127.0.0.1:8000/o/customer", value="http://127.0.0.1:8000/o/customer"),
        Example(json="", value=None),
        Example(json="example.com", refused="MALFORMED"),
        Example(json="javascript:alert(1)", refused="MALFORMED"),
        Example(text="javascript:alert(1)", refused="MALFORMED"),
        Example(text="data:text/html,<script>", refused="MALFORMED"),
        Example(json="https://user:secret@example.com", refused="MALFORMED"),
        Example(json="https://exa mple.com", refused="MALFORMED"),
        Example(json='https://example.com/"onclick', refused="MALFORMED"),
        Example(json="//example.com", refused="MALFORMED"),
        Example(json="https://" + "x" * 2000, refused="TOO_LONG"),
        Example(json=1, refused="WRONG_TYPE"),
    ),
    control="url",
    searchable=True,
    widens_to=("text", "long_text"),
    address="{}",
)
