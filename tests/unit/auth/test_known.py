"""What a process remembers of keys, whether or not news of revoked ones arrive."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from app.auth import known as module
from app.auth.known import Known
from app.auth.subject import Kind, Subject
from app.db.listening import ACCESS, Listener

SECONDS = 15.0
KEY = b"hmac"
SUBJECT = Subject(id=UUID(int=1), name="key:a", project_id=None, scopes=frozenset(), kind=Kind.OPERATOR)


class News(Listener):
    """A listener whose connection and news come from the test."""

    def connection(self, *, made: bool) -> None:
        self._set(connected=made)

    def revoked(self) -> None:
        for heard in self._subscribers[ACCESS]:
            heard("")


@dataclass
class Clock:
    """Seconds that pass only when the test says so."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(access_seconds=SECONDS))
    return made


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def known(clock: Clock, news: News) -> Known:
    """A process that hears news and has seen a key just now."""
    made = Known(news)
    news.connection(made=True)
    made.remember(KEY, SUBJECT, None, made.look())
    assert made.find(KEY) == SUBJECT
    return made


def test_a_key_revoked_without_news_ends_after_seconds(known: Known, clock: Clock) -> None:
    clock.now += SECONDS - 0.1
    assert known.find(KEY) == SUBJECT
    clock.now += 0.2
    assert known.find(KEY) is None


def test_the_seconds_begin_before_the_key_is_read(known: Known, clock: Clock) -> None:
    look = known.look()
    clock.now += SECONDS + 1  # PostgreSQL answers late; the key may have been revoked since
    known.remember(KEY, SUBJECT, None, look)
    assert known.find(KEY) is None


def test_news_and_a_lost_connection_forget_at_once(known: Known, news: News) -> None:
    news.revoked()
    assert known.find(KEY) is None
    known.remember(KEY, SUBJECT, None, known.look())
    news.connection(made=False)
    assert known.find(KEY) is None


def test_nothing_is_remembered_while_news_may_be_missed(known: Known, news: News) -> None:
    news.connection(made=False)
    known.remember(KEY, SUBJECT, None, known.look())
    assert known.find(KEY) is None
    look = known.look()
    news.connection(made=True)
    known.remember(KEY, SUBJECT, None, look)  # read before the connection was there
    assert known.find(KEY) is None
    known.remember(KEY, SUBJECT, None, known.look())
    assert known.find(KEY) == SUBJECT


def test_news_that_arrive_while_a_key_is_read_win(known: Known, news: News) -> None:
    look = known.look()
    news.revoked()
    known.remember(KEY, SUBJECT, None, look)
    assert known.find(KEY) is None


def test_a_key_is_remembered_until_it_expires(known: Known, clock: Clock) -> None:
    known.remember(KEY, SUBJECT, datetime.now(UTC) + timedelta(seconds=5), known.look())
    clock.now += 4
    assert known.find(KEY) == SUBJECT
    clock.now += 2
    assert known.find(KEY) is None
