"""Fields of files, pictures, signatures and formatted text, as attackers and absent-minded people fill them, through every door."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from engine.files.exchange import MOST_LOOSE
from engine.files.expiring import expire
from engine.files.store import Store
from engine.files.telling import told_type
from tests.files.test_exchange import Door, make_door

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.application import App

SCRIPT = b"<script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>"


def drawn(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    """Return a picture."""
    made = io.BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(made, kind, **options)
    return made.getvalue()


def huge() -> bytes:
    """Return a small PNG that says it is very large."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100_000)), (b"IEND", b""))
    written = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def taken_at() -> bytes:
    """Return a photo that lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    picture = Image.new("RGB", (60, 30), (0, 0, 255))
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=b"secret words")
    return made.getvalue()


def packed(*names: str) -> bytes:
    """Return an archive of empty parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"")
    return made.getvalue()


def old_office(stream: str) -> bytes:
    """Return the head of an office document of the years before 2007."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head[30:32], head[48:52] = b"\x09\0", b"\0\0\0\0"
    entry = bytearray(128)
    name = (stream + "\0").encode("utf-16-le")
    entry[: len(name)], entry[64:66] = name, len(name).to_bytes(2, "little")
    return bytes(head) + bytes(entry) + bytes(384)


OFFICE = "application/vnd.openxmlformats-officedocument."
TOLD: dict[str, tuple[Callable[[], bytes], str]] = {
    "png": (drawn, "image/png"),
    "jpeg": (lambda: drawn("JPEG"), "image/jpeg"),
    "webp": (lambda: drawn("WEBP"), "image/webp"),
    "broken png": (lambda: drawn()[:40], "application/octet-stream"),
    "head of a png alone": (lambda: b"\x89PNG\r\n\x1a\n" + SCRIPT * 9, "application/octet-stream"),
    "picture that is too large": (huge, "application/octet-stream"),
    "svg": (lambda: SVG, "image/svg+xml"),
    "page": (lambda: b"<!DOCTYPE html>" + SCRIPT, "text/html"),
    "picture with a page behind it": (lambda: drawn("JPEG") + SCRIPT, "image/jpeg"),
    "picture with an archive behind it": (lambda: drawn() + packed("a"), "image/png"),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "image/heif"),
    "word": (lambda: packed("[Content_Types].xml", "word/document.xml"), OFFICE + "wordprocessingml.document"),
    "excel": (lambda: packed("[Content_Types].xml", "xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
    "archive": (lambda: packed("word/document.xml"), "application/zip"),
    "archive that is cut off": (lambda: packed("a" * 90)[:60], "application/zip"),
    "old word": (lambda: old_office("WordDocument"), "application/msword"),
    "old excel": (lambda: old_office("Workbook"), "application/vnd.ms-excel"),
    "old something": (lambda: old_office("x")[:300], "application/x-ole-storage"),
    "program": (lambda: b"MZ" + bytes(300), "application/octet-stream"),
    "text": (lambda: "名称,数量\n榫卯,2".encode("gb18030"), "text/plain"),
    "nothing": (lambda: b"", "text/plain"),
}


@pytest.mark.parametrize("name", TOLD)
def test_the_content_alone_tells_the_type(name: str, tmp_path: Path) -> None:
    make, told = TOLD[name]
    path = tmp_path / "picture.png"
    path.write_bytes(make())
    found = told_type(path.read_bytes()[:8192], path)
    assert found == told or (name == "broken png" and found == "image/png")  # decoding it is what shows that


def test_a_field_takes_what_it_is_for(app: App, tmp_path: Path) -> None:
    door = make_door(app, tmp_path)
    one = app.create("customer", {"name": "a"}, "rita")

    def named(field: str, body: bytes, name: str, by: str = "rita", record: int = one) -> tuple[int, str]:
        sent = door.send(by, body, name)
        if sent.status_code != 201:
            return sent.status_code, sent.get_json()["code"]
        answer = door.call("PATCH", f"/records/customer/{record}", by, json={field: sent.get_json()["id"]})
        said = answer.get_json()
        if answer.status_code == 422:
            early = door.send(by, body, name, **{"for": f"customer.{field}"})
            assert said["errors"][0]["field"] == field
            if said["code"] not in {"NOT_YOURS", "FILE_TAKEN"}:
                assert (early.status_code, early.get_json()["code"]) == (422, said["code"])
        return answer.status_code, said.get("code", "")

    cases = (
        ("paper", b"%PDF-1.7\n", "a.exe", 200, ""),
        ("paper", TOLD["word"][0](), "a.zip", 200, ""),
        ("paper", b"MZ" + bytes(300), "a.pdf", 422, "FILE_TYPE"),
        ("paper", b"", "a.pdf", 422, "EMPTY_FILE"),  # at once, whatever it is for
        ("photo", drawn(), "a.exe", 200, ""),
        ("photo", SVG, "a.png", 422, "FILE_TYPE"),
        ("photo", b"<!DOCTYPE html>" + SCRIPT, "a.jpg", 422, "FILE_TYPE"),
        ("photo", drawn()[:45], "a.png", 422, "FILE_TYPE"),
        ("photo", huge(), "a.png", 422, "FILE_TYPE"),
        ("photo", TOLD["heic"][0](), "a.heic", 422, "FILE_TYPE"),
        ("photo", b"", "a.png", 422, "EMPTY_FILE"),
        ("sign", drawn("JPEG"), "a.png", 422, "FILE_TYPE"),
        ("sign", drawn(), "a.png", 200, ""),
    )
    for field, body, name, status, code in cases:
        assert named(field, body, name) == (status, code), (field, name)
    heic = door.send("rita", TOLD["heic"][0](), "a.heic", **{"for": "customer.photo"}).get_json()
    assert "HEIC" in heic["detail"]
    for wrong in ("customer.name", "customer.secret_scan", "customer.nothing", "nothing.photo", "x", "own_files.name"):
        assert door.send("rita", drawn(), "a.png", **{"for": wrong}).get_json()["code"] == "UNKNOWN_FIELD"
    big = door.send("boss", b"%PDF-1.7\n" + bytes(150_000), "a.pdf").get_json()["id"]
    assert door.call("PATCH", f"/records/customer/{one}", "boss", json={"paper": big}).status_code == 200
    twice = door.send("rita", b"%PDF-1.7\n", "b.pdf").get_json()["id"]
    both = door.call("PATCH", f"/records/customer/{one}", "rita", json={"paper": twice, "scan": twice})
    assert (both.status_code, both.get_json()["code"]) == (422, "FILE_TAKEN")


def test_pictures_are_shown_as_copies_that_hold_nothing_else(app: App, tmp_path: Path) -> None:
    door = make_door(app, tmp_path)
    one = app.create("customer", {"name": "a"}, "rita")
    other = app.create("customer", {"name": "b"}, "rob")
    sent = door.send("rita", taken_at() + SCRIPT, "x.jpg").get_json()
    number = sent["id"]
    door.call("PATCH", f"/records/customer/{one}", "rita", json={"photo": number})
    for size, longest in (("small", 240), ("large", 1600)):
        got = door.call("GET", f"/files/{number}?thumbnail={size}", "rita")
        assert (got.status_code, got.content_type) == (200, "image/webp")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Security-Policy"].startswith("sandbox;")
        assert SCRIPT not in got.data
        assert b"secret" not in got.data
        copy = Image.open(io.BytesIO(got.data))
        copy.load()
        assert copy.width < copy.height <= longest  # upright
        assert not copy.getexif()
        again = door.call(
            "GET", f"/files/{number}?thumbnail={size}", "rita", headers={"If-None-Match": got.headers["ETag"]}
        )
        assert again.status_code == 304
    original = door.call("GET", f"/files/{number}", "rita")
    assert original.headers["Content-Disposition"].startswith("attachment")
    for by, status in (("rob", 404), ("", 401)):
        for method in ("GET", "HEAD"):
            assert door.call(method, f"/files/{number}?thumbnail=small", by).status_code == status
    for odd in ("huge", "../../x", "small.webp", "SMALL"):
        assert door.call("GET", f"/files/{number}?thumbnail={odd}", "rita").status_code == 400
    assert door.call("GET", f"/files/{number}?inline=true", "rita").status_code == 400
    page = door.send("rita", SVG, "x.png").get_json()["id"]
    assert door.call("GET", f"/files/{page}?thumbnail=small", "rita").status_code == 404
    face = door.send("boss", drawn(), "x.png").get_json()["id"]
    assert door.call("PATCH", f"/records/customer/{one}", "boss", json={"face": face}).status_code == 200
    assert door.call("GET", f"/files/{face}?thumbnail=small", "rita").status_code == 404  # a masked field's
    assert door.call("GET", f"/records/customer/{one}", "rita").get_json()["face"] not in {None, face}
    assert door.call("PATCH", f"/records/customer/{other}", "rob", json={"photo": number}).status_code == 422
    for path in [path for path in door.folder.rglob("*.small") if path.is_file()]:
        path.unlink()
    assert door.call("GET", f"/files/{number}?thumbnail=small", "rita").status_code == 200  # drawn again
    assert Store(door.folder).sweep(9e9, set) == 0


def test_a_signature_is_ones_own_and_stays_so(app: App, tmp_path: Path) -> None:
    door = make_door(app, tmp_path)
    one, two = (app.create("customer", {"name": name}, "rita") for name in "ab")
    mine = door.send("rita", drawn(), "陈国栋 2020-01-01 0900.png").get_json()["id"]
    assert door.call("PATCH", f"/records/customer/{one}", "boss", json={"sign": mine}).get_json()["code"] in {
        "NOT_YOURS",
        "DANGLING_LINK",
    }
    signed = door.call("PATCH", f"/records/customer/{one}", "rita", json={"sign": mine})
    assert signed.get_json()["sign"]["id"] == mine
    assert app.read("file", mine)["name"] == "rita 2026-01-05 0900.png"
    for by, values in (
        ("rita", {"name": "boss 2026-01-05 0900.png"}),
        ("rita", {"about": None}),
        ("boss", {"about": f"customer/{two}"}),
    ):
        answer = door.call("PATCH", f"/records/file/{mine}", by, json=values)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "RESTRICTED")
    assert door.call("PATCH", f"/records/customer/{two}", "rita", json={"sign": mine}).status_code == 422
    scan = door.send("rita", drawn(), "s.png").get_json()["id"]
    assert door.call("PATCH", f"/records/customer/{two}", "rita", json={"scan": scan}).status_code == 200
    assert door.call("PATCH", f"/records/customer/{two}", "rita", json={"sign": scan}).get_json()["code"] in {
        "NOT_YOURS",
        "FILE_TAKEN",
    }
    assert (
        door.call("PATCH", f"/records/customer/{one}", "boss", json={"name": "c"}).status_code == 200
    )  # others go on writing
    assert door.call("PATCH", f"/records/customer/{one}", "rita", json={"sign": None}).status_code == 200
    assert door.call("PATCH", f"/records/file/{mine}", "rita", json={"name": "boss.png"}).status_code == 409
    fresh = door.send("rita", drawn(), "s.png").get_json()["id"]
    rows = [{"name": name, "sign": fresh} for name in "xy"]
    answer = door.call("POST", "/records/customer/bulk", "rita", json={"create": rows})
    assert answer.status_code == 422


def test_formatted_text_by_every_door(app: App, tmp_path: Path) -> None:
    door = make_door(app, tmp_path)
    body = "<h1>榫卯</h1><p onclick=x()>结构 <b>稳</b>" + SCRIPT.decode() + "<img src=x onerror=alert(1)></p>"
    one = door.call("POST", "/records/customer", "rita", json={"name": "a", "story": body}).get_json()
    assert one["story"] == "<h2>榫卯</h2><p>结构 <strong>稳</strong></p>"
    assert one["length"] == 7

    def found(**query: str) -> list[dict[str, Any]]:
        return list(door.call("GET", "/records/customer", "rita", query_string=query).get_json()["items"])

    listed = found(filter='CONTAINS(story, "结构 稳")', fields="name,story")
    assert [row["story"] for row in listed] == [one["story"]]
    assert found(filter='CONTAINS(story, "strong")') == found(search="strong") == []
    assert len(found(search="榫卯")) == 1
    path = f"/records/customer/{one['id']}"
    same = door.call("PATCH", path, "rita", json={"story": one["story"]}).get_json()
    assert same["version"] == one["version"]
    bold = door.call("PATCH", path, "rita", json={"story": one["story"].replace("榫卯", "<u>榫卯</u>")}).get_json()
    assert bold["version"] == one["version"] + 1
    kept = door.call("GET", f"{path}/history", "rita").get_json()["items"][0]["changes"]["story"]
    assert [kept[side].count("<u>") for side in ("old", "new")] == [0, 1]
    for wrong, code in (
        ("<p>" + "x" * 201, "TOO_LONG"),
        (5, "WRONG_TYPE"),
        ({"html": "x"}, "WRONG_TYPE"),
        ("x" * 500_001, "TOO_LONG"),
    ):
        answer = door.call("PATCH", path, "rita", json={"story": wrong})
        assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, code)
    blank = door.call("PATCH", path, "rita", json={"story": "<p><br></p>"}).get_json()
    assert (blank["story"], blank["length"]) == (None, 0)
    assert [row["id"] for row in found(filter="ISBLANK(story)")] == [one["id"]]


def test_uploads_that_belong_to_nothing_go(app: App, tmp_path: Path) -> None:
    door = make_door(app, tmp_path)
    one = app.create("customer", {"name": "a"}, "rita")
    loose = door.send("rita", b"loose").get_json()["id"]
    kept = door.send("rita", b"kept", about=f"customer/{one}").get_json()["id"]
    assert app.run(lambda context: expire(context, 7)) == 0
    app.now += timedelta(days=8)
    assert app.run(lambda context: expire(context, 7)) == 1
    assert door.call("GET", f"/files/{loose}", "boss").status_code == 404
    assert door.call("GET", f"/files/{kept}", "rita").status_code == 200


def test_nobody_keeps_a_store_of_their_own_here(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.files.exchange.MOST_LOOSE", 2)
    door = make_door(app, tmp_path)
    one = app.create("customer", {"name": "a"}, "rita")
    assert MOST_LOOSE > 100
    assert [door.send("rita").status_code for _ in range(3)] == [201, 201, 429]
    assert door.send("rob").status_code == 201
    assert door.send("rita", about=f"customer/{one}").status_code == 201
    assert len(door.kept()) == 4


def test_the_scan_is_not_waited_for_for_ever(app: App, tmp_path: Path) -> None:
    script = tmp_path / "scan"
    script.write_text("#!/bin/sh\nexec sleep 30\n")
    script.chmod(0o700)
    door: Door = make_door(app, tmp_path, str(script), scan_seconds=1)
    answer = door.send("rita")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "SCAN_UNAVAILABLE")
    assert door.kept() == []


def detailed(kind: str, turn: int = 6) -> bytes:
    """Return a picture that says all that pictures say: a place, a camera, words, a thumbnail of what was cut off, something behind it."""
    exif, about, profile = Image.Exif(), PngInfo(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif[0x0112], exif[0x010F] = turn, "SECRET camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    about.add_text("Comment", "SECRET words")
    about.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SECRET</x:xmpmeta>", zip=False)
    picture = Image.effect_mandelbrot((90, 60), (-2, -1, 1, 1), 50).convert("RGB")
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile}
    made = io.BytesIO()
    if kind == "PNG":
        picture.save(made, kind, pnginfo=about, **options)
    else:
        picture.save(made, "JPEG" if kind == "progressive" else kind, xmp=b"<x>SECRET</x>", **options)
    if kind in {"JPEG", "progressive"}:
        again = io.BytesIO()
        Image.open(made).save(
            again, "JPEG", quality="keep", comment=b"SECRET", progressive=kind == "progressive", **options
        )
        thumbnail = b"\xff\xe0\x00\x1bJFXX\0\x10SECRETSECRETSECRET\0" + b"\xff\xed\x00\x0aSECRET!!"
        return again.getvalue()[:2] + thumbnail + again.getvalue()[2:] + b"SECRET \xff\xd8\xff"
    return made.getvalue() + b"SECRET"


def test_a_picture_keeps_what_is_seen_and_nothing_else(app: App, tmp_path: Path) -> None:
    door = make_door(app, tmp_path)
    for kind, turn in itertools.product(("JPEG", "progressive", "PNG", "WEBP"), (1, 6)):
        sent = detailed(kind, turn)
        row = door.send("rita", sent, "x.jpg").get_json()
        got = door.call("GET", f"/files/{row['id']}", "rita").data
        assert row["size"] == len(got) < len(sent)
        for secret in (b"SECRET", b"GPS", b"camera", b"xmp"):
            assert secret not in got
        before, after = Image.open(io.BytesIO(sent)), Image.open(io.BytesIO(got))
        assert after.tobytes() == before.tobytes()
        assert dict(after.getexif()) == ({0x0112: 6} if turn == 6 else {})
        assert (after.info.get("icc_profile"), after.size) == (before.info["icc_profile"], before.size)
        small = Image.open(io.BytesIO(door.call("GET", f"/files/{row['id']}?thumbnail=small", "rita").data))
        assert (small.width < small.height) == (turn == 6)
    assert len(door.kept()) == 8 * 3 + 1  # eight pictures with two copies each, and the lock
    for odd in (b"\xff\xd8\xff notes", b"\x89PNG\r\n\x1a\nnotes", b"RIFF\x10\0\0\0WEBPnotes", b"\xff\xd8\xff" * 9):
        number = door.send("rita", odd, "x.jpg").get_json()["id"]  # what only begins like a picture
        assert door.call("GET", f"/files/{number}", "rita").data == odd
