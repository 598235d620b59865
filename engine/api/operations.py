"""The operations of the OpenAPI document: what each call takes and answers, its problems among that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.api.arguments import LONGEST
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call

_PROBLEMS: dict[int, Text] = {
    400: Text(zh="请求、参数、筛选或排序有误", en="a malformed request, argument, filter or sort"),
    401: Text(zh="缺少有效的令牌", en="no valid token"),
    403: Text(zh="没有权限", en="not allowed"),
    404: Text(zh="不存在，或看不到", en="not there, or not for this viewer"),
    405: Text(zh="不支持的方法", en="a method this address lacks"),
    409: Text(zh="当前状态、锁定或竞争不允许", en="forbidden by the state, a lock or a lost race"),
    412: Text(zh="版本已过期", en="a stale version"),
    410: Text(zh="已不在服务器上", en="not on the server any more"),
    413: Text(zh="内容过大", en="too large a body"),
    414: Text(zh="地址过长", en="too long an address"),
    415: Text(zh="内容不是 JSON", en="a body that is no JSON"),
    422: Text(zh="值有误", en="bad values"),
    429: Text(zh="过多", en="too many"),
    503: Text(zh="暂不可用", en="not available right now"),
}
_READ = (400, 401, 403, 404, 405, 414, 503)
_WRITE = (400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 503)


def problem_responses(language: str) -> dict[str, Any]:
    """Return the components for problems."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {
        f"problem_{status}": {"description": text(language), "content": content} for status, text in _PROBLEMS.items()
    }


def simple_operation(
    operation: str,
    tag: str,
    schema: dict[str, Any] | None,
    *,
    parameters: list[dict[str, Any]] | None = None,
    body: dict[str, Any] | None = None,
    status: int = 200,
    etag: bool = False,
    also: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Return an operation. ``schema`` None: it answers nothing; ``also``: the problems that are its own."""
    writes = body is not None or operation.split("_", maxsplit=1)[0] in {
        "create",
        "update",
        "delete",
        "restore",
        "bulk",
    }
    answer: dict[str, Any] = {"description": "OK"}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
    if etag:
        answer["headers"] = {"ETag": {"schema": {"type": "string"}, "required": True}}
    found: dict[str, Any] = {
        "operationId": operation,
        "tags": [tag],
        "responses": {
            str(status): answer,
            **{
                str(code): {"$ref": f"#/components/responses/problem_{code}"}
                for code in sorted((*(_WRITE if writes else _READ), *also))
            },
        },
    }
    if parameters:
        found["parameters"] = parameters
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


def create_operation(name: str, parameters: list[dict[str, Any]], acts: list[str]) -> dict[str, Any]:
    """Return the operation that creates a record, with links to what can be done with it."""
    record, body = {"$ref": f"#/components/schemas/{name}"}, {"$ref": f"#/components/schemas/{name}_new"}
    found = simple_operation(f"create_{name}", name, record, parameters=parameters, body=body, status=201, etag=True)
    found["responses"]["201"]["headers"]["Location"] = {"schema": {"type": "string"}}
    found["responses"]["201"]["links"] = {
        f"{act}_{name}": {"operationId": f"{act}_{name}", "parameters": {"id": "$response.body#/id"}} for act in acts
    }
    return found


def list_parameters(call: Call, name: str) -> list[dict[str, Any]]:
    """Return what a list takes."""
    compiled = call.records.objects[name]
    text = {"type": "string", "maxLength": LONGEST}
    found: list[tuple[str, dict[str, Any], str]] = [
        ("filter", text, 'An expression: `amount >= 100000 and stage <> "lost"`'),
        ("sort", {"$ref": f"#/components/schemas/{name}_order"}, "Names, - in front for descending: `-amount,name`"),
        ("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 20}, "Records of a page"),
        ("after", text, "`next` of the page before"),
        (
            "fields",
            {"$ref": f"#/components/schemas/{name}_names"},
            "Names and paths, over further links too: `name,customer.name`",
        ),
        ("search", text, "Words to look for"),
        ("count", {"type": "boolean"}, "Count all that match"),
        ("binned", {"type": "boolean"}, "The recycle bin instead"),
    ]
    if compiled.definition.views:
        found.insert(5, ("view", {"type": "string", "enum": list(compiled.definition.views)}, "A view of the object"))
    listed = {"style": "form", "explode": False}  # names in one argument, with commas
    return [
        {"name": key, "in": "query", "schema": schema, "description": about, **(listed if "$ref" in schema else {})}
        for key, schema, about in found
    ]


def list_operation(call: Call, name: str) -> dict[str, Any]:
    """Return the operation that lists records."""
    schema = {"$ref": f"#/components/schemas/{name}_list"}
    return simple_operation(f"list_{name}", name, schema, parameters=list_parameters(call, name))


def related_operation(call: Call, name: str, other: str, object_name: str) -> dict[str, Any]:
    """Return the operation that lists what links to a record."""
    schema = {"$ref": f"#/components/schemas/{object_name}_list"}
    return simple_operation(f"related_{name}_{other}", name, schema, parameters=list_parameters(call, object_name))


def history_operation(name: str) -> dict[str, Any]:
    """Return the operation that reads a record's history."""
    parameters = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}},
        {"name": "after", "in": "query", "schema": {"type": "string", "maxLength": LONGEST}},
    ]
    return simple_operation(f"history_{name}", name, {"$ref": "#/components/schemas/history"}, parameters=parameters)


def bulk_operation(name: str, parameters: list[dict[str, Any]], grants: dict[str, bool]) -> dict[str, Any]:
    """Return the operation that makes many changes at once, with the steps that the viewer may take."""
    number = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    version = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 2**31 - 1}, {"type": "null"}]}
    base = {
        "type": ["object", "null"],
        "description": "what the writer saw: field → value, lines as rows with their ids",
    }
    change = {"$ref": f"#/components/schemas/{name}_change"}
    steps = {
        "create": ("create", {"$ref": f"#/components/schemas/{name}_new"}),
        "update": (
            "update",
            _closed({"id": number, "version": version, "base": base, "values": change}, ["id", "values"]),
        ),
        "delete": ("delete", _closed({"id": number, "version": version}, ["id"])),
        "restore": ("delete", number),
    }
    properties = {
        step: {"type": "array", "maxItems": 1000, "items": items} for step, (act, items) in steps.items() if grants[act]
    }
    answer = {"$ref": "#/components/schemas/bulk"}
    return simple_operation(f"bulk_{name}", name, answer, parameters=parameters, body=_closed(properties, []))


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})
