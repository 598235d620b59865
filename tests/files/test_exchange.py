"""Files through the API: sent, kept, got back, and what attackers send."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from engine.api import Service, make_blueprint
from engine.config import Config
from engine.config.sections import Files
from engine.files.exchange import held_keys
from engine.files.naming import clean_name
from engine.files.store import Store
from engine.people.tokens import issue_token
from engine.storage.database import in_transaction

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.application import App

LARGEST = 200_000


@dataclass
class Door:
    """The API of an application, by somebody."""

    app: App
    flask: Flask
    folder: Path
    tokens: dict[str, str]

    def call(self, method: str, path: str, by: str, **options: Any) -> TestResponse:
        """Send a request."""
        headers = {"Authorization": f"Bearer {self.tokens[by]}"} if by else {}
        return self.flask.test_client(use_cookies=False).open(
            f"/api/v1{path}", method=method, headers=headers | options.pop("headers", {}), buffered=True, **options
        )

    def send(
        self, by: str, body: bytes = b"hello", name: str = "a.txt", sent_type: str = "", **fields: str
    ) -> TestResponse:
        """Send a file."""
        data = {"file": (io.BytesIO(body), name, sent_type or None), **fields}
        return self.call("POST", "/files", by, data=data, content_type="multipart/form-data")

    def kept(self) -> list[str]:
        """Return every file in the store."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def door(app: App, tmp_path: Path) -> Door:
    """The API over the application."""
    return make_door(app, tmp_path)


def make_door(app: App, home: Path, scan: str = "", scan_seconds: int = 60) -> Door:
    """Return the API with a store below ``home``."""
    config = Config(home=home, files=Files(largest=LARGEST, scan=scan, scan_seconds=scan_seconds))
    flask = Flask(__name__)
    flask.register_blueprint(
        make_blueprint(Service(app.engine, config, lambda: app.runtime, lambda: app.now))  # type: ignore[arg-type]
    )
    with app.engine.begin() as connection:
        tokens = {login: issue_token(connection, who.id or 0, app.now) for login, who in app.people.items()}
    return Door(app, flask, config.files_folder, tokens)


def test_what_is_sent_comes_back(door: Door) -> None:
    one = door.app.create("customer", {"name": "a"}, "rita")
    sent = door.send("rita", "纪要".encode(), "会议 纪要.txt", about=f"customer/{one}", tag="minutes")
    assert sent.status_code == 201, sent.text
    assert sent.json is not None
    row = sent.json
    assert (row["name"], row["size"], row["type"], row["tag"]) == ("会议 纪要.txt", 6, "text/plain", "minutes")
    assert row["about"] == {"object": "customer", "id": one}
    got = door.call("GET", f"/files/{row['id']}", "rita")
    assert got.data == "纪要".encode()
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox;")
    again = door.call("GET", f"/files/{row['id']}", "rita", headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304
    part = door.call("GET", f"/files/{row['id']}", "rita", headers={"Range": "bytes=3-"})
    assert (part.status_code, part.data) == (206, "要".encode())
    assert door.app.read("customer", one)["minutes"] == 1


@pytest.mark.parametrize("said", ["text/html;image/png", "image/png; text/html", "x\r\nX-Evil: 1", "../../etc"])
def test_what_the_sender_says_of_the_type_counts_for_nothing(door: Door, said: str) -> None:
    row = door.send("rita", b"<!DOCTYPE html><script>1</script>", "a.html", said.replace("\r\n", "%0d%0a")).get_json()
    assert row["type"] == "text/html"
    got = door.call("GET", f"/files/{row['id']}", "rita")
    assert got.content_type == "application/octet-stream"
    assert "X-Evil" not in got.headers


PICTURE = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
)


@pytest.mark.parametrize("name", ["logo.svg", "logo.png", "logo.svg.html", "logo.xml"])
@pytest.mark.parametrize("said", ["image/svg+xml", "image/png"])
def test_a_picture_that_holds_a_script_is_only_ever_saved(door: Door, name: str, said: str) -> None:
    one = door.app.create("customer", {"name": "a"}, "rita")
    row = door.send("rita", PICTURE, name, said, about=f"customer/{one}").get_json()
    for query in ("", "?inline=1", "?download=0", "?type=image/svg%2Bxml"):
        got = door.call("GET", f"/files/{row['id']}{query}", "rita", headers={"Accept": "image/svg+xml"})
        if got.status_code == 400:
            continue  # nothing to ask for in that way
        assert got.data == PICTURE
        assert got.content_type == "application/octet-stream"
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("/abs/olute.txt", "olute.txt"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("con.txt", "_con.txt"),
        ("<b>x</b>.txt", "b_.txt"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_no_path(door: Door, given: str, kept: str) -> None:
    answer = door.send("rita", b"x", given)
    assert answer.get_json()["name"] == kept
    assert len(door.kept()) == 1
    key = door.kept()[0].rpartition("/")[2]
    assert len(key) == 32
    assert int(key, 16)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("..\\..\\windows\\cmd.exe", "cmd.exe"), ("\ud800.txt", "?.txt".replace("?", "_")), ("a\r\nb\0.txt", "ab.txt")],
)
def test_what_no_form_carries_is_cleaned_as_well(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_too_large_is_refused_and_nothing_stays(door: Door) -> None:
    assert door.send("rita", b"x" * LARGEST).status_code == 201
    kept = door.kept()
    answer = door.send("rita", b"x" * (LARGEST + 1))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "TOO_LARGE")
    huge = b"x" * (LARGEST + 2**20 + 1)
    assert (
        door.call("POST", "/files", "rita", data=huge, content_type="multipart/form-data; boundary=b").status_code
        == 413
    )
    assert door.kept() == kept


def test_an_archive_is_never_unpacked(door: Door) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../evil", b"0" * 2_000_000)
    answer = door.send("rita", packed.getvalue(), "bomb.zip")
    assert answer.get_json()["type"] == "application/zip"
    assert len(door.kept()) == 1


def test_others_files_are_not_there(door: Door) -> None:
    hers = door.app.create("customer", {"name": "a"}, "rita")
    loose, fast = (
        door.send("rita").get_json()["id"],
        door.send("rita", about=f"customer/{hers}").get_json()["id"],
    )
    for number in (loose, fast, 10**6):
        assert door.call("GET", f"/files/{number}", "rob").status_code == 404
        assert door.call("HEAD", f"/files/{number}", "rob").status_code == 404
        assert door.call("GET", f"/files/{number}", "").status_code == 401
    assert door.call("GET", f"/files/{loose}", "vera").status_code == 404
    assert door.call("GET", f"/files/{fast}", "vera").status_code == 200
    for odd in ("0", "-1", "1e3", "../1", "１", "9" * 30):
        assert door.call("GET", f"/files/{odd}", "rita").status_code == 404
    his = door.app.create("customer", {"name": "b"}, "rob")
    for values in ({"scan": loose}, {"scan": fast}):
        assert door.call("PATCH", f"/records/customer/{his}", "rob", json=values).status_code == 422
    assert door.send("rob", about=f"customer/{hers}").status_code == 422
    assert door.send("vera", about=f"customer/{hers}").status_code == 403
    assert door.send("").status_code == 401
    assert len(door.kept()) == 2


def test_a_file_named_in_a_field_becomes_the_records(door: Door) -> None:
    one, two = (door.app.create("customer", {"name": name}, "rita") for name in "ab")
    number = door.send("rita", name="scan.pdf").get_json()["id"]
    answer = door.call("PATCH", f"/records/customer/{one}", "rita", json={"scan": number})
    assert answer.get_json()["scan"] == {"id": number, "label": "scan.pdf"}
    row = door.app.read("file", number)
    assert (row["about"], row["field"]) == (f"customer/{one}", "scan")
    assert door.call("GET", f"/files/{number}", "vera").status_code == 200
    other = door.call("PATCH", f"/records/customer/{two}", "rita", json={"scan": number})
    assert (other.status_code, other.get_json()["code"]) == (422, "FILE_TAKEN")
    assert door.call("DELETE", f"/records/file/{number}", "rita").status_code == 409
    assert door.call("PATCH", f"/records/customer/{one}", "rita", json={"scan": None}).status_code == 200
    assert door.call("DELETE", f"/records/file/{number}", "rita").status_code == 204
    assert door.call("GET", f"/files/{number}", "rita").status_code == 404


def test_a_file_in_a_hidden_field_is_not_got_by_its_number(door: Door) -> None:
    one = door.app.create("customer", {"name": "a"}, "rita")
    number = door.send("boss").get_json()["id"]
    assert door.call("PATCH", f"/records/customer/{one}", "boss", json={"secret_scan": number}).status_code == 200
    assert door.call("GET", f"/files/{number}", "rita").status_code == 404
    assert door.call("GET", f"/files/{number}", "vera").status_code == 200


def test_nobody_writes_where_a_content_lies(door: Door) -> None:
    number = door.send("rita").get_json()["id"]
    for values in (
        {"key": "../../etc/passwd"},
        {"path": "/etc/passwd"},
        {"type": "text/html"},
        {"size": 0},
        {"field": "scan"},
    ):
        assert door.call("PATCH", f"/records/file/{number}", "boss", json=values).status_code == 422
    assert door.call("POST", "/records/file", "boss", json={"name": "x"}).status_code == 403


def test_a_malformed_upload_leaves_nothing(door: Door) -> None:
    for data in (
        {},
        {"file": "text"},
        {"other": (io.BytesIO(b"x"), "a")},
        {"file": (io.BytesIO(b"x"), "a"), "path": "x"},
    ):
        assert door.call("POST", "/files", "rita", data=data, content_type="multipart/form-data").status_code in {
            415,
            422,
        }
    assert door.call("POST", "/files", "rita", json={"file": "x"}).status_code == 415
    assert door.send("rita", about="customer/99").status_code == 422
    assert door.send("rita", tag="x" * 61).status_code == 422
    assert door.kept() == []


def test_the_scan_decides(app: App, tmp_path: Path) -> None:
    for code, status in ((0, 201), (1, 422), (2, 503)):
        script = tmp_path / f"scan{code}"
        script.write_text(f'#!/bin/sh\ntest -s "$1" || exit 9\nexit {code}\n')
        script.chmod(0o700)
        door = make_door(app, tmp_path / f"home{code}", str(script))
        assert door.send("rita").status_code == status
        assert len(door.kept()) == (status == 201)
    door = make_door(app, tmp_path / "homeless", "/no/such/scanner")
    assert door.send("rita").status_code == 503
    assert door.kept() == []


def test_what_no_record_holds_is_swept_away(door: Door) -> None:
    number = door.send("rita").get_json()["id"]
    store = Store(door.folder)
    lost = store.receive(io.BytesIO(b"lost"), 10)
    store.keep(store.receive(io.BytesIO(b"lost too"), 10))
    gone = store.sweep(
        2e9, lambda keys: in_transaction(door.app.engine, lambda connection: held_keys(connection, keys))
    )
    assert gone == 2
    assert not lost.path.exists()
    assert door.call("GET", f"/files/{number}", "rita").status_code == 200
    for path in door.folder.rglob("?" * 32):
        path.unlink()
    assert door.call("GET", f"/files/{number}", "rita").status_code == 410
