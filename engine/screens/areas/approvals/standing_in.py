"""The page where one says who decides in one's place for a while."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import redirect, request

from engine.approvals.boxes import names_of
from engine.approvals.delegating import delegate_to, end_delegation, own_delegations
from engine.approvals.operation import refuse
from engine.refusals import Refusal
from engine.screens.areas.approvals.one import person_control
from engine.screens.formats import show_moment
from engine.screens.responses import caller_of, get, html_answer, post, toast, toast_done
from engine.screens.site import visit

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from engine.screens.site import Site, Visit

HERE = "/approvals/delegation"


def add(pages: Blueprint, site: Site) -> None:
    """Add the addresses to the blueprint."""

    @get(pages, HERE)
    def show() -> Response:
        return html_answer(visit(site, caller_of(), _page))

    @post(pages, HERE)
    def save() -> Response:
        form = request.form.to_dict()
        caller = caller_of()
        try:
            language = visit(site, caller, lambda one: _save(one, form))
            toast_done("standing_in_saved", language)
        except Refusal as refusal:
            if refusal.code == "SIGN_IN":
                raise
            toast(refusal.message(caller.language or site.config.languages.default), kind="bad")
        return redirect(HERE, 303)

    @post(pages, f"{HERE}/<int:number>/end")
    def end(number: int) -> Response:
        def stop(one: Visit) -> str:
            end_delegation(one.context, number)
            return one.language

        toast_done("standing_in_ended", visit(site, caller_of(), stop))
        return redirect(HERE, 303)


def _page(one: Visit) -> str:
    found = own_delegations(one.context)
    names = names_of(one.context, {item.delegate for item in found})
    today = one.context.now.astimezone(one.locale.zone).date()
    return one.page(
        "approvals/standing_in.html",
        here="/approvals",
        person=person_control(one, "delegate"),
        first=today.isoformat(),
        last=(today + timedelta(days=7)).isoformat(),
        items=[
            {
                "id": item.id,
                "name": names.get(item.delegate, ""),
                "first": show_moment(item.begins_at, one.language, one.locale.zone),
                "last": show_moment(item.ends_at, one.language, one.locale.zone),
            }
            for item in found
        ],
    )


def _save(one: Visit, form: dict[str, str]) -> str:
    to = form.get("to", "")
    begins, ends = _midnight(one, form.get("first", "")), _midnight(one, form.get("last", ""))
    if begins is None or ends is None:
        raise refuse(422, "BAD_PERIOD", "请填写起止日期", "say from which day to which", "first")
    number = int(to) if to.isdecimal() and len(to) < 19 else 0
    delegate_to(one.context, number, max(begins, one.context.now), ends + timedelta(days=1))
    return one.language


def _midnight(one: Visit, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), one.locale.zone)
    except ValueError:
        return None
