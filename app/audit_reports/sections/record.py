"""Section 1: which model was audited, by whom, when, and how it can be checked again."""

from typing import Any

from app.audit_reports.blocks import Bullets, Kind, Pairs, Part, Section, Text
from app.audit_reports.facts import Facts
from app.audit_reports.rows import NONE, moment
from app.audits.schemas import DatasetOfAudit
from app.contract.result import Result
from app.kit.ids import public_id

OUTCOMES = {"pass": ("passes", ""), "warn": ("passes", ", with a warning"), "fail": ("fails", "")}
NO_REPLAY = "This audit was not replayed, so its replay class was not measured. `exhume replay` runs its plan again."


def identification(facts: Facts) -> Section:
    """Return the record of the model, the audit and the report."""
    return Section(
        "1",
        "Identification",
        parts=[
            Part("Model", [Pairs(_model(facts)), Text(_signature(facts))]),
            Part("Audit", [Pairs(_audit(facts))]),
            Part("Data", [Pairs(_data(facts))]),
            Part("Software and hardware", [Pairs(_software(facts))]),
            Part("Replay class", _replays(facts)),
            Part("Release gate", _decision(facts)),
            Part("This report", [Pairs(_report(facts))]),
        ],
    )


def _model(facts: Facts) -> list[tuple[str, str, Kind]]:
    release, audit = facts.release, facts.audit
    rows: list[tuple[str, str, Kind]] = [
        ("Model", audit.release.target_name, "text"),
        ("Version", audit.release.version, "text"),
        ("Digest of the audited file", facts.result.inputs.checkpoint, "code"),
        ("Release", public_id("rel", release.id), "code"),
        ("Architecture", release.architecture, "text"),
        ("Classes", f"{audit.release.classes:,}; a class is one {facts.noun.one}", "text"),
    ]
    if release.sha256 and f"sha256:{release.sha256}" != facts.result.inputs.checkpoint:
        rows.insert(3, ("Digest of the uploaded file", f"sha256:{release.sha256}", "code"))
    return rows


def _signature(facts: Facts) -> str:
    signed = facts.release.signature
    if signed is None:
        return "Signer: none. No signature of the file was sent to Exhume."
    return (
        f"Signer: {signed.signer}, as stated by {signed.recorded_by}. The signature was verified on "
        f"{moment(signed.verified_at)} with the key {signed.key_id}."
    )


def _audit(facts: Facts) -> list[tuple[str, str, Kind]]:
    audit = facts.audit
    return [
        ("Audit", public_id("aud", audit.id), "code"),
        ("Started by", audit.requested_by, "text"),
        ("Right to audit declared by", audit.declared_by, "text"),
        ("Declaration", audit.declaration, "text"),
        ("Requested", moment(audit.created_at), "text"),
        ("Finished", moment(audit.finished_at), "text"),
        ("Plan, fixed before the start", audit.plan_digest, "code"),
        ("Reconstructions frozen", moment(audit.frozen_at), "text"),
        ("Digest of the reconstructions", audit.frozen_digest or NONE, "code"),
        ("Pictures of the reconstructions", _kept(facts), "text"),
    ]


def _kept(facts: Facts) -> str:
    """Return what became of the pictures, or what will."""
    if facts.result.stopped is not None:
        return "none, because nothing was attacked"
    if facts.audit.images_deleted:
        return "deleted"
    return f"deleted after {moment(facts.audit.delete_images_at)}, unless a legal hold keeps them"


def _data(facts: Facts) -> list[tuple[str, str, Kind]]:
    audit, inputs = facts.audit, facts.result.inputs
    gallery = audit.gallery_dataset
    return [
        *_set("Public images (an attacker has such images)", audit.public_dataset, inputs.public),
        *_set("Private images (training images of the model)", audit.private_dataset, inputs.private),
        *(_set("Gallery (other people)", gallery, inputs.gallery) if gallery else []),
    ]


def _set(name: str, found: DatasetOfAudit | None, digest: str | None) -> list[tuple[str, str, Kind]]:
    if found is None:
        return [(name, "none", "text")]
    images = "" if found.images is None else f", {found.images:,} images"
    return [(name, f"{found.name}{images}", "text"), ("Digest", digest or NONE, "code")]


def _software(facts: Facts) -> list[tuple[str, str, Kind]]:
    code = facts.result.code
    return [
        ("Exhume", code.exhume, "text"),
        ("Digest of the engine", code.engine, "code"),
        ("Libraries", f"PyTorch {code.torch}, NumPy {code.numpy}, ONNX Runtime {code.onnxruntime}", "text"),
        ("Computed on", _machines(facts.result), "text"),
        ("Seeds", "; ".join(f"{name}: {seed}" for name, seed in sorted(facts.result.seeds.items())), "text"),
    ]


def _machines(result: Result) -> str:
    """Return the devices that computed the audit, with their stages if there are several."""
    if len(result.machines) < 2:
        return _machine(result.hardware) or NONE
    return "; ".join(f"{_machine(one.hardware)} ({', '.join(one.stages)})" for one in result.machines)


def _machine(hardware: dict[str, Any]) -> str:
    return ", ".join(str(hardware[name]) for name in ("device", "gpu", "processor") if hardware.get(name))


def _replays(facts: Facts) -> list[Text | Bullets]:
    original = facts.audit.replay_of
    first: list[Text | Bullets] = []
    if original is not None:
        first = [Text(f"This audit is a replay of {public_id('aud', original)}.")]
    if not facts.replays:
        return [*first, Text(NO_REPLAY)]
    said = [
        f"{public_id('aud', one.replay_id)}: {_plain(one.outcome)}, expected {_plain(one.expected)}. {one.explanation}"
        for one in facts.replays
    ]
    return [*first, Bullets(said)]


def _decision(facts: Facts) -> list[Text | Bullets]:
    decision = facts.decision
    if decision is None:
        return [Text("No policy decided about this audit.")]
    until = f" It must be made again by {moment(decision.until)}." if decision.until else ""
    verb, but = OUTCOMES[decision.outcome]
    return [
        Text(
            f"{facts.title} {verb} the policy {decision.policy.name}, version {decision.policy.version}{but}. The "
            f"decision was made on {moment(decision.at)}.{until}"
        ),
        Bullets([f"{rule.id}, {rule.title}: {_plain(rule.outcome)}" for rule in decision.rules]),
    ]


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _report(facts: Facts) -> list[tuple[str, str, Kind]]:
    made = facts.made
    shown = [word for word, there in (("names", made.names), ("reconstructions", made.pictures)) if there]
    rows: list[tuple[str, str, Kind]] = [
        ("Made by", made.by, "text"),
        ("Made", moment(made.at), "text"),
        ("With", f"Exhume {made.version}", "text"),
        ("Shows", " and ".join(shown) if shown else "no names and no images of people", "text"),
    ]
    return [*rows, ("Purpose, kept in the audit log", made.purpose, "text")] if shown else rows
