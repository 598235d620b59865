"""Nobody learns by the time it takes which logins there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import argon2

from engine.people.credentials import hash_password, verify_password

if TYPE_CHECKING:
    import pytest


def test_an_absent_account_costs_a_hash_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def count(hasher: argon2.PasswordHasher, stored: str, password: str) -> bool:
        tried.append(argon2.extract_parameters(stored))
        return bool(verify(hasher, stored, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", count)
    assert not verify_password(hash_password("right horse"), "wrong horse")
    assert not verify_password(None, "wrong horse")
    there, absent = tried
    assert there == absent
