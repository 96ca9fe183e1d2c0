"""The state of an audit according to its events, and each event in words."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.cli.time_left import Left, duration, moment, time_left
from exhume import Event

STOPPING = "Cancelling: running stages stop at their next checkpoint."


class Story:
    """The state of an audit after each event.

    `jobs` are the jobs returned by the API, which have estimates.
    """

    def __init__(self, jobs: Iterable[dict[str, Any]] = ()) -> None:
        self.jobs = {(job["stage"], job["shard"]): dict(job, state="waiting", done=0) for job in jobs}
        self.audit_state = "queued"
        # Stopped before the attack: the other stages are skipped and the last one writes the
        # result.
        self.stopped = False
        self.now = datetime.now(UTC)
        self._worked: dict[str, float] = {}

    def see(self, event: Event) -> list[str]:
        """Process one event and return its log lines."""
        self.now = moment(event.at)
        payload = event.payload
        match event.kind:
            case "audit":
                return self._audit(payload)
            case "job":
                return self._job(payload)
            case "progress":
                job = self._of(payload)
                job |= {"done": payload.get("done") or 0, "total": payload.get("total") or 0}
            case "references":
                stopped = payload.get("stopped")
                self.stopped = stopped is not None
                why = [stopped["detail"]] if stopped else []
                return [*why, *(f"note: {note}" for note in payload.get("notes") or [] if note not in why)]
            case "frozen":
                return [f"froze {payload['reconstructions']} reconstructions"]
        return []

    def left(self) -> Left | None:
        """Return the time left as of the last event.

        None when nothing is known or the rest is skipped.
        """
        ends = self.stopped or self.audit_state == "cancelling"
        return None if ends else time_left(self.jobs.values(), self.now)

    def skips(self, stage: str) -> bool:
        """Tell whether the audit ended before this stage had anything to do."""
        return self.stopped and stage not in {"references", "score"}

    def of_stage(self, stage: str) -> list[dict[str, Any]]:
        """Return the jobs of a stage."""
        return [job for job in self.jobs.values() if job["stage"] == stage]

    def _of(self, payload: dict[str, Any]) -> dict[str, Any]:
        stage, shard = payload["stage"], int(payload.get("shard") or 0)
        shards = int(payload.get("shards") or 1)
        new = {"stage": stage, "shard": shard, "shards": shards, "state": "waiting", "done": 0, "total": 0}
        return self.jobs.setdefault((stage, shard), new)

    def _audit(self, payload: dict[str, Any]) -> list[str]:
        self.audit_state = payload["state"]
        return [STOPPING] if self.audit_state == "cancelling" else []

    def _job(self, payload: dict[str, Any]) -> list[str]:
        job = self._of(payload)
        stage, state = job["stage"], payload["state"]
        began = any(one.get("began") for one in self.of_stage(stage))
        job["state"], job["attempt"] = state, int(payload.get("attempt") or 0)
        if state == "running":
            job |= {"began": True, "started_at": self.now.isoformat(), "done": 0}
            return [] if began or self.skips(stage) else [f"{stage} begins"]
        if state == "queued" and (payload.get("problem") or {}).get("code") == "no_worker_fits":
            return [_why(payload)]
        if state == "queued" and payload.get("problem"):
            return [f"{stage} stopped and will be retried: {_why(payload)}"]
        if state == "failed":
            return [f"{stage} failed: {_why(payload)}"]
        if state == "succeeded":
            return self._succeeded(stage, int(payload.get("shards") or 1), float(payload.get("seconds") or 0))
        return []

    def _succeeded(self, stage: str, shards: int, seconds: float) -> list[str]:
        self._worked[stage] = self._worked.get(stage, 0.0) + seconds
        if sum(job["state"] == "succeeded" for job in self.of_stage(stage)) < shards:
            return []
        if self.skips(stage):
            return []
        left = self.left()
        return [f"{stage} done in {duration(self._worked[stage])}" + (f", {left}" if left else "")]


def _why(payload: dict[str, Any]) -> str:
    problem = payload.get("problem") or {}
    return str(problem.get("detail") or problem.get("code") or "no reason was recorded")
