"""Measure `exhume gate` from nothing, with an unchanged checkpoint, and `exhume --help`.

    python -m bench.cost.gate --work DIR [--identities 30] [--skip-cold] [--json] [--record]

The checkpoint is the demo's classifier of characters at 32x32 pixels with a wide last hidden
layer, an ONNX file of 103 MB. It is trained before anything is measured, and kept in DIR.

* `cold`: `exhume gate --local` in an empty folder: start of the servers, upload and checks, a
  quick audit, the decision and every report, stop of the servers. The stages are those of the
  command's own log.
* `push`: `exhume gate --no-wait` against a running service, until the audit is queued.
  `unchanged`: the median of five more runs of the same command, with its processor seconds. Both
  include the start of Python.
* `help`: the median of nine runs of `exhume --help`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from app.contract.exit_codes import Exit
from bench.serving import serving
from worker.bundled import omniglot
from worker.demo.prepare import readable, write_sets
from worker.demo.train_target import ARCHITECTURE, CONVENTION, HYPERPARAMETERS, train_demo_target
from worker.inversion.targets.registry import build_network

RESULTS = Path(__file__).resolve().parents[1] / "results" / "gate.jsonl"
MODEL, UNITS = "model.onnx", 12_000
"""Of the last hidden layer, for a checkpoint of 103 MB."""
EXHUME = [sys.executable, "-P", "-m", "app.cli"]
OUTPUTS = {
    "json": "decision.json",
    "sarif": "exhume.sarif",
    "junit": "junit.xml",
    "code-quality": "quality.json",
    "markdown": "summary.md",
    "badge": "badge.svg",
    "test-result": "test-result.json",
    "cyclonedx": "exhume.cdx.json",
}
DECIDED = {Exit.PASS, Exit.GATE_FAILED, Exit.INCONCLUSIVE}


class Widened(nn.Module):
    """The demo's target with a wide last hidden layer. Logits do not depend on the new units."""

    def __init__(self, demo: Any) -> None:
        super().__init__()
        neck, norm, relu = demo.neck
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        self.features, self.relu = demo.features, relu
        self.neck = nn.Linear(neck.in_features, UNITS)
        self.head = nn.Linear(UNITS, demo.head.out_features)
        known = slice(0, neck.out_features)
        with torch.no_grad():
            self.neck.weight[known] = neck.weight * scale[:, None]
            self.neck.bias[known] = norm.bias - norm.running_mean * scale
            self.head.weight.zero_()
            self.head.weight[:, known] = demo.head.weight
            self.head.bias.copy_(demo.head.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.head(self.relu(self.neck(self.features(x))))
        return logits


def prepare(work: Path) -> None:
    """Train the checkpoint and write everything that a gate file names, once."""
    if (work / "model.json").exists():
        return
    work.mkdir(parents=True, exist_ok=True)
    demo, data = work / "demo.safetensors", omniglot.load()
    if not demo.exists():
        train_demo_target(demo)
    names = [readable(name) for name in data.private_train.names]
    network = build_network(ARCHITECTURE, HYPERPARAMETERS, len(names), CONVENTION.channels, seed=0)
    network.load_state_dict(load_file(demo))
    widened = Widened(network.eval()).eval()
    x = torch.rand(2, CONVENTION.channels, CONVENTION.height, CONVENTION.width)
    assert torch.allclose(widened(x), network(x), atol=1e-4)
    axes = {"x": {0: "batch"}}
    torch.onnx.export(widened, (x,), str(work / MODEL), dynamo=False, input_names=["x"], dynamic_axes=axes)
    write_sets(work, data)
    description = {"convention": CONVENTION.to_dict(), "classes": names, "classes_are": "other"}
    (work / "model.json").write_text(json.dumps(description))


def gate_file(work: Path, folder: Path, identities: int) -> None:
    """Copy what a repository would hold to `folder`, and write its gate file."""
    for name in (MODEL, "model.json", "public.npz", "private.npz"):
        shutil.copy(work / name, folder)
    document = {
        "target": "characters",
        "checkpoint": {"path": MODEL, "description": "model.json"},
        "data": {"public": {"file": "public.npz"}, "private": {"file": "private.npz"}},
        "plan": {"effort": "quick", "identities": identities},
        "policy": {"budgets": {"white_box": 0.2}},
        "rights": {"declared_by": "bench.cost.gate", "statement": "The model was trained for this benchmark."},
        "outputs": OUTPUTS,
    }
    (folder / "exhume.yaml").write_text(json.dumps(document, indent=2))


def run(folder: Path, *words: str, **environment: str) -> tuple[int, float, list[tuple[float, str]]]:
    """Run `exhume` in a folder.

    Returns: exit code, seconds, and each line of the log with its time.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("EXHUME_")} | environment
    began = time.monotonic()
    with subprocess.Popen(
        [*EXHUME, *words], cwd=folder, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        lines = [(time.monotonic() - began, line.rstrip()) for line in process.stderr]
    return process.returncode, time.monotonic() - began, lines


def pushed(folder: Path, server: dict[str, str]) -> tuple[float, float]:
    """Run a gate until its audit is queued. Returns: seconds, and processor seconds."""
    used = processor()
    code, seconds, lines = run(folder, "gate", "--no-wait", **server)
    if code != Exit.STILL_RUNNING:
        raise SystemExit("\n".join(line for _, line in lines))
    return round(seconds, 2), round(processor() - used, 2)


def processor() -> float:
    """Return the processor seconds of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cold(folder: Path) -> dict[str, Any]:
    """Run a gate from nothing."""
    code, seconds, lines = run(folder, "gate", "--local")
    if code not in DECIDED:
        raise SystemExit("\n".join(line for _, line in lines))
    missing = [path for path in OUTPUTS.values() if not (folder / path).exists()]
    assert not missing, missing
    queued = next(at for at, line in lines if line.startswith("audit "))
    decided = next(at for at, line in lines if line.startswith("json: "))
    stages = {line.split()[0]: round(at, 1) for at, line in lines if " done in " in line}
    return {
        "seconds": round(seconds, 1),
        "code": code,
        "queued": round(queued, 1),
        "ended": stages,
        "decided": round(decided, 1),
    }


def pushes(folder: Path, data: Path) -> dict[str, float]:
    """Push a new checkpoint to a running service, and the same one again."""
    with serving(data) as service:
        server = {"EXHUME_URL": service.client.url, "EXHUME_API_KEY": service.key}
        found = {"push": pushed(folder, server)[0]}
        again = [pushed(folder, server) for _ in range(5)]
        found["unchanged"] = round(statistics.median(seconds for seconds, _ in again), 2)
        found["unchanged_processor"] = round(statistics.median(used for _, used in again), 2)
        (audit,) = service.client.audits()
        service.client.cancel_audit(audit.id)
    return found


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder where the checkpoint is kept")
    parser.add_argument("--identities", type=int, default=30)
    parser.add_argument("--skip-cold", action="store_true", help="measure only the pushes and the help")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true", help=f"append to {RESULTS.name}")
    args = parser.parse_args()
    prepare(args.work)
    found: dict[str, Any] = {"bench": "gate", "identities": args.identities}
    found["mb"] = round((args.work / MODEL).stat().st_size / 1e6, 1)
    with tempfile.TemporaryDirectory(prefix="exhume-bench-") as folder:
        Path(folder).chmod(0o711)  # the servers do not run as root
        repository, data = Path(folder) / "repository", Path(folder) / "data"
        repository.mkdir()
        data.mkdir()
        gate_file(args.work, repository, args.identities)
        found["help"] = round(statistics.median(run(repository, "--help")[1] for _ in range(9)), 3)
        found |= pushes(repository, data)
        if not args.skip_cold:
            found["cold"] = cold(repository)
    found |= {"cores": os.cpu_count(), "load": [round(one, 1) for one in os.getloadavg()]}
    found["python"] = platform.python_version()
    print(json.dumps(found) if args.json else "\n".join(f"{name}: {value}" for name, value in found.items()))
    if args.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
