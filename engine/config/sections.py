"""The sections of a configuration: every key declared once, with its default and its JSON Schema. Reading them is in read.py."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints
from zoneinfo import ZoneInfo

from metamodel.expressions.workdays import Calendar as WorkingDays

if TYPE_CHECKING:
    from collections.abc import Iterable


def _key(default: Any, *, secret: bool = False, **schema: Any) -> Any:
    """A key: its default and JSON Schema. A ``secret`` is taken from the environment or a file, never from config.yaml."""
    meta = {"schema": schema, "secret": secret}
    return field(default=default, metadata=meta)


_SECRET = re.compile(r"[a-z][a-z0-9_]{0,59}")
_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z")
_TILES = r"^(?=.*\{x\})(?=.*\{y\})(?=.*\{z\})https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[^\s\"'<>;,\\]*$"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAYS_OFF = {"type": "string", "pattern": rf"^{_DAY}(\.\.{_DAY})?$"}
LONGEST = 366  # days of one range


def days_of(written: Iterable[str]) -> frozenset[date]:
    """Return the days of ``2026-10-01`` and ``2026-10-01..2026-10-08``. Raises ValueError for a day or range that is none."""
    found: set[date] = set()
    for text in written:
        first, _, last = text.partition("..")
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        if not 0 <= (end - start).days < LONGEST:
            raise ValueError(f"{text} is no range of days")
        found |= {start + timedelta(n) for n in range((end - start).days + 1)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Database:
    """``url`` empty: the embedded PostgreSQL. ``direct_url``: past a pooler, for publishing. ``replica_url``: for reports."""

    url: str = _key("")
    direct_url: str = _key("")
    replica_url: str = _key("")
    pool_size: int = _key(5, minimum=1, maximum=100)
    statement_seconds: int = _key(30, minimum=0)
    lock_seconds: int = _key(5, minimum=1)


@dataclass(frozen=True, slots=True)
class Redis:
    """``url`` empty: the embedded Valkey. ``prefix``: what the installation's names there begin with; empty: told by its database."""

    url: str = _key("")
    prefix: str = _key("", pattern="^[A-Za-z0-9_-]{0,40}$")


@dataclass(frozen=True, slots=True)
class Web:
    """Where and how pages and API are served. ``proxies``: how many reverse proxies in front may be believed. ``map_tiles``: addresses of
    the pictures that maps are laid on, undermost first, with ``{x}``, ``{y}`` and ``{z}``; ``map_credit``: what their makers want said."""

    host: str = _key("127.0.0.1", minLength=1)
    port: int = _key(8000, minimum=1, maximum=65535)
    workers: int = _key(2, minimum=1, maximum=64)
    threads: int = _key(4, minimum=1, maximum=64)
    public_url: str = _key("", pattern="^(https?://.*)?$")
    proxies: int = _key(0, minimum=0, maximum=5)
    map_tiles: tuple[str, ...] = _key((), items={"type": "string", "maxLength": 500, "pattern": _TILES}, maxItems=3)
    map_credit: str = _key("", maxLength=200)
    secret_key: str = _key("", secret=True)


@dataclass(frozen=True, slots=True)
class Jobs:
    """``poll_seconds``: how often the outbox is looked at where no wake-up came. How long work that is done is kept: ``keep_days`` events,
    ``keep_runs_days`` runs of rules and what was said in calls, ``keep_messages_days`` messages."""

    workers: int = _key(1, minimum=1, maximum=64)
    poll_seconds: int = _key(5, minimum=1, maximum=300)
    keep_days: int = _key(7, minimum=1)
    keep_runs_days: int = _key(180, minimum=1)
    keep_messages_days: int = _key(365, minimum=1)


@dataclass(frozen=True, slots=True)
class Files:
    """``folder`` empty: in TENON_HOME. ``largest``: bytes of one uploaded file. ``scan``: a command that looks for viruses in each upload,
    whose path is its last argument (``clamdscan --no-summary --fdpass``); it answers 0 for clean, 1 for infected, within ``scan_seconds``.
    ``loose_days``: an upload that belongs to no record goes after so long."""

    folder: str = _key("")
    largest: int = _key(50 * 2**20, minimum=2**10)
    scan: str = _key("")
    scan_seconds: int = _key(120, minimum=1, maximum=3600)
    loose_days: int = _key(7, minimum=1)


@dataclass(frozen=True, slots=True)
class Mail:
    """The outgoing mail server; ``host`` empty: no mail is sent. ``security``: STARTTLS, TLS from the first byte, or neither (a relay on
    this machine)."""

    host: str = _key("")
    port: int = _key(587, minimum=1, maximum=65535)
    security: str = _key("starttls", enum=["starttls", "tls", "none"])
    user: str = _key("")
    password: str = _key("", secret=True)
    sender: str = _key("")


@dataclass(frozen=True, slots=True)
class Channels:
    """Ways to tell people beside inbox and mail. ``wecom_url``: the address of the group robot (企业微信群机器人), which holds its key;
    empty: there is none. ``wecom_mention``: who is named in the group, by mobile phone or by log-in."""

    wecom_url: str = _key("", secret=True)
    wecom_mention: str = _key("phone", enum=["phone", "login", "nobody"])


@dataclass(frozen=True, slots=True)
class Connections:
    """Calls to other systems. ``allow``: hosts (``erp.example``) and networks (``10.1.0.0/16``) that may be called although their addresses
    are not public; everything else that is not public is refused."""

    allow: tuple[str, ...] = _key((), items={"type": "string", "minLength": 1}, uniqueItems=True)
    timeout_seconds: int = _key(10, minimum=1, maximum=120)
    largest: int = _key(2**20, minimum=2**10, maximum=64 * 2**20)


@dataclass(frozen=True, slots=True)
class Events:
    """The stream of changes (``tenon events``). ``port`` 0: the one after the pages'. ``public_url``: where browsers reach it, needed where
    ``web.public_url`` is given and the proxy does not hand ``/api/v1/events`` to it."""

    host: str = _key("")
    port: int = _key(0, minimum=0, maximum=65535)
    public_url: str = _key("", pattern="^(https?://.*)?$")
    most: int = _key(2000, minimum=1, maximum=100_000)


@dataclass(frozen=True, slots=True)
class Languages:
    """``default``: for visitors whose browser asks for neither language."""

    default: str = _key("zh", enum=["zh", "en"])


@dataclass(frozen=True, slots=True)
class Calendar:
    """The organisation's zone, in which TODAY and moments without an offset are read, and its working days: those of ``week``,
    without ``holidays``, and ``makeup`` days worked in exchange (调休). A day is ``2026-10-01``, several ``2026-10-01..2026-10-08``."""

    zone: str = _key("Asia/Shanghai", minLength=1)
    week: tuple[str, ...] = _key(DAYS[:5], items={"enum": list(DAYS)}, minItems=1, uniqueItems=True)
    holidays: tuple[str, ...] = _key((), items=_DAYS_OFF)
    makeup: tuple[str, ...] = _key((), items=_DAYS_OFF)


@dataclass(frozen=True, slots=True)
class Security:
    """Sign-in: how long a session lasts, how short a password may be, how many failures block an account for how long.
    ``designers``: roles beside ``admin`` that may use the designer."""

    session_hours: int = _key(12, minimum=1, maximum=24 * 90)
    password_length: int = _key(8, minimum=8, maximum=128)
    sign_in_failures: int = _key(5, minimum=2, maximum=100)
    sign_in_minutes: int = _key(15, minimum=1, maximum=24 * 60)
    designers: tuple[str, ...] = _key((), items={"type": "string", "minLength": 1}, uniqueItems=True)


@dataclass(frozen=True, slots=True)
class Backup:
    """``folder`` empty: in TENON_HOME."""

    folder: str = _key("")


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is written to the log."""

    level: str = _key("info", enum=["debug", "info", "warning", "error"])


@dataclass(frozen=True, slots=True)
class Config:
    """A checked configuration. ``home``: the folder of embedded services, files and secrets. ``secrets``: those that definitions name, as
    the environment gives them."""

    home: Path
    database: Database = field(default_factory=Database)
    redis: Redis = field(default_factory=Redis)
    web: Web = field(default_factory=Web)
    jobs: Jobs = field(default_factory=Jobs)
    files: Files = field(default_factory=Files)
    mail: Mail = field(default_factory=Mail)
    channels: Channels = field(default_factory=Channels)
    connections: Connections = field(default_factory=Connections)
    events: Events = field(default_factory=Events)
    languages: Languages = field(default_factory=Languages)
    calendar: Calendar = field(default_factory=Calendar)
    security: Security = field(default_factory=Security)
    backup: Backup = field(default_factory=Backup)
    telemetry: Telemetry = field(default_factory=Telemetry)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def secret(self, name: str) -> str:
        """Return a secret that a definition names: from the environment, else the file ``secrets/NAME`` in the home; "" where there is none."""
        if name in self.secrets:
            return self.secrets[name]
        path = self.home / "secrets" / name
        try:
            return path.read_text(encoding="utf-8").strip() if _SECRET.fullmatch(name) else ""
        except (OSError, UnicodeDecodeError):
            return ""

    @property
    def events_port(self) -> int:
        """Return the port of the stream of changes."""
        return self.events.port or self.web.port + 1

    def events_origin(self, host: str) -> str:
        """Return scheme, name and port at which a browser that opened ``host`` (as its Host header has it) reaches the stream of changes; ""
        where a proxy hands it on under the address of the pages."""
        if self.events.public_url or self.web.public_url:
            return self.events.public_url.rstrip("/")
        found = _HOST.match(host)
        return f"http://{found[1] if found else '127.0.0.1'}:{self.events_port}"

    @property
    def map_origins(self) -> tuple[str, ...]:
        """Return where a browser fetches the pictures of maps from: scheme, name and port, nothing more."""
        return tuple(dict.fromkeys("/".join(one.split("/", 3)[:3]) for one in self.web.map_tiles))

    @property
    def zone(self) -> ZoneInfo:
        """Return the organisation's time zone."""
        return ZoneInfo(self.calendar.zone)

    @property
    def working_days(self) -> WorkingDays:
        """Return the organisation's working days."""
        week = frozenset(DAYS.index(day) for day in self.calendar.week)
        return WorkingDays(days_of(self.calendar.holidays), days_of(self.calendar.makeup), week)

    @property
    def files_folder(self) -> Path:
        """Return the folder of uploaded files."""
        return Path(self.files.folder) if self.files.folder else self.home / "files"

    @property
    def address(self) -> str:
        """Return the address that people open."""
        host = f"[{self.web.host}]" if ":" in self.web.host else self.web.host
        return self.web.public_url or f"http://{'127.0.0.1' if host in {'0.0.0.0', '[::]'} else host}:{self.web.port}"  # noqa: S104

    def secret_key(self) -> str:
        """Return the key that signs cookies; made once and kept in the home where none is configured."""
        if self.web.secret_key:
            return self.web.secret_key
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.home / "secret.key"
        aside = self.home / f"secret.{os.getpid()}"
        if not path.exists():
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            try:
                os.link(aside, path)  # the first of several processes wins
            except FileExistsError:
                pass
            finally:
                aside.unlink()
        return path.read_text()


def sections() -> dict[str, type]:
    """Return the sections of a configuration: name → dataclass."""
    return {name: kind for name, kind in get_type_hints(Config).items() if name not in {"home", "secrets"}}
