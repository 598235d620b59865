"""What the designer's tests stand on: packs published for real, a process that follows the version in force, people, and the pages."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask

from app import PACKS, create_kinds
from designer.pages import make_area
from engine.config import Config
from engine.context import SYSTEM, Context
from engine.live import Live
from engine.people.credentials import set_password
from engine.people.roles import grant_roles
from engine.publishing.install import install_packs
from engine.publishing.press import Press
from engine.publishing.publish import publish
from engine.records import commands
from engine.screens.area import own_areas
from engine.screens.blueprint import make_blueprint
from engine.screens.build import build
from engine.screens.render import Renderer
from engine.screens.site import Site
from engine.storage.database import create_engine, in_transaction
from engine.storage.history import ensure_partitions
from tests.screens.ground import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

OBJECT = """\
object: deal
label: {zh: 商机, en: Deal}
title: name
owner: owner
fields:
  name: {type: text, label: {zh: 名称, en: Name}, required: true}
  amount: {type: money, label: {zh: 金额, en: Amount}}
  stage: {type: choice, label: {zh: 阶段, en: Stage}, choices: {lead: {label: 线索}, won: {label: 成交}}}
  owner: {type: user, label: {zh: 负责人, en: Owner}, default: =me}
visible_when: {amount: 'stage = "won"'}
form:
  tabs:
    main:
      label: {zh: 基本信息, en: Basics}
      sections:
        head: {label: {zh: 概况, en: Overview}, columns: 2, fields: [name, amount]}
        more: {columns: 1, fields: [stage, owner]}
views:
  all: {columns: [name, amount, stage], filter: amount > 0, sort: [-amount]}
"""
PROCESS = """\
process: handling
object: deal
field: status
start: fresh
states:
  fresh: {label: {zh: 新建, en: New}}
  done: {label: {zh: 完成, en: Done}, final: won}
transitions:
  finish: {label: {zh: 完成, en: Finish}, from: fresh, to: done}
"""
PACK = "pack: shop\nlabel: {zh: 商店, en: Shop}\nversion: 1.0.0\nmenu:\n  work: {label: {zh: 工作, en: Work}, items: [deal]}\n"


@dataclass
class Studio:
    """An installation with its pages. ``clients`` hold their sessions."""

    engine: sa.Engine
    live: Live
    app: Flask
    press: Press
    ids: dict[str, int] = field(default_factory=dict)

    def run(self, work: Callable[[Context], Any]) -> Any:
        """Run something as the system on the version in force."""
        return in_transaction(
            self.engine, lambda connection: work(Context(SYSTEM, datetime.now(UTC), connection, self.live.current()))
        )

    def create(self, name: str, /, **values: object) -> int:
        """Make a record."""
        return int(self.run(lambda context: commands.create(context, name, [values]))[0].id)

    def person(self, login: str, *roles: str, language: str = "zh") -> int:
        """Make somebody who can sign in."""
        number = self.create("user", login=login, name=login.title(), language=language)

        def equip(context: Context) -> None:
            set_password(context.connection, number, PASSWORD, context.now)
            grant_roles(context.connection, number, roles, at=context.now)

        self.run(equip)
        self.ids[login] = number
        return number

    def value(self, statement: str) -> Any:
        """Return one value from behind the doors."""
        with self.engine.connect() as connection:
            return connection.execute(sa.text(statement)).scalar()

    def visitor(self, login: str) -> Visitor:
        """Sign somebody in."""
        client = self.app.test_client()
        visitor = Visitor(client, self)
        visitor.token = visitor.find_token("/sign-in")
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD, "csrf_token": visitor.token})
        assert answer.status_code == 303
        visitor.token = visitor.find_token("/")
        return visitor


@dataclass
class Visitor:
    """Somebody at their browser, without a browser."""

    client: FlaskClient
    studio: Studio
    token: str = ""

    def find_token(self, url: str) -> str:
        """Return the CSRF token that a page carries."""
        found = re.search(r'name="csrf" content="([^"]+)"', self.client.get(url).text)
        assert found is not None
        return found[1]

    def get(self, url: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.client.get(url)
        assert answer.status_code == status, answer.text[-600:]
        return answer.text

    def post(self, url: str, status: int = 303, **values: object) -> str:
        """Post a form; return what is answered."""
        answer = self.client.post(url, data={"csrf_token": self.token, **values})
        assert answer.status_code == status, (answer.status_code, answer.text[-300:])
        return answer.text

    def do(self, act: str, status: int = 303, object_name: str = "deal", **values: object) -> str:
        """Do something on an object's page."""
        return self.post(f"/designer/objects/{object_name}/do", status, act=act, **values)

    def publish(self) -> str:
        """Publish the draft and wait; return how it ended."""
        self.post("/designer/publish")
        for _ in range(1200):
            state = re.search(r'data-state="(\w+)"', self.get("/designer/publish/state"))
            assert state is not None
            if state[1] != "running":
                time.sleep(0.2)
                self.studio.live.current()
                return state[1]
            time.sleep(0.1)
        raise AssertionError("publishing did not end")


def files_of(studio: Studio) -> dict[str, str]:
    """Return the draft's files."""
    with studio.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT content FROM tenon.draft WHERE kind = 'site'")).first()
    return dict(row.content["files"]) if row is not None else {}


def make_studio(url: str, home: Path, *packs: Path) -> Studio:
    """Publish packs into an installation with system tables, and serve its pages in this process."""
    build()
    kinds = create_kinds()
    engine = create_engine(url, pool_size=10, overflow=10)
    press = Press(engine, kinds, patience=60)
    try:
        outcome = publish(press, install_packs(kinds, packs, [PACKS]))
        assert outcome.version == 1, [(one.mark, one.message.en) for one in outcome.read.faults]
    except BaseException:
        engine.dispose()
        raise
    with engine.begin() as connection:
        ensure_partitions(connection, datetime.now(UTC))
    live = Live(engine, kinds, "web")
    areas = (*own_areas(), make_area(engine))
    site = Site(engine, Config(home=home), live.current, Renderer(areas=areas), areas=areas)
    application = Flask("tenon-test", static_folder=None, template_folder=None)
    application.secret_key = "only-for-tests" * 4
    application.testing = True  # what nobody foresaw is raised
    application.register_blueprint(make_blueprint(site))
    return Studio(engine, live, application, press)
