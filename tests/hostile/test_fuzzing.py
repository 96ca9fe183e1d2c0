"""5,000 damaged files for each parser are accepted or rejected, fast and in little memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import numpy as np
import pytest

from bench.hostile.onnx_writer import varint
from tests.hostile.fuzz.mutation import mutated
from tests.hostile.fuzz.seeds import WRAPS, seeds
from tests.hostile.fuzz.targets import TARGETS
from worker.intake.onnx.packed import unpacked
from worker.intake.onnx.wire import BYTES, Reader, TooManyFieldsError, WireError, integers

CASES = 5_000
SECONDS, MEMORY_KIB = 1.0, 256 * 1024


@pytest.mark.parametrize("parser", TARGETS)
def test_damaged_files_are_accepted_or_rejected(parser: str) -> None:
    target, begin = TARGETS[parser], seeds(parser)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken, slowest = 0, 0.0
    for data in mutated(begin, WRAPS[parser], count=CASES, seed=20_261_124):
        started = time.process_time()
        taken += target(data)
        slowest = max(slowest, time.process_time() - started)
    assert 0 < taken < CASES, "some changes do no harm, most do"
    assert slowest < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KIB


@pytest.mark.parametrize("parser", TARGETS)
def test_files_that_were_found_by_coverage(parser: str) -> None:
    target: Callable[[bytes], bool] = TARGETS[parser]
    outcomes = {target(data) for data in seeds(parser)}
    assert outcomes == {True, False}


@pytest.mark.parametrize("parser", TARGETS)
def test_a_sound_file_cut_off_anywhere_is_rejected(parser: str) -> None:
    target = TARGETS[parser]
    sound = next(data for data in seeds(parser) if target(data))
    assert [end for end in range(len(sound)) if target(sound[:end])] == []


def test_packed_numbers_are_read_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    numbers = [*(int(v) for v in rng.integers(-(2**62), 2**62, 200)), 0, 1, -1, 127, 128, 2**63 - 1, -(2**63)]
    data = memoryview(b"".join(varint(v) for v in numbers))
    assert unpacked(Reader(), [data]).tolist() == integers(BYTES, data) == numbers
    assert unpacked(Reader(), [7, memoryview(b""), memoryview(b"\x08")]).tolist() == [7, 8]
    assert unpacked(Reader(), []).tolist() == []
    with pytest.raises(TooManyFieldsError):
        unpacked(Reader(fields=10), [memoryview(bytes(1000))])


@pytest.mark.parametrize(
    "text", [b"\x80", b"\x01\xff", b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01", b"\x80" * 2_000_000]
)
def test_packed_numbers_that_are_none(text: bytes) -> None:
    with pytest.raises(WireError):
        unpacked(Reader(), [memoryview(text)])
