"""The REST API under /api/v1: JSON in and out, problems as application/problem+json. It reads and writes through the two doors of
engine/records and holds no rule of its own about records."""

from __future__ import annotations

from engine.api.routes import make_blueprint
from engine.api.service import Service

__all__ = ["Service", "make_blueprint"]
