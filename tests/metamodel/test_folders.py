"""Pack folders and zips: what is read, what is refused, nothing outside ever touched."""

from __future__ import annotations

import os
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from metamodel.folders import pack_paths
from tests.metamodel.support import MINI, codes, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

A = "object: a\nfields: {name: {type: text}}\n"


def zipped(target: Path, files: dict[str, str | bytes], **flags: int) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = flags.get(name.replace("/", "_").replace(".", "_"), 0o100644) << 16
            archive.writestr(info, text)
    return target


PACK = {"pack.yaml": "pack: z\nversion: 1.0.0\n", "objects/a.yaml": A}


def test_a_zip_reads_like_its_folder(tmp_path: Path) -> None:
    files = {path.relative_to(MINI).as_posix(): path.read_bytes() for path in MINI.rglob("*") if path.is_file()}
    plain = read(MINI)
    assert read(zipped(tmp_path / "mini.zip", dict(files))).hash == plain.hash
    assert (
        read(zipped(tmp_path / "top.zip", {f"mini-1.0/{name}": data for name, data in files.items()})).hash
        == plain.hash
    )


@pytest.mark.parametrize(
    "name", ["../evil.yaml", "/etc/evil.yaml", "objects/../../evil.yaml", "C:/evil.yaml", "objects\\evil.yaml"]
)
def test_zip_slips(tmp_path: Path, name: str) -> None:
    found = read(zipped(tmp_path / "a.zip", {**PACK, name: A.replace("a", "b", 1)}))
    assert "UNSAFE_PATH" in codes(found.faults)
    assert found.model is None
    assert not (tmp_path.parent / "evil.yaml").exists()


def test_links_in_zips(tmp_path: Path) -> None:
    found = read(
        zipped(tmp_path / "a.zip", {**PACK, "objects/link.yaml": "/etc/passwd"}, objects_link_yaml=stat.S_IFLNK | 0o777)
    )
    assert codes(found.faults) == ["LINK"]


def test_zip_bombs(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "a.zip", {**PACK, "objects/bomb.yaml": b"a" * 300_000_000}))
    assert codes(found.faults) == ["FILE_TOO_LARGE"]


def test_a_file_twice_in_a_zip(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    with zipfile.ZipFile(zipped(target, PACK), "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("objects/a.yaml", A)
    assert codes(read(target).faults) == ["DUPLICATE_FILE"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_broken_zips(tmp_path: Path, data: bytes) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(data)
    assert codes(read(target).faults)[0] in {"BAD_ZIP", "NO_PACK"}


def test_a_zip_cut_short_or_changed_ends_in_faults(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", PACK).read_bytes()
    for at in range(0, len(whole), 7):
        target = tmp_path / "b.zip"
        target.write_bytes(whole[:at])
        assert read(target).faults.fatal
        target.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        read(target)


def test_links_in_folders_are_refused(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, {"objects/a.yaml": A})
    (pack / "objects" / "passwd.yaml").symlink_to("/etc/passwd")
    (pack / "loop").symlink_to(pack)
    assert codes(read(pack).faults) == ["LINK", "LINK"]


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, {"objects/a.yaml": A})
    os.mkfifo(pack / "objects" / "pipe.yaml")
    assert codes(read(pack).faults) == []


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/nowhere/at/all", "/etc/hostname", "/proc/self", "a\0b"])
def test_what_is_no_pack(path: str) -> None:
    from pathlib import Path as Real

    found = read(Real(path))
    assert codes(found.faults)[0] in {"NO_PACK", "NOT_FOUND"}


def test_demo_hidden_and_other_files_are_passed_over(tmp_path: Path) -> None:
    pack = write_pack(
        tmp_path,
        {
            "objects/a.yaml": A,
            "demo/a.yaml": "not: a definition",
            ".git/x.yaml": "a",
            "README.md": "#",
            "objects/.b.yaml": ":",
        },
    )
    assert codes(read(pack).faults) == []


def test_a_folder_of_packs(tmp_path: Path) -> None:
    write_pack(tmp_path, {}, "one")
    write_pack(tmp_path, {}, "two")
    assert [path.name for path in pack_paths(tmp_path)] == ["one", "two"]
    assert pack_paths(tmp_path / "one") == [tmp_path / "one"]
    assert pack_paths(tmp_path / "nowhere") == [tmp_path / "nowhere"]
