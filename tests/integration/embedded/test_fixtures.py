"""The fixtures: each test has a migrated database and an empty broker."""

import pytest
import redis
from sqlalchemy import text

from app.db.session import async_session, sync_session
from app.settings import settings


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_writes_the_next_does_not_see(settings_env: dict[str, str], turn: int) -> None:
    with sync_session() as session:
        assert session.scalar(text("SELECT count(*) FROM organisation")) == 0
        session.execute(text("INSERT INTO organisation (name) VALUES ('kept')"))
    with redis.Redis.from_url(settings_env["REDIS_URL"]) as broker:
        assert broker.dbsize() == 0
        broker.set("turn", turn)


def test_settings_follow_the_environment_of_the_test(settings_env: dict[str, str]) -> None:
    assert settings().database_url == settings_env["DATABASE_URL"]
    assert str(settings().data_dir) == settings_env["EXHUME_DATA_DIR"]


async def test_the_asynchronous_engine_reaches_the_same_database(
    settings_env: dict[str, str], async_engines: None
) -> None:
    with sync_session() as session:
        session.execute(text("INSERT INTO organisation (name) VALUES ('one')"))
    async with async_session() as session_:
        assert await session_.scalar(text("SELECT name FROM organisation")) == "one"
