"""What a map lies on: the tiles that the administrator has configured, or a plain ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from engine.config import Config


def ground_of(config: Config) -> dict[str, Any]:
    """Return what ``maps/ground.html`` shows of the ground: the addresses of tiles as JSON, "" for none, and whom they are owed to."""
    tiles = config.web.map_tiles
    return {"tiles": orjson.dumps(tiles).decode() if tiles else "", "credit": config.web.map_credit}
