"""Measure how long the intake takes to reject files, and which architectures it accepts.

    python -m bench.cost.intake --json
    python -m bench.cost.intake --part refusals --only onnx
    python -m bench.cost.intake --part architectures --only resnet
    python -m bench.cost.intake --part wild

Prints the slowest rejections, the name of every architecture that failed, and what came of every
kind of file that users bring (`bench/wild/cases.toml`). The last line is one JSON object. Exits
with 1 when a rejection took more than 2 s, a hostile file was accepted, an architecture was
rejected or misdetected, or a kind of file got the wrong answer. `plain_classifiers` are the
checkpoints and ONNX models that are classifiers of images with plain weights and a description
that fits. `models_set_aside` counts the others by the reason why they have to be rejected.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import Any

from bench.cost.architectures import tried
from bench.cost.refusals import loading_seconds, refusals, warm_parent_bytes
from bench.wild import trying
from bench.wild.case import ACCEPTED, cases

LONGEST = 2.0
COLD = "constant timm/resnet50"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=["refusals", "architectures", "wild"], help="only this part")
    parser.add_argument("--only", default="", help="only files or networks whose name contains this")
    parser.add_argument("--json", action="store_true", help="print only the last line, one JSON object")
    options = parser.parse_args()
    report: dict[str, Any] = {}
    parts = {"refusals": _refusals, "architectures": _architectures, "wild": _wild}
    for name, measure in parts.items():
        if options.part in (None, name):
            report[name] = measure(options.only, quiet=options.json)
    print(json.dumps(report))
    sys.exit(not all(part["passed"] for part in report.values()))


def _refusals(only: str, *, quiet: bool) -> dict[str, Any]:
    """Measure rejections on a worker that has just started.

    `cold` are files handed in before its warm parent has loaded.
    """
    cold = {one.name: round(one.seconds, 2) for one in refusals(only=COLD)}
    loading, found = loading_seconds(), []
    for one in refusals(only=only):
        found.append(one)
        if not quiet:
            line = f"{one.seconds:6.2f} s, {one.cpu_seconds:5.2f} s of processor, {one.bytes / 1e6:5.1f} MB"
            print(f"{line}  {one.code}: {one.name}", flush=True)
    found.sort(key=lambda r: -r.seconds)
    taken = [r.name for r in found if r.code == "TAKEN"]
    return {
        "files": len(found),
        "slowest": {"name": found[0].name, "code": found[0].code, "seconds": round(found[0].seconds, 3)},
        "slowest_cpu_seconds": round(max(r.cpu_seconds for r in found), 3),
        "over_2_s": {r.name: round(r.seconds, 2) for r in found if r.seconds > LONGEST},
        "taken": taken,
        "cold": cold,
        "warm_parent": {"loading_seconds": round(loading, 2), "megabytes": round(warm_parent_bytes() / 1e6)},
        "passed": not taken and found[0].seconds <= LONGEST,
    }


def _architectures(only: str, *, quiet: bool) -> dict[str, Any]:
    forms, right = 0, 0
    failures: dict[str, str] = {}
    for one in tried(only=only):
        forms += one.forms
        right += not one.failures
        failures |= {f"{one.name}, {form}": what for form, what in one.failures.items()}
        if not quiet:
            print(f"{one.name}: {one.forms - len(one.failures)} of {one.forms} forms", flush=True)
            for form, what in one.failures.items():
                print(f"  {form}: {what}")
    total = right + len({name.partition(",")[0] for name in failures})
    return {
        "architectures": total,
        "taken_and_detected_in_every_form": right,
        "files": forms,
        "files_taken_and_detected": forms - len(failures),
        "failures": failures,
        "passed": not failures,
    }


def _wild(only: str, *, quiet: bool) -> dict[str, Any]:
    """Try every kind of file that users bring, in the sandbox."""
    loading_seconds()
    found = []
    for one in trying.tried(only=only):
        found.append(one)
        if not quiet:
            print(f"{one.seconds:6.2f} s  {one.outcome}: {one.case}  {one.why[:200]}", flush=True)
    outcomes = {name: [one for one in found if one.outcome == name] for name in (trying.RIGHT, trying.RECIPE)}
    wrong = {one.case: one.why[:300] for one in found if one.outcome == trying.WRONG}
    rejections = sorted((one.seconds, one.case) for one in outcomes[trying.RECIPE])
    acceptable = [case for case in cases() if case.answer == ACCEPTED and only in case.name]
    kinds = {case.name: case for case in cases()}
    models = [one for one in found if kinds[one.case].kind in ("checkpoint", "onnx")]
    plain = [one for one in models if not kinds[one.case].aside]
    right = sum(one.outcome == trying.RIGHT for one in plain)
    return {
        "kinds": len(found),
        "accepted_and_right": len(outcomes[trying.RIGHT]),
        "rejected_with_a_recipe_that_works": len(outcomes[trying.RECIPE]),
        "wrong": wrong,
        "share_accepted": round(len(outcomes[trying.RIGHT]) / len(found), 3),
        "share_of_acceptable": round(len(outcomes[trying.RIGHT]) / max(len(acceptable), 1), 3),
        "models": len(models),
        "models_set_aside": dict(Counter(kinds[one.case].aside for one in models if kinds[one.case].aside)),
        "plain_classifiers": len(plain),
        "plain_classifiers_accepted_and_right": right,
        "share_of_plain_classifiers": round(right / max(len(plain), 1), 3),
        "slowest_rejection": rejections[-1] if rejections else None,
        "passed": not wrong and (not rejections or rejections[-1][0] <= LONGEST),
    }


if __name__ == "__main__":
    main()
