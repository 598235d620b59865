"""The files of a pack, from a folder or a zip: read into memory within limits, nothing outside the pack ever touched."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from metamodel.faults import Mark
from metamodel.source import LARGEST
from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metamodel.faults import Faults

MOST_FILES = 20_000
MOST_BYTES = 200_000_000  # of all definition files of a pack, unpacked
SUFFIXES = (".yaml", ".yml", ".json")
PACK_FILES = ("pack.yaml", "pack.yml", "pack.json")
DATA_FOLDERS = ("demo", "imports", "templates")  # what lies there is not read as definitions


@dataclass(slots=True)
class PackFiles:
    """The definition files of one pack: path inside the pack (``objects/quote.yaml``) → bytes. ``shown`` is put before a path in faults."""

    shown: str
    files: dict[str, bytes] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)  # top folder → one file in it, for faults

    def name(self, path: str) -> str:
        """Return the file name that faults show."""
        return f"{self.shown}/{path}"


def holds_pack(folder: Path) -> bool:
    """Whether a folder is that of a pack."""
    return any((folder / name).is_file() for name in PACK_FILES)


def pack_paths(path: Path) -> list[Path]:
    """Return the packs that ``path`` means: itself, or the packs in it where it is a folder of packs."""
    try:
        if not path.is_dir() or any((path / name).exists() for name in PACK_FILES):
            return [path]
        inside = sorted(child for child in path.iterdir() if holds_pack(child))
    except (OSError, ValueError):
        return [path]
    return inside or [path]


def pack_around(path: Path) -> Path | None:
    """Return the folder of the pack that a file or folder lies in; None where it lies in none."""
    try:
        for folder in Path(os.path.abspath(path)).parents:  # noqa: PTH100 - a link's target may lie elsewhere
            if holds_pack(folder):
                near = Path(os.path.relpath(folder))
                return folder if ".." in near.parts else near
    except (OSError, ValueError):
        pass
    return None


def pack_files(path: Path, faults: Faults) -> PackFiles | None:
    """Return the definition files at ``path``, or None after adding a fault."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        _fault(faults, "NOT_FOUND", path, Text(zh="找不到 {path}", en="{path} is not there"))
        return None
    if stat.S_ISDIR(status.st_mode):
        return _from_folder(path, faults)
    if stat.S_ISREG(status.st_mode) and path.suffix.lower() == ".zip":
        return _from_zip(path, faults)
    around = pack_around(path)
    _fault(
        faults,
        "NO_PACK",
        path,
        Text(zh="{path} 既不是包目录也不是 zip 文件", en="{path} is neither a pack folder nor a zip"),
        Text(zh=f"所属的包：{around}", en=f"the pack that it belongs to is {around}")
        if around is not None
        else Text(zh="请给出 pack.yaml 所在的目录", en="give the folder that pack.yaml lies in"),
    )
    return None


def _fault(faults: Faults, code: str, path: object, message: Text, hint: Text | None = None) -> None:
    faults.add(code, message.format(path=clip(str(path), 200)), Mark(clip(str(path), 200), 1, 1), hint=hint)


def _wanted(inside: str) -> bool:
    parts = PurePosixPath(inside).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    if hidden or not inside.lower().endswith(SUFFIXES):
        return False
    return (len(parts) > 1 and parts[0] not in DATA_FOLDERS) or inside in PACK_FILES


def _from_folder(folder: Path, faults: Faults) -> PackFiles | None:
    found = PackFiles(str(folder))
    size = 0
    for count, path in enumerate(_walk(folder, faults)):
        inside = path.relative_to(folder).as_posix()
        if count >= MOST_FILES:
            _fault(faults, "TOO_MANY_FILES", folder, Text(zh="{path} 中的文件太多", en="{path} holds too many files"))
            return None
        _note(found, inside)
        if not _wanted(inside):
            continue
        data = _read(path, faults)
        if data is None:
            continue
        size += len(data)
        if size > MOST_BYTES:
            _fault(faults, "PACK_TOO_LARGE", folder, Text(zh="{path} 太大", en="{path} is too large"))
            return None
        found.files[inside] = data
    return found


def _note(found: PackFiles, inside: str) -> None:
    top, _, rest = inside.partition("/")
    if rest and not top.startswith("."):
        found.folders.setdefault(top, inside)


def _walk(folder: Path, faults: Faults) -> Iterator[Path]:
    """Yield the regular files below ``folder`` in a stable order; links are refused, hidden folders passed over."""
    for here, folders, files in os.walk(folder, onerror=lambda error: _unreadable(error, faults)):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted([*folders, *files]):
            path = Path(here, name)
            if path.is_symlink():
                _fault(
                    faults,
                    "LINK",
                    path,
                    Text(zh="{path} 是符号链接，包中不允许", en="{path} is a symbolic link, not allowed in a pack"),
                )
            elif name in files and path.is_file():
                yield path


def _unreadable(error: OSError, faults: Faults) -> None:
    _fault(faults, "UNREADABLE", error.filename, Text(zh="无法读取 {path}", en="{path} can't be read"))


def _read(path: Path, faults: Faults) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        _unreadable(OSError(error.errno, error.strerror, str(path)), faults)
        return None


def _from_zip(path: Path, faults: Faults) -> PackFiles | None:
    found = PackFiles(str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES:
                _fault(faults, "TOO_MANY_FILES", path, Text(zh="{path} 中的文件太多", en="{path} holds too many files"))
                return None
            good = [entry for entry in entries if not entry.is_dir() and _safe(entry, path, faults)]
            top = _common_folder([entry.filename for entry in good])
            _unpack(archive, good, top, found, faults)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        message = Text(zh="{path} 不是可读的 zip 文件", en="{path} is no readable zip file")
        where = Mark(clip(str(path), 200), 1, 1)
        faults.add(
            "BAD_ZIP",
            message.format(path=clip(str(path), 200)),
            where,
            hint=Text(zh=clip(str(error)), en=clip(str(error))),
        )
        return None
    return found


def _safe(entry: zipfile.ZipInfo, path: Path, faults: Faults) -> bool:
    """Whether an entry stays inside the pack and is a plain file."""
    name = entry.filename
    parts = name.split("/")
    bad_name = name.startswith("/") or "\\" in name or ":" in parts[0] or ".." in parts or "\x00" in name
    mode = entry.external_attr >> 16
    if bad_name:
        message = Text(zh="zip 中的路径 {path} 不安全", en="the path {path} in the zip is not safe")
        faults.add("UNSAFE_PATH", message.format(path=clip(name)), Mark(str(path), 1, 1))
    elif mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        message = Text(zh="zip 中的 {path} 不是普通文件", en="{path} in the zip is no plain file")
        faults.add("LINK", message.format(path=clip(name)), Mark(str(path), 1, 1))
    elif entry.flag_bits & 1:
        message = Text(zh="zip 中的 {path} 已加密", en="{path} in the zip is encrypted")
        faults.add("BAD_ZIP", message.format(path=clip(name)), Mark(str(path), 1, 1))
    else:
        return True
    return False


def _common_folder(names: list[str]) -> str:
    """Return the folder that the whole pack lies in (``sales/``) where ``pack.yaml`` is not at the top."""
    if not names or any(name in PACK_FILES for name in names):
        return ""
    packs = sorted((name for name in names if PurePosixPath(name).name in PACK_FILES), key=len)
    return packs[0].rpartition("/")[0] + "/" if packs and packs[0].count("/") == 1 else ""


def _unpack(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], top: str, found: PackFiles, faults: Faults
) -> None:
    size = 0
    for entry in sorted(entries, key=lambda item: item.filename):
        if not entry.filename.startswith(top):
            continue
        inside = entry.filename[len(top) :]
        _note(found, inside)
        if not _wanted(inside):
            continue
        if inside in found.files:
            message = Text(zh="zip 中 {path} 出现两次", en="{path} is in the zip twice")
            faults.add("DUPLICATE_FILE", message.format(path=clip(inside)), Mark(found.name(inside), 1, 1))
            continue
        with archive.open(entry) as file:
            data = file.read(LARGEST + 1)  # never trusts the size that the entry claims
        size += len(data)
        if size > MOST_BYTES:
            raise ValueError("too much data")
        found.files[inside] = data
