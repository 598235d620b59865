"""Query arguments: declared by marshmallow schemas, strict (an unknown or repeated argument is refused), kept once read so that a
list asked for again pays nothing for it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from engine.files.pictures import SIZES
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 4000  # characters of one argument
MOST_NAMES = 200

_MESSAGES: Mapping[str, Text] = {
    "UNKNOWN_ARGUMENT": Text(zh="没有这个参数", en="there is no such argument"),
    "REPEATED": Text(zh="参数出现了多次", en="is given more than once"),
    "NOT_AN_INTEGER": Text(zh="应为整数", en="must be an integer"),
    "OUT_OF_RANGE": Text(zh="超出允许的范围", en="is out of range"),
    "NOT_A_BOOLEAN": Text(zh="应为 true 或 false", en="must be true or false"),
    "TOO_LONG": Text(zh="过长", en="is too long"),
    "REQUIRED": Text(zh="缺少该参数", en="is missing"),
    "MALFORMED": Text(zh="格式不正确", en="is malformed"),
}


def _read_names(value: object) -> tuple[str, ...]:
    """Return names separated by commas, none of them empty or given twice."""
    names = tuple(part.strip() for part in str(value).split(","))
    if not all(names) or len(set(names)) != len(names):
        raise ValidationError("MALFORMED")
    if len(names) > MOST_NAMES:
        raise ValidationError("TOO_LONG")
    return names


def _read_whole(value: object) -> int:
    """Return an integer in plain digits: no sign, no blank, no other script's digits."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValidationError("NOT_AN_INTEGER")
    return int(text)


def _names(default: tuple[str, ...] | None, key: str | None = None) -> fields.Function:
    return fields.Function(deserialize=_read_names, load_default=default, data_key=key)


def _whole(default: int | None, most: int) -> fields.Function:
    within = validate.Range(min=1, max=most, error="OUT_OF_RANGE")
    return fields.Function(deserialize=_read_whole, load_default=default, validate=within)


def _text() -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=LONGEST, error="TOO_LONG"))


def _flag() -> fields.Boolean:
    return fields.Boolean(
        load_default=False, truthy={"true"}, falsy={"false"}, error_messages={"invalid": "NOT_A_BOOLEAN"}
    )


class Arguments(Schema):
    """The frame: arguments that a schema does not name are refused."""

    class Meta:
        """Settings."""

        unknown = RAISE

    error_messages = {"unknown": "UNKNOWN_ARGUMENT"}  # noqa: RUF012 - the library's form


class Nothing(Arguments):
    """No argument at all."""


class StreamArguments(Arguments):
    """What the stream of changes takes: records that one looks at, ``account/7,order/9/edit``; the last event that one has heard."""

    at = _text()
    after = _text()


class ListArguments(Arguments):
    """What a list takes."""

    filter = _text()
    sort = _names(())
    limit = _whole(20, 1000)
    after = _text()
    names = _names(None, "fields")
    view = _text()
    search = _text()
    count = _flag()
    binned = _flag()


class FileArguments(Arguments):
    """What a file's content takes: the copy of a picture in place of the content itself."""

    thumbnail = fields.String(load_default="", validate=validate.OneOf(("", *SIZES), error="UNKNOWN_CHOICE"))


class OneArguments(Arguments):
    """What reading one record takes."""

    names = _names(None, "fields")
    binned = _flag()


class HistoryArguments(Arguments):
    """What a record's history takes."""

    limit = _whole(50, 1000)
    after = _text()


class InboxArguments(Arguments):
    """What the list of one's messages takes."""

    limit = _whole(50, 1000)
    after = _whole(None, 2**63 - 1)
    unread = _flag()
    kind = _text()


class MetricArguments(Arguments):
    """What a metric takes."""

    by = _text()
    split = _text()
    filter = _text()
    period = _text()
    compare = _text()
    limit = _whole(None, 1000)


class TargetArguments(Arguments):
    """What the list of targets takes."""

    target = _text()


class BoxArguments(Arguments):
    """Which box of approvals, and which page of it."""

    box = fields.String(
        load_default="todo", validate=validate.OneOf(("todo", "done", "mine", "copied"), error="MALFORMED")
    )
    limit = _whole(50, 1000)
    after = _whole(None, 2**63 - 1)


class AccessArguments(Arguments):
    """Whose access is asked about; oneself by default."""

    user = _whole(None, 2**63 - 1)


@lru_cache(maxsize=1024)  # a pure function of its arguments
def read_arguments(schema: type[Arguments], query: str) -> Mapping[str, Any]:
    """Return the arguments of a query string. Raises Refusal 400 with every one that is wrong."""
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict", max_num_fields=100
        )
    except ValueError:
        raise Refusal(
            400, "BAD_QUERY", Text(zh="地址中的参数无法读取。", en="The query string can't be read.")
        ) from None
    given: dict[str, str] = {}
    errors: list[FieldError] = []
    for name, value in pairs:
        if name in given:
            errors.append(FieldError(name[:100], "REPEATED", _MESSAGES["REPEATED"]))
        if "\0" in value:
            errors.append(FieldError(name[:100], "MALFORMED", _MESSAGES["MALFORMED"]))
        given[name] = value
    found: Mapping[str, Any] = {}
    try:
        found = schema().load(given)
    except ValidationError as error:
        errors.extend(field_errors(error))
    if errors:
        raise Refusal(400, "BAD_ARGUMENT", Text(zh="地址中的参数有误。", en="Some arguments are wrong."), tuple(errors))
    return found


def read_named(names: frozenset[str], query: str) -> Mapping[str, str]:
    """Return arguments whose names a definition says (the filters of a dashboard). Raises Refusal 400 as ``read_arguments`` does."""
    found = read_arguments(_named(names), query)
    ordered = sorted(names)
    return {name: found[f"argument_{place}"] for place, name in enumerate(ordered) if found[f"argument_{place}"]}


@lru_cache(maxsize=256)  # a pure function of its arguments
def _named(names: frozenset[str]) -> type[Arguments]:
    """Return the schema of arguments that are texts. Paths stand as keys: as names of attributes their dots would mean nesting."""
    found = {f"argument_{place}": _keyed(name) for place, name in enumerate(sorted(names))}
    return type("Named", (Arguments,), found)


def _keyed(name: str) -> fields.String:
    long = validate.Length(max=LONGEST, error="TOO_LONG")
    return fields.String(load_default="", data_key=name, validate=long)


def field_errors(error: ValidationError) -> list[FieldError]:
    """Return marshmallow's messages, which are our codes, as field errors."""
    found: list[FieldError] = []
    for name, codes in error.messages_dict.items():
        _collect(str(name)[:100], codes, found)
    return found


def _collect(path: str, codes: object, found: list[FieldError]) -> None:
    if isinstance(codes, dict):
        for name, inner in codes.items():
            _collect(f"{path}.{name}"[:200], inner, found)
        return
    for code in codes if isinstance(codes, list) else [codes]:
        known = str(code) if str(code) in _MESSAGES else "MALFORMED"
        found.append(FieldError(path, known, _MESSAGES[known]))
