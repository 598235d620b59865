"""What all answers of the pages share: who asks, the CSRF token, messages carried to the next page, security headers, compression,
and pages for what went wrong."""

from __future__ import annotations

import gzip
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from flask import Response, current_app, redirect, request, session
from flask_wtf.csrf import ValidationError, generate_csrf, validate_csrf
from werkzeug.exceptions import HTTPException

from engine.config import EnvironmentFault
from engine.refusals import Refusal
from engine.screens.site import SESSION_COOKIE, Caller, visit
from engine.screens.texts import BY_LANGUAGE, TEXTS, say
from metamodel.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint
    from werkzeug.wrappers import Request
    from werkzeug.wrappers import Response as AnyResponse

    from engine.screens.site import Site, Visit

    View = Callable[..., AnyResponse]

LOG = logging.getLogger("tenon.screens")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
INSIDE = frozenset({403, 404, 409, 410, 413, 422, 429})  # refusals that say nothing of the system being in trouble
SMALL = 900  # bytes that are not worth compressing
TOASTS = "toasts"
# The appearance is a device's: one is read in the sun, another at night.
THEME_COOKIE, THEMES = "tenon_theme", ("system", "light", "dark")


def get(pages: Blueprint, rule: str) -> Callable[[View], View]:
    """Return a decorator that serves GET at an address."""
    return _route(pages, rule, "GET")


def post(pages: Blueprint, rule: str) -> Callable[[View], View]:
    """Return a decorator that serves POST at an address."""
    return _route(pages, rule, "POST")


def _route(pages: Blueprint, rule: str, method: str) -> Callable[[View], View]:
    def add(view: View) -> View:
        pages.add_url_rule(rule, endpoint=f"{method} {rule}".replace(".", "_"), view_func=view, methods=[method])
        return view

    return add


def check_token(given: Request) -> bool:
    """Whether a request carries the CSRF token of its session: as a form's input, which in a record's form has a name that no field
    can have, or as a header."""
    sent = [given.form.get(name) for name in ("_csrf_token", "csrf_token")]
    sent += [given.headers.get(name) for name in ("X-CSRF-Token", "X-CSRFToken")]
    return any(is_token(token) for token in sent if token)


def is_token(token: str) -> bool:
    """Whether a CSRF token is the one of this request's session: what the API asks about, too."""
    try:
        validate_csrf(token)
    except ValidationError:
        return False
    return True


def frame() -> dict[str, Any]:
    """Return what every page needs from the request; messages are taken out of the session by being shown."""
    fresh = request.headers.get("HX-Request") != "true"
    toasts = session.pop(TOASTS, []) if fresh else []
    theme = request.cookies.get(THEME_COOKIE, "")
    return {
        "csrf": generate_csrf(),
        "toasts": toasts,
        "address": request.full_path.rstrip("?"),
        "theme": theme if theme in THEMES else THEMES[0],
    }


def caller_of() -> Caller:
    """Return who asks, as far as the request tells."""
    chosen = session.get("language", "")
    language = chosen if chosen in LANGUAGES else ""
    secret = request.cookies.get(SESSION_COOKIE, "")
    return Caller(secret, language, request.remote_addr or "", request.headers.get("User-Agent", "")[:300], frame())


def toast(message: str, *, action: str = "", label: str = "", kind: str = "") -> None:
    """Show a message on the next page, with a button that posts to ``action``."""
    waiting = session.get(TOASTS, [])
    session[TOASTS] = [*waiting[-2:], {"message": message, "action": action, "label": label, "kind": kind}]


def html_answer(text: str, status: int = 200) -> Response:
    """Return a page."""
    return Response(text, status, mimetype="text/html")


def set_session_cookie(site: Site, answer: AnyResponse, secret: str) -> None:
    """Keep the session's secret in the browser: for our pages only, out of scripts' reach."""
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=site.config.security.session_hours * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure or site.config.web.public_url.startswith("https:"),
    )


def decorate(site: Site, answer: Response) -> Response:
    """Add the headers that every page has, and compress what is worth it. A page may open the stream of changes, which may have a
    port of its own, and show the tiles that maps are configured to lie on: a list becomes a map without a new page."""
    headers = answer.headers
    origin = site.config.events_origin(request.host) if answer.mimetype == "text/html" else ""
    policy = POLICY.replace("connect-src 'self'", f"connect-src 'self' {origin}".rstrip())
    tiles = site.config.map_origins if answer.mimetype == "text/html" else ()
    headers.setdefault("Content-Security-Policy", policy.replace("'self' data:", " ".join(("'self' data:", *tiles))))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), interest-cohort=()")
    headers.setdefault("Cache-Control", "private, no-cache")
    compressible = answer.mimetype in {"text/html", "application/json", "text/javascript", "image/svg+xml"}
    if (
        compressible
        and not answer.is_streamed
        and "Content-Encoding" not in headers
        and request.accept_encodings.quality("gzip")
        and (answer.content_length or 0) > SMALL
    ):
        answer.set_data(gzip.compress(answer.get_data(), 1, mtime=0))
        headers["Content-Encoding"] = "gzip"
        answer.vary.add("Accept-Encoding")
    return answer


def refused(site: Site, refusal: Refusal) -> AnyResponse:
    """Answer a refusal that no page showed in its own place."""
    language = error_language(site) if refusal.code == "SIGN_IN" else _language_of_visitor(site)
    if refusal.code == "SIGN_IN":
        if request.method == "GET" and request.headers.get("HX-Request") != "true":
            return _to_sign_in()
        return Response(refusal.message(language), 401, headers={"HX-Redirect": "/sign-in"}, mimetype="text/plain")
    if request.headers.get("HX-Request") == "true":
        messages = [error.message(language) for error in refusal.errors] or [refusal.message(language)]
        return Response(" ".join(messages), refusal.status, mimetype="text/plain")
    inside = error_inside(site, refusal) if refusal.status in INSIDE else None
    return inside or error_page(site, refusal.status, told(refusal, language))


def told(refusal: Refusal, language: str) -> str:
    """Return all that a refusal says, in one text."""
    return " ".join([refusal.message(language), *(error.message(language) for error in refusal.errors)]).strip()


def error_inside(site: Site, refusal: Refusal) -> Response | None:
    """Return the page inside the frame, so that whoever is signed in can go on from it; None where nobody is."""

    def show(one: Visit) -> str:
        words = error_words(one.language, refusal.status, told(refusal, one.language))
        return one.page("error.html", **words)

    try:
        return html_answer(visit(site, caller_of(), show), refusal.status)
    except Refusal:
        return None


def unforeseen(site: Site, error: Exception) -> Response:
    """Answer what nobody foresaw: written down with its trace, said without it."""
    if isinstance(error, HTTPException):
        return error_page(site, error.code or 500)
    if isinstance(error, EnvironmentFault):
        LOG.error("%s %s: %s", request.method, request.path, error)
        return error_page(site, 503, error.message(error_language(site)))
    LOG.error("%s %s", request.method, request.path, exc_info=error)
    if current_app.testing:
        raise error
    if request.headers.get("HX-Request") == "true":  # a page that stays shows it in its place
        return Response(
            " · ".join(one(error_language(site)) for one in (TEXTS["error_500"], TEXTS["error_500_hint"])),
            500,
            mimetype="text/plain",
        )
    return error_page(site, 500)


def error_page(site: Site, status: int, hint: str = "") -> Response:
    """Return a page that says what happened and where to go."""
    language = error_language(site)
    page = site.renderer.render("error_outside.html", language, **error_words(language, status, hint), **frame())
    return html_answer(page, status)


def error_words(language: str, status: int, hint: str) -> dict[str, Any]:
    """Return what an error's page says: the given hint, else the usual one of the status."""
    texts = BY_LANGUAGE[language]
    title = texts.get(f"error_{status}", texts["error_title"])
    if hint in {"", title}:
        hint = texts.get(f"error_{status}_hint", "")
    return {"title": title, "hint": hint, "status": status, "back": came_from()}


def came_from() -> str:
    """Return the page of ours that led here, where there is one and it is another."""
    where = urlsplit(request.referrer or "")
    address = f"{where.path}?{where.query}" if where.query else where.path
    ours = where.netloc == request.host and where.path != request.path and where.path.startswith("/")
    return address if ours and not where.path.startswith("//") else ""


def error_language(site: Site) -> str:
    """Return the language to say something in that is not said inside a visit."""
    chosen = session.get("language", "")
    return chosen if chosen in LANGUAGES else site.config.languages.default


def _language_of_visitor(site: Site) -> str:
    """Return the language of whoever is signed in, as their pages have it."""
    if session.get("language", "") not in LANGUAGES:
        with suppress(Refusal):
            return visit(site, caller_of(), lambda one: one.language, reading=True)
    return error_language(site)


def toast_done(name: str, language: str, **values: object) -> None:
    """Show a text of the catalogue on the next page."""
    assert name in TEXTS  # noqa: S101 - a name written in our own code
    toast(say(name, language, **values))


def _to_sign_in() -> AnyResponse:
    target = request.full_path.rstrip("?")
    return redirect(f"/sign-in?next={quote(target)}" if target != "/" else "/sign-in", 303)
