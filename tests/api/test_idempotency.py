"""Writes sent again under an Idempotency-Key: done once, answered alike."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Api


def test_a_repeat_under_its_key_is_given_the_first_answer(api: Api) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = api.post("/records/customer", {"name": "A"}, headers=key)
    again = api.post("/records/customer", {"name": "A"}, headers=key)
    assert (again.status_code, again.get_data(), again.headers["ETag"], again.headers["Location"]) == (
        201,
        first.get_data(),
        first.headers["ETag"],
        first.headers["Location"],
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert api.sql("SELECT count(*) FROM app.customer")[0][0] == 1
    other = api.post("/records/customer", {"name": "B"}, headers=key)
    assert (other.status_code, other.json["code"]) == (422, "KEY_REUSED")
    assert (
        api.as_("mara").post("/records/customer", {"name": "C"}, headers=key).status_code == 201
    )  # keys are each caller's own
    api.moment[0] += timedelta(hours=25)
    assert api.post("/records/customer", {"name": "D"}, headers=key).status_code == 201


def test_a_refused_write_leaves_its_key_free(api: Api) -> None:
    key = {"Idempotency-Key": "k-2"}
    assert api.post("/records/customer", {"name": 5}, headers=key).status_code == 422
    assert api.post("/records/customer", {"name": "A"}, headers=key).status_code == 201


def test_every_write_takes_a_key(api: Api) -> None:
    number = api.customer("A")
    for method, path, body in (
        ("PATCH", f"/records/customer/{number}", {"name": "B"}),
        ("POST", "/records/customer/bulk", {"create": [{"name": "C"}]}),
        ("DELETE", f"/records/customer/{number}", None),
        ("POST", f"/records/customer/{number}/restore", None),
    ):
        options = {} if body is None else {"json": body}
        key = {"Idempotency-Key": f"{method} {path}"}
        first, again = (api.call(method, path, headers=key, **options) for _ in range(2))
        assert first.status_code in {200, 204}
        assert (again.status_code, again.get_data()) == (first.status_code, first.get_data())
        assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "käse"])
def test_a_key_that_is_none_is_400(api: Api, key: str) -> None:
    assert api.post("/records/customer", {"name": "A"}, headers={"Idempotency-Key": key}).status_code == 400


def test_at_once_under_one_key_only_one_is_done(api: Api) -> None:
    answers = []

    def send() -> None:
        answers.append(api.post("/records/customer", {"name": "A"}, headers={"Idempotency-Key": "same"}))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_data() for answer in answers}) == 1
    assert api.sql("SELECT count(*) FROM app.customer")[0][0] == 1
