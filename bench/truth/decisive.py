"""Audit face classifiers of known truth through the service, and count decided audits.

    python -m bench.truth.decisive --data DIR [--models ordinary null ...] [--seeds 0 1] [--record]

`--data` holds `lfw64-private.zip`, `lfw64-public.zip` and the two `verifier-face64-*.onnx`. Every
model is trained, uploaded, checked and audited with the effort `standard` by a service that this
command starts, with the images of other people as the public set. A model that leaks must not
PASS, and a null model must not FAIL.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from bench.attacks.cells import stamp
from bench.attacks.faces import TARGETS
from bench.attacks.image_sets import read_zip
from bench.serving import serving
from bench.truth.face_models import MODELS, FaceSets
from bench.truth.service import Desk, answer

RESULTS = Path(__file__).resolve().parents[1] / "results" / "decisive.jsonl"
WRONG = {"ordinary": {"PASS"}, "memorising": {"PASS"}, "null": {"FAIL"}}
"""Verdicts that are wrong for a model. The defended ones may leak or not."""


def prepared(desk: Desk, data: Path) -> tuple[FaceSets, dict[str, str], list[str]]:
    """Upload data sets and verifiers.

    Returns: the images, the ids of the sets by role, and the ids of the verifiers.
    """
    sets = FaceSets.read(data)
    np.savez(desk.folder / "public.npz", images=read_zip(data / "lfw64-public.zip").images)
    np.savez(
        desk.folder / "private.npz",
        images=np.concatenate([sets.train.images, sets.test.images]),
        labels=np.concatenate([sets.train.labels, sets.test.labels]),
        identities=np.array(sets.train.names),
        split=np.array(["train"] * len(sets.train.images) + ["held-out"] * len(sets.test.images)),
    )
    verifiers = []
    for file in sorted(data.glob("verifier-face64-*.onnx")):
        made = desk.client.post(f"/projects/{desk.project}/verifiers", {"name": file.stem})
        verifiers.append(desk.sent(f"/verifiers/{made['id']}", file)["id"])
    return sets, {role: desk.set_of(role, role) for role in ("public", "private")}, verifiers


def uploaded(desk: Desk, name: str, seed: int, sets: FaceSets) -> dict[str, Any]:
    """Train a model, upload it as a release, and return the release when it is checked."""
    target, recipe = MODELS[name](sets, seed), TARGETS["small-cnn"]
    file = desk.folder / f"{name}-{seed}.safetensors"
    save_file({key: value.contiguous() for key, value in target.network.state_dict().items()}, file)
    announced = {
        "version": f"{name} {seed}",
        "architecture": recipe.architecture,
        "hyperparameters": recipe.hyperparameters,
        "convention": {"height": 64, "width": 64, "channels": 3, "mean": [0.5], "std": [0.5]},
        "classes": sets.train.names,
        "classes_are": "person",
    }
    made = desk.client.post(f"/targets/{desk.target}/releases", announced)
    return desk.sent(f"/releases/{made['id']}", file)


def audited(desk: Desk, release: dict[str, Any], sets: dict[str, str], plan: dict[str, Any]) -> dict[str, Any]:
    """Audit a release and return the fields of the table."""
    audit = desk.finished(release["id"], sets, plan)
    if audit["state"] != "succeeded":
        return {"state": audit["state"], "verdict": None, "reason": (audit["problem"] or {}).get("detail")}
    result = desk.client.get(f"/audits/{audit['id']}/result")
    power = result.get("power") or {}
    return answer(result, release) | {
        "power": [power.get(name) for name in ("value", "low", "high")],
        "verified": result["figures"].get("verified", {}).get("value"),
        "control": result["figures"].get("control", {}).get("value"),
        "attacks": [one["label"] for one in result["attacks"]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--budget", type=float, default=0.1)
    parser.add_argument("--record", action="store_true", help="append the lines to results/decisive.jsonl")
    args = parser.parse_args()
    torch.set_num_threads(2)
    plan, wrong, decided = {"effort": args.effort, "budget": args.budget}, 0, 0
    with tempfile.TemporaryDirectory(prefix="exhume-decisive-") as folder, serving(Path(folder)) as service:
        desk = Desk(service.client, Path(folder), "faces")
        sets, ids, verifiers = prepared(desk, args.data)
        for name in args.models:
            for seed in args.seeds:
                release, began = uploaded(desk, name, seed, sets), time.perf_counter()
                found = audited(desk, release, ids, plan | {"verifiers": verifiers})
                minutes = round((time.perf_counter() - began) / 60, 1)
                line = {
                    "bench": "decisive",
                    "model": name,
                    "seed": seed,
                    **plan,
                    **found,
                    "minutes": minutes,
                    **stamp(),
                }
                wrong += found["verdict"] in WRONG.get(name, set())
                decided += found["verdict"] in {"PASS", "FAIL"}
                if args.record:
                    with RESULTS.open("a") as file:
                        file.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)
    print(f"{decided} of {len(args.models) * len(args.seeds)} decided, {wrong} wrong")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
