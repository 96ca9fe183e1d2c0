"""Shards of an attack: the jobs that its identities are divided into, and the device they need.

No result depends on the division: a reconstruction is the same in any shard.
"""

import math
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.contract.device import DeviceNeed
from app.contract.engine import PRESETS
from app.contract.plan import Plan, PlannedAttack
from app.db.models import Audit, Job
from app.db.states import JobState
from app.jobs.admission import stage_workers
from app.jobs.budget import PROCESSOR
from app.jobs.stages import SEARCHES
from app.settings import settings

SHARD_SECONDS = 60.0
"""Seconds of a shard on a GPU, so that little is lost with one."""
SHARDS_A_WORKER = 2
"""Shards for each worker at least, so that none waits long for the last one."""
UNMEASURED, OF_MEMORY = 4, 16 * 2**30
"""Planned shards that one on a GPU of this memory replaces while its speed is not known."""
STANDARD = PRESETS["standard"].steps * PRESETS["standard"].restarts
"""Steps of the searches of an identity, for which such a shard is meant."""
RECENT = 20


def shard_sizes(session: Session, audit: Audit, plan: Plan) -> list[int]:
    """Return the identities of a shard of each attack.

    On processors, they are as planned. If all workers have a GPU, a shard has as many as one of
    them computes in `SHARD_SECONDS`, but leaves some for each of the others.
    """
    workers = stage_workers(session)
    if not workers or PROCESSOR in {(worker.device or {}).get("kind") for worker in workers}:
        return [attack.shard_size for attack in plan.attacks]
    even = math.ceil(len(plan.identities) / (SHARDS_A_WORKER * len(workers)))
    least = min(worker.memory_bytes or OF_MEMORY for worker in workers)
    return [
        max(attack.shard_size, min(even, _in_time(session, audit, number, attack, least)))
        for number, attack in enumerate(plan.attacks)
    ]


def unmeasured(attack: PlannedAttack, memory_bytes: int) -> int:
    """Return the identities of a shard on a GPU of this memory while its speed is not known.

    More memory holds more images at once, and comes with more speed. An attack with more steps
    than a standard one has fewer identities, so that as little is lost with a shard.
    """
    share = memory_bytes / OF_MEMORY * min(1.0, STANDARD / max(1, attack.steps * attack.restarts))
    return int(UNMEASURED * max(1.0, share)) * attack.shard_size


def _in_time(session: Session, audit: Audit, number: int, attack: PlannedAttack, memory_bytes: int) -> int:
    """Return the identities that a GPU attacks in `SHARD_SECONDS`, by the latest shards.

    Args:
        memory_bytes: of the smallest GPU.
    """
    took = func.extract("epoch", Job.finished_at - Job.started_at)
    statement = (
        select(took / func.jsonb_array_length(Job.payload["identities"]))
        .join(Audit, Audit.id == Job.audit_id)
        .where(
            Audit.release_id == audit.release_id,
            Audit.plan["attacks"] == audit.plan.get("attacks"),  # none in a plan of an older version
            Job.stage.in_(SEARCHES),
            Job.state == JobState.SUCCEEDED,
            Job.device != PROCESSOR,
            Job.payload["attack"].as_integer() == number,
        )
        .order_by(Job.finished_at.desc())
        .limit(RECENT)
    )
    seconds = [float(one) for one in session.execute(statement).scalars()]
    if not seconds:
        return unmeasured(attack, memory_bytes)
    return int(SHARD_SECONDS / max(1e-3, median(seconds)))


def needed_device(attack: PlannedAttack) -> DeviceNeed | None:
    """Return the device that an attack needs, by the settings or for its precision."""
    asked = settings().attack_device
    return "cuda>=8.0" if asked is None and attack.attack_options.get("precision") == "tf32" else asked


def attack_shards(plan: Plan, identities: list[int], sizes: list[int] | None = None) -> list[dict[str, Any]]:
    """Divide identities, for each attack of a plan, into shards that are cheap to repeat.

    Args:
        sizes: identities of a shard of each attack, if they are not as planned. A payload then has
            its size as `of`.
    """
    shards = []
    for index, attack in enumerate(plan.attacks):
        size = attack.shard_size if sizes is None else sizes[index]
        more = {} if size == attack.shard_size else {"of": size}
        shards += [
            {"attack": index, "identities": identities[start : start + size], **more}
            for start in range(0, len(identities), size)
        ]
    return shards
