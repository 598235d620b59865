"""The composition root: configuration → kinds → version in force → web, jobs, command line. Nothing else knows everybody, and
nothing here does work of its own. Everything is loaded where it is needed, so that each command starts with its own share alone."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli import frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Blueprint, Response

    from engine.cli.frame import Web
    from engine.config import Config
    from engine.context import Runtime
    from engine.jobs.workshop import Consumer, Workshop
    from engine.live import Live
    from engine.runtime import AppRuntime
    from engine.screens.area import Area
    from engine.storage.instance import Instance
    from engine.storage.ticks import Tick
    from metamodel.kinds import Kinds

PACKS = Path(__file__).parent / "packs"


def create_kinds() -> Kinds:
    """Return the registry of kinds, frozen."""
    from engine.approvals.assignees import assignee_kinds
    from engine.automation.actions import action_kinds
    from engine.automation.triggers import trigger_kinds
    from engine.channels import channel_kinds
    from engine.expressions.functions import FUNCTIONS
    from engine.fields import field_kinds
    from engine.insight.widgets import widget_kinds
    from metamodel.kinds import Kinds

    return Kinds(
        field_kinds(),
        FUNCTIONS,
        actions=action_kinds(),
        triggers=trigger_kinds(),
        assignees=assignee_kinds(),
        channels=channel_kinds(),
        widgets=widget_kinds(),
    )


def load_ahead(*, jobs: bool = True) -> None:
    """Load the code that serves pages and, with ``jobs``, that of worker, clock and events, so that processes forked afterwards share it."""
    pages = ("engine.screens.blueprint", "engine.screens.render", "engine.api", "engine.live", "engine.jobs.health")
    work = ("engine.jobs.worker", "engine.jobs.clock", "engine.jobs.events")
    for name in ("gunicorn.app.base", "gunicorn.workers.gthread", *pages, *(work if jobs else ())):
        import_module(name)


def compile_current(instance: Instance, kinds: Kinds) -> AppRuntime | None:
    """Compile the version in force, None where there is none. No connection stays open, so that a fork may follow."""
    from engine.runtime import load_current

    with instance.engine.connect() as connection:
        found = load_current(connection, kinds)
    instance.close()
    return found


def create_app(instance: Instance, kinds: Kinds, served: AppRuntime | None = None) -> Web:
    """Return the web application of an open installation: made before the processes that serve it are forked."""
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from engine import api
    from engine.refusals import Refusal
    from engine.screens.area import own_areas
    from engine.screens.blueprint import make_blueprint
    from engine.screens.render import Renderer
    from engine.screens.responses import decorate, is_token, refused
    from engine.screens.site import Site
    from engine.screens.texts import TEXTS
    from engine.screens.timing import timed

    config = instance.config
    live = _create_live(instance, kinds, "web", served)
    current = _present(live)
    areas = (*own_areas(), _create_designer(instance))
    site = Site(instance.engine, config, current, Renderer(areas=areas), areas=areas)
    application = Flask("tenon", static_folder=None, template_folder=None)
    application.secret_key = config.secret_key()
    application.config.update(
        MAX_CONTENT_LENGTH=config.files.largest + 2**20,
        MAX_FORM_MEMORY_SIZE=16 * 2**20,
        MAX_FORM_PARTS=20_000,
        SESSION_COOKIE_NAME="tenon_page",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.web.public_url.startswith("https:"),
    )
    if config.web.proxies:
        count = config.web.proxies
        application.wsgi_app = ProxyFix(application.wsgi_app, x_for=count, x_proto=count, x_host=count)
    application.register_blueprint(_health(instance, live))
    application.register_blueprint(api.make_blueprint(api.Service(instance.engine, config, current, csrf=is_token)))
    application.register_blueprint(make_blueprint(site))
    application.register_error_handler(
        404, lambda _: decorate(site, refused(site, Refusal(404, "NOT_FOUND", TEXTS["error_404"])))
    )
    application.wsgi_app = timed(application.wsgi_app)
    return frame.Web(application, live.ready, live.stop)


@contextmanager
def create_workshop(instance: Instance, kind: str, served: AppRuntime | None = None) -> Iterator[Workshop]:
    """Open what jobs and commands over records work with; the version in force is loaded before anything forks. Commands (``cli``)
    work on no events and by no clock: they start without the code that does."""
    from engine.automation.rules import Automations
    from engine.jobs.workshop import Workshop

    live = _create_live(instance, create_kinds(), kind, served)
    if live.ready() and kind == "worker":
        live.current().part(Automations).warm()
    config, works = instance.config, kind != "cli"
    try:
        yield Workshop(
            instance,
            _present(live),
            create_consumers(config) if works else (),
            ticks=create_ticks(config) if works else (),
        )
    finally:
        live.stop()


def create_consumers(config: Config) -> tuple[Consumer, ...]:
    """Return who works on the outbox's events."""
    from engine.automation.hearing import consume as run_rules
    from engine.channels import channel_kinds
    from engine.channels.spreading import Spreader
    from engine.talk.following import mark as mark_followed

    return (Spreader(config, channel_kinds()), run_rules, mark_followed)


def create_ticks(config: Config) -> tuple[Tick, ...]:
    """Return the work that comes due by the clock."""
    from engine.administration.pools import pool_tick
    from engine.approvals.clock import make_tick as make_approval_tick
    from engine.automation.clockwork import create_ticks as rule_ticks
    from engine.channels import channel_kinds
    from engine.channels.deliveries import make_ticks
    from engine.connections.sending import make_tick as make_call_tick
    from engine.files.expiring import make_tick as make_upload_tick
    from engine.insight.sweeping import make_tick as make_sweeping_tick
    from engine.jobs.transfers import make_ticks as transfer_ticks
    from engine.talk.news import make_tick as make_follow_tick

    return (
        make_approval_tick(),
        make_follow_tick(),
        *make_ticks(config, channel_kinds()),
        make_call_tick(config),
        *rule_ticks(),
        pool_tick(),
        make_sweeping_tick(),
        make_upload_tick(config),
        *transfer_ticks(config),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = frame.Composition(
        load_ahead, compile_current, create_app, create_workshop, create_kinds, PACKS, create_ticks, create_consumers
    )
    return frame.main(given, arguments)


def _create_live(instance: Instance, kinds: Kinds, kind: str, served: AppRuntime | None) -> Live:
    from engine.live import Live
    from engine.storage.instance import VERSION

    # A command looks for new versions by itself: it is gone before waking it would be worth a connection, and ends at once.
    wakes = (instance.redis_url, instance.channel(VERSION)) if kind != "cli" else ("", "")
    return Live(instance.engine, kinds, kind, wakes=wakes, served=served)


def _create_designer(instance: Instance) -> Area:
    """Return the designer's pages; what they publish wakes the other processes."""
    from designer.pages import make_area
    from engine.storage.instance import VERSION

    return make_area(instance.direct, lambda number: instance.tell(VERSION, number))


def _present(live: Live) -> Callable[[], Runtime | None]:
    """Return what answers the version in force; None while nothing is installed."""
    from engine.refusals import Refusal

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
    import sqlalchemy as sa
    from flask import Blueprint, Response, jsonify

    from engine.jobs.health import figures, readiness

    blueprint = Blueprint("health", __name__)

    def alive() -> Response:
        return jsonify({"live": True})

    def ready() -> tuple[Response, int]:
        found = readiness(instance, web=live.ready())
        return jsonify({"ready": found.ready, **found.parts}), 200 if found.ready else 503

    def metrics() -> Response:
        try:
            text, status = figures(instance), 200
        except sa.exc.SQLAlchemyError:
            text, status = "# the database is out of reach\n", 503
        return Response(text, status, content_type="text/plain; version=0.0.4; charset=utf-8")

    blueprint.add_url_rule("/health/live", view_func=alive)
    blueprint.add_url_rule("/health/ready", view_func=ready)
    blueprint.add_url_rule("/metrics", view_func=metrics)
    return blueprint


if __name__ == "__main__":
    sys.exit(main())
