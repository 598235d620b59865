"""What the tests of publishing share: packs written from a few lines, an installation of them, and a look at its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import create_kinds
from engine.publishing.press import Candidate, Outcome, Press
from engine.publishing.publish import preview, publish
from engine.publishing.versions import current_number, load_version
from engine.storage.migrate import migrate
from metamodel.read import read_packs

if TYPE_CHECKING:
    from pathlib import Path

    from metamodel.kinds import Kinds

BASE = {
    "user": "label: User\ntitle: name\nfields:\n  login: {type: text, required: true, unique: true}\n  name: {type: text}\n",
}


PATIENCE = 60.0  # seconds that a busy machine may take over a step; what is to run out says so itself
KINDS = {"processes": "process", "roles": "role"}


def write_pack(folder: Path, objects: dict[str, str], name: str = "shop") -> Path:
    """Write a pack of objects, each given as its YAML without the first line (``processes/NAME`` for one of another kind); return its
    folder."""
    place = folder / name
    (place / "objects").mkdir(parents=True, exist_ok=True)
    (place / "pack.yaml").write_text(f"pack: {name}\nlabel: {name}\nversion: 1.0.0\n", encoding="utf-8")
    for old in place.glob("*/*.yaml"):
        old.unlink()
    for one, text in objects.items():
        kind, _, name_ = one.rpartition("/")
        first = KINDS.get(kind, "object")
        (place / (kind or "objects")).mkdir(exist_ok=True)
        (place / (kind or "objects") / f"{name_}.yaml").write_text(
            f"{first}: {name_}\n{dedent(text)}", encoding="utf-8"
        )
    return place


def fields(text: str, rest: str = "", title: str = "name") -> str:
    """Return an object of these fields (a line each)."""
    return f"label: Thing\ntitle: {title}\nfields:\n{indent(dedent(text).strip(), '  ')}\n{dedent(rest)}"


@dataclass
class Shop:
    """An installation with one pack of its own."""

    engine: sa.Engine
    folder: Path
    kinds: Kinds = field(default_factory=create_kinds)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        migrate(self.engine)

    @property
    def press(self) -> Press:
        return Press(self.engine, self.kinds, **{"rest": 0.0, "patience": PATIENCE, **self.options})

    def read(self, objects: dict[str, str]) -> Any:
        write_pack(self.folder, BASE, "base")
        place = write_pack(self.folder, objects)
        return lambda base: Candidate(read_packs([place], self.kinds, below=base.canonical))

    def install(self, objects: dict[str, str], *, accept_loss: bool = False) -> Outcome:
        outcome = publish(self.press, self.read(objects), accept_loss=accept_loss)
        assert outcome.version, [(one.code, one.message.en, one.mark) for one in outcome.read.faults]
        return outcome

    def preview(self, objects: dict[str, str]) -> Any:
        return preview(self.press, self.read(objects))

    def rollback(self, number: int, *, accept_loss: bool = False) -> Outcome:
        from engine.publishing.install import rollback_to

        return publish(self.press, rollback_to(self.press, number), accept_loss=accept_loss)

    def insert(self, table: str, *rows: dict[str, Any]) -> None:
        """Insert rows past the doors: what a version before wrote."""
        with self.engine.begin() as connection:
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                values = ", ".join(f":{name}" for name in row)
                connection.execute(
                    sa.text(
                        f"INSERT INTO app.{table} (created_at, updated_at{', ' if row else ''}{names}) "
                        f"VALUES (now(), now(){', ' if row else ''}{values})"
                    ),
                    row,
                )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]

    def columns(self, object_name: str) -> dict[str, str]:
        """Return key → column as the version that serves has it."""
        with self.engine.connect() as connection:
            base = load_version(connection, current_number(connection), self.kinds)
        return dict(base.physical.columns[object_name])

    def nullable(self, table: str) -> dict[str, bool]:
        return dict(
            self.rows(
                "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns "
                f"WHERE table_schema = 'app' AND table_name = '{table}'"
            )
        )
