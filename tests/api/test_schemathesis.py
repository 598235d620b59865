"""The API against its own OpenAPI document, by schemathesis: every operation with data that fits its schema and data that does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

if TYPE_CHECKING:
    from .conftest import Api

# What a schema can't say, so that a request that fits it may be refused for it all the same. Everything else that fits must be taken.
BEYOND_SCHEMAS = {
    "DANGLING_LINK": "which records there are, and which the caller may read",
    "OUTSIDE_FILTER": "which of them a link may be set to",
    "UNKNOWN_LINE": "which rows a record has",
    "DUPLICATE": "which names are taken",
    "CHECK_FAILED": "rules over several fields",
    "REQUIRED": "fields that others make required, and defaults that come to nothing",
    "READONLY_FIELD": "fields that others close",
    "TOO_SMALL": "bounds of dates, and of numbers that travel as text",
    "TOO_BIG": "the same",
    "TOO_DEEP": "decimals of numbers, which binary floats don't have",
    "REPEATED": "records named twice in a body",
    "INTO_ITSELF": "that a record is not the one it goes into",
    "UNREADABLE": "which bytes are a table",
    "EMPTY_FILE": "that a file has any",
    "FILE_TYPE": "what they are, whatever the name says",
    "BAD_CURSOR": "which page came before",
}


EXPRESSIONS = frozenset(
    {"filter", "totals", "by", "mapping"}
)  # fields of errors of what is written in the language, is a definition of its own, or names fields of the pack


ASKED = re.compile(r"(rows|columns)\[\d+\]|measures\..*", re.DOTALL)  # the same, of one part of a report


def beyond_schemas(error: dict[str, str]) -> bool:
    """Whether an error is about something that a schema can't say. A filter is an expression: a language of its own."""
    written = error["field"] in EXPRESSIONS or ASKED.fullmatch(error["field"])
    return error["code"] in BEYOND_SCHEMAS or bool(written)


@schemathesis.check
def accepted(ctx: Any, response: Any, case: Any) -> None:
    """The check that data which fits is accepted, but for what schemas can't say: each error of a refusal must be of that sort."""
    if response.status_code in {400, 422} and case.meta.generation.mode.is_positive:
        errors = response.json().get("errors", [])
        if errors and all(map(beyond_schemas, errors)):
            return
    checks.positive_data_acceptance(ctx, response, case)


def run(operation: Any, mode: GenerationMode, headers: dict[str, str], examples: int) -> None:
    """Send generated requests of one operation and check each answer by all of schemathesis's own checks."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and "Idempotency-Key" in (case.headers or {}):
            case.headers["Idempotency-Key"] = uuid4().hex  # one key, one request
        case.call_and_validate(
            headers=headers, excluded_checks=[checks.positive_data_acceptance], additional_checks=[accepted]
        )

    try:
        send()
    except Unsatisfiable:  # nothing wrong can be sent to an operation that takes nothing
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize(
    ("who", "mode", "examples"),
    [
        ("boss", GenerationMode.POSITIVE, 2),
        ("boss", GenerationMode.NEGATIVE, 2),
        ("rita", GenerationMode.POSITIVE, 2),
        pytest.param("boss", GenerationMode.POSITIVE, 20, marks=pytest.mark.soak),
        pytest.param("boss", GenerationMode.NEGATIVE, 20, marks=pytest.mark.soak),
    ],
)
def test_every_operation(api: Api, who: str, mode: GenerationMode, examples: int) -> None:
    for name in ("A", "B"):
        api.customer(name, who, credit=5, region="east")
    headers = {"Authorization": f"Bearer {api.tokens[who]}"}
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.app, headers=headers)
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        run(operation, mode, headers, examples)
