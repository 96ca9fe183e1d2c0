"""Measure the engine on a device in under eight minutes: the one command for a machine with a GPU.

    python -m bench.cost.gpu_session [--device auto] [--out FILE] [--small] [--keep-precision]

The device is set up as a worker does it. Each part adds one line of JSON with the device, its
driver and the versions:

* `ladder`: the engine's search against a plain loop on VGG16-BN, generator and critic at 64 px, in
  float32, tf32 and bf16, computed step by step and recorded, and their shares of the device's own
  convolution ceiling
* `audit`: the stages of a standard audit of 100 identities: VGG16-BN at 64 px, LOMMA, prior cached
* `characters`: an audit of the demo's characters at 32 px, with verification
* `precision`: what tf32 and bf16 change in the confidences of the target and in what is verified;
  `--keep-precision` records both for workers with this GPU
* `determinism`: pairs of runs of an attack, bit for bit
* `memory`: memory of the device after each of several attacks

A part that fails has its error as its line, the others run, and the exit status is 1. `--small`
shrinks every part to seconds, for a CPU.

On an H100 it should take about five minutes. This is an estimate, not a measurement: at 60 % of
67 TFLOP/s in float32, the 0.34 PFLOP of the ladder take 8 seconds and the 0.42 PFLOP of the
standard attack 11. Half of the time is for 4,700 steps that distil EfficientNets, if each takes 30
ms of Python and small kernels; at 60 ms the session still ends in time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch

from bench.cost.engine_speed import PAPER, Networks
from bench.cost.gpu_audit import STANDARD, Audit, audit
from bench.cost.gpu_ladder import Rungs, fitting_ladder
from bench.cost.gpu_search import Demo, Searches, characters, determinism, keep_precision, memory, precision
from worker.bundled import PRECISION_RECORD
from worker.evidence.precision import TF32_CAPABILITY, capability, precision_on
from worker.inversion.acceleration import Precision
from worker.inversion.attacks.capture import CudaGraphs, Recorder
from worker.node import choose_device, device_fault
from worker.runtime.device import prepare, release

RESULTS = Path(__file__).resolve().parents[1] / "results" / "gpu_session.jsonl"


class Size(NamedTuple):
    """How much is measured."""

    rungs: Rungs
    networks: Networks
    audit: Audit
    searches: Searches


FULL = Size(
    Rungs(plain_batch=60, batch=512, plain_steps=30, steps=50),
    PAPER,
    STANDARD,
    Searches(identities=90, steps=150, restarts=4, micro_batch=40, compared=32, epochs=30, attacks=5, public=2_500),
)
TINY = Networks("exhume/small-cnn", {"width": 4, "feature_dim": 16}, 4)
SMALL = Size(
    Rungs(plain_batch=2, batch=2, plain_steps=1, steps=1),
    TINY,
    STANDARD._replace(
        networks=TINY,
        identities=2,
        public=8,
        images_each=2,
        reference_identities=1,
        search={"steps": 1, "restarts": 1, "pool": 2, "micro_batch": 2},
        students={"networks": (("exhume/small-cnn", {"width": 4}),), "epochs": 1},
        epochs=(1, 1),
    ),
    Searches(identities=3, steps=1, restarts=1, micro_batch=4, compared=2, epochs=0, attacks=2, public=16),
)


def has(hardware: dict[str, Any]) -> list[Precision]:
    """Return the precisions in which a search can multiply on this device, float32 first."""
    if hardware["device"] == "cpu":
        return ["float32", "bf16"]
    modern = torch.version.hip is None and capability(hardware) >= TF32_CAPABILITY
    return ["float32", "tf32", "bf16"] if modern else ["float32"]


def recorder_on(hardware: dict[str, Any]) -> Recorder | None:
    """Return what records the steps of a search, as a worker with this device has it."""
    return CudaGraphs() if hardware["device"] == "cuda" and torch.version.hip is None else None


def session(hardware: dict[str, Any], size: Size, recorder: Callable[[], Recorder | None]) -> Iterator[dict[str, Any]]:
    """Yield one record for each part. A part that fails has its error as its record.

    Args:
        hardware: of `worker.runtime.device.prepare`.
        recorder: makes what records the steps of a search, for each search.
    """
    began = time.perf_counter()
    device, precisions = torch.device(hardware["device"]), has(hardware)
    usual = precision_on(hardware)
    demo = Demo(device, size.searches, recorder)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "ladder": partial(fitting_ladder, device, size.rungs, size.networks, precisions, recorder),
        "audit": partial(audit, device, size.audit, [usual, *(p for p in precisions if p != usual)], recorder),
        "characters": partial(characters, demo),
        "precision": partial(precision, demo, precisions[1:]),
        "determinism": partial(determinism, demo),
        "memory": partial(memory, demo),
    }
    for name, part in parts.items():
        start = time.perf_counter()
        try:
            found = part()
            release()
        except Exception as error:  # noqa: BLE001 (the other parts are still wanted)
            traceback.print_exc()
            found = {"error": f"{type(error).__name__}: {error}"}
        yield {"part": name, **found, "part_seconds": round(time.perf_counter() - start, 1)}
    yield {"part": "session", "seconds": round(time.perf_counter() - began, 1)}


def main() -> int:
    """Write the records, and return 1 if a part failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="auto", help="as of EXHUME_DEVICE: auto, cpu, cuda, cuda:N, mps, or a UUID")
    parser.add_argument("--small", action="store_true", help="measure little, in seconds")
    parser.add_argument(
        "--keep-precision", action="store_true", help=f"record tf32 and bf16 on this GPU in {PRECISION_RECORD.name}"
    )
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    os.environ["EXHUME_DEVICE"] = args.device
    choose_device()
    if (fault := device_fault()) is not None:
        parser.error(fault)
    hardware, failed = prepare(), False
    cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    for record in session(hardware, SMALL if args.small else FULL, partial(recorder_on, hardware)):
        failed |= "error" in record
        if record["part"] == "precision" and args.keep_precision and "error" not in record:
            keep_precision(record, hardware.get("gpu", hardware["processor"]))
        line = json.dumps({"bench": "gpu_session", **record, **hardware, "cudnn": cudnn})
        with args.out.open("a") as out:
            out.write(line + "\n")
        print(line, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
