"""Every page that people look at, by a name and an example of its address; what the map of addresses holds besides, with the reason why it is
no page. What holds of the pages is test_quality.py's, their pictures are shots.py's."""

from __future__ import annotations

import re
from secrets import token_hex
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from playwright.sync_api import Page
    from werkzeug.routing import Map

# ``{opportunity}`` is a record of that object, ``{customer_2}`` the second; ``{export}``, ``{import}`` (one that is being looked through) and
# ``{import_2}`` (one that was begun) are ``made``.
PAGES: Mapping[str, str] = {
    "sign-in": "/sign-in",
    "home": "/",
    "list": "/o/opportunity?view=all",
    "list-filter": "/o/opportunity?view=all&stage.in=demo,needs&amount.ge=1000&edit=amount",
    "list-groups": "/o/opportunity?view=open&group=stage",
    "list-none": "/o/opportunity?q=nothing-of-the-kind",
    "list-bin": "/o/customer?bin=1",
    "kanban": "/o/opportunity?view=board",
    "calendar": "/o/opportunity?view=agenda",
    "map": "/o/activity?view=map",
    "record-customer": "/o/customer/{customer}",
    "record-opportunity": "/o/opportunity/{opportunity}",
    "record-quote": "/o/quote/{quote}",
    "transition": "/o/opportunity/{opportunity}/transitions/lose",
    "form-new": "/o/customer/new",
    "form-activity": "/o/activity/new",
    "form-lines": "/o/quote/{quote}/edit",
    "duplicates": "/o/customer/duplicates",
    "merge-find": "/o/customer/{customer}/merge?q=榫卯",
    "merge": "/o/customer/merge?id={customer}&id={customer_2}",
    "import-start": "/o/customer/import",
    "import-columns": "/imports/{import}",
    "import-preview": "/imports/{import}/preview",
    "import-report": "/imports/{import_2}",
    "imports": "/imports",
    "export-start": "/o/customer/export",
    "export": "/exports/{export}",
    "exports": "/exports",
    "approvals": "/approvals",
    "approval": "/approvals/{approval}",
    "standing-in": "/approvals/delegation",
    "inbox": "/inbox",
    "following": "/following",
    "reports": "/reports",
    "report": "/reports/won_by_region",
    **{f"board-{name}": f"/d/{name}" for name in ("rep", "daily", "ranking", "manager", "funnel", "director", "executive")},
    "targets": "/targets",
    "processes": "/processes",
    "process": "/processes/opportunity_stages",
    "preferences": "/preferences",
    "password": "/password",
    "admin": "/admin",
    "admin-people": "/admin/people",
    "admin-people-new": "/admin/people/new",
    "admin-person": "/admin/people/{user}",
    "admin-departments": "/admin/departments",
    "admin-roles": "/admin/roles",
    "admin-role": "/admin/roles/rep",
    "admin-audit": "/admin/audit",
    "admin-checkup": "/admin/checkup",
    "admin-sessions": "/admin/sessions",
    "admin-deliveries": "/admin/deliveries",
    "admin-calls": "/admin/calls",
    "admin-inbound": "/admin/inbound",
    "admin-automations": "/admin/automations",
    "admin-automation": "/admin/automations/customer_week",
    "designer": "/designer",
    "designer-form": "/designer/objects/opportunity?field=amount",
    "designer-form-phone": "/designer/objects/customer?phone=1",
    "designer-views": "/designer/objects/opportunity/views",
    "designer-rules": "/designer/objects/customer/rules",
    "designer-object": "/designer/source/object/product",
    "designer-process": "/designer/source/process/opportunity_stages",
    "designer-approval": "/designer/source/approval/large_quote",
    "designer-automation": "/designer/source/automation/customer_week",
    "designer-board": "/designer/source/dashboard/manager",
    "designer-metric": "/designer/source/metric/won_amount",
    "designer-role": "/designer/source/role/rep",
    "designer-choices": "/designer/source/choices/region",
    "designer-new": "/designer/new/dashboard",
    "designer-impact": "/designer/impact/object/opportunity",
    "designer-publish": "/designer/publish",
    "designer-published": "/designer/publish/state",
    "designer-versions": "/designer/versions",
    "designer-history": "/designer/history",
    "nowhere": "/o/nowhere",
    "designer-choices-of-a-field": "/designer/objects/opportunity?field=lost_reason",
    "designer-impact-state": "/designer/impact/process/opportunity_stages?at=states/demo",
}  # fmt: skip
REDIRECT, PART, DATA, FILE = (
    "leads to a page",
    "a part of a page, asked for by its script",
    "JSON for a script",
    "a file",
)
NO_PAGES: Mapping[str, str] = {
    "/designer/objects": REDIRECT,
    "/imports/<int:number>/records": REDIRECT,
    "/inbox/<int:number>": REDIRECT,
    "/o/<name>/columns": REDIRECT,
    "/o/<name>/filter": REDIRECT,
    "/d/<name>/part": PART,
    "/exports/<int:number>/progress": PART,
    "/imports/<int:number>/progress": PART,
    "/o/<name>/<int:number>/cell/<field>": PART,
    "/o/<name>/<int:number>/history": PART,
    "/o/<name>/<int:number>/related/<side>": PART,
    "/o/<name>/<int:number>/timeline": PART,
    "/o/<name>/board/<lane>": PART,
    "/o/<name>/bulk/control/<field>": PART,
    "/o/<name>/group/<key>": PART,
    "/o/<name>/summary": PART,
    "/palette": PART,
    "/d/<name>/state": DATA,
    "/designer/hints/<kind>": DATA,
    "/inbox/news": DATA,
    "/o/<name>/board": DATA,
    "/o/<name>/pick/<path>": DATA,
    "/o/<name>/reach/<field>/<int:number>": DATA,
    "/talk/people": DATA,
    "/exports/<int:number>/file": FILE,
    "/icon.svg": FILE,
    "/imports/<int:number>/errors": FILE,
    "/o/<name>/rules.js": FILE,
    "/static/<name>": FILE,
}
FAULTY = "客户名称\t手机\t区域\t来源\n南通海星机床有限公司\t13800001234\t华东\t展会\n无锡滨湖电气\t1380000\t华东\t展会\n上海华辰精密制造\t\t火星\t网站\n"
SOUND = "客户名称\t区域\n{name} 阀门\t华东\n"
IMPORT, EXPORT = re.compile(r"/imports/\d+$"), re.compile(r"/exports/\d+$")
HOLDER = re.compile(r"\{[a-z]+(?:_\d)?\}")  # in an address: where an id comes


def rules_looked_at(rules: Map, addresses: Iterable[str]) -> set[str]:
    """Return the rules that addresses belong to. Fails for an address that nothing answers at."""
    places, found = rules.bind(""), set()
    for address in addresses:
        path = HOLDER.sub("1", address).partition("?")[0]
        try:
            rule, _ = places.match(path, method="GET", return_rule=True)
        except HTTPException as error:
            raise AssertionError(f"nothing answers at {path}") from error
        found.add(rule.rule)
    return found


def rules_to_read(rules: Map) -> set[str]:
    """Return all rules that something is read at."""
    return {one.rule for one in rules.iter_rules() if "GET" in (one.methods or ())}


def enter(page: Page, login: str, password: str) -> None:
    """Sign somebody in."""
    page.goto("/sign-in")
    page.fill("#login", login)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: url.endswith("/"))


def speak(page: Page, language: str) -> None:
    """Let the pages of whoever is signed in be in a language from now on."""
    page.evaluate(
        """(language) => fetch("/language", {method: "POST",
            body: new URLSearchParams({language, csrf_token: document.querySelector("meta[name=csrf]").content})})""",
        language,
    )


def made(page: Page) -> dict[str, str]:
    """Make by clicking, as an administrator, what some pages show: an export, an import with faults, one that is carried out, and an edit of
    the designer's that waits for its publication. Returns the ids that addresses speak of."""
    page.goto("/o/customer/export")
    page.click("main form button.primary")
    page.wait_for_url(EXPORT)
    found = {"export": page.url.rpartition("/")[2]}
    found["import"] = _paste(page, FAULTY)
    found["import_2"] = _paste(page, SOUND.format(name=token_hex(6).upper()))  # nobody's duplicate
    page.click("main form button.primary")
    page.wait_for_url("**/preview*")
    page.click('form[action$="/start"] button')
    page.wait_for_url(IMPORT)
    page.goto("/designer/objects/product")
    page.click('[data-type="money"] button')
    page.wait_for_selector("#dz-label-zh:focus")
    return found


def _paste(page: Page, rows: str) -> str:
    page.goto("/o/customer/import")
    page.fill("textarea", rows)
    page.click("main form button.primary")
    page.wait_for_url(IMPORT)
    return page.url.rpartition("/")[2]
