"""An application that has something to guard on every door: one object with scopes of every kind, a hidden and a masked field, and a process,
an approval, a button, figures, boards, files and comments about it. Attacks on the API and on the pages share it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask

from designer.pages import make_area as make_designer
from engine.api import Service
from engine.api import make_blueprint as make_api
from engine.config import Config
from engine.people.sessions import open_session
from engine.people.tokens import issue_token
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint as make_pages
from engine.screens.render import Renderer
from engine.screens.responses import is_token
from engine.screens.site import Site
from metamodel.definitions.roles import ACTS as NAMED
from tests.application import App, compile_packs, make_app, write_pack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from werkzeug.test import TestResponse

    from engine.runtime import AppRuntime

SECRET, NEAR = (
    "98765432",
    "13877776666",
)  # digits of the hidden sum and of the masked number, whatever stands between them
HIDDEN, MASKED = "covert", "mobile"
SCOPES = ("own", "reports", "department", "department_tree", "team", "pool", "all", "where", "none")
ACTS = ("update", "delete", "transfer", "export")
WHERE = {"read", *ACTS}  # acts that take a scope

FILES: dict[str, str] = {
    "objects/deal.yaml": """
        object: deal
        label: {zh: 交易, en: Deal}
        title: name
        owner: owner
        fields:
          name: {type: text, required: true, search: true, unique: true}
          covert: {type: money, label: {zh: 秘密, en: Covert}, unique: true}
          mobile: {type: text, search: true, unique: true, label: {zh: 手机, en: Mobile}}
          twice: {type: formula, value: covert * 2, label: {zh: 加倍, en: Twice}}
          big: {type: formula, value: 'IF(covert > 100, "much", "little")', label: {zh: 大小, en: Size}}
          amount: {type: money}
          paper: {type: file, label: {zh: 密件, en: Paper}}
          region: {type: choice, choices: {north: 北, south: 南}}
          stage: {type: state, process: deal_stages}
          owner: {type: user, default: =me}
          visited: {type: rollup, value: COUNT(visits)}
        required_when: {amount: covert > 99999999}
        checks:
          kept: {require: 'ISBLANK(covert) or covert >= 0', field: covert, message: {zh: 不能为负, en: not below nought}}
        pool: {claim: {roles: [seller]}}
        team: {roles: {helper: {fields: {region: edit, owner: edit, stage: edit}}}}
        edit_lock: {timeout: 10m, break: [seller]}
        views:
          all: {columns: [name, mobile, covert, twice, amount], sort: [-covert], totals: {covert: sum, amount: sum}}
          board: {as: kanban, by: stage, card: [covert, mobile, amount]}
        """,
    "objects/visit.yaml": """
        object: visit
        label: {zh: 拜访, en: Visit}
        title: note
        fields:
          note: {type: text, required: true}
          deal: {type: link, to: deal, required: true, on_delete: cascade}
        """,
    "processes/deal_stages.yaml": """
        process: deal_stages
        object: deal
        field: stage
        start: open_
        states:
          open_: {label: {zh: 进行, en: Running}, steps: {known: {label: {zh: 资料, en: Known}, fields: [covert]}}}
          won: {label: {zh: 成交, en: Won}, final: won}
          lost: {label: {zh: 丢单, en: Lost}, final: lost}
        transitions:
          win: {from: open_, to: won, requires: [covert], roles: [seller]}
          lose: {from: open_, to: lost, steps: not_needed}
          shut: {from: open_, to: lost, requires: [covert], steps: not_needed}
          back: {from: lost, to: open_, steps: not_needed}
        """,
    "approvals/check.yaml": """
        approval: check
        object: deal
        starts: {at: submit}
        else: approve
        steps:
          one: {approvers: {role: clerk}, fields: {show: [name, covert, mobile, amount]}}
        """,
    "automations/push.yaml": """
        automation: push
        object: deal
        trigger: {button: {label: {zh: 推动, en: Push}}}
        do: {mark: {set: {region: south}}}
        """,
    "metrics/deals.yaml": "metric: deals\nobject: deal\nvalue: COUNT(rows)\nat: created_at\n",
    "metrics/secret.yaml": "metric: secret\nobject: deal\nvalue: SUM(rows.covert)\nat: created_at\n",
    "dashboards/all.yaml": """
        dashboard: all
        filters: [period, region, covert]
        widgets:
          count: {show: number, metric: deals}
          secret: {show: number, metric: secret}
          best: {show: leaderboard, metric: deals, by: owner}
          worst: {show: leaderboard, metric: secret, by: owner}
          list: {show: table, view: deal.all}
        """,
    "reports/all.yaml": "report: all\nobject: deal\nrows: [region]\nmeasures: {deals: COUNT(rows)}\nchart: bar\n",
    "roles/seller.yaml": """
        role: seller
        objects:
          user: {read: all}
          department: {read: all}
          deal: {read: all, create: true, update: all, delete: all, transfer: all, export: all, import: true}
          visit: {read: all, create: true, update: all, delete: all}
        """,
    "roles/clerk.yaml": """
        role: clerk
        objects:
          user: {read: all}
          department: {read: all}
          deal: {read: all, create: true, update: all, delete: all, transfer: all, export: all, import: true}
          visit: {read: all, create: true, update: all, delete: all}
        fields: {deal.covert: hidden, deal.mobile: masked, deal.twice: hidden, deal.paper: hidden}
        """,
    "roles/reader.yaml": "role: reader\nobjects: {user: {read: all}, deal: {read: all}}\n",
}


def _scope(name: str) -> str:
    return "[{where: amount > 50}]" if name == "where" else name


def _roles() -> dict[str, str]:
    found = {}
    for scope in SCOPES:
        said = _scope(scope)
        found[f"roles/sees_{scope}.yaml"] = (
            f"role: sees_{scope}\nobjects: {{user: {{read: all}}, deal: {{read: {said}, update: all}}, visit: {{read: all, create: true}}}}\n"
        )
        acts = ", ".join(f"{act}: {said}" for act in ACTS)
        found[f"roles/does_{scope}.yaml"] = (
            f"role: does_{scope}\nobjects: {{user: {{read: all}}, deal: {{read: all, {acts}}}}}\n"
        )
    for act in NAMED:
        granted = ", ".join(f"{one}: {'all' if one in WHERE else 'true'}" for one in NAMED if one != act)
        found[f"roles/lacks_{act}.yaml"] = f"role: lacks_{act}\nobjects: {{user: {{read: all}}, deal: {{{granted}}}}}\n"
    return found


def compile_guarded(folder: Path) -> AppRuntime:
    """Return the pack compiled."""
    return compile_packs(write_pack(folder, "guarded", FILES | _roles()))


# Whose deals a viewer (ann, of the department east, above bob and cyd) reads by each scope.
OWNERS = {"ann's": "ann", "bob's": "bob", "cyd's": "cyd", "dan's": "dan", "eve's": "eve", "team": "eve", "pool": ""}
WITHIN = {
    "own": {"ann's"},
    "reports": {"ann's", "bob's", "cyd's"},
    "department": {"ann's", "bob's", "dan's"},
    "department_tree": {"ann's", "bob's", "dan's", "cyd's"},
    "team": {"team"},
    "pool": {"pool"},
    "all": set(OWNERS),
    "where": {"dan's", "eve's"},
    "none": set(),
}


@dataclass
class Tab:
    """A client that keeps cookies and has a CSRF token. ``secret``: of a session that runs."""

    site: Flask
    secret: str = ""

    def __post_init__(self) -> None:
        self.client = self.site.test_client()
        page = self.get("/sign-in").get_data(as_text=True)
        found = re.search(r'<meta name="csrf" content="([^"]+)"', page)
        assert found
        self.token = found[1]
        if self.secret:
            self.client.set_cookie("tenon_session", self.secret)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers={"Accept-Encoding": "identity", **headers}, buffered=True)

    def post(self, path: str, data: Mapping[str, Any], token: str | None = None, **headers: str) -> TestResponse:
        """Send a form with the token, or another one."""
        sent = {"csrf_token": self.token if token is None else token, **data}
        return self.client.post(path, data=sent, headers={"Accept-Encoding": "identity", **headers}, buffered=True)


@dataclass
class Guarded:
    """The application with people, deals, and doors: ``api`` by token and ``page`` by session. ``deals``: name → id."""

    app: App
    site: Flask
    deals: dict[str, int]
    tokens: dict[str, str]
    sessions: dict[str, str]

    def api(self, who: str, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        """Send a request to the API."""
        sent = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {self.tokens[who]}"} if who else {})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        options: dict[str, Any] = {} if body is None else {"json": body}
        return self.site.test_client(use_cookies=False).open(
            f"/api/v1{path}", method=method, headers=sent, buffered=True, **options
        )

    def page(
        self, who: str, path: str, method: str = "GET", data: Mapping[str, Any] | None = None, **headers: str
    ) -> TestResponse:
        """Open a page."""
        sent = {"Accept-Encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if who:
            sent["Cookie"] = f"tenon_session={self.sessions[who]}"
        return self.site.test_client(use_cookies=False).open(
            path, method=method, data=data, headers=sent, buffered=True
        )

    def tab(self, who: str = "") -> Tab:
        """Return a browser's tab with the CSRF token of its session, signed in as somebody."""
        return Tab(self.site, self.sessions[who] if who else "")

    def be(self, who: str, *roles: str) -> None:
        """Give somebody exactly these roles."""
        number = self.app.people[who].id
        with self.app.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM tenon.user_role WHERE user_id = :id"), {"id": number})
            for role in roles:
                connection.execute(
                    sa.text("INSERT INTO tenon.user_role (user_id, role, granted_at) VALUES (:id, :role, :now)"),
                    {"id": number, "role": role, "now": self.app.now},
                )
        self.app.people[who] = replace(self.app.people[who], roles=frozenset(roles))

    def sql(self, text: str, **values: Any) -> list[Any]:
        """Run a statement past the doors."""
        with self.app.engine.begin() as connection:
            result = connection.execute(sa.text(text), values)
            return list(result) if result.returns_rows else []


def make_guarded(url: str, runtime: AppRuntime, home: Path) -> Guarded:
    """Make the application in the empty database at ``url``. The caller disposes of ``app.engine``."""
    app = make_app(url, runtime)
    hq = app.create("department", {"name": "hq"})
    east, west = (app.create("department", {"name": name, "part_of": hq}) for name in ("east", "west"))
    city = app.create("department", {"name": "city", "part_of": east})
    app.person("boss", "admin", department=hq)
    app.person("ann", department=east)
    app.person("bob", department=east, manager="ann")
    app.person("cyd", department=city, manager="bob")
    app.person("dan", department=east)
    app.person("eve", department=west)
    app.person("sal", "seller")
    app.person("clara", "clerk")
    app.person("rea", "reader")
    app.person("nil")
    deals = {}
    for place, (name, owner) in enumerate(OWNERS.items()):
        values = {
            "name": name,
            "owner": app.people[owner].id if owner else None,
            "amount": 100 if name in WITHIN["where"] else 1,
            "covert": None if place else f"{SECRET[:-1]}.{SECRET[-1]}",
            "mobile": None if place else NEAR,
            "region": "north",
        }
        deals[name] = app.create("deal", values)
    config = Config(home=home)
    areas = (*own_areas(), make_designer())
    site = Flask("guarded", static_folder=None, template_folder=None)
    site.secret_key = "only-for-tests" * 4
    site.register_blueprint(make_api(Service(app.engine, config, lambda: app.runtime, lambda: app.now, csrf=is_token)))
    pages = Site(app.engine, config, lambda: app.runtime, Renderer(areas=areas), lambda: app.now, areas)
    site.register_blueprint(make_pages(pages))
    with app.engine.begin() as connection:
        tokens = {name: issue_token(connection, one.id or 0, app.now) for name, one in app.people.items()}
        sessions = {name: open_session(connection, one.id or 0, app.now, hours=100) for name, one in app.people.items()}
        connection.execute(
            sa.text(
                "INSERT INTO tenon.team_member (object, record_id, role, user_id, added_at) "
                "VALUES ('deal', :deal, 'helper', :ann, :now)"
            ),
            {"deal": deals["team"], "ann": app.people["ann"].id, "now": app.now},
        )
    return Guarded(app, site, deals, tokens, sessions)
