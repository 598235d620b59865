"""The field type `email`: one e-mail address. Value: str, trimmed, the domain in lower case; the part before the @ stays as written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.bounds import check_default
from engine.fields.clean import malformed, plain_ascii, shortened, stored_line, typed, wrong_type
from engine.fields.text import as_it_is, same_text
from metamodel.expressions.types import TEXT
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

LONGEST, LONGEST_LOCAL = 254, 64  # RFC 5321
# What mail systems in use deliver to: no quoted local parts, no addresses of hosts by number.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_TOP = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})\Z")
_SEVERAL = re.compile(r"@[^@]+[;,、/|\s]\s*[^@\s]+@")
_NAMED = re.compile(r"[^<>]*<\s*([^<>]+?)\s*>\s*\Z")


def _address(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueFault("TOO_LONG", Text(zh=f"最多 {LONGEST} 个字符", en=f"must have at most {LONGEST} characters"))
    local, at, domain = text.rpartition("@")
    domain = domain.replace("。", ".")
    labels = _ascii(domain.lower()).split(".")
    right = at and len(local) <= LONGEST_LOCAL and _LOCAL.match(local) and len(labels) > 1
    if not right or not all(map(_LABEL.match, labels)) or not _TOP.match(labels[-1]):
        shown = shortened(text)
        raise malformed(
            f"「{shown}」不是邮箱地址，应如 name@example.com",
            f"“{shown}” is no e-mail address, such as name@example.com",
        )
    return f"{local}@{domain.lower()}"


def _ascii(domain: str) -> str:
    """Return a domain as it is looked up: one in Chinese by its code."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, str):
        raise wrong_type("邮箱地址", "an e-mail address")
    line = stored_line(value)
    return None if line is None else _address(line)


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    """Take ``mailto:``, ``Name <address>`` and full-width signs as well."""
    line = stored_line(plain_ascii(typed(text)))
    if line is None:
        return None
    named = _NAMED.match(line)
    line = (named[1] if named else line).removeprefix("mailto:")
    line = line.strip("'\"").rstrip(";,.。、 ").strip()
    if _SEVERAL.search(line):
        raise malformed(
            f"「{shortened(text)}」里不止一个邮箱，这里只能填一个",
            f"“{shortened(text)}” holds several addresses: give one",
        )
    return _address(line)


def _check(definition: FieldDef, model: Model, faults: Faults) -> None:
    check_default(KIND, definition, model, faults)


def _schema(_field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": LONGEST}


KIND = FieldKind(
    name="email",
    label=Text(zh="邮箱", en="E-mail"),
    help=Text(zh="一个电子邮箱地址，点按即可写信", en="An e-mail address; a click writes to it"),
    icon="mail",
    value_type=lambda _definition, _model: TEXT,
    column=lambda _definition: sa.Text(),
    parse=_parse,
    parse_text=_parse_text,
    dump=as_it_is,
    show=same_text,
    edit=same_text,
    json_schema=_schema,
    operators=("contains", "not_contains", "eq", "ne", "starts", "ends", "in", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(text=" Li.Lei@Example.COM ", value="Li.Lei@example.com", shown="Li.Lei@example.com"),
        Example(text="李雷 <lilei@example.com>", value="lilei@example.com"),
        Example(text="mailto:lilei@example.com", value="lilei@example.com"),
        Example(text="ｌｉｌｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", value="lilei@example.com"),
        Example(text="lilei@example.com;", value="lilei@example.com"),
        Example(json="a+b@sub.example.cn", value="a+b@sub.example.cn"),
        Example(json="li@榫卯.中国", value="li@榫卯.中国"),
        Example(json="li@example。cn", value="li@example.cn"),
        Example(json="  ", value=None),
        Example(json="lilei", refused="MALFORMED"),
        Example(json="lilei@localhost", refused="MALFORMED"),
        Example(json="a@b@example.com", refused="MALFORMED"),
        Example(json="a b@example.com", refused="MALFORMED"),
        Example(json="a..b@example.com", refused="MALFORMED"),
        Example(json="a@-x-.com", refused="MALFORMED"),
        Example(json="a@example.com\nBcc: b@example.com", refused="MALFORMED"),
        Example(text="a@example.com, b@example.com", refused="MALFORMED"),
        Example(json="x" * 250 + "@example.com", refused="TOO_LONG"),
        Example(json=1, refused="WRONG_TYPE"),
    ),
    control="email",
    searchable=True,
    widens_to=("text", "long_text"),
    address="mailto:{}",
)
