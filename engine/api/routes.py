"""The route table of the API, and how every call is served: one transaction that finds out who calls, runs the view, and keeps the
answer under the Idempotency-Key. Each address refuses the methods it lacks, so that nothing leaves as an HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from engine.api import (
    access,
    approvals,
    automations,
    bulk,
    definitions,
    document,
    events,
    exports,
    files,
    history,
    hooks,
    imports,
    insight,
    merge,
    notifications,
    records,
    related,
    sharing,
    transitions,
)
from engine.api.idempotency import KEY_HEADER, answered_once
from engine.api.problems import language_of, of_http, of_refusal, of_surroundings, of_unforeseen
from engine.api.service import Answer, Service, begin, begin_unknown, check_csrf, secret_of
from engine.config import EnvironmentFault
from engine.records.compile import Records
from engine.records.renamed import object_now
from engine.refusals import Refusal, check_address
from engine.storage.database import in_transaction
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa
    from werkzeug.wrappers import Request

    from engine.api.service import Call

PREFIX = "/api/v1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


class Sending(Protocol):
    """A large body that has arrived: ``close`` throws away what nothing came of."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. ``batch``: its errors say which record of the batch they are of. ``open``: who sends it is proved by the
    message, not by an account. ``receive`` takes a large body in before the transaction begins, once it is known that the caller is
    somebody; the view gets it as ``upload``."""

    method: str
    rule: str
    view: Callable[..., Answer]
    batch: bool = False
    open: bool = False
    receive: Callable[[Service, Request], Sending] | None = None


ROUTES = (
    Route("GET", "/openapi.json", document.openapi),
    Route("GET", "/objects", definitions.list_objects),
    Route("GET", "/objects/<name>", definitions.one_object),
    Route("GET", "/records/<name>", records.list_records),
    Route("POST", "/records/<name>", records.create_record),
    Route("POST", "/records/<name>/bulk", bulk.change_many, batch=True),
    Route("GET", "/records/<name>/<number>", records.read_record),
    Route("PATCH", "/records/<name>/<number>", records.update_record),
    Route("DELETE", "/records/<name>/<number>", records.delete_record),
    Route("POST", "/records/<name>/<number>/restore", records.restore_record),
    Route("POST", "/records/<name>/duplicates", merge.likely_before),
    Route("GET", "/records/<name>/<number>/duplicates", merge.record_duplicates),
    Route("POST", "/records/<name>/<number>/merge", merge.merge_record),
    Route("GET", "/records/<name>/<number>/history", history.record_history),
    Route("GET", "/records/<name>/<number>/related/<other>", related.related_records),
    Route("GET", "/records/<name>/<number>/access", access.record_access),
    Route("GET", "/notifications", notifications.list_notifications),
    Route("POST", "/notifications/read", notifications.read_notifications),
    Route("GET", "/events", events.open_stream),
    Route("POST", "/hooks/<connection>", hooks.take_message, open=True),
    Route("POST", "/hooks/<connection>/<entry>", hooks.take_named, open=True),
    Route("POST", "/records/<name>/<number>/claim", sharing.claim_record),
    Route("POST", "/records/<name>/<number>/release", sharing.release_record),
    Route("POST", "/records/<name>/<number>/transfer", sharing.transfer_record),
    Route("POST", "/records/<name>/<number>/lock", sharing.lock_record),
    Route("POST", "/records/<name>/<number>/unlock", sharing.unlock_record),
    Route("GET", "/records/<name>/<number>/share", sharing.record_team),
    Route("POST", "/records/<name>/<number>/share", sharing.share_record),
    Route("GET", "/records/<name>/<number>/states", transitions.record_states),
    Route("POST", "/records/<name>/<number>/transitions/<transition_name>", transitions.take_transition),
    Route("POST", "/records/<name>/<number>/run/<automation>", automations.run_automation),
    Route("POST", "/records/<name>/<number>/submit", approvals.submit_record),
    Route("GET", "/approvals", approvals.list_box),
    Route("POST", "/approvals/batch", approvals.do_batch),
    Route("GET", "/approvals/<number>", approvals.read_approval),
    Route("POST", "/approvals/<number>/<operation>", approvals.do_operation),
    Route("GET", "/metrics", insight.list_metrics),
    Route("GET", "/metrics/<metric_name>", insight.read_metric),
    Route("GET", "/dashboards", insight.list_dashboards),
    Route("GET", "/dashboards/<dashboard_name>", insight.read_dashboard),
    Route("GET", "/targets", insight.read_targets),
    Route("POST", "/targets", insight.write_target),
    Route("POST", "/reports", insight.make_report),
    Route("POST", "/imports", imports.start_import, receive=imports.receive),
    Route("GET", "/imports/<number>", imports.read_import),
    Route("GET", "/imports/<number>/errors", imports.import_errors),
    Route("POST", "/imports/<number>/undo", imports.undo_import),
    Route("POST", "/imports/<number>/stop", imports.stop_import),
    Route("POST", "/exports", exports.start_export),
    Route("GET", "/exports/<number>", exports.read_export),
    Route("GET", "/exports/<number>/file", exports.export_file),
    Route("POST", "/files", files.add, receive=files.receive),
    Route("GET", "/files/<number>", files.content),
)


def make_blueprint(service: Service) -> Blueprint:
    """Return the API of an installation, to be mounted at an application's root. An application that checks CSRF tokens by itself
    leaves this blueprint out: it checks them where a session is used."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    served: dict[str, set[str]] = {}
    for route in ROUTES:
        endpoint = f"{route.view.__module__.rpartition('.')[2]}_{route.view.__name__}"
        _add(blueprint, service, route, endpoint, [route.method])
        served.setdefault(route.rule, set()).add(route.method)
    for number, (rule, methods) in enumerate(served.items()):
        allowed = sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})
        others = Route("", rule, _other_methods(allowed))
        _add(blueprint, service, others, f"others_{number}", [method for method in METHODS if method not in methods])
    for rule in ("/", "/<path:rest>"):
        _add(blueprint, service, Route("", rule, _nothing_here), f"nothing_{len(rule)}", list(METHODS))
    return blueprint


def _add(blueprint: Blueprint, service: Service, route: Route, endpoint: str, methods: list[str]) -> None:
    handler = _handler(service, route)
    blueprint.add_url_rule(
        route.rule,
        endpoint,
        handler,
        methods=methods,
        provide_automatic_options=False,
        strict_slashes=route.rule != "/",
    )


def _other_methods(allowed: list[str]) -> Callable[..., Answer]:
    def view(call: Call, **_path: str) -> Answer:
        if call.request.method == "OPTIONS":
            return Answer(status=204, headers={"Allow": ", ".join(allowed)})
        raise MethodNotAllowed(valid_methods=allowed)

    return view


def _nothing_here(_call: Call, **_path: str) -> Answer:
    raise NotFound


@dataclass(slots=True)
class _Spoken:
    """The language of a request's answer: by its headers until it is known who calls."""

    language: str


def _handler(service: Service, route: Route) -> Callable[..., Response]:
    def handle(**path: str) -> Response:
        current = request._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - one look-up instead of dozens
        spoken = _Spoken("")
        try:
            check_address(len(current.path) + len(current.query_string))
            answer = serve(service, route, current, path, spoken)
        except Exception as error:  # noqa: BLE001 - the last frame of a request: whatever it is, a problem is answered
            spoken.language = spoken.language or language_of(current, service.config.languages.default)
            return _problem(error, spoken.language, rows=route.batch)
        response = answer.stream or Response(answer.body, answer.status, mimetype=answer.type)
        if answer.status == 204:
            del response.headers["Content-Type"]  # there is no content to be of a type
        response.headers["Cache-Control"] = "no-store"
        for name, value in answer.headers.items():
            response.headers[name] = value
        return response

    return handle


def serve(service: Service, route: Route, request: Request, path: Mapping[str, Any], spoken: _Spoken) -> Answer:
    """Serve one request, a write in one transaction. Raises what ``_problem`` explains."""
    secret = None if route.open else secret_of(request)
    runtime = service.runtime()
    if runtime is None:
        raise Refusal(503, "NOT_READY", Text(zh="应用尚未就绪。", en="The application is not ready."))
    if "name" in path:
        path = {**path, "name": object_now(runtime.part(Records), path["name"])}
    now = service.clock()
    key = request.headers.get(KEY_HEADER) if route.method not in {"", "GET"} else None

    upload: Sending | None = None
    if route.receive is not None and secret is not None:
        caller = secret

        def let_in(connection: sa.Connection) -> None:
            begin(service, request, caller, connection, runtime=runtime, now=now)
            check_csrf(service, request, caller)

        in_transaction(service.reader, let_in)  # before anything large is read from whoever is nobody
        upload = route.receive(service, request)
        path = {**path, "upload": upload}

    def inside(connection: sa.Connection) -> Answer:
        if secret is None:
            call = begin_unknown(service, request, connection, runtime=runtime, now=now)
            spoken.language = call.context.language
            return route.view(call, **path)
        call = begin(service, request, secret, connection, runtime=runtime, now=now)
        spoken.language = call.context.language
        check_csrf(service, request, secret)
        if key is not None:
            return answered_once(call, key, lambda: route.view(call, **path))
        return route.view(call, **path)

    try:
        return in_transaction(service.reader if route.method == "GET" else service.engine, inside)
    finally:
        if upload is not None:
            upload.close()


def _problem(error: Exception, language: str, *, rows: bool) -> Response:
    made: tuple[bytes, int, dict[str, str]]
    if isinstance(error, Refusal):
        made = of_refusal(error, language, rows=rows)
    elif isinstance(error, HTTPException):
        made = of_http(error, language)
    elif isinstance(error, EnvironmentFault):
        made = of_surroundings(error, language)
    else:
        made = of_unforeseen(error, language)
    return Response(made[0], made[1], made[2])
