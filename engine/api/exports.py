"""Exports over the API: records are asked for, a small file is there at once and a large one when a worker has written it. Only who asked gets
it, as an attachment, for some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import send_file
from marshmallow import ValidationError, fields, validate

from engine.api.arguments import LONGEST, MOST_NAMES, Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.files import HARMLESS
from engine.api.ordering import Body, dumped, moment, read_ordered
from engine.api.records import query_text, record_id
from engine.api.service import Answer
from engine.files.store import Store
from engine.refusals import Refusal, renamed
from engine.transfer import export_orders
from engine.transfer.export import Wanted
from engine.transfer.export_work import write_at_once
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call
    from engine.transfer.export_orders import ExportOrder


def _different(names: list[str]) -> None:
    """Refuse a name that is there twice. Raises ValidationError."""
    if len(set(names)) < len(names):
        raise ValidationError("Named twice.")


_NAMES = validate.And(validate.Length(max=MOST_NAMES), _different)


class ExportBody(Body):
    """What is wanted."""

    object = fields.String(required=True, validate=validate.Length(1, 120))
    view = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    filter = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    search = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    sort = fields.List(fields.String(validate=validate.Length(1, 200)), load_default=list, validate=_NAMES)
    columns = fields.List(fields.String(validate=validate.Length(1, 200)), load_default=list, validate=_NAMES)
    format = fields.String(load_default="csv", validate=validate.OneOf(export_orders.FORMATS))


def start_export(call: Call) -> Answer:
    """Order an export: 201 with the file there, 202 where a worker is to write it."""
    read_arguments(Nothing, query_text(call))
    said = read_ordered(ExportBody(), read_object(call.request))
    wanted = Wanted(
        said["object"], said["view"], said["filter"], said["search"], tuple(said["sort"]), tuple(said["columns"])
    )
    try:
        order = export_orders.order_export(call.context, wanted, said["format"])
    except Refusal as refusal:
        raise renamed(refusal, {"fields": "columns"}) from refusal
    if order.total <= export_orders.AT_ONCE:
        write_at_once(call.context, order, Store(call.config.files_folder).put)
        order = export_orders.read_export(call.context, order.id)
    status = 201 if order.state == export_orders.DONE else 202
    return Answer(dumped(_account(call, order)), status, {"Location": f"/api/v1/exports/{order.id}"})


def read_export(call: Call, number: str) -> Answer:
    """Answer the account of one of the caller's exports."""
    read_arguments(Nothing, query_text(call))
    return Answer(dumped(_account(call, export_orders.read_export(call.context, record_id(number)))))


def _account(call: Call, order: ExportOrder) -> dict[str, Any]:
    done = order.state == export_orders.DONE
    return {
        "id": order.id,
        "object": order.object,
        "format": order.format,
        "state": order.state,
        "progress": round(order.progress, 4),
        "rows": order.rows,
        "total": order.total,
        "size": order.size,
        "file": f"/api/v1/exports/{order.id}/file" if done else None,
        "error": {"code": order.error["code"], "message": order.error[call.context.language]} if order.error else None,
        "created_at": moment(order.created_at),
        "expires_at": moment(order.expires_at),
    }


def export_file(call: Call, number: str) -> Answer:
    """Answer the file of an export, as an attachment."""
    read_arguments(Nothing, query_text(call))
    order = export_orders.read_export(call.context, record_id(number))
    path = Store(call.config.files_folder).place(order.stored) if order.stored else None
    if path is None or not path.is_file():
        raise Refusal(
            404, "NOT_FOUND", Text(zh="文件尚未生成，或已过期。", en="The file is not there yet, or has expired.")
        )
    name = f"{order.object}-{order.created_at:%Y%m%d-%H%M}.{order.format}"
    sent = send_file(
        path, mimetype=export_orders.TYPES[order.format], as_attachment=True, download_name=name, etag=order.stored
    )
    return Answer(stream=sent, headers=HARMLESS)
