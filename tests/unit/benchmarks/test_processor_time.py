"""Processor time of a process, of its children and of those that have ended."""

import os
import subprocess
import sys

import pytest

from bench.cost.processor_time import children, ended_seconds, own_seconds, tree_seconds, used_seconds

BURN = "import sys, time\nwhile time.process_time() < 0.1: pass\n"
WAIT = BURN + "print(flush=True); sys.stdin.read()"
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}])
below = subprocess.Popen([sys.executable, "-c", {WAIT!r}], stdin=subprocess.PIPE)
input()
below.communicate()
"""


def test_the_time_of_those_below_counts_where_it_is_asked_for() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdout.readline()
        [below] = children(parent.pid)
        own, ended = own_seconds(parent.pid), ended_seconds(parent.pid)
        assert ended > 0.05  # the clock of /proc has ticks of 10 ms
        assert used_seconds(parent.pid) == pytest.approx(own + ended, abs=0.02)
        assert tree_seconds(parent.pid) >= own + ended + 0.05
        assert parent.pid in children(os.getpid())
        parent.communicate("\n")
    assert (used_seconds(below), children(below)) == (0.0, [])
