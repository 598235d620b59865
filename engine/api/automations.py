"""Rules over the API: buttons that somebody presses on a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.api.arguments import Nothing, read_arguments
from engine.api.bodies import read_object
from engine.api.operations import simple_operation
from engine.api.records import query_text, record_id
from engine.api.service import Answer
from engine.automation.buttons import demand_button, press_button
from engine.automation.rules import Automations
from engine.records.query import read_one_json
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.api.service import Call


def run_automation(call: Call, name: str, number: str, automation: str) -> Answer:
    """Press a button of a record; answer the record as it is then."""
    found = record_id(number)
    read_arguments(Nothing, query_text(call))
    body = read_object(call.request, optional=True)
    if body:
        demand_button(call.context, name, found, automation)  # nothing is said of a body to whoever may not press it
        said = Text(zh="没有这个字段", en="there is no such field")
        errors = tuple(FieldError(str(one), "UNKNOWN_FIELD", said) for one in body)
        raise Refusal(422, "UNKNOWN_FIELD", said, errors)
    press_button(call.context, name, found, automation)
    return Answer(read_one_json(call.context, name, found)[1])


def button_paths(call: Call, name: str) -> dict[str, Any]:
    """Return the addresses of an object's buttons for the OpenAPI document."""
    here = [{"$ref": "#/components/parameters/id"}]
    paths: dict[str, Any] = {}
    for rule in call.context.runtime.part(Automations).buttons(name):
        key = [{"$ref": "#/components/parameters/key"}]
        operation = simple_operation(
            f"run_{name}_{rule.name}", name, {"$ref": f"#/components/schemas/{name}"}, parameters=key
        )
        operation["responses"] |= simple_operation("update_", name, None)["responses"] | operation["responses"]
        paths[f"/records/{name}/{{id}}/run/{rule.name}"] = {"parameters": here, "post": operation}
    return paths
