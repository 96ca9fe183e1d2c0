"""The place of an audit in the queue, played on estimates."""

import time
from uuid import UUID

import pytest

from app.audits.forecast import Fit, Need, Place, Share, Unfinished, Waiting, place

OURS, THEIRS = UUID(int=1), UUID(int=2)
FIRST, SECOND, THIRD = (UUID(int=number) for number in (11, 12, 13))


def audit(name: UUID, *stages: tuple[int, float], of: UUID = OURS, running: tuple[float, ...] = ()) -> Unfinished:
    """Return an audit with these stages left."""
    return Unfinished(name, of, [(seconds, None) for seconds in running], [Waiting(*stage) for stage in stages])


GPU = Fit(80, frozenset({"gpu", "cuda"}))
CPU = Fit(16, frozenset())
ON_GPU = Need(device="gpu")


def one_job(name: UUID, need: Need, seconds: float = 9) -> Unfinished:
    return Unfinished(name, OURS, [], [Waiting(1, seconds, need)])


@pytest.mark.parametrize(
    ("audits", "workers", "ahead", "seconds"),
    [
        pytest.param([audit(THIRD, (1, 5))], 1, set(), 0.0, id="an idle worker takes it now"),
        pytest.param([audit(THIRD, (1, 5), running=(3,))], 1, set(), 0.0, id="it runs"),
        pytest.param([audit(FIRST, (0, 0), running=(7,)), audit(THIRD, (1, 5))], 1, {FIRST}, 7.0, id="behind one"),
        pytest.param(
            [audit(FIRST, (0, 0), (2, 10), running=(7,)), audit(SECOND, (1, 4)), audit(THIRD, (1, 5))],
            1,
            {FIRST, SECOND},
            31.0,  # 7, then two shards of 10, then 4
            id="the older audits of a project end first",
        ),
        pytest.param(
            [audit(FIRST, (0, 0), (2, 10), running=(7,)), audit(THIRD, (1, 5))],
            2,
            {FIRST},
            0.0,
            id="a worker is free while the next stage of the first audit waits",
        ),
        pytest.param(
            [audit(FIRST, (1, 100), of=THEIRS, running=(8,)), audit(THIRD, (1, 5))],
            1,
            {FIRST},
            8.0,
            id="it is the turn of the project that has had less",
        ),
        pytest.param([audit(FIRST, (1, 9)), audit(THIRD, (1, 5))], 0, {FIRST}, None, id="no worker"),
    ],
)
def test_the_place_follows_the_order_of_claims(
    audits: list[Unfinished], workers: int, ahead: set[UUID], seconds: float | None
) -> None:
    assert place(THIRD, audits, [Fit()] * workers) == Place(frozenset(ahead), seconds)


@pytest.mark.parametrize(("weight", "seconds"), [(1.0, 9.0), (100.0, 0.0)])
def test_weights_decide_between_projects(weight: float, seconds: float) -> None:
    audits = [audit(FIRST, (1, 9), of=THEIRS), audit(THIRD, (1, 5))]
    had = {OURS: Share(used=50, weight=weight), THEIRS: Share(used=10)}
    assert place(THIRD, audits, [Fit()], had).seconds == seconds


def test_a_project_at_its_limit_waits_for_its_own_jobs() -> None:
    audits = [audit(FIRST, (0, 0), running=(30,)), audit(THIRD, (1, 5))]
    assert place(THIRD, audits, [Fit()] * 4, {OURS: Share(room=1)}).seconds == 30.0


def test_a_long_queue_is_played_in_a_second_and_counts_every_older_audit() -> None:
    stages = ((1, 5.0), (1, 30.0), (1, 9.0), (10, 100.0), (2, 20.0), (1, 20.0), (1, 5.0))
    queue = [audit(UUID(int=100 + number), *stages) for number in range(2_000)]
    before = time.process_time()
    found = place(queue[-1].audit_id, queue, [Fit()] * 4)
    assert time.process_time() - before < 1.5
    assert (len(found.ahead), found.seconds) == (1_999, None)


@pytest.mark.parametrize(
    ("audits", "workers", "seconds"),
    [
        pytest.param([one_job(FIRST, ON_GPU), one_job(THIRD, Need())], [GPU, CPU], 0.0, id="another"),
        pytest.param([one_job(FIRST, Need()), one_job(THIRD, ON_GPU)], [GPU, CPU], 0.0, id="least"),
        pytest.param([one_job(FIRST, Need()), one_job(THIRD, Need(99))], [Fit(), GPU], 0.0, id="least, if known"),
        pytest.param([one_job(FIRST, ON_GPU), one_job(THIRD, ON_GPU)], [GPU, CPU], 9.0, id="same"),
        pytest.param([one_job(FIRST, Need(64)), one_job(THIRD, Need(64))], [GPU, CPU], 9.0, id="room"),
        pytest.param([one_job(THIRD, ON_GPU)], [CPU], None, id="no worker fits"),
        pytest.param([one_job(THIRD, ON_GPU)], [Fit()], 0.0, id="a worker that does not say what it has"),
    ],
)
def test_a_job_waits_for_a_worker_that_fits(
    audits: list[Unfinished], workers: list[Fit], seconds: float | None
) -> None:
    assert place(THIRD, audits, workers).seconds == seconds


def test_a_running_job_occupies_its_own_worker() -> None:
    running = Unfinished(FIRST, OURS, [(7.0, GPU)], [])
    assert place(THIRD, [running, one_job(THIRD, ON_GPU)], [CPU, GPU]).seconds == 7.0
    assert place(THIRD, [running, one_job(THIRD, Need())], [GPU, CPU]).seconds == 0.0


def test_jobs_that_fit_no_worker_do_not_make_a_long_queue_slow_to_play() -> None:
    stuck = [one_job(UUID(int=100 + number), ON_GPU) for number in range(2_000)]
    others = [Unfinished(UUID(int=5_000 + number), OURS, [], [Waiting(10, 5.0)]) for number in range(2_000)]
    before = time.process_time()
    assert place(others[-1].audit_id, [*stuck, *others], [CPU]).seconds is None
    assert time.process_time() - before < 1.5


def test_machines_with_different_memory_do_not_make_a_long_queue_slow_to_play() -> None:
    stages = [Waiting(1, 5.0), Waiting(80, 30.0)]
    queue = [Unfinished(UUID(int=100 + number), UUID(int=number % 50), [], stages) for number in range(2_000)]
    workers = [Fit(2**34 + number, frozenset()) for number in range(1_000)]
    before = time.process_time()
    assert place(queue[-1].audit_id, queue, workers).seconds is None
    assert time.process_time() - before < 1.5


def test_a_job_takes_the_smallest_worker_that_fits() -> None:
    audits = [one_job(FIRST, Need(16)), one_job(SECOND, Need(8)), one_job(THIRD, Need(64))]
    assert place(THIRD, audits, [Fit(80), Fit(16), Fit(8)]).seconds == 0.0
    assert place(THIRD, audits, [Fit(), Fit(16), Fit(8)]).seconds == 0.0
    assert place(THIRD, audits, [Fit(80), Fit(8), Fit(8)]).seconds == 9.0
