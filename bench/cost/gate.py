"""Measure `exhume gate` from nothing, with an unchanged checkpoint, and `exhume --help`.

    python -m bench.cost.gate --work DIR [--identities 30] [--skip-cold] [--json] [--record]

The checkpoint is a ResNet-50 of 102 MB for the demo's characters at 32x32 pixels. It is trained
before anything is measured, and kept in DIR.

* `cold`: `exhume gate --local` in an empty folder: start of the servers, upload and checks, a
  quick audit, the decision and every report, stop of the servers. The stages are those of the
  command's own log.
* `push`: `exhume gate --no-wait` against a running service, until the audit is queued.
  `unchanged`: the same command again. Both include the start of Python.
* `help`: the median of nine runs of `exhume --help`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from app.contract.exit_codes import Exit
from bench.serving import serving
from worker.bundled import omniglot
from worker.demo.prepare import readable, write_sets
from worker.inversion.classifier_training import train_classifier
from worker.inversion.data import to_tensor
from worker.inversion.targets.convention import InputConvention
from worker.inversion.targets.registry import build_network
from worker.inversion.targets.target import Target

RESULTS = Path(__file__).resolve().parents[1] / "results" / "gate.jsonl"
ARCHITECTURE, EPOCHS, BATCH, LR = "timm/resnet50", 12, 64, 1e-3
CONVENTION = InputConvention(height=32, width=32, channels=1, mean=(0.5,), std=(0.5,))
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


def prepare(work: Path) -> None:
    """Train the checkpoint and write everything that a gate file names, once."""
    if (work / "model.safetensors").exists():
        return
    work.mkdir(parents=True, exist_ok=True)
    data = omniglot.load()
    x, y = to_tensor(data.private_train.images), torch.from_numpy(data.private_train.labels)
    names = [readable(name) for name in data.private_train.names]
    network = build_network(ARCHITECTURE, {}, len(names), CONVENTION.channels, seed=0)
    T = Target(network, CONVENTION, len(names))
    train_classifier(T, x, y, epochs=EPOCHS, batch=BATCH, lr=LR, seed=0, dropout_seed=0)
    with torch.no_grad():
        guesses = np.concatenate([T(x[at : at + 256]).logits.argmax(1).numpy() for at in range(0, len(x), 256)])
    print(f"accuracy on its training images: {np.mean(guesses == data.private_train.labels):.3f}", file=sys.stderr)
    description = {"architecture": ARCHITECTURE, "convention": CONVENTION.to_dict(), "classes": names}
    (work / "model.json").write_text(json.dumps(description | {"classes_are": "other"}))
    write_sets(work, data)
    save_file({name: one.contiguous() for name, one in network.state_dict().items()}, work / "model.safetensors")


def gate_file(work: Path, folder: Path, identities: int) -> None:
    """Copy what a repository would hold to `folder`, and write its gate file."""
    for name in ("model.safetensors", "model.json", "public.npz", "private.npz"):
        shutil.copy(work / name, folder)
    document = {
        "target": "characters",
        "checkpoint": {"path": "model.safetensors", "description": "model.json"},
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
    return {"seconds": round(seconds, 1), "code": code, "queued": round(queued, 1), "ended": stages, "decided": decided}


def pushes(folder: Path, data: Path) -> dict[str, float]:
    """Push a new checkpoint to a running service, and the same one again."""
    with serving(data) as service:
        server = {"EXHUME_URL": service.client.url, "EXHUME_API_KEY": service.key}
        found = {}
        for name in ("push", "unchanged"):
            code, seconds, lines = run(folder, "gate", "--no-wait", **server)
            if code != Exit.STILL_RUNNING:
                raise SystemExit("\n".join(line for _, line in lines))
            found[name] = round(seconds, 2)
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
    found["mb"] = round((args.work / "model.safetensors").stat().st_size / 1e6, 1)
    with tempfile.TemporaryDirectory(prefix="exhume-bench-") as folder:
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
