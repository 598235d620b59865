"""How an installation is: whether it can serve, and its figures for monitoring. The addresses they are asked at belong to app.py."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from redis.exceptions import RedisError

from engine.storage.outbox import stuck
from engine.storage.processes import living
from engine.storage.tables import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.storage.instance import Instance


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is asked for, and whether it is there."""

    parts: Mapping[str, bool]

    @property
    def ready(self) -> bool:
        """Whether everything is there."""
        return all(self.parts.values())


def readiness(instance: Instance, *, web: bool) -> Readiness:
    """Look whether database, Redis, this web process, a worker and an installed version are there. ``web``: whether this process
    can serve pages."""
    parts = {"database": False, "redis": False, "installed": False, "web": web, "worker": False}
    try:
        with instance.engine.connect() as connection:
            parts["database"] = True
            parts["installed"] = connection.scalar(sa.select(current.c.version)) is not None
            parts["worker"] = bool(living(connection, ["worker"]))
    except sa.exc.SQLAlchemyError:
        pass
    with contextlib.suppress(RedisError):
        parts["redis"] = bool(instance.redis.ping())
    return Readiness(parts)


def figures(instance: Instance) -> str:
    """Return the installation's figures in Prometheus' text format. Raises SQLAlchemyError while the database is away."""
    with instance.engine.connect() as connection:
        version = connection.scalar(sa.select(current.c.version)) or 0
        processes = living(connection)
        waiting, failed = stuck(connection)
    kinds = sorted({one.kind for one in processes})
    lines = [
        "# HELP tenon_version Published version in force.",
        "# TYPE tenon_version gauge",
        f"tenon_version {version}",
        "# HELP tenon_processes Living processes by kind.",
        "# TYPE tenon_processes gauge",
        *(f'tenon_processes{{kind="{kind}"}} {sum(one.kind == kind for one in processes)}' for kind in kinds),
        "# HELP tenon_outbox_waiting Events that wait for a worker.",
        "# TYPE tenon_outbox_waiting gauge",
        f"tenon_outbox_waiting {waiting}",
        "# HELP tenon_outbox_errors Events that failed at least once and are kept.",
        "# TYPE tenon_outbox_errors gauge",
        f"tenon_outbox_errors {failed}",
    ]
    return "\n".join(lines) + "\n"
