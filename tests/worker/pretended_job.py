"""Stands for a job in a forked process: notes where it is, and sleeps until it is stopped."""

import json
import os
import signal
import sys
import time
from pathlib import Path

GIVEN_BACK = 7


def sleep(parent: int) -> int:
    """Sleep until SIGTERM, or for ever if the environment says so."""
    with os.fdopen(0, closefd=False) as file:
        order = json.load(file)
    environment = order["environment"]
    signal.signal(signal.SIGTERM, (lambda *_: sys.exit()) if "STUBBORN" not in environment else signal.SIG_IGN)
    Path(environment["NOTE"]).write_text(f"{os.getpid()} {parent} {order['job']}\n")
    try:
        time.sleep(60)
    except SystemExit:
        return GIVEN_BACK
    return 0
