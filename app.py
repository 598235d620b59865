"""The composition root: configuration → kinds → version in force → web, jobs, command line. Nothing else knows everybody, and
nothing here does work of its own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, jsonify
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import api
from engine.cli import frame
from engine.expressions.functions import FUNCTIONS
from engine.fields import field_kinds
from engine.jobs.health import figures, readiness
from engine.jobs.workshop import Workshop
from engine.live import Live
from engine.refusals import Refusal
from metamodel.kinds import Kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.context import Runtime
    from engine.storage.instance import Instance

PACKS = Path(__file__).parent / "packs"


def create_kinds() -> Kinds:
    """Return the registry of kinds, frozen."""
    return Kinds(field_kinds(), FUNCTIONS)


def create_app(instance: Instance) -> Flask:
    """Return the web application of an open installation, in the process that serves it."""
    config = instance.config
    live = Live(instance.engine, create_kinds(), "web", redis_url=instance.redis_url)
    current = _present(live)
    application = Flask("tenon", static_folder=None, template_folder=None)
    application.secret_key = config.secret_key()
    application.config.update(
        MAX_CONTENT_LENGTH=config.files.largest + 2**20, MAX_FORM_MEMORY_SIZE=16 * 2**20, JSON_SORT_KEYS=False
    )
    if config.web.proxies:
        count = config.web.proxies
        application.wsgi_app = ProxyFix(application.wsgi_app, x_for=count, x_proto=count, x_host=count)
    application.register_blueprint(_health(instance, live))
    application.register_blueprint(api.make_blueprint(api.Service(instance.engine, config, current)))
    live.ready()
    return application


@contextmanager
def create_workshop(instance: Instance, kind: str) -> Iterator[Workshop]:
    """Open what jobs and commands over records work with; the version in force is loaded before anything forks."""
    live = Live(instance.engine, create_kinds(), kind, redis_url=instance.redis_url)
    live.ready()
    try:
        yield Workshop(instance, _present(live), release=live.stop)
    finally:
        live.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    return frame.main(frame.Composition(create_app, create_workshop, create_kinds(), PACKS), arguments)


def _present(live: Live) -> Callable[[], Runtime | None]:
    """Return what answers the version in force; None while nothing is installed."""

    def current() -> Runtime | None:
        try:
            return live.current()
        except Refusal as refusal:
            if refusal.code == "NOT_READY":
                return None
            raise

    return current


def _health(instance: Instance, live: Live) -> Blueprint:
    """Return the addresses for monitoring, at the root."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/health/live")
    def alive() -> Response:
        return jsonify({"live": True})

    @blueprint.get("/health/ready")
    def ready() -> tuple[Response, int]:
        found = readiness(instance, web=live.ready())
        return jsonify({"ready": found.ready, **found.parts}), 200 if found.ready else 503

    @blueprint.get("/metrics")
    def metrics() -> Response:
        try:
            text, status = figures(instance), 200
        except sa.exc.SQLAlchemyError:
            text, status = "# the database is out of reach\n", 503
        return Response(text, status, mimetype="text/plain; version=0.0.4")

    return blueprint


if __name__ == "__main__":
    sys.exit(main())
