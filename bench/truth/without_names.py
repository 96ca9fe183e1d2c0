"""Measure verifiers that were trained without names, on characters that chose nothing.

    python -m bench.truth.without_names [--steps 1200] [--threads 1] [--json] [--record]

The views of the self-supervised training were chosen on the characters of the Korean, Latin and
Greek alphabets. Here these, Sanskrit and Tagalog are trained on, as `exhume verifier train
--without-names --symmetries 8` does, and the characters of the other three alphabets are judged:
one half of the drawings of each must rank the mean of the other half first.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.attacks.cells import stamp
from worker.bundled import omniglot
from worker.evaluation.verifier_pair import train_pair

RESULTS = Path(__file__).resolve().parents[1] / "results" / "without_names.jsonl"
JUDGED = ("Balinese", "Early_Aramaic", "Japanese_(katakana)")
"""The first three by name of the five alphabets on which nothing was chosen."""
KEPT = ("name", "loss", "steps", "rank1_held_out", "references")


def images() -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return the drawings to train on, and those to judge with the numbers of their characters."""
    with np.load(omniglot.DATA, allow_pickle=False) as file:
        drawings, alphabets = file["images"], file["alphabet"]
    judged = np.isin(alphabets, JUDGED)
    numbers = np.repeat(np.arange(int(judged.sum())), drawings.shape[1])
    return drawings[~judged].reshape(-1, *drawings.shape[2:]), (
        drawings[judged].reshape(-1, *drawings.shape[2:]),
        numbers,
    )


def measure(steps: int, progress: Any) -> dict[str, Any]:
    """Train a pair and return its figures."""
    trained, judged = images()
    with tempfile.TemporaryDirectory(prefix="exhume-without-names-") as folder:
        cards = train_pair(
            trained,
            np.zeros(len(trained), np.int64),
            Path(folder),
            steps=steps,
            symmetries=8,
            names=False,
            references=judged,
            progress=progress,
        )
    return {"images": len(trained), "verifiers": [{key: card[key] for key in KEPT} for card in cards]}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print only the last line, one JSON object")
    parser.add_argument("--record", action="store_true", help=f"append the last line to results/{RESULTS.name}")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    def told(done: int, total: int, figures: dict[str, Any]) -> None:
        if not options.json and done % 100 == 0:
            print(f"{done} of {total} steps, {figures}", flush=True)

    began = time.process_time()
    line = {"bench": "without_names", "steps": options.steps, **measure(options.steps, told)}
    line |= {"cpu_seconds": round(time.process_time() - began, 1), **stamp()}
    if options.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")
    print(json.dumps(line))


if __name__ == "__main__":
    main()
