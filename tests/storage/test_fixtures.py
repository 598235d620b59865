"""The fixtures of tests/conftest.py themselves."""

import sqlalchemy as sa


def test_database_is_empty_and_real(database):
    with database.engine.connect() as connection:
        assert (
            connection.scalar(
                sa.text("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
            )
            == 0
        )
        assert connection.scalar(sa.text("SHOW server_version")).startswith("18")


def test_databases_are_apart(database_factory):
    first, second = database_factory(), database_factory()
    assert first.url != second.url


def test_redis_is_empty(redis):
    assert redis.dbsize() == 0
    redis.set("a", 1)
