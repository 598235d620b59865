"""Imports over the API: a table is sent (or a file of the caller's named) with a mapping, a worker brings it in, and its account tells how far
it is and what is wrong. What an import does is engine/transfer's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from marshmallow import fields, validate

from engine.api.arguments import Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.files import HARMLESS
from engine.api.ordering import Body, dumped, moment, read_ordered
from engine.api.records import query_text, record_id
from engine.api.service import Answer
from engine.files.exchange import find_file
from engine.files.store import Store, too_large
from engine.files.taking import take
from engine.refusals import FieldError, Refusal
from engine.transfer import orders
from engine.transfer.binding import bind, open_order
from engine.transfer.faults import count_warnings, read_faults, read_warnings
from engine.transfer.intake import new_order, take_in, target_of
from engine.transfer.mapping import DUPLICATES, suggested
from engine.transfer.mapping_file import mapping_of
from engine.transfer.plan import Gate
from engine.transfer.report import issues_bytes
from engine.transfer.sources import Reading
from metamodel.faults import Faults
from metamodel.source import read_document
from metamodel.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Request

    from engine.api.service import Call, Service
    from engine.files.store import Received
    from engine.transfer.intake import Taken
    from engine.transfer.jobs import Issue
    from engine.transfer.mapping import ImportMap
    from engine.transfer.orders import Order

SHOWN = 100  # faults of an answer; all of them are in the error file
LARGEST_MAPPING = 1 << 20


class ImportBody(Body):
    """What is said of an import, beside the file itself."""

    object = fields.String(required=True, validate=validate.Length(1, 120))
    file = fields.Integer(strict=True, validate=validate.Range(1, 2**63 - 1))
    mapping = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    on_duplicate = fields.String(load_default="fail", validate=validate.OneOf(DUPLICATES))
    dry_run = fields.Boolean(load_default=False, truthy={True, "true"}, falsy={False, "false"})
    encoding = fields.String(load_default="", validate=validate.Length(max=40))
    separator = fields.String(load_default="", validate=validate.Length(max=1))
    sheet = fields.String(load_default="", validate=validate.Length(max=100))


@dataclass(slots=True)
class Sent:
    """What a request brought: its fields, and the file where it is a form that holds one."""

    store: Store
    fields: dict[str, Any]
    received: Received | None = None
    name: str = ""
    taken: Taken | None = field(default=None)

    def close(self) -> None:
        """Throw the content away where nothing came of it."""
        if self.received is not None:
            self.store.drop(self.received)


def receive(service: Service, request: Request) -> Sent:
    """Take in an order: JSON that names a file, or a form that holds it. Raises Refusal 413, 422."""
    store = Store(service.config.files_folder)
    if request.mimetype != "multipart/form-data":
        return Sent(store, read_ordered(ImportBody(), read_object(request)))
    largest = service.config.files.largest
    if request.content_length is not None and request.content_length > largest + 2**21:
        raise too_large(largest)
    try:
        return _of_form(service, request, store)
    finally:
        request.close()


def _of_form(service: Service, request: Request, store: Store) -> Sent:
    given: dict[str, Any] = dict(request.form.items())
    files = list(request.files.items(multi=True))
    if [name for name, _ in files] != ["file"] or not files[0][1].filename:
        said = Text(zh="请在 file 中上传一个文件", en="send one file, as file")
        raise Refusal(422, "REQUIRED", said, (FieldError("file", "REQUIRED", said),))
    if "mapping" in given:
        try:
            given["mapping"] = orjson.loads(given["mapping"][:LARGEST_MAPPING])
        except orjson.JSONDecodeError:
            said = Text(zh="不是 JSON", en="is no JSON")
            raise Refusal(422, "BAD_VALUES", said, (FieldError("mapping", "MALFORMED", said),)) from None
    body = read_ordered(ImportBody(), given)
    received = take(store, files[0][1].stream, service.config.files)
    sent = Sent(store, body, received, files[0][1].filename[:200])
    try:
        sent.taken = _read(store, received.path, sent, received.key, received.digest)
    except BaseException:
        sent.close()
        raise
    return sent


def _read(store: Store, path: Path, sent: Sent, key: str, digest: str) -> Taken:
    said = sent.fields
    reading = Reading(said["encoding"], said["separator"], said["sheet"], lenient=True)
    try:
        return take_in(path, sent.name, reading, store.put, stored=key, digest=digest)
    except Refusal as refusal:
        error = FieldError("file", "UNREADABLE", refusal.message)
        raise Refusal(refusal.status, refusal.code, refusal.message, (error,)) from refusal


def start_import(call: Call, upload: Sent) -> Answer:
    """Order an import; answer 202 with its account. What does not fit is told at once, the rows' faults by the account."""
    read_arguments(Nothing, query_text(call))
    said = upload.fields
    target = target_of(call.context, said["object"])
    if upload.received is not None:
        upload.store.keep(upload.received)
    elif "file" in said:
        held = find_file(call.context, upload.store, said["file"])
        upload.name = held.name
        upload.taken = _read(upload.store, held.path, upload, held.path.name, held.digest)
    if upload.taken is None:
        text = Text(zh="缺少文件", en="the file is missing")
        raise Refusal(422, "BAD_VALUES", text, (FieldError("file", "REQUIRED", text),))
    if said["mapping"]:
        mapping = _mapping(said["mapping"])
    else:
        mapping = suggested(target, upload.taken.settings.header, shows=Gate(call.context).shows)
    if mapping.target not in {"", target.name}:
        text = Text(zh=f"映射是给 {mapping.target} 的", en=f"the mapping is for {mapping.target}")
        raise Refusal(422, "BAD_MAPPING", text, (FieldError("mapping", "WRONG_OBJECT", text),))
    order = new_order(call.context, upload.taken, replace(mapping, target=target.name), "api")
    order = replace(order, state=orders.QUEUED, on_duplicate=said["on_duplicate"])
    order = orders.with_settings(order, trial=said["dry_run"])
    bound = bind(call.context, order, open_order(order, upload.store.place))
    number = orders.create_order(call.context, replace(order, mapping=bound.mapping))
    body = _account(call, orders.read_order(call.context, number))
    return Answer(dumped(body), 202, {"Location": f"/api/v1/imports/{number}"})


def _mapping(given: dict[str, object]) -> ImportMap:
    faults = Faults()
    found = mapping_of(read_document(orjson.dumps(given), "mapping", faults), faults)
    if faults.fatal:
        errors = tuple(FieldError("mapping", one.code, one.message) for one in faults)
        raise Refusal(422, "BAD_MAPPING", errors[0].message, errors)
    return found


def read_import(call: Call, number: str) -> Answer:
    """Answer the account of one of the caller's imports."""
    read_arguments(Nothing, query_text(call))
    return Answer(dumped(_account(call, orders.read_order(call.context, record_id(number)))))


def _account(call: Call, order: Order) -> dict[str, Any]:
    language, connection = call.context.language, call.context.connection
    warned = count_warnings(connection, order.id)
    counts = order.counts
    return {
        "id": order.id,
        "object": order.object,
        "file": order.file,
        "state": order.state,
        "dry_run": order.settings.trial,
        "on_duplicate": order.on_duplicate,
        "progress": round(order.progress, 4),
        "rows": order.settings.total,
        "created": counts.created,
        "updated": counts.updated,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "warned": warned,
        "faults": [_fault(one, language) for one in read_faults(connection, order.id, limit=SHOWN)],
        "warnings": [_fault(one, language) for one in read_warnings(connection, order.id, limit=SHOWN)],
        "error_file": f"/api/v1/imports/{order.id}/errors" if counts.failed else None,
        "error": {"code": order.error["code"], "message": order.error[language]} if order.error else None,
        "created_at": moment(order.created_at),
        "finished_at": moment(order.finished_at),
    }


def _fault(issue: Issue, language: str) -> dict[str, Any]:
    return {
        "row": issue.row, "column": issue.column, "value": issue.value, "code": issue.code,
        "message": issue.message(language),
    }  # fmt: skip


def import_errors(call: Call, number: str) -> Answer:
    """Answer the error file: a line a fault, as an attachment."""
    read_arguments(Nothing, query_text(call))
    order = orders.read_order(call.context, record_id(number))
    return Answer(
        issues_bytes(read_faults(call.context.connection, order.id), call.context.language),
        type="text/csv; charset=utf-8",
        headers={**HARMLESS, **attachment(f"{order.file}.errors.csv")},
    )


def attachment(name: str) -> dict[str, str]:
    """Return the header that has a browser save what is answered under a name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def undo_import(call: Call, number: str) -> Answer:
    """Have an import undone as a whole; answer 202 with its account."""
    turns = (orders.DONE, orders.FAILED, orders.STOPPED)
    return _turned(call, number, turns, orders.UNDOING)


def stop_import(call: Call, number: str) -> Answer:
    """Stop an import that is under way; what is in stays in."""
    return _turned(call, number, (orders.QUEUED, orders.RUNNING), orders.STOPPED)


def _turned(call: Call, number: str, states: tuple[str, ...], state: str) -> Answer:
    read_arguments(Nothing, query_text(call))
    read_ordered(Body(), read_object(call.request, optional=True))
    order = orders.read_order(call.context, record_id(number), lock=True)
    if (order.settings.trial and state == orders.UNDOING) or not orders.turn(
        call.context.connection, order.id, states, state
    ):
        said = Text(zh="这次导入现在不能这样做。", en="That can't be done with this import now.")
        raise Refusal(409, "NOT_ALLOWED_NOW", said)
    body = _account(call, orders.read_order(call.context, order.id))
    return Answer(dumped(body), 202)
