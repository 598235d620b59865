"""What imports and exports share: bodies read by their schemas, every fault with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import RAISE, Schema, ValidationError

from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_WORDS = {
    "UNKNOWN": Text(zh="没有这个字段", en="there is no such field"),
    "REQUIRED": Text(zh="缺少该字段", en="is missing"),
    "MALFORMED": Text(zh="不是这里可用的内容", en="is not what can stand here"),
}
# What marshmallow says of a value, and what we do; what its own words name (bounds, choices) is taken over.
_SAID = (
    (r"Not a valid list\.", Text(zh='应为列表，如 ["a", "b"]', en='must be a list, like ["a", "b"]')),
    (r"Not a valid string\.", Text(zh="应为文本", en="must be a text")),
    (r"Not a valid integer\.", Text(zh="应为整数", en="must be a whole number")),
    (r"Not a valid boolean\.", Text(zh="应为 true 或 false", en="must be true or false")),
    (r"Not a valid mapping type\.", Text(zh="应为对象（名称: 值）", en="must be an object of names and values")),
    (r"Named twice\.", Text(zh="有重复的名称", en="names one twice")),
    (r"Must be one of: (.+)\.", Text(zh="可用：{said}", en="must be one of: {said}")),
    (r"Longer than maximum length (\d+)\.", Text(zh="过长，最多 {said}", en="is too long: {said} at most")),
)


class Body(Schema):
    """The frame: what a schema does not name is refused."""

    class Meta:
        """Settings."""

        unknown = RAISE

    error_messages = {"unknown": "UNKNOWN"}  # noqa: RUF012 - the library's form


def read_ordered(schema: Body, given: Mapping[str, object]) -> dict[str, Any]:
    """Return a body as its schema reads it. Raises Refusal 422 with every fault."""
    try:
        found: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        errors = tuple(_errors("", error.messages_dict))
        raise Refusal(422, "BAD_VALUES", Text(zh="请求内容有误。", en="The body has faults."), errors) from None
    return found


def _errors(path: str, found: object) -> Iterator[FieldError]:
    if isinstance(found, dict):
        for name, inner in found.items():
            yield from _errors(f"{path}.{name}" if path else str(name)[:100], inner)
        return
    said = str(found[0] if isinstance(found, list) and found else found)
    code = "UNKNOWN_FIELD" if said == "UNKNOWN" else "REQUIRED" if "required" in said.lower() else "MALFORMED"
    yield FieldError(path[:200], code, _reason(said) if code == "MALFORMED" else _WORDS[code.partition("_")[0]])


def _reason(said: str) -> Text:
    for pattern, text in _SAID:
        if match := re.fullmatch(pattern, said):
            return text.format(said=match[1]) if match.groups() else text
    return _WORDS["MALFORMED"]


def moment(value: datetime | None) -> str | None:
    """Return a moment as the API gives it."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def dumped(body: Mapping[str, Any]) -> bytes:
    """Return a body as JSON."""
    return orjson.dumps(dict(body))
