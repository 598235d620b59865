"""The addresses of claiming, giving back, handing over, teams and edit locks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import redirect, request

from engine.administration.teams import take_in, take_out
from engine.people.actors import load_profile
from engine.records import locks, pool
from engine.records.query import read_one
from engine.refusals import FieldError, Refusal
from engine.screens.area import Area
from engine.screens.areas.sharing.panel import panel
from engine.screens.record import title_of
from engine.screens.responses import caller_of, post, toast, toast_done, told
from engine.screens.site import visit
from engine.screens.texts import say
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.screens.site import Site, Visit

SHOWN = frozenset({409, 412, 422})  # refusals told on the record's page


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""
    for act, work in (("claim", _claim), ("release", _release), ("transfer", _transfer), ("share", _share)):
        _add(pages, site, act, work)

    @post(pages, "/o/<name>/<int:number>/lock")
    def take_over(name: str, number: int) -> Response:
        visit(site, caller_of(), lambda one: locks.lock(one.context, name, number, take_over=True))
        return redirect(f"/o/{name}/{number}/edit", 303)

    @post(pages, "/o/<name>/<int:number>/unlock")
    def unlock(name: str, number: int) -> Response:
        def work(one: Visit) -> str:
            locks.unlock(one.context, name, number)
            return one.language

        toast_done("share_unlocked", visit(site, caller_of(), work))
        return redirect(f"/o/{name}/{number}", 303)


def _add(pages: Blueprint, site: Site, act: str, work: Callable[[Visit, str, int], str]) -> None:
    @post(pages, f"/o/<name>/<int:number>/{act}")
    def run(name: str, number: int) -> Response:
        return _done(site, name, number, work)


def _done(site: Site, name: str, number: int, work: Callable[[Visit, str, int], str]) -> Response:
    """Do something with a record, say how it went on its page, or on the list where the viewer sees it no more."""
    caller = caller_of()

    def inside(one: Visit) -> tuple[str, bool]:
        said = work(one, name, number)
        try:
            read_one(one.context, name, number, ("id",))
        except Refusal:
            return said, False
        return said, True

    try:
        said, seen = visit(site, caller, inside)
    except Refusal as refusal:
        if refusal.status not in SHOWN:
            raise
        language = visit(site, caller, lambda one: one.language)
        toast(told(refusal, language), kind="bad")
        seen = refusal.code != "LOST_RACE"
    else:
        toast(said)
    return redirect(f"/o/{name}/{number}" if seen else f"/o/{name}", 303)


def _claim(one: Visit, name: str, number: int) -> str:
    pool.claim(one.context, name, number)
    compiled = one.object(name)
    row = read_one(one.context, name, number, ("id", compiled.title))
    return say("share_claimed", one.language, record=title_of(compiled, row, one.language))


def _release(one: Visit, name: str, number: int) -> str:
    pool.release(one.context, name, number)
    return say("share_released", one.language)


def _transfer(one: Visit, name: str, number: int) -> str:
    pool.transfer(one.context, name, [number], _person(one, "to"))
    return say("share_transferred", one.language)


def _share(one: Visit, name: str, number: int) -> str:
    role, gone = request.form.get("role", ""), request.form.get("remove", "")
    if gone:
        take_out(one.context, name, number, int(gone) if gone.isdecimal() and len(gone) < 19 else 0, role)
        return say("share_removed", one.language)
    take_in(one.context, name, number, _person(one, "user"), role)
    return say("share_added", one.language)


def _person(one: Visit, name: str) -> int:
    """Return the person whose login the form gives. Raises Refusal 422."""
    login = request.form.get(name, "").strip()[:200]
    profile = load_profile(one.context.connection, login=login) if login else None
    if profile is None or profile.actor.id is None:
        message = Text(zh=f"没有账号 {login[:60]}。", en=f"There is no account {login[:60]}.")
        raise Refusal(422, "DANGLING_LINK", message, (FieldError(name, "DANGLING_LINK", message),))
    return profile.actor.id


AREA = Area("sharing", add, Path(__file__).parent, panel=panel)
