"""Files through the API: one is sent as multipart/form-data and becomes a `file` record; its content is got back as an attachment, of a
picture a small copy to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from flask import send_file

from engine.api.arguments import FileArguments, Nothing, read_arguments
from engine.api.dumping import dump_record, dump_value
from engine.api.operations import simple_operation
from engine.api.records import query_text, record_id
from engine.api.service import Answer
from engine.fields import base as fields_base
from engine.fields.upload import PICTURES
from engine.files.exchange import FILE, add_file, find_file
from engine.files.naming import clean_name
from engine.files.pictures import SIZES, NoPictureError
from engine.files.store import Store, too_large
from engine.files.taking import copy_of, take
from engine.records.query import read_one
from engine.records.rights import Right
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Request

    from engine.api.service import Call, Service
    from engine.fields.base import Field
    from engine.files.exchange import Held
    from engine.files.store import Received

FIELDS = ("about", "tag", "for")
# Whatever a content is, it runs nothing here: not as a page, not as a part of one.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A content that has arrived with what was said of it."""

    store: Store
    received: Received
    name: str
    fields: dict[str, str]

    def close(self) -> None:
        """Throw the content away where nothing came of it."""
        self.store.drop(self.received)


def receive(service: Service, request: Request) -> Upload:
    """Take in the file of a request. Raises Refusal 413, 415, 422."""
    largest = service.config.files.largest
    if request.mimetype != "multipart/form-data":
        said = Text(zh="请以 multipart/form-data 上传。", en="Send it as multipart/form-data.")
        raise Refusal(415, "WRONG_CONTENT_TYPE", said)
    if request.content_length is not None and request.content_length > largest + 2**20:
        raise too_large(largest)
    try:
        return _take(service, request)
    finally:
        request.close()  # what the form held lies in temporary files


def _take(service: Service, request: Request) -> Upload:
    files = list(request.files.items(multi=True))
    unknown = [name for name in request.form if name not in FIELDS] + [name for name, _ in files if name != "file"]
    if unknown:
        shown = unknown[0][:60]
        said = Text(zh=f"没有字段 {shown}", en=f"there is no field {shown}")
        raise Refusal(422, "UNKNOWN_FIELD", said, (FieldError(shown, "UNKNOWN_FIELD", said),))
    if len(files) != 1 or not files[0][1].filename:
        said = Text(zh="请在 file 中上传一个文件", en="send one file, as file")
        raise Refusal(422, "REQUIRED", said, (FieldError("file", "REQUIRED", said),))
    store = Store(service.config.files_folder)
    received = take(store, files[0][1].stream, service.config.files)
    return Upload(store, received, files[0][1].filename, dict(request.form.items()))


def add(call: Call, upload: Upload) -> Answer:
    """Answer 201 with the `file` record of a content that has arrived."""
    read_arguments(Nothing, query_text(call))
    fields = upload.fields
    if fields.get("for"):
        _demand_fit(call, upload, fields["for"])
    number = add_file(
        call.context,
        upload.store,
        upload.received,
        upload.name,
        about=fields.get("about", "").strip(),
        tag=fields.get("tag", "").strip(),
    )
    row = read_one(call.context, FILE, number)
    body = orjson.dumps(dump_record(call.records, FILE, row), default=dump_value)
    return Answer(body, 201, {"Location": f"/api/v1/files/{number}"})


def _demand_fit(call: Call, upload: Upload, path: str) -> None:
    """Refuse at once what the field that it is for (``object.field``) would not take when it is named there."""
    field = attached_fields(call).get(path)
    if field is None:
        said = Text(zh="没有这个文件字段", en="there is no such field of files")
        raise Refusal(422, "UNKNOWN_FIELD", said, (FieldError("for", "UNKNOWN_FIELD", said),))
    received = upload.received
    judged = fields_base.Upload(clean_name(upload.name), received.type, received.size)
    fault = field.kind.admits(field, judged) if field.kind.admits is not None else None
    if fault is not None:
        raise Refusal(422, fault.code, fault.message, (FieldError("file", fault.code, fault.message),))


def attached_fields(call: Call) -> dict[str, Field]:
    """Return ``object.field`` → the field, of all fields of files that the caller may see."""
    return {
        f"{name}.{one.name}": one
        for name, compiled in call.records.objects.items()
        if call.rights.grants(name, "read")
        for one in compiled.fields.values()
        if one.kind.attached and call.rights.field(name, one.name).most >= Right.READ
    }


def content(call: Call, number: str) -> Answer:
    """Answer a file's content, which the browser saves and never shows; or the copy of a picture, which it may show."""
    given = read_arguments(FileArguments, query_text(call))
    store = Store(call.config.files_folder)
    found = find_file(call.context, store, record_id(number))
    shown = shown_copy(store, found, given["thumbnail"]) if given["thumbnail"] else served(found)
    return Answer(stream=shown, headers=HARMLESS)


def served(file: Held) -> Response:
    """Return the response that a file's content is, to conditional and partial requests as well."""
    shows = file.type.startswith(("text/html", "image/svg", "application/xhtml", "application/xml", "text/xml"))
    return send_file(
        file.path,
        mimetype="application/octet-stream" if shows else file.type,
        as_attachment=True,
        download_name=file.name,
        conditional=True,
        etag=file.digest,
    )


def shown_copy(store: Store, file: Held, size: str) -> Response:
    """Return the response that the copy of a picture is. Raises Refusal 404 for a file that is no picture."""
    try:
        if file.type not in PICTURES:
            raise NoPictureError
        place = copy_of(store, file.key, size)
    except NoPictureError:
        said = Text(zh="这个文件没有可显示的图片。", en="This file has no picture to show.")
        raise Refusal(404, "NOT_FOUND", said) from None
    return send_file(
        place, mimetype="image/webp", download_name=f"{size}.webp", conditional=True, etag=f"{file.digest}-{size}"
    )


def file_paths(call: Call) -> dict[str, Any]:
    """Return what the OpenAPI document says of files."""
    about = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}/[1-9][0-9]{0,17}$"}
    tag = {"type": "string", "maxLength": 60, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]*$"}
    places = sorted(attached_fields(call))
    sent = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "minLength": 1},
            "about": about,
            "tag": tag,
            **({"for": {"type": "string", "enum": places}} if places else {}),
        },
        "required": ["file"],
        "additionalProperties": False,
    }
    add_one = simple_operation("create_upload", FILE, {"$ref": f"#/components/schemas/{FILE}"}, status=201, also=(429,))
    add_one["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": sent}}}
    add_one["parameters"] = [{"$ref": "#/components/parameters/key"}]
    get_one = simple_operation(
        "read_content",
        FILE,
        None,
        parameters=[{"name": "thumbnail", "in": "query", "schema": {"type": "string", "enum": [*SIZES]}}],
        also=(410,),
    )
    get_one["responses"]["200"]["content"] = {"*/*": {}}
    return {
        "/files": {"post": add_one},
        "/files/{id}": {"parameters": [{"$ref": "#/components/parameters/id"}], "get": get_one},
    }
