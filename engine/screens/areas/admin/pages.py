"""The addresses of administration, and of changing one's own password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import redirect, request
from werkzeug.wrappers import Response

from engine.administration.accounts import change_password
from engine.people.sessions import digest_of
from engine.people.sign_in import clear_failures, count_failure, demand_tries
from engine.refusals import Refusal
from engine.screens.area import Area, Way
from engine.screens.areas.admin import audit, people, roles, state
from engine.screens.responses import caller_of, get, html_answer, post, toast, toast_done, told
from engine.screens.site import visit
from engine.screens.texts import TEXTS, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint

    from engine.screens.areas.admin.people import Secret
    from engine.screens.site import Site, Visit

DONE = {
    "roles": "admin_roles_saved",
    "freeze": "admin_done_freeze",
    "unfreeze": "admin_done_unfreeze",
    "sessions": "admin_done_sessions",
    "tokens": "admin_done_tokens",
}
GIVEN = ("who", "what", "object", "record", "from", "until")


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    _looking(pages, site)
    _people(pages, site)
    _acting(pages, site)
    _own_password(pages, site)


def _show(site: Site, draw: Callable[[Visit], str]) -> Response:
    return html_answer(visit(site, caller_of(), draw))


def _looking(pages: Blueprint, site: Site) -> None:
    @get(pages, "/admin")
    def overview() -> Response:
        return _show(site, state.state_page)

    @get(pages, "/admin/departments")
    def departments() -> Response:
        return _show(site, state.departments_page)

    @get(pages, "/admin/roles")
    def all_roles() -> Response:
        return _show(site, roles.roles_page)

    @get(pages, "/admin/roles/<role>")
    def one_role(role: str) -> Response:
        return _show(site, lambda one: roles.role_page(one, role))

    @get(pages, "/admin/audit")
    def acts() -> Response:
        given = {name: request.args.get(name, "") for name in GIVEN}
        before = request.args.get("before", "")
        number = int(before) if before.isdecimal() and len(before) < 19 else None
        return _show(site, lambda one: audit.audit_page(one, given, number))

    @post(pages, "/admin/audit/file")
    def acts_file() -> Response:
        given = {name: request.form.get(name, "") for name in GIVEN}
        text = visit(site, caller_of(), lambda one: audit.audit_file(one, given))
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return Response(text, mimetype="text/csv", headers=headers)

    @get(pages, "/admin/sessions")
    def sessions() -> Response:
        caller = caller_of()
        return html_answer(visit(site, caller, lambda one: state.sessions_page(one, digest_of(caller.secret))))

    @post(pages, "/admin/sessions/end")
    def end() -> Response:
        key = request.form.get("key", "")
        toast_done("admin_done_sessions", visit(site, caller_of(), lambda one: state.end_session(one, key)))
        return redirect("/admin/sessions", 303)

    @post(pages, "/admin/unblock")
    def unblock() -> Response:
        key = request.form.get("key", "")
        toast_done("admin_unblocked", visit(site, caller_of(), lambda one: state.lift_block(one, key)))
        return redirect("/admin", 303)

    @get(pages, "/admin/checkup")
    def checkup() -> Response:
        return _show(site, state.checkup_page)


def _people(pages: Blueprint, site: Site) -> None:
    @get(pages, "/admin/people")
    def everybody() -> Response:
        args = request.args
        search, role, chosen = (args.get(name, "")[:200] for name in ("search", "role", "state"))
        return _show(site, lambda one: people.people_page(one, search, role, chosen, args.get("after", "")))

    @get(pages, "/admin/people/new")
    def new() -> Response:
        return _show(site, lambda one: people.new_page(one, {}, [], {}))

    @post(pages, "/admin/people/new")
    def create() -> Response:
        given, chosen = (
            {key: value for key, value in request.form.items() if key != "roles"},
            request.form.getlist("roles"),
        )

        def make(one: Visit) -> str:
            number, password = people.create_person(one, given, chosen)
            return people.person_page(one, number, people.Secret("admin_secret_password", password))

        try:
            return _show(site, make)
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            errors = refusal

        def again(one: Visit) -> str:
            said = {error.field: error.message(one.language) for error in errors.errors} or {
                "": told(errors, one.language)
            }
            return people.new_page(one, given, chosen, said)

        return html_answer(visit(site, caller_of(), again), 422)

    @get(pages, "/admin/people/<int:number>")
    def one_person(number: int) -> Response:
        return _show(site, lambda one: people.person_page(one, number))


def _acting(pages: Blueprint, site: Site) -> None:
    def again(number: int, refusal: Refusal) -> Response:
        def draw(one: Visit) -> str:
            return people.person_page(one, number, error=told(refusal, one.language))

        return html_answer(visit(site, caller_of(), draw), refusal.status)

    @post(pages, "/admin/people/<int:number>/handover")
    def hand_over(number: int) -> Response:
        to, pools = request.form.get("to", "")[:1000], request.form.getlist("pool")
        try:
            count, language = visit(
                site, caller_of(), lambda one: (people.hand_over_all(one, number, to, pools), one.language)
            )
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return again(number, refusal)
        toast(say("admin_handover_done", language, count=count))
        return redirect(f"/admin/people/{number}", 303)

    @post(pages, "/admin/people/<int:number>/<act>")
    def act(number: int, act: str) -> Response:
        form, chosen = dict(request.form.items()), request.form.getlist("roles")

        def do(one: Visit) -> tuple[Secret | None, str]:
            secret = people.act_on(one, number, act, form, chosen)
            return secret, people.person_page(one, number, secret) if secret else one.language

        try:
            secret, answer = visit(site, caller_of(), do)
        except Refusal as refusal:
            if refusal.status not in {409, 422}:
                raise
            return again(number, refusal)
        if secret is not None:
            return html_answer(answer)
        toast_done(DONE[act], answer)
        return redirect(f"/admin/people/{number}", 303)


def _own_password(pages: Blueprint, site: Site) -> None:
    @get(pages, "/password")
    def show() -> Response:
        return _show(site, lambda one: one.page("admin/password.html", error=""))

    @post(pages, "/password")
    def change() -> Response:
        old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
        caller = caller_of()

        def do(one: Visit) -> str:
            if new != again:
                raise Refusal(422, "DIFFERENT", TEXTS["own_password_differ"])
            login, connection = one.context.actor.login, one.context.connection
            demand_tries(connection, login, caller.address, one.context.now)
            length = site.config.security.password_length
            change_password(one.context, old, new, shortest=length, keep=caller.secret)
            clear_failures(connection, login, caller.address)
            return one.language

        def refused(one: Visit) -> str:
            if said.code == "WRONG_PASSWORD":  # what was tried is undone, that it was tried is not
                actor = one.context.actor
                count_failure(one.context.connection, site.config, actor.login, caller.address, one.context.now)
            return one.page("admin/password.html", error=said.message(one.language))

        try:
            language = visit(site, caller, do)
        except Refusal as refusal:
            if refusal.status not in {422, 429}:
                raise
            said = refusal
        else:
            toast_done("own_password_done", language)
            return redirect("/", 303)
        return html_answer(visit(site, caller, refused), said.status)


AREA = Area(
    "admin",
    add,
    Path(__file__).parent,
    (Way("/admin", "shield-lock", "admin", lambda _records, rights, _actor: rights.full),),
)
