"""Facts of reports, without a database."""

import copy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.audit_reports.facts import Facts, Made, Other, Person
from app.audits.outcome_schemas import Identity
from app.audits.schemas import Audit, Drift
from app.contract.plan import Plan
from app.contract.result import Result
from app.releases.schemas import Release
from tests.results import RESULT

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = UUID(int=1)
CLASSES = [f"Surname{chr(97 + number)} Given" for number in range(8)]
MADE = Made("key:tests", AT, "0.1.0")
SIGNATURE = {"signer": "ACME release team", "key_id": "sha256:" + "5" * 64, "model": "m", "file": "m.safetensors"}
SIGNATURE |= {"files": 1, "verified_at": AT, "recorded_by": "key:ci"}
EXAMINATION = {"checkpoint_sha256": "4" * 64, "outputs": "logits", "num_classes": 8, "feature_dim": 64}
EXAMINATION |= {"parameters": 1_234_567, "tensors": 10, "dtypes": ["float32"], "notes": []}


def stored(**changes: Any) -> dict[str, Any]:
    """Return a result document in which two people are named, with these changes."""
    whole = copy.deepcopy(RESULT)
    whole["named"] = [
        {"identity": index, "name": CLASSES[index], "p_value": 0.00123, "strength": 7.25 - index}
        | {"restarts": {"recognised": 1, "of": 2}, "seeds": {"named": 3, "of": 4}}
        for index in (3, 1)
    ]
    whole["naming"] |= {"named_earlier_only": [CLASSES[5]], "expected_false": 0.2}
    whole["worst_decile"] = [CLASSES[3]]
    whole["notes"] = [f"Private training images are missing for 2 of the planned classes, such as {CLASSES[2]}."]
    return whole | changes


def identity(number: int, strength: float | None = None, **changes: Any) -> Identity:
    """Return the outcome of one identity."""
    whole: dict[str, Any] = {"identity": number, "name": CLASSES[number % 8] if number < 8 else f"Many{number} Given"}
    whole |= {"verified": number == 3, "control_verified": False, "evaluator_top1": None, "evaluator_top5": None}
    whole |= {"target_top1": True, "verifier": "pixels-1", "similarity": 0.6125, "threshold": 0.5375, "margin": 0.075}
    whole |= {"rank": 1, "strength": 5.5 if strength is None else strength, "rank_exposed": 1, "attack": 0}
    whole |= {"recognised_by": [], "details": {}, "reconstruction_id": None, "control_reconstruction_id": None}
    return Identity(**whole | {"nearest_reference": None, "scores": []} | changes)


def audit(**changes: Any) -> Audit:
    """Return the audit as the API shows it."""
    plan = Plan.load(copy.deepcopy(RESULT["settings"]["plan"])).document()
    sets = {"id": ONE, "name": "public faces", "images": 100}
    whole: dict[str, Any] = {
        "id": ONE,
        "project_id": ONE,
        "plan": Plan.load(plan).document(),
        "plan_digest": "sha256:" + "6" * 64,
    }
    whole["release"] = {"id": ONE, "version": "4", "target_id": ONE, "target_name": "badge-reader", "classes": 8}
    whole |= {
        "public_dataset": sets,
        "private_dataset": sets | {"name": "staff", "images": 48},
        "gallery_dataset": None,
    }
    whole |= {"twin_release": None, "replay_of": None, "declared_by": "Dana Kim", "declaration": "We trained it."}
    whole |= {"requested_by": "key:ci", "state": "succeeded", "problem": None, "evidence_level": "verified"}
    whole |= {"estimate": {"seconds": 1, "stages": {}, "identities": 6, "measured": False, "concludes": []}}
    whole |= {"verdict": "INCONCLUSIVE", "sentence": "", "risk": 0, "risk_low": 0, "risk_high": 0.6}
    whole |= dict.fromkeys(("frozen_at", "created_at", "started_at", "finished_at", "delete_images_at"), AT)
    whole |= {"frozen_digest": "sha256:" + "7" * 64, "cancel_requested_at": None, "images_deleted": False}
    return Audit.model_validate(whole | {"event_seq": 1} | changes)


def release(**changes: Any) -> Release:
    """Return the release with the names of its classes."""
    convention = {"height": 32, "width": 32, "channels": 1}
    whole: dict[str, Any] = {"id": ONE, "project_id": ONE, "target_id": ONE, "target_name": "badge-reader"}
    whole |= {"version": "4", "architecture": "exhume/small-cnn", "hyperparameters": {}, "convention": convention}
    whole |= {"class_count": 8, "classes_are": "person", "class_order_confirmed": False, "state": "ready"}
    whole |= {"problem": None, "sha256": "4" * 64, "size_bytes": 1, "original": None, "original_until": None}
    whole |= {"twin_of": None, "replaced_count": None, "signature": SIGNATURE, "created_at": AT}
    whole |= {"origin": None, "audit": None}
    whole |= {"classes": CLASSES, "replaced": None, "examination": EXAMINATION}
    return Release.model_validate(whole | changes)


def facts(result: dict[str, Any] | None = None, *, people: int = 6, **changes: Any) -> Facts:
    """Return the facts of a report."""
    found = Result.load(stored() if result is None else result)
    made: Made = changes.get("made", MADE)
    shown = [one.name for one in found.named] + (found.naming.named_earlier_only if found.naming else [])
    rows = [identity(number, 9.0 - number / 100, rank_exposed=number + 1) for number in range(people)]
    whole: dict[str, Any] = {
        "audit": audit(),
        "result": found,
        "release": release(),
        "people": [Person(f"P{one.identity:03}-TEST", one, one.name if made.names else None) for one in rows],
        "shown": {name: f"P-{index}" + (f" ({name})" if made.names else "") for index, name in enumerate(shown)},
        "others": [Other(audit(release=audit().release.model_copy(update={"version": "3"})), found)],
        "replays": [drift()],
        "decision": None,
        "made": made,
    }
    return Facts(**whole | changes)


def drift() -> Drift:
    """Return the comparison with a replay that gave the same digests."""
    risk = dict.fromkeys(("original", "original_low", "original_high", "replay", "replay_low", "replay_high"), 0.0)
    counts = {"total": 12, "equal": 12, "differing": 0, "unmatched": 0}
    whole: dict[str, Any] = {"original_id": ONE, "replay_id": UUID(int=2), "outcome": "exact", "changed": []}
    whole |= {"expected": "exact", "identities": []}
    whole |= {"explanation": "Every reconstruction, R and the verdict are the same.", "reconstructions": counts}
    whole |= {"verdict": {"original": "PASS", "replay": "PASS"}, "risk": risk | {"difference": 0.0}}
    return Drift.model_validate(whole)
