"""Attacks on every route that takes a body, made from the route table: what is wrong with one before anybody looks into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .attacking import BODIED, NOT_THERE, OPTIONAL, address, body_of, is_problem

if TYPE_CHECKING:
    from engine.api.routes import Route

    from .conftest import Api


@pytest.mark.parametrize("route", BODIED, ids=[f"{route.method} {route.rule}" for route in BODIED])
class TestBodies:
    """What is wrong with a body before anybody looks into it."""

    def test_wrong_content_types(self, still: Api, route: Route) -> None:
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "text/html;image/png",
            "",
        ):
            is_problem(still.call(route.method, address(route), data=b'{"name": "x"}', content_type=kind), 415)
        is_problem(
            still.call(
                route.method,
                address(route),
                data="{}".encode("utf-16"),
                content_type="application/json; charset=utf-16",
            ),
            415,
        )

    def test_broken_json(self, still: Api, route: Route) -> None:
        broken = (
            b"", b"{", b"nope", b"{'a': 1}", b'{"name": NaN}', b'{"name": Infinity}', b'{"name": "\xff"}', b'{"name": "\\ud800"}',
            b'{"name": 1, "name": 2}', b'{"name": ' + b"[" * 100_000, b"\xef\xbb\xbf{}", b'{"name": 1}}', b"\x00",
        )  # fmt: skip
        for body in broken[1:] if route.rule.endswith(OPTIONAL) else broken:
            is_problem(still.call(route.method, address(route), data=body, content_type="application/json"), 400)

    def test_json_that_is_no_object(self, still: Api, route: Route) -> None:
        for body in (b"[]", b"1", b'"x"', b"null", b"true"):
            is_problem(still.call(route.method, address(route), data=body, content_type="application/json"), 422)

    def test_oversize(self, still: Api, route: Route) -> None:
        body = b'{"name": "' + b"x" * (8 * 2**20) + b'"}'
        is_problem(still.call(route.method, address(route), data=body, content_type="application/json"), 413)

    def test_no_write_without_the_right(self, still: Api, route: Route) -> None:
        if route.rule.startswith("/notifications"):
            return  # one's own inbox takes no right
        body = body_of(route)
        if route.rule == "/approvals/batch":
            for who in ("rita", "clara", "nobody"):  # each is refused by itself
                (item,) = still.as_(who).call(route.method, address(route), json=body).json["items"]
                assert (item["done"], item["problem"]["status"]) == (False, 404)
            return
        if route.method == "PATCH" or route.rule.endswith("/submit"):  # clara may change it
            is_problem(still.as_("rita").call(route.method, address(route), json=body), 404)
        elif route.rule == "/reports":  # a reading: a hidden field is not there
            is_problem(still.as_("clara").call(route.method, address(route), json=body), 400)
        else:
            refused = 404 if route.rule.endswith(NOT_THERE) else 403
            is_problem(still.as_("clara").call(route.method, address(route), json=body), refused)
        is_problem(still.as_("nobody").call(route.method, address(route), json=body), 403, 404)
