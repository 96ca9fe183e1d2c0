"""Freed memory is kept for the next step of a job, and returned at its end."""

import json
import platform
import subprocess
import sys

import pytest

CODE = """
import json, resource, sys
from pathlib import Path
from worker.runtime.allocator import keep_freed_memory, return_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

kept = sys.argv[1] == "kept" and keep_freed_memory()
for size in (40_000_000, 50_000_000) * 2:  # the largest that glibc would keep by itself is 32 MiB
    b"x" * size
before = faults()
for size in (40_000_000, 50_000_000) * 5:
    b"x" * size
used, held = faults() - before, resident()
return_freed_memory()
print(json.dumps({"kept": kept, "faults": used, "returned": held - resident()}))
"""


def measured(how: str) -> dict[str, int]:
    ended = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, check=True)
    found: dict[str, int] = json.loads(ended.stdout)
    return found


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library has no such options")
def test_freed_memory_is_kept_until_it_is_returned() -> None:
    plain, kept = measured("plain"), measured("kept")
    assert (plain["kept"], kept["kept"]) == (False, True)
    assert plain["faults"] > 20 * kept["faults"], "each page is new each time"
    assert kept["returned"] > 40_000_000
