"""The API against its own OpenAPI document, by schemathesis: every operation with data that fits its schema and data that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

if TYPE_CHECKING:
    from .conftest import Api

# A request that fits the schema may still be refused for what the schema can't say: a filter that is no expression, a link to
# nothing, a name that is taken. So acceptance of whatever fits is not among the checks.
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.ignored_auth,
]


def run(operation: Any, mode: GenerationMode, headers: dict[str, str], examples: int) -> None:
    """Send generated requests of one operation and check each answer."""

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
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        send()
    except Unsatisfiable:  # nothing wrong can be sent to an operation that takes nothing
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize(
    ("who", "mode", "examples"),
    [("boss", GenerationMode.POSITIVE, 5), ("boss", GenerationMode.NEGATIVE, 4), ("rita", GenerationMode.POSITIVE, 2)],
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
