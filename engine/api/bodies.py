"""Request bodies: JSON read exactly and strictly. What is in them is parsed by the fields' kinds, behind the writing door."""

from __future__ import annotations

import json
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import orjson
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

LARGEST = 8 * 2**20  # bytes of a body
LONGEST_INTEGER = 19  # digits of one written with a point or an exponent
_TWICE = "a name is given twice"
_TOO_DEEP = Text(zh="嵌套过深", en="nested too deep")
# What the readers say, by a piece of it: the first that fits.
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        _TWICE: "同一个名称出现了两次",
        "is no number": "含有不是数字的值（NaN、Infinity）",
        "unexpected end of data": "内容不完整，提前结束",
        "empty document": "内容为空",
        "trailing comma": "末尾多了逗号",
        "a string key": "此处应为带双引号的名称",
        "':' after key": "名称后缺少冒号",
        "expected ','": "此处缺少逗号或右括号",
        "a json value": "此处应为 JSON 值",
        "content after document": "结尾之后还有多余内容",
        "leading zero": "数字不能以 0 开头",
        "control character": "文本中含有未转义的控制字符",
        "escaped sequence": "文本中的转义有误",
        "utf-8": "编码不是 UTF-8",
        "surrogate": "文本中有不成对的代理字符",
        "depth limit": "嵌套过深",
    }
)
_TYPES = frozenset({"application/json", "application/merge-patch+json"})


def read_bytes(request: Request) -> bytes:
    """Return the body. Raises RequestEntityTooLarge beyond LARGEST, with and without a Content-Length."""
    if request.content_length is not None and request.content_length > LARGEST:
        raise RequestEntityTooLarge
    request.max_content_length = LARGEST
    return request.get_data()


def read_object(request: Request, *, optional: bool = False) -> dict[str, object]:
    """Return the body's JSON object; ``optional``: an empty one where there is no body.

    Raises UnsupportedMediaType, Refusal 400 for what is no JSON, Refusal 422 for JSON that is no object.
    """
    body = read_bytes(request)
    if optional and not body:
        return {}
    if request.mimetype not in _TYPES or request.mimetype_params.get("charset", "utf-8").lower() not in {
        "utf-8",
        "utf8",
    }:
        raise UnsupportedMediaType
    found = read_json(body)
    if not isinstance(found, dict):
        text = Text(zh="请求内容应为 JSON 对象 {…}", en="The body must be a JSON object {…}")
        raise Refusal(422, "WRONG_TYPE", text, (FieldError("", "WRONG_TYPE", text),))
    return found


def read_json(body: bytes) -> object:
    """Return JSON with its numbers exact (int, Decimal). Raises Refusal 400: not JSON, not UTF-8, a name given twice, NaN, too deep."""
    try:
        orjson.loads(body)  # strict about encoding, half surrogates and depth, which the standard reader is not
        return json.loads(body, parse_float=_number, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except RecursionError:
        reason = _TOO_DEEP
    except ValueError as error:
        reason = _reason(error)
    raise Refusal(
        400,
        "MALFORMED_JSON",
        Text(zh=f"请求内容不是有效的 JSON：{reason('zh')}", en=f"The body is no valid JSON: {reason('en')}"),
    )


def _reason(error: ValueError) -> Text:
    """Return what the reader found wrong, and where; of its many words those that have a wording of ours."""
    said = str(error).splitlines()[0][:200]
    found = next((zh for en, zh in _REASONS.items() if en in said.lower()), "有语法错误")
    place = f"（第 {error.lineno} 行第 {error.colno} 列）" if isinstance(error, json.JSONDecodeError) else ""
    return Text(zh=found + place, en=said)


def _number(text: str) -> int | Decimal:
    """Return a number exactly. ``7.0`` is the integer 7, as in JSON Schema; 1e400 stays what it is."""
    found = Decimal(text)
    return int(found) if found.adjusted() < LONGEST_INTEGER and found == found.to_integral_value() else found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_TWICE)
    return found
