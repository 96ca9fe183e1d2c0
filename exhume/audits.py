"""Audits: started, followed, waited for, read and decided."""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from app.contract.decision import Decision
from exhume.documents import FINISHED, Audit, AuditSummary, Estimate, Event, Job
from exhume.errors import ExhumeError, StillRunningError, UnreachableError
from exhume.requests import Requests, opened
from exhume.retries import may_pass

if TYPE_CHECKING:
    from app.contract.result import Result

RECONNECT_SECONDS = 1.0
GIVE_UP_SECONDS = 60.0
POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Progress:
    """The state of an audit and of its jobs at one moment."""

    audit: Audit
    jobs: tuple[Job, ...]

    @property
    def stages(self) -> tuple[str, ...]:
        """Return the stages that run."""
        return tuple(dict.fromkeys(job.stage for job in self.jobs if job.state == "running"))

    @property
    def share(self) -> float:
        """Return the share of the estimated work that is done, from 0 to 1."""
        if self.audit.state == "succeeded":
            return 1.0
        work = [(job.estimate_seconds or 1.0, _part(job)) for job in self.jobs]
        return sum(seconds * part for seconds, part in work) / max(sum(seconds for seconds, _ in work), 1e-9)


def _part(job: Job) -> float:
    return 1.0 if job.state == "succeeded" else job.done / job.total if job.total else 0.0


class Audits(Requests):
    """Audits and what they found."""

    async def estimate(self, project: str, request: Mapping[str, Any]) -> Estimate:
        """Return what an audit would cost and could conclude. Starts nothing."""
        return Estimate.model_validate(await self.post(f"/projects/{project}/audits/estimate", dict(request)))

    async def start_audit(self, project: str, request: Mapping[str, Any], *, key: str | None = None) -> Audit:
        """Start an audit. The request has the fields of `POST /projects/{id}/audits`.

        A `key` of your own, such as the number of a CI run, makes a second process with the same
        request get the same audit.
        """
        return Audit.model_validate(await self.post(f"/projects/{project}/audits", dict(request), key=key))

    async def audit(self, audit: str) -> Audit:
        """Return an audit by id."""
        return Audit.model_validate(await self.get(f"/audits/{audit}"))

    async def audits(self, project: str | None = None) -> AsyncIterator[AuditSummary]:
        """Yield audits in summary, newest first. Without a project: all that the key can read."""
        async for item in self.items("/audits" if project is None else f"/projects/{project}/audits"):
            yield AuditSummary.model_validate(item)

    async def jobs(self, audit: str) -> list[Job]:
        """Return the jobs of an audit, in the order of the stages."""
        return [Job.model_validate(item) async for item in self.items(f"/audits/{audit}/jobs")]

    async def cancel_audit(self, audit: str) -> Audit:
        """Stop an audit. Running stages stop at their next checkpoint."""
        return Audit.model_validate(await self.post(f"/audits/{audit}/cancel"))

    async def result(self, audit: str) -> "Result":
        """Return the result document of an audit that succeeded."""
        from app.contract.result import Result

        return Result.model_validate(await self.get(f"/audits/{audit}/result"))

    async def decision(self, audit: str) -> Decision:
        """Return what the policy of the target decides about a finished audit."""
        return Decision.model_validate(await self.get(f"/audits/{audit}/decision"))

    async def wait_for_audit(
        self, audit: str, *, timeout: float | None = None, progress: Callable[[Progress], None] = lambda _: None
    ) -> Audit:
        """Wait until an audit has finished, and return it.

        `progress` is called whenever the audit was asked about. Raises `StillRunningError` after
        `timeout` seconds. The audit then continues.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            seen = await self.audit(audit)
            progress(Progress(seen, tuple(await self.jobs(audit))))
            if seen.finished:
                return seen
            left = POLL_SECONDS if end is None else end - time.monotonic()
            if left < 0:
                raise StillRunningError(f"Audit {audit} is {seen.state}.")
            await self._transport.sleep(min(left, POLL_SECONDS))

    async def events(self, audit: str, *, after: int = 0, timeout: float | None = None) -> AsyncIterator[Event]:
        """Yield events until the audit has finished and all of its events were received.

        A broken connection resumes after the last event. Raises `UnreachableError` when the server
        does not answer for a minute, and `StillRunningError` after `timeout` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        quiet_since: float | None = None
        while True:
            try:
                async with aclosing(self._read(audit, after, end)) as events:
                    async for event in events:
                        quiet_since, after = None, event.seq
                        yield event
                if await self._finished(audit):
                    async with aclosing(self._read(audit, after, end)) as events:
                        async for event in events:
                            yield event
                    return
            except (httpx.TransportError, ExhumeError) as error:
                _left(audit, end)
                if not may_pass(error):
                    raise
                quiet_since = quiet_since or time.monotonic()
                if time.monotonic() - quiet_since > GIVE_UP_SECONDS:
                    raise UnreachableError(
                        f"The server did not answer for a minute while audit {audit} was running: {error}. The audit "
                        "may still be running. Run `exhume audit wait` to follow it again."
                    ) from error
            _left(audit, end)
            await self._transport.sleep(RECONNECT_SECONDS)

    async def _finished(self, audit: str) -> bool:
        return (await self.get(f"/audits/{audit}"))["state"] in FINISHED

    async def _read(self, audit: str, after: int, end: float | None) -> AsyncGenerator[Event]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(after)} if after else {})
        async with self._stream(f"/audits/{audit}/events", headers, quiet=_left(audit, end)) as answer:
            data: list[str] = []
            async for line in await opened(answer):
                if line.startswith("data:"):
                    data.append(line[5:].removeprefix(" "))
                elif not line and data:
                    body = json.loads("\n".join(data))
                    data = []
                    if "seq" in body:
                        yield Event.model_validate(body)
                _left(audit, end)


def _left(audit: str, end: float | None) -> float:
    """Return the seconds to wait for the next byte, or raise `StillRunningError`."""
    left = 60.0 if end is None else min(60.0, end - time.monotonic())
    if left <= 0:
        raise StillRunningError(f"Audit {audit} is still running.")
    return left
