"""An audit without a result: its estimate, its progress, or why it ended."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from app.cli.story import STOPPING
from app.cli.terminal import Terminal
from app.cli.time_left import duration, time_left
from exhume import ApiError, Client

AT_ONCE = 5.0
"""Seconds until the start that need no mention."""
STATE_WORDS = {
    "queued": "is waiting for a worker.",
    "running": "is running.",
    "cancelling": f"is being cancelled. {STOPPING.partition(': ')[2].capitalize()}",
    "cancelled": "was cancelled. There is no verdict.",
    "failed": "failed. There is no verdict.",
}


def print_estimate(console: Terminal, estimate: dict[str, Any]) -> None:
    """Print how long an audit will take and what it will be able to conclude."""
    basis = "measured on earlier audits" if estimate["measured"] else "a first estimate, for two idle cores"
    attacks = estimate.get("attacks") or []
    console.say(*(f"attack{f' {number}' if len(attacks) > 1 else ''}: {one}" for number, one in enumerate(attacks, 1)))
    console.say(f"about {duration(estimate['seconds'])} on one worker ({basis})")
    if place := estimate.get("queue"):
        console.say(start_words(place))
    console.say(*(f"  {sentence}" for sentence in estimate["concludes"]))
    if missing := estimate.get("missing_verifiers"):
        console.say(missing["sentence"])
        console.say(*(f"  {one['purpose']}: {one['command']}" for one in missing["commands"]))


def start_words(place: dict[str, Any]) -> str:
    """Return when an audit would begin if it were started now."""
    if place["workers"] == 0:
        return "no worker is running; it starts when one does"
    ahead, elsewhere, seconds = place["ahead"], place["elsewhere"], place["starts_in_seconds"]
    them = f"{ahead} other audit{'' if ahead == 1 else 's'}"
    others = " in another project" if ahead == 1 else f", {elsewhere} of them in other projects"
    whose = others if elsewhere else ""
    if seconds is None and ahead == 0:
        return "the start cannot be estimated"
    if seconds is None:
        return f"after {them}{whose}; the time until then cannot be estimated"
    if seconds < AT_ONCE:
        return "starts at once"
    return f"starts in about {duration(seconds)}, after work of {them}{whose}"


def titled(audit: dict[str, Any]) -> str:
    """Return what an audit is of: `Audit aud_1f of badge-reader:2`."""
    return f"Audit {audit['id']} of {audit['release']['target_name']}:{audit['release']['version']}"


def print_state(console: Terminal, audit: dict[str, Any], jobs: list[dict[str, Any]]) -> None:
    """Print the state of an audit without a result, stage by stage."""
    console.say(f"{titled(audit)} {STATE_WORDS[audit['state']]}")
    print_stages(console, jobs)
    problem = audit.get("problem")
    if problem:
        console.say(f"{problem.get('code')}: {problem.get('detail')}")
    left = time_left(jobs, datetime.now(UTC)) if audit["state"] == "running" else None
    if left:
        console.say(str(left).capitalize())


def print_queue(console: Terminal, client: Client, audit_id: str) -> None:
    """Print how many audits are ahead of one that waits. Servers of older versions do not say."""
    try:
        print_place(console, client.get(f"/audits/{audit_id}/queue"))
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def print_place(console: Terminal, place: dict[str, Any]) -> None:
    """Print how many audits are ahead of one that waits for a worker, and when it starts."""
    ahead, elsewhere, seconds = place["ahead"], place["elsewhere"], place["starts_in_seconds"]
    if ahead:
        others = ", in another project" if ahead == 1 else f", {elsewhere} of them in other projects"
        whose = others if elsewhere else ""
        console.say(f"{ahead} audit{' is' if ahead == 1 else 's are'} ahead of it{whose}")
    if place["workers"] == 0:
        console.say("no worker is running; it starts when one does")
    elif seconds is not None and seconds >= 1:
        console.say(f"starts in about {duration(seconds)}")


def print_stages(console: Terminal, jobs: list[dict[str, Any]]) -> None:
    """Print the progress of each stage over its shards."""
    stages: dict[str, list[dict[str, Any]]] = {}
    for job in jobs:
        stages.setdefault(job["stage"], []).append(job)
    for stage, shards in stages.items():
        shares = [1.0 if job["state"] == "succeeded" else job["done"] / max(job["total"], 1) for job in shards]
        state = _state(shards)
        far = f", {int(100 * sum(shares) / len(shares))} %" if state == "running" else ""
        console.say(f"  {stage:<10} {state}{far}")


def _state(shards: list[dict[str, Any]]) -> str:
    """Return one state for all shards: a failure first, then the common one, else `running`."""
    states = {job["state"] for job in shards}
    if len(states) == 1:
        return str(states.pop())
    return next((state for state in ("failed", "cancelled") if state in states), "running")
