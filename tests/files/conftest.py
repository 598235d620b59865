"""A small application in which everything can have files and comments, and people of several roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.application import App, Applications, compile_packs, write_pack

if TYPE_CHECKING:
    from engine.runtime import AppRuntime

PACK = {
    "objects/customer.yaml": """
        object: customer
        owner: owner
        fields:
          name: {type: text, required: true}
          owner: {type: user, default: =me}
          stage: {type: choice, choices: {open: 开放, won: 成交}, default: open}
          scan: {type: file}
          secret_scan: {type: file}
          paper: {type: file, accept: [pdf, word], largest: 1}
          photo: {type: image}
          face: {type: image}
          sign: {type: signature}
          story: {type: rich_text, max: 200, search: true}
          length: {type: formula, value: LEN(story)}
          minutes: {type: formula, value: 'COUNT(files, tag = "minutes")'}
          said: {type: rollup, value: COUNT(comments)}
        checks:
          proven: {require: 'stage <> "won" or COUNT(files, tag = "minutes") > 0', field: stage, message: {zh: 缺纪要, en: Minutes missing}}
        form: {tabs: {main: {sections: {head: {fields: [name, owner, stage, scan, secret_scan, photo, sign, story]}}}}}
        """,
    "objects/own_files.yaml": """
        object: own_files
        fields:
          name: {type: text}
          files: {type: text}
        """,
    "roles/rep.yaml": """
        role: rep
        label: {zh: 销售, en: Rep}
        objects:
          customer: {read: own, create: true, update: own, delete: own}
        fields: {customer.secret_scan: hidden, customer.face: masked}
        """,
    "roles/reader.yaml": """
        role: reader
        label: {zh: 只读, en: Reader}
        objects:
          customer: {read: all}
        """,
}


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> AppRuntime:
    """The application, compiled."""
    pack = write_pack(
        tmp_path_factory.mktemp("pack"),
        "shop",
        {"pack.yaml": "pack: shop\nversion: 1.0.0\nrequires: {base: '>=1'}\n", **PACK},
    )
    return compile_packs(pack)


def fill(made: App) -> None:
    """Put its people into the application."""
    made.person("boss", "admin")
    made.person("rita", "rep")
    made.person("rob", "rep")
    made.person("vera", "reader")


@pytest.fixture
def app(applications: Applications, runtime: AppRuntime) -> App:
    """The application in an empty database, with rita and rob (rep), vera (reader) and an administrator."""
    return applications(runtime, fill)
