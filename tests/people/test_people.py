"""People read into actors, roles, passwords, tokens, sessions and sign-in, on a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.config import Config
from engine.people import credentials, roles, sessions, tokens
from engine.people.actors import load_actor, load_profile
from engine.people.auditing import note_sign_in
from engine.people.sign_in import forget_tries, sign_in
from engine.refusals import Refusal
from engine.storage.tables import sign_in as tries

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CONFIG = Config(home=Path("/nowhere"))


@pytest.fixture
def engine(system_database):
    """A company: boss 1 over ann 2 and bob 3, cem 4 under ann; dan 5 and eve 6 are each other's manager; departments 1 > 2 > 3."""
    with system_database.engine.begin() as connection:
        for statement in (
            "CREATE TABLE app.department (id bigint PRIMARY KEY, name text, part_of bigint, deleted_at timestamptz)",
            (
                'CREATE TABLE app."user" (id bigint PRIMARY KEY, login text, name text, email text, department bigint, '
                "manager bigint, frozen boolean, language text, zone text, deleted_at timestamptz)"
            ),
            "INSERT INTO app.department (id, name, part_of) VALUES (1, 'all', NULL), (2, 'east', 1), (3, 'city', 2), (4, 'old', 2)",
            "UPDATE app.department SET deleted_at = now() WHERE id = 4",
            (
                'INSERT INTO app."user" (id, login, name, department, manager, frozen, language) VALUES '
                "(1, 'boss', '老板', 1, NULL, false, 'zh'), (2, 'ann', 'Ann', 2, 1, false, 'en'), (3, 'bob', 'Bob', 2, 1, true, NULL), "
                "(4, 'cem', NULL, 3, 2, NULL, NULL), (5, 'dan', 'Dan', NULL, 6, false, NULL), (6, 'eve', 'Eve', NULL, 5, false, NULL)"
            ),
        ):
            connection.execute(sa.text(statement))
    return system_database.engine


def attempt(engine, password, now=NOW, login="ann", address="10.0.0.1"):
    return sign_in(engine, CONFIG, login=login, password=password, address=address, now=now)


def codes(engine, tries, **options):
    found = []
    for _ in range(tries):
        with pytest.raises(Refusal) as refusal:
            attempt(engine, "wrong", **options)
        found.append((refusal.value.status, refusal.value.code))
    return found


def test_an_actor_knows_everybody_below_and_every_department(engine):
    with engine.begin() as connection:
        roles.grant_roles(connection, 1, ["director", "admin"], at=NOW)
        boss = load_actor(connection, login="BOSS")
        assert (boss.id, boss.login, boss.name, boss.department, boss.manager) == (1, "boss", "老板", 1, None)
        assert boss.reports == (2, 3, 4)
        assert boss.departments == (1, 2, 3)
        assert boss.roles == {"admin", "director"}
        assert load_profile(connection, user_id=2).language == "en"
        cem = load_actor(connection, user_id=4)
        assert (cem.name, cem.manager, cem.reports, cem.departments, cem.roles) == ("", 2, (), (3,), frozenset())


def test_circles_of_managers_end(engine):
    with engine.begin() as connection:
        assert load_actor(connection, login="dan").reports == (6,)
        assert load_actor(connection, login="eve").reports == (5,)


def test_an_actor_costs_one_statement(engine):
    statements = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with engine.begin() as connection:
        load_actor(connection, login="boss")
    assert len(statements) == 1


def test_frozen_and_unknown_people_do_nothing(engine):
    with engine.begin() as connection:
        assert load_actor(connection, login="bob") is None
        assert load_profile(connection, login="bob").frozen
        assert load_actor(connection, login="nobody") is None
        connection.execute(sa.text('UPDATE app."user" SET deleted_at = now() WHERE id = 2'))
        assert load_actor(connection, login="ann") is None


def test_roles_are_given_and_taken(engine):
    with engine.begin() as connection:
        roles.grant_roles(connection, 2, ["rep", "manager"], at=NOW, by=1)
        roles.grant_roles(connection, 2, ["rep"], at=NOW)
        roles.grant_roles(connection, 4, ["rep"], at=NOW)
        assert roles.roles_of(connection, 2) == {"rep", "manager"}
        assert roles.holders(connection, "rep") == [2, 4]
        roles.revoke_roles(connection, 2, ["rep"])
        assert roles.roles_of(connection, 2) == {"manager"}


def test_passwords_are_argon2id_and_salted():
    first, second = credentials.hash_password("正确的密码 1"), credentials.hash_password("正确的密码 1")
    assert first.startswith("$argon2id$")
    assert first != second
    assert credentials.verify_password(first, "正确的密码 1")
    assert not credentials.verify_password(first, "正确的密码 2")
    assert not credentials.verify_password(None, "x")
    assert not credentials.verify_password("broken", "x")
    assert not credentials.outdated(credentials._NOBODY)
    assert len({credentials.random_password() for _ in range(50)}) == 50


@pytest.mark.parametrize(("password", "login"), [("short", "ann"), ("x" * 1025, "ann"), ("AnnAnnAnn", "annannann")])
def test_weak_passwords_are_refused(password, login):
    with pytest.raises(Refusal) as refusal:
        credentials.check_password_rules(password, login, 8)
    assert refusal.value.code == "WEAK_PASSWORD"
    assert refusal.value.errors[0].field == "password"


def test_tokens(engine):
    with engine.begin() as connection:
        secret = tokens.issue_token(connection, 2, NOW, days=1)
        forever = tokens.issue_token(connection, 2, NOW)
        assert tokens.find_token(connection, secret, NOW) == 2
        assert tokens.find_token(connection, secret, NOW + timedelta(days=1)) is None
        assert tokens.find_token(connection, forever, NOW + timedelta(days=1000)) == 2
        assert tokens.find_token(connection, secret + "x", NOW) is None
        kept = connection.scalars(sa.text("SELECT t::text FROM tenon.token t")).all()
        assert not any(secret in row for row in kept)
        assert tokens.revoke_tokens(connection, 2) == 2
        assert tokens.find_token(connection, forever, NOW) is None


def test_sessions_live_while_they_are_used(engine):
    with engine.begin() as connection:
        secret = sessions.open_session(connection, 2, NOW, hours=12)
        assert sessions.find_session(connection, secret, NOW + timedelta(hours=11), hours=12) == 2
        assert sessions.find_session(connection, secret, NOW + timedelta(hours=22), hours=12) == 2
        assert sessions.find_session(connection, secret, NOW + timedelta(hours=35), hours=12) is None
        other = sessions.open_session(connection, 2, NOW + timedelta(hours=30), hours=12)
        assert sessions.forget_expired(connection, NOW + timedelta(hours=35)) == 1
        third = sessions.open_session(connection, 2, NOW + timedelta(hours=30), hours=12)
        assert sessions.close_all(connection, 2, but=other) == 1
        assert sessions.find_session(connection, third, NOW + timedelta(hours=31), hours=12) is None
        sessions.close_session(connection, other)
        assert sessions.find_session(connection, other, NOW + timedelta(hours=31), hours=12) is None


def test_sign_in(engine):
    with engine.begin() as connection:
        credentials.set_password(connection, 2, "once upon", NOW)
        credentials.set_password(connection, 2, "correct horse", NOW)
        credentials.set_password(connection, 3, "correct horse", NOW)
    assert attempt(engine, "correct horse", login=" ANN ").actor.id == 2
    for login in ("ann", "bob", "boss", "nobody"):  # wrong password, frozen, without a password, unknown: all the same
        password = "correct horse" if login == "bob" else "wrong"
        with pytest.raises(Refusal) as refusal:
            attempt(engine, password, login=login)
        assert (refusal.value.status, refusal.value.code) == (401, "WRONG_SIGN_IN")


def test_failures_block_the_account_for_a_while(engine):
    with engine.begin() as connection:
        credentials.set_password(connection, 2, "correct horse", NOW)
    assert codes(engine, 6) == [(401, "WRONG_SIGN_IN")] * 5 + [(429, "TOO_MANY_TRIES")]
    with pytest.raises(Refusal) as refusal:
        attempt(engine, "correct horse", NOW + timedelta(minutes=14))
    assert refusal.value.status == 429
    assert "1 minute" in refusal.value.message.en
    assert attempt(engine, "correct horse", NOW + timedelta(minutes=16)).actor.id == 2
    assert codes(engine, 4, now=NOW + timedelta(minutes=17)) == [(401, "WRONG_SIGN_IN")] * 4
    assert attempt(engine, "correct horse", NOW + timedelta(minutes=17)).actor.id == 2


def test_nobody_locks_somebody_else_out(engine):
    """Neither from one place nor from many: where its owner has signed in before, the account stays open; elsewhere it is not tried for ever."""
    with engine.begin() as connection:
        credentials.set_password(connection, 2, "correct horse", NOW)
        note_sign_in(connection, 2, NOW, address="10.0.0.1", agent="")
    codes(engine, 6, address="66.6.6.6")
    assert attempt(engine, "correct horse", address="10.0.0.9").actor.id == 2
    with engine.begin() as connection:
        connection.execute(sa.update(tries).where(tries.c.key == "login:ann").values(failures=99))
    assert codes(engine, 2, address="66.6.7.1") == [(401, "WRONG_SIGN_IN"), (429, "TOO_MANY_TRIES")]
    assert codes(engine, 1, address="66.6.7.2") == [(429, "TOO_MANY_TRIES")]
    assert attempt(engine, "correct horse").actor.id == 2


def test_failures_block_an_address_that_tries_many_accounts(engine):
    found = [codes(engine, 1, login=f"guess{number}")[0][1] for number in range(51)]
    assert found == ["WRONG_SIGN_IN"] * 50 + ["TOO_MANY_TRIES"]
    with engine.begin() as connection:
        assert forget_tries(connection, NOW + timedelta(days=1)) == 101


def test_a_hash_of_former_parameters_is_made_anew_at_sign_in(engine):
    former = credentials.argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    with engine.begin() as connection:
        credentials.set_password(connection, 2, "x", NOW)
        connection.execute(sa.text("UPDATE tenon.credential SET password_hash = :hash"), {"hash": former})
    attempt(engine, "correct horse")
    with engine.begin() as connection:
        stored = credentials.read_hash(connection, 2)
    assert stored != former
    assert not credentials.outdated(stored)


def test_configured_limits_hold(engine):
    strict = replace(CONFIG, security=replace(CONFIG.security, sign_in_failures=2))
    for code in ("WRONG_SIGN_IN", "WRONG_SIGN_IN", "TOO_MANY_TRIES"):
        with pytest.raises(Refusal) as refusal:
            sign_in(engine, strict, login="ann", password="x", address="", now=NOW)
        assert refusal.value.code == code
