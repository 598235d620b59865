"""What attacks on the API have in common: which routes write and take a body, their addresses, how a refusal looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.api.routes import ROUTES, Route

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

WRITES = [route for route in ROUTES if route.method != "GET" and not route.open]  # open: the message proves its sender
BODIED = [
    route for route in WRITES if route.method in {"POST", "PATCH"} and "restore" not in route.rule and not route.receive
]
EMPTY = ("/claim", "/release", "/lock", "/unlock", "/undo", "/stop")  # acts that say everything by their address
OPTIONAL = (*EMPTY, "/<transition_name>", "/<automation>", "/submit", "/<operation>")  # acts that may say no more
NOT_THERE = ("/<transition_name>", "/<automation>", "/<operation>", "/undo", "/stop")  # what the test pack has none of


def address(route: Route, number: object = 1, name: str = "customer", other: str = "orders") -> str:
    return (
        route.rule.replace("<name>", name)
        .replace("<number>", str(number))
        .replace("<other>", other)
        .replace("<transition_name>", "go")
    )


def body_of(route: Route) -> dict[str, Any]:
    """Return a body that is in order as far as its shape goes, where rights depend on what is in it."""
    bodies: dict[str, dict[str, Any]] = {
        "/records/<name>/bulk": {"create": [{"name": "x"}]},
        "/approvals/batch": {"ids": [1], "operation": "approve"},
        "/targets": {"target": "credit", "period": "2026-01", "user": 1, "value": "1"},
        "/reports": {"object": "customer", "measures": {"most": "MAX(rows.credit)"}},
        "/exports": {"object": "customer"},
        "/records/<name>/duplicates": {"values": {"name": "x"}},
        "/records/<name>/<number>/merge": {"into": 2},
    }
    return bodies.get(route.rule, {} if route.rule.endswith(EMPTY) else {"name": "x"})


def is_problem(answer: TestResponse, *statuses: int) -> None:
    assert answer.status_code in statuses, (answer.status_code, answer.get_data(as_text=True))
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["code"]
    assert "Traceback" not in answer.get_data(as_text=True)
    assert "psycopg" not in answer.get_data(as_text=True).lower()
