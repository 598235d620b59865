"""The OpenAPI 3.1 document of a viewer: the addresses and schemas of the objects, fields and acts that their roles give them. Kept per
version, set of roles and language. The schemas of records are in schemas.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.api.approvals_document import approval_paths, submit_paths
from engine.api.arguments import Nothing, read_arguments
from engine.api.automations import button_paths
from engine.api.definitions import readable, right_to
from engine.api.files import file_paths
from engine.api.idempotency import KEY_HEADER, LONGEST
from engine.api.inbox_document import inbox_paths
from engine.api.insight_document import insight_paths
from engine.api.merge import merge_paths
from engine.api.operations import (
    bulk_operation,
    create_operation,
    history_operation,
    list_operation,
    problem_responses,
    related_operation,
    simple_operation,
)
from engine.api.records import LARGEST_ID, query_text
from engine.api.schemas import FIXED, list_schema, object_schemas
from engine.api.service import Answer
from engine.api.sharing import sharing_paths
from engine.api.transfers_document import transfer_paths
from engine.api.transitions import STANDING, transition_paths
from engine.files.exchange import FILE
from engine.records.rights import Right
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call


def openapi(call: Call) -> Answer:
    """Answer the document."""
    read_arguments(Nothing, query_text(call))
    key = ("openapi", call.rights.full, call.rights.roles, call.context.language)
    body: bytes = call.records.memory.get(key, lambda: orjson.dumps(make_document(call), default=str))
    return Answer(body)


def make_document(call: Call) -> dict[str, Any]:
    """Return the document for the call's viewer."""
    language = call.context.language
    schemas: dict[str, Any] = {**FIXED, "standing": STANDING}
    paths: dict[str, Any] = _definition_paths() | inbox_paths({"$ref": "#/components/parameters/key"})
    paths |= approval_paths(call, {"$ref": "#/components/parameters/key"})
    paths |= insight_paths(call, {"$ref": "#/components/parameters/key"})
    paths |= transfer_paths({"$ref": "#/components/parameters/key"})
    for name in readable(call):
        schemas |= object_schemas(call, name)
        schemas[f"{name}_list"] = list_schema(name)
        if not call.records.objects[name].parent:
            paths |= submit_paths(call, name, {"$ref": "#/components/parameters/key"})
            paths |= (
                _object_paths(call, name)
                | transition_paths(call, name)
                | sharing_paths(call, name)
                | button_paths(call, name)
                | merge_paths(call, name)
            )
    if FILE in call.records.objects:
        paths |= file_paths(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": Text(zh="榫卯 Tenon 接口", en="Tenon API")(language),
            "version": str(call.context.runtime.version),
            "description": Text(
                zh='按已发布的定义与您的权限生成。金额、小数和百分比以字符串传输；百分比是小数（"0.13"）。',
                en='Made from the published definitions and your rights. Money, decimals and percents travel as strings; a percent is the fraction ("0.13").',
            )(language),
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "tags": [
            {"name": name, "description": call.records.objects[name].definition.label(language)}
            for name in readable(call)
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": _parameters(),
            "responses": problem_responses(language),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _parameters() -> dict[str, Any]:
    return {
        "key": {
            "name": KEY_HEADER,
            "in": "header",
            "description": "A repeat of the request under the same key is given the first answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
        },
        "if_match": {
            "name": "If-Match",
            "in": "header",
            "description": "The ETag that the record must have.",
            "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,9}")$'},
        },
        "id": {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        },
    }


def _definition_paths() -> dict[str, Any]:
    anything = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/object"}}},
    }
    return {
        "/openapi.json": {"get": simple_operation("openapi", "definitions", {"type": "object"})},
        "/objects": {"get": simple_operation("list_objects", "definitions", anything)},
        "/objects/{object}": {
            "get": simple_operation(
                "read_object",
                "definitions",
                {"$ref": "#/components/schemas/object"},
                parameters=[
                    {
                        "name": "object",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"},
                    }
                ],
            )
        },
    }


def _object_paths(call: Call, name: str) -> dict[str, Any]:
    grants = {act: call.rights.grants(name, act) for act in ("create", "update", "delete")}
    record = {"$ref": f"#/components/schemas/{name}"}
    here, key, match = (
        [{"$ref": "#/components/parameters/id"}],
        {"$ref": "#/components/parameters/key"},
        {"$ref": "#/components/parameters/if_match"},
    )
    base, one = f"/records/{name}", f"/records/{name}/{{id}}"
    many: dict[str, Any] = {"get": list_operation(call, name)}
    single: dict[str, Any] = {
        "parameters": here,
        "get": simple_operation(f"read_{name}", name, record, etag=True),
    }
    if grants["create"]:
        follow = [
            "read",
            "history",
            "access",
            *(["update"] if grants["update"] else []),
            *(["delete", "restore"] if grants["delete"] else []),
        ]
        many["post"] = create_operation(name, [key], follow)
    if grants["update"]:
        body = {"$ref": f"#/components/schemas/{name}_change"}
        single["patch"] = simple_operation(
            f"update_{name}", name, record, parameters=[key, match], body=body, etag=True
        )
    if grants["delete"]:
        single["delete"] = simple_operation(f"delete_{name}", name, None, parameters=[key, match], status=204)
    paths: dict[str, Any] = {base: many, one: single}
    if any(grants.values()):
        paths[f"{base}/bulk"] = {"post": bulk_operation(name, [key], grants)}
    if grants["delete"]:
        paths[f"{one}/restore"] = {
            "parameters": here,
            "post": simple_operation(f"restore_{name}", name, record, parameters=[key], etag=True),
        }
    paths[f"{one}/history"] = {"parameters": here, "get": history_operation(name)}
    paths[f"{one}/access"] = {
        "parameters": here,
        "get": simple_operation(
            f"access_{name}",
            name,
            {"$ref": "#/components/schemas/access"},
            parameters=[
                {"name": "user", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}}
            ],
        ),
    }
    for other, reverse in call.records.objects[name].reverse.items():
        readable_side = (
            call.rights.grants(reverse.object, "read") and right_to(call, reverse.object, reverse.field) >= Right.READ
        )
        if not reverse.lines and readable_side:
            paths[f"{one}/related/{other}"] = {
                "parameters": here,
                "get": related_operation(call, name, other, reverse.object),
            }
    return paths
