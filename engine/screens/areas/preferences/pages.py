"""The address of a person's own preferences. Language, zone and the density of lists go with the person, the
appearance stays with the device."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import redirect, request, session

from engine.records.commands import Change, update
from engine.records.shape import USER
from engine.refusals import Refusal
from engine.screens import saved_views
from engine.screens.account import language_of
from engine.screens.area import Area
from engine.screens.areas.preferences import zones
from engine.screens.formats import show_moment
from engine.screens.responses import THEME_COOKIE, THEMES, caller_of, get, html_answer, post, toast_done
from engine.screens.site import visit
from engine.screens.texts import TEXTS

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.screens.site import Site, Visit

YEAR = 365 * 24 * 3600


def add(pages: Blueprint, site: Site) -> None:
    """Add the address to the blueprint."""

    @get(pages, "/preferences")
    def show() -> Response:
        return html_answer(visit(site, caller_of(), _page, reading=True))

    @post(pages, "/preferences")
    def keep() -> Response:
        given = request.form.to_dict()
        language = language_of(given.get("language", ""), (), site.config.languages.default)
        theme = given.get("theme", "")
        density = given.get("density", "")
        visit(site, caller_of(), lambda one: _keep(one, language, given.get("zone", ""), density))
        session["language"] = language
        toast_done("preferences_saved", language)
        answer = redirect("/preferences", 303)
        if theme in THEMES:
            answer.set_cookie(
                THEME_COOKIE, theme, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure
            )
        return answer


def _page(visit: Visit) -> str:
    context = visit.context
    home = context.home.key if context.home is not None else ""
    return visit.page(
        "preferences/preferences.html",
        zones=zones.zones(visit.language, context.now),
        zone=context.zone.key if context.zone is not None and context.zone.key != home else "",
        home=home,
        now=show_moment(context.now, visit.language, visit.locale.zone),
        themes=THEMES,
        densities=saved_views.DENSITIES,
        density=saved_views.read_kept(context, saved_views.ALL_OBJECTS).habits.density,
    )


def _keep(visit: Visit, language: str, zone: str, density: str) -> None:
    if zone and zone not in zones.names():
        raise Refusal(422, "UNKNOWN_CHOICE", TEXTS["preferences_no_zone"])
    number = visit.context.actor.id
    if number is not None:
        if density in saved_views.DENSITIES:
            saved_views.keep_habits(visit.context, saved_views.ALL_OBJECTS, {"density": density})
        update(visit.as_system(), USER, [Change(number, {"language": language, "zone": zone or None})])


AREA = Area("preferences", add, Path(__file__).parent)
