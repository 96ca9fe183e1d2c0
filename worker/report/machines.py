"""The devices on which an audit was computed, from the records of its jobs."""

from collections.abc import Sequence
from typing import Any

from app.contract.result.record import Machine, MachineSearch
from app.jobs.stages import SEARCHES
from worker.report.costs import FinishedJob

OF_SEARCH = frozenset(MachineSearch.model_fields) - {"attack"}
UNSTEADY = "nondeterministic"


def machines(jobs: Sequence[FinishedJob]) -> list[Machine]:
    """Return each distinct device with its software, in the order of their first jobs."""
    found: list[Machine] = []
    for job in jobs:
        if not job.hardware:
            continue
        hardware = {name: one for name, one in job.hardware.items() if name not in OF_SEARCH | {UNSTEADY}}
        machine = next((one for one in found if one.hardware == hardware), None)
        if machine is None:
            machine = Machine(hardware=hardware, stages=[], searches=[], nondeterministic=[])
            found.append(machine)
        if job.stage not in machine.stages:
            machine.stages.append(job.stage)
        machine.nondeterministic = sorted({*machine.nondeterministic, *job.hardware.get(UNSTEADY, ())})
        if job.stage in SEARCHES:
            used = {name: job.hardware[name] for name in OF_SEARCH if name in job.hardware}
            search = MachineSearch(attack=job.attack, **used)
            if search not in machine.searches:
                machine.searches.append(search)
    return found


def of_search(jobs: Sequence[FinishedJob], otherwise: dict[str, Any]) -> dict[str, Any]:
    """Return what the first shard of the attack used, and the unsteady operations of all stages.

    Args:
        otherwise: hardware of an audit that attacked nothing.
    """
    used = next((job.hardware for job in jobs if job.stage in SEARCHES and job.hardware), otherwise)
    unsteady = sorted({name for job in jobs for name in (job.hardware or {}).get(UNSTEADY, ())})
    plain = {name: one for name, one in used.items() if name != UNSTEADY}
    return plain | ({UNSTEADY: unsteady} if unsteady else {})
