"""Scoring, recording and tabulating the cells of the attack benchmarks.

A cell is one attack in one setting with one seed against one target. Its JSON line holds at least
`bench, target, prior, attack, setting, seed, identities, top1, top1_low, top1_high, verified, gap,
seconds, device, torch, commit`.
"""

from __future__ import annotations

import copy
import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from worker.evaluation.controls import prior_control
from worker.evaluation.evaluator import Evaluator
from worker.evaluation.score import score
from worker.evaluation.statistics import clopper_pearson, mean_difference
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import Embedder, Verifier
from worker.inversion.attacks import SETTINGS, Attack, Reconstruction
from worker.inversion.priors import Prior

BUDGET = ("restarts", "steps", "pool", "lr")
"""Hyper-parameters shown above a table, for the attacks that have them."""


class References(Protocol):
    """Private training images: uint8 (N, H, W) or (N, H, W, C), and the identity of each (N,)."""

    @property
    def images(self) -> np.ndarray: ...

    @property
    def labels(self) -> np.ndarray: ...


class Remembering:
    """A verifier that caches its embeddings by the digest of the images.

    The cells of a run share references, held-out images and public images.
    """

    def __init__(self, verifier: Verifier) -> None:
        self.verifier, self.name, self.digest = verifier, verifier.name, verifier.digest
        self._known: dict[str, np.ndarray] = {}

    def embed(self, images: np.ndarray) -> np.ndarray:
        key = hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest()
        if key not in self._known:
            self._known[key] = self.verifier.embed(images)
        return self._known[key]


def file_digest(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def stamp(device: str = "cpu") -> dict[str, str]:
    """Return the device, the torch version and the commit that produced a cell."""
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    cpu = f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else cpu
    return {"device": name, "torch": str(torch.__version__), "commit": git.stdout.strip()}


def judged(
    found: Sequence[Reconstruction],
    prior: Prior,
    references: References,
    evaluator: Evaluator,
    verifiers: Sequence[Embedder],
    attack: Attack,
    seed: int,
    *,
    held_out: References | None = None,
    controls: Mapping[str, np.ndarray] | None = None,
) -> dict[str, Any]:
    """Return the figures of a cell: its submissions compared with the private references.

    The `prior` control draws as many samples per identity as the attack has restarts. `controls`
    holds further controls, one image per identity each. `held_out` holds images of the same people
    that the target was not trained on. They measure the sensitivity of the verifiers, which
    corrects `risk` (but not `risk_uncorrected`).

    `gap` is the accuracy under the target minus rank 1 under all verifiers. `gap_evaluator` uses
    the evaluator's accuracy instead, as in the paper. `bits` is the mean of log2(gallery size /
    rank), with the worst rank over the verifiers; the last rank gives 0. It separates settings in
    which nobody is verified. By chance it is about 0.7 under two verifiers.
    """
    submitted = [r for r in found if r.selected]
    images, identities = np.stack([r.image for r in submitted]), np.array([r.identity for r in submitted])
    cpu = copy.deepcopy(prior).cpu()
    verification = verify(
        images, identities, references.images, references.labels, verifiers,
        reconstructions=np.stack([r.image for r in found]), reconstructed_for=[r.identity for r in found],
        controls={"prior": prior_control(cpu, identities.tolist(), draws=attack.restarts, seed=seed,
                                              consensus=attack.selection == "consensus")}
        | dict(controls or {}),
        held_out=(held_out.images, held_out.labels) if held_out is not None else None,
    )  # fmt: skip
    scored = score(
        identities,
        np.array([r.target_top1 for r in submitted]),
        verification=verification,
        evaluator_top5=evaluator.top(images),
    )
    f, worst_rank = scored.figures, np.max([r.rank for r in verification.readings], axis=0)
    out: dict[str, Any] = {}
    for name, figure in (("top1", "attack_accuracy_top1"), ("verified", "verified"), ("risk", "risk")):
        out |= {name: f[figure]["value"], f"{name}_low": f[figure]["low"], f"{name}_high": f[figure]["high"]}
    R = scored.risk
    if R is not None:
        corrected = {
            "risk_uncorrected": R.uncorrected if R.sensitivity else None,
            "p_corrected": R.corrected_p,
            "q_corrected": R.corrected_q,
            "sensitivity": R.sensitivity,
            "specificity": R.specificity,
        }
        out |= {name: None if one is None else one.value for name, one in corrected.items()}
    named_controls = {k.removeprefix("control_"): f[k]["value"] for k in f if k.startswith("control_")}
    return out | {
        "controls": named_controls,
        "rank1": f["rank1_all_verifiers"]["value"],
        "target_top1": f["target_accuracy"]["value"],
        "gap": f["overfitting_gap"]["value"],
        "gap_evaluator": f["overfitting_gap_evaluator"]["value"],
        "control": f["control"]["value"],
        "verdict": scored.verdict.answer,
        "bits": f["identity_bits"]["value"],
        "bits_each": np.round(np.log2(len(verification.gallery) / worst_rank), 3).tolist(),
        "success": verification.success.astype(int).tolist(),
    }


def record(line: dict[str, Any], out: Path) -> None:
    """Append one cell to a file of JSON lines and print its main figures."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a") as file:
        file.write(json.dumps(line) + "\n")
    shown = ("attack", "setting", "seed", "target_top1", "top1", "rank1", "verified", "gap", "control", "seconds")
    print(json.dumps({k: line[k] for k in shown}), flush=True)


def table(path: Path) -> None:
    """Print one table per target, prior, attack and budget.

    Rows show means over seeds, intervals over identities and paired differences. When a cell was
    run more than once, the last run counts.
    """
    groups: dict[str, dict[tuple[str, int], dict[str, Any]]] = {}
    for c in map(json.loads, path.read_text().splitlines()):
        plan = {k: v for k, v in c["config"].items() if k != "setting"}
        names = [c.get("target_name", ""), c.get("prior_name", "")]
        key = json.dumps([c["target"][:19], c["prior"][:19], *names, c["attack"], c["identities"], plan])
        groups.setdefault(key, {})[c["setting"], c["seed"]] = c
    for key, last in groups.items():
        target, prior, target_name, prior_name, attack, identities, plan = json.loads(key)
        budget = ", ".join(f"{k} {plan[k]}" for k in BUDGET if k in plan)
        print(
            f"\n{attack}; target {target_name} {target}, prior {prior_name} {prior}, {identities} identities; {budget}"
        )
        print(f"{'setting':10} {'seeds':>5} {'target':>7} {'top-1':>7} {'rank 1':>7} {'verified':>9} {'95 %':>14} "
              f"{'R':>6} {'control':>7} {'minus baseline':>24} {'bits':>5} {'minus baseline':>22} "
              f"{'seconds':>8}")  # fmt: skip
        _rows(last)


def mean_share(successes: Sequence[Sequence[int]]) -> tuple[float, float, float]:
    """Return the mean over seeds of who was verified, with its 95 % interval over identities.

    `successes` holds 0 or 1 per identity, by seed. When all values are 0 or all are 1, resampling
    gives no width. The interval is then Clopper and Pearson's for one seed.
    """
    S = np.mean(successes, axis=0)
    if S.min() == S.max() and S[0] in (0, 1):
        return float(S[0]), *clopper_pearson(int(S.sum()), len(S))
    v = mean_difference(S, np.zeros_like(S))
    return v.value, v.low, v.high


def _rows(last: dict[tuple[str, int], dict[str, Any]]) -> None:
    base = {seed: c["success"] for (s, seed), c in last.items() if s == "baseline"}
    for setting in SETTINGS:
        cells = {seed: c for (s, seed), c in sorted(last.items()) if s == setting}
        if not cells:
            continue
        v, low, high = mean_share([c["success"] for c in cells.values()])
        mean = {k: float(np.mean([c[k] for c in cells.values()])) for k in
                ("target_top1", "top1", "rank1", "risk", "control", "seconds")}  # fmt: skip
        against = ""
        if setting != "baseline" and (shared := sorted(cells.keys() & base.keys())):
            d = mean_difference(
                np.mean([cells[s]["success"] for s in shared], axis=0), np.mean([base[s] for s in shared], axis=0)
            )
            against = f"{d.value:+.1%} [{d.low:+.1%}, {d.high:+.1%}]"
        print(f"{setting:10} {len(cells):5} {mean['target_top1']:7.1%} {mean['top1']:7.1%} {mean['rank1']:7.1%} "
              f"{v:9.1%} {f'{low:.1%}-{high:.1%}':>14} {mean['risk']:6.2f} {mean['control']:7.1%} "
              f"{against:>24} {_bits(cells, last)} {mean['seconds']:8.1f}")  # fmt: skip


def _bits(cells: dict[int, dict[str, Any]], last: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Format identity bits of a setting and their paired difference from the baseline.

    The difference uses the seeds that both have.
    """
    bits = {seed: c["bits_each"] for seed, c in cells.items() if "bits_each" in c}
    base = {seed: c["bits_each"] for (s, seed), c in last.items() if s == "baseline" and "bits_each" in c}
    if not bits:
        return f"{'':>28}"
    own, shared = np.mean(list(bits.values())), sorted(bits.keys() & base.keys())
    if not shared or cells[shared[0]]["setting"] == "baseline":
        return f"{own:5.2f} {'':>22}"
    d = mean_difference(*(np.mean([b[s] for s in shared], axis=0) for b in (bits, base)))
    return f"{own:5.2f} {f'{d.value:+.2f} [{d.low:+.2f}, {d.high:+.2f}]':>22}"
