"""The scheduler's work on decisions: decides what is due, and ends and announces waivers."""

import time
from datetime import UTC, datetime
from uuid import UUID

import structlog

from app.db.session import sync_session
from app.errors import ProblemError
from app.policies import upkeep

log = structlog.get_logger(__name__)

BATCH = 20
SECONDS_A_ROUND = 2.0
"""Time for decisions in one round, so that the reaper does not wait."""
AGAIN_SECONDS = 3600.0
"""Time after which an audit that could not be decided is tried again."""


class Decisions:
    """Decides audits one by one. One that cannot be decided does not hold up the others."""

    def __init__(self) -> None:
        self._failed: dict[UUID, float] = {}

    def tick(self, now: datetime | None = None) -> bool:
        """Run one round. Returns True if there is more to do."""
        now = now or datetime.now(UTC)
        with sync_session() as session:
            upkeep.warn(session, now)
        end = time.monotonic() + SECONDS_A_ROUND
        while self._end_waiver(now):
            if time.monotonic() >= end:
                return True
        while audits := self._due(now):
            for audit_id in audits:
                self._decide(audit_id, now)
                if time.monotonic() >= end:
                    return True
        return False

    def _end_waiver(self, now: datetime) -> int:
        with sync_session() as session:
            return upkeep.end_superseded(session, now)

    def _due(self, now: datetime) -> list[UUID]:
        self._failed = {one: at for one, at in self._failed.items() if time.monotonic() - at < AGAIN_SECONDS}
        with sync_session() as session:
            return upkeep.due(session, now, limit=BATCH, without=frozenset(self._failed))

    def _decide(self, audit_id: UUID, now: datetime) -> None:
        try:
            with sync_session() as session:
                upkeep.decide_due(session, audit_id, now)
        except (ProblemError, ValueError, LookupError, TypeError) as error:
            self._failed[audit_id] = time.monotonic()
            log.exception("decisions.failed", audit_id=str(audit_id), error=repr(error))
