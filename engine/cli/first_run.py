"""The first installation, as ``tenon run`` makes it: the sales pack with its demo data where there is nothing yet. One that was
broken off is completed by the next start; an installation that somebody made by ``tenon install`` is left as it is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.cli.accounts import ADMIN, reissue_passwords
from engine.cli.frame import Faulty, composition, say
from engine.storage.database import in_transaction
from engine.storage.tables import current, setting
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.cli.supervisor import Supervisor
    from engine.storage.instance import Instance

_KEY = "first_run"  # the setting: false while the first installation is under way, true once it is complete


def install_first(instance: Instance, supervisor: Supervisor, *, empty: bool) -> dict[str, str]:
    """Complete the first installation and return the passwords that it drew, by login: every one of them, also where an earlier
    attempt was broken off before anybody saw them."""
    with instance.engine.begin() as connection:
        state = connection.scalar(sa.select(setting.c.value).where(setting.c.key == _KEY))
        by_hand = state is None and bool(connection.scalar(sa.select(sa.func.count()).select_from(current)))
        if state is not True:
            _note(connection, done=by_hand)
    if state is True or by_hand:
        return {}
    packs = composition().packs
    words = (str(packs / "base"),) if empty else (str(packs / "sales"), "--demo")
    say(Text(zh="首次启动：正在安装，约需一分钟……", en="First start: installing, which takes up to a minute …"))
    code, output = supervisor.call("install", *words, "--format", "json")
    if supervisor.ending:
        return {}
    if code:
        sys.stderr.write(output.decode(errors="replace"))
        raise Faulty
    report = orjson.loads(output)
    drawn = ({ADMIN: report["admin"]} if report.get("admin") else {}) | (report.get("demo") or {})

    def complete(connection: sa.Connection) -> dict[str, str]:
        again = reissue_passwords(connection, drawn, datetime.now(UTC)) if state is False else {}
        _note(connection, done=True)
        return again

    again = in_transaction(instance.engine, complete)
    return ({ADMIN: again.pop(ADMIN)} if ADMIN in again else {}) | drawn | again


def _note(connection: sa.Connection, *, done: bool) -> None:
    values = {"value": done, "updated_at": datetime.now(UTC)}
    statement = insert(setting).values(key=_KEY, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
