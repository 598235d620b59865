"""What went wrong, as application/problem+json (RFC 9457) in the caller's language: from refusals, from HTTP's own errors, from
surroundings that fail, and from what nobody foresaw."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson

from engine.refusals import FieldError, Refusal
from metamodel.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.exceptions import HTTPException
    from werkzeug.wrappers import Request

    from engine.config import EnvironmentFault

MEDIA_TYPE = "application/problem+json"
LOG = logging.getLogger("tenon.api")

_HTTP: dict[int, tuple[str, Text]] = {
    400: ("BAD_REQUEST", Text(zh="请求有误。", en="The request is malformed.")),
    404: ("NOT_FOUND", Text(zh="没有这个地址。", en="There is nothing at this address.")),
    405: ("METHOD_NOT_ALLOWED", Text(zh="此地址不支持该方法。", en="This address does not take that method.")),
    413: ("TOO_LARGE", Text(zh="请求内容过大。", en="The request's body is too large.")),
    415: ("WRONG_CONTENT_TYPE", Text(zh="请求内容应为 application/json。", en="The body must be application/json.")),
}


def language_of(request: Request, default: str, *preferred: str) -> str:
    """Return the language to answer in: the first preference given before the header, then the header's, then later ones."""
    first, *later = preferred or ("",)
    asked = request.accept_languages.best_match(("zh", "zh-CN", "zh-Hans", "en", "en-US", "en-GB")) or ""
    for choice in (first, asked[:2], *later, default):
        if choice in LANGUAGES:
            return choice
    return LANGUAGES[0]


def problem(
    status: int, code: str, detail: Text, language: str, errors: Iterable[FieldError] = ()
) -> tuple[bytes, int, dict[str, str]]:
    """Return body, status and headers of a problem."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail(language),
    }
    found = [_error(error, language) for error in errors]
    if found:
        body["errors"] = found
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="tenon"'
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        headers["Retry-After"] = "5"
    return orjson.dumps(body), status, headers


def _error(error: FieldError, language: str) -> dict[str, object]:
    found: dict[str, object] = {"field": error.field, "code": error.code, "message": error.message(language)}
    return found if error.row is None else found | {"row": error.row}


def of_refusal(refusal: Refusal, language: str, *, rows: bool = True) -> tuple[bytes, int, dict[str, str]]:
    """Return a refusal as a problem. ``rows`` False leaves out which record of the batch an error is of: the caller sent one."""
    errors = (
        refusal.errors if rows else [FieldError(error.field, error.code, error.message) for error in refusal.errors]
    )
    return problem(refusal.status, refusal.code, refusal.message, language, errors)


def of_http(error: HTTPException, language: str) -> tuple[bytes, int, dict[str, str]]:
    """Return one of HTTP's own errors as a problem, with the headers it brings (``Allow``)."""
    status = error.code or 500
    code, detail = _HTTP.get(
        status,
        (
            HTTPStatus(status).phrase.upper().replace(" ", "_"),
            Text(zh="请求无法处理。", en="The request can't be served."),
        ),
    )
    body, status, headers = problem(status, code, detail, language)
    extra = {name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}}
    return body, status, headers | extra


def of_surroundings(fault: EnvironmentFault, language: str) -> tuple[bytes, int, dict[str, str]]:
    """Return a fault of the surroundings (database down, disk full) as 503. What it says is for who runs the machine: it is logged."""
    LOG.error("%s", fault)
    detail = Text(
        zh="服务暂时不可用，请稍后再试。", en="The service is not available right now: try again in a moment."
    )
    return problem(503, "UNAVAILABLE", detail, language)


def of_unforeseen(error: Exception, language: str) -> tuple[bytes, int, dict[str, str]]:
    """Return 500 with a number under which the log tells more, and nothing else."""
    number = uuid4().hex[:12]
    LOG.error("unforeseen %s", number, exc_info=error)
    detail = Text(
        zh=f"服务器内部错误，编号 {number}。", en=f"Something went wrong in the server; its number is {number}."
    )
    return problem(500, "INTERNAL", detail, language)
