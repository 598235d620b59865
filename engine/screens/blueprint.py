"""The pages' addresses: each unpacks a request, calls a page inside one transaction, and answers. Flask is known here and in
responses.py, nowhere below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, redirect, request, session

from engine.records.compile import Records
from engine.records.renamed import field_now, object_now
from engine.refusals import Refusal, check_address
from engine.screens import account, cell, home, list_routes, picker, record_routes
from engine.screens.palette import palette
from engine.screens.recent import note_opened
from engine.screens.responses import (
    caller_of,
    check_token,
    decorate,
    frame,
    get,
    html_answer,
    post,
    refused,
    set_session_cookie,
    unforeseen,
)
from engine.screens.site import SESSION_COOKIE, visit
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from engine.screens.site import Site, Visit

__all__ = ["make_blueprint"]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"/o/<name>/new", "/o/<name>/<int:number>/edit"})  # by rule: many an address ends like these


def make_blueprint(site: Site) -> Blueprint:
    """Return the pages of an installation, to be mounted at an application's root."""
    pages = Blueprint("screens", __name__)

    def guard() -> None:
        check_address(len(request.path) + len(request.query_string))
        # Forms of records check for themselves: an expired page must not cost what was typed.
        own = request.url_rule is not None and request.url_rule.rule in FORMS
        if request.method not in SAFE and not own and not check_token(request):
            raise Refusal(400, "CSRF", TEXTS["form_expired"])

    def under_todays_names(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        # A page that was open when something was renamed goes on saying the former name.
        runtime = site.runtime() if values and request.path.startswith("/o/") else None
        if runtime is None or values is None:
            return
        records = runtime.part(Records)
        values["name"] = object_now(records, values["name"])
        for key in values.keys() & {"field", "path"}:
            values[key] = field_now(records, values["name"], values[key])

    pages.url_value_preprocessor(under_todays_names)
    pages.before_request(guard)
    pages.after_request(note_opened)
    pages.after_request(lambda answer: decorate(site, answer))
    pages.register_error_handler(Refusal, lambda refusal: refused(site, refusal))
    pages.register_error_handler(Exception, lambda error: unforeseen(site, error))
    _account(pages, site)
    _small(pages, site)
    list_routes.add(pages, site)
    record_routes.add(pages, site)
    for area in site.areas:
        area.add(pages, site)
    return pages


def _account(pages: Blueprint, site: Site) -> None:
    def sign_in_page(problem: str = "", login: str = "", status: int = 200) -> Response:
        caller = caller_of()
        following = account.inside(request.values.get("next", "/"))
        language = caller.language or account.language_of(
            "", request.accept_languages.values(), site.config.languages.default
        )
        values = {"problem": problem, "login": login, "next": following}
        return html_answer(site.renderer.render("sign_in.html", language, **frame(), **values), status)

    @get(pages, "/sign-in")
    def show_sign_in() -> Response:
        return sign_in_page()

    @post(pages, "/sign-in")
    def sign_in() -> Response:
        login, password = request.form.get("login", ""), request.form.get("password", "")
        agent = request.user_agent.string
        try:
            former = request.cookies.get(SESSION_COOKIE, "")
            secret = account.enter(site, login, password, address=request.remote_addr or "", agent=agent, former=former)
        except Refusal as refusal:
            if refusal.status not in {401, 429}:
                raise
            language = caller_of().language or site.config.languages.default
            return sign_in_page(refusal.message(language), login, refusal.status)
        language = session.get("language", "")
        session.clear()  # whoever was here before knows the CSRF token of the page
        if language:
            session["language"] = language
        answer = redirect(account.inside(request.form.get("next", "/")), 303)
        set_session_cookie(site, answer, secret)
        return answer

    @post(pages, "/sign-out")
    def sign_out() -> Response:
        account.leave(site, request.cookies.get(SESSION_COOKIE, ""))
        session.clear()
        answer = redirect("/sign-in", 303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    @post(pages, "/language")
    def choose_language() -> Response:
        language = account.language_of(request.form.get("language", ""), (), site.config.languages.default)
        session["language"] = language
        account.keep_language(site, caller_of(), language)
        return redirect(account.inside(request.form.get("next", "/")), 303)


def _small(pages: Blueprint, site: Site) -> None:
    def shown(handler: Callable[[Visit], str]) -> Response:
        return html_answer(visit(site, caller_of(), handler))

    @get(pages, "/")
    def first() -> Response:
        return shown(home.home_page)

    @get(pages, "/palette")
    def find() -> Response:
        return shown(lambda one: palette(one, request.args.get("q", "")))

    @get(pages, "/o/<name>/pick/<path>")
    def pick(name: str, path: str) -> Response:
        given = request.args.to_dict()
        return jsonify(visit(site, caller_of(), lambda one: picker.picks(one, name, path, given)))

    @get(pages, "/o/<name>/reach/<field>/<int:number>")
    def reach(name: str, field: str, number: int) -> Response:
        return jsonify(visit(site, caller_of(), lambda one: picker.reach(one, name, field, number)))

    @get(pages, "/o/<name>/<int:number>/cell/<field>")
    def open_cell(name: str, number: int, field: str) -> Response:
        return shown(lambda one: cell.cell_form(one, name, number, field))

    @get(pages, "/static/<name>")
    def static_file(name: str) -> Response:
        return site.renderer.assets.send(request, name)

    @get(pages, "/icon.svg")
    def page_icon() -> Response:
        answer = html_answer(site.renderer.assets.page_icon())
        answer.mimetype = "image/svg+xml"
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer
