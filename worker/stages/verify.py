"""Verify: freeze the reconstructions, then open the references and ask the judges."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.db.models import Score
from app.jobs.stages import Stage
from app.kit.canonical import digest
from worker.evaluation.evaluator import Evaluator
from worker.evaluation.fit import assess
from worker.evaluation.panel import Panel
from worker.evidence.accuracy import target_fit, twin_accuracy
from worker.evidence.artifacts import keep, local_path
from worker.evidence.beside import figures_beside
from worker.evidence.earlier import look_result, reference_findings, stage_result
from worker.evidence.evaluator import evaluator_accuracy, evaluator_reading, open_evaluator
from worker.evidence.findings import Findings, OfAttack, together
from worker.evidence.freezing import freeze
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.judges import admitted_by, ask_verifiers, select_verifiers
from worker.evidence.likeness import PublicImages, likenesses, public_embeddings
from worker.evidence.private_set import PrivateSet, open_private_set
from worker.evidence.reconstructions import ATTACK, TWIN, Picture, read_pictures
from worker.evidence.stored_findings import KIND, save_findings
from worker.evidence.targets import open_target, open_twin
from worker.evidence.verifiers import open_others, open_verifiers
from worker.job.context import Outcome, StageContext
from worker.report.score_rows import candidate_rows, evaluator_rows, verifier_rows

WHY = "to judge the frozen reconstructions"


def run(context: StageContext) -> Outcome:
    """Freeze, open and judge. The rows of the scores are written when the job ends."""
    inputs = audit_inputs(context)
    frozen = freeze(context, inputs, before=look_result(context).get("frozen"))
    private = open_private_set(context, inputs, WHY)
    findings, scores = judged_findings(context, inputs, private)
    of = {"audit": str(inputs.audit_id), "frozen": frozen}
    key = digest(of | {"attempt": context.claim.attempt})  # of this attempt and never looked up again, so not a `Key`
    path = local_path(context, KIND, key)
    save_findings(findings, path)
    keep(context, KIND, key, path, of)

    def write(session: Session) -> None:
        session.execute(delete(Score).where(Score.audit_id == inputs.audit_id))  # of an earlier run of this stage
        if scores:
            session.execute(insert(Score), scores)

    judged = len(findings.identities) * len(inputs.plan.attacks)
    result = {"findings": key, "frozen": frozen, "judged": judged, "missing": findings.missing}
    if private is not None and not reference_findings(context):
        result["fit"] = late_fit(context, inputs, private)
    return Outcome(result, write)


def judged_findings(
    context: StageContext, inputs: AuditInputs, private: PrivateSet | None
) -> tuple[Findings, list[dict[str, Any]]]:
    """Judge the submissions. Return the findings and the rows of the scores."""
    pictures = context.read(lambda session: read_pictures(session, inputs))
    known = set() if private is None else set(private.train.labels.tolist())
    submitted = [one for one in pictures if one.source == ATTACK and one.submitted]
    submissions = [one for one in submitted if private is None or one.identity in known]
    missing = sorted(set(inputs.identities) - {one.identity for one in submissions})
    if private is None or not submissions:
        findings = together([OfAttack(*truth(one)) for one in by_attack(submissions)], inputs.plan.combination)
        return replace(findings, missing=missing), []
    return judge(context, inputs, private, pictures, submissions, missing=missing)


def late_fit(context: StageContext, inputs: AuditInputs, private: PrivateSet) -> dict[str, Any] | None:
    """Return the fit of the release, for an audit that an older version prepared without it.

    The fit is the accuracy on its training images.
    """
    train = private.train
    if not len(train.labels):
        return None
    target = open_target(context, inputs, stage_result(context, Stage.PREPARE)["outputs"])
    return assess(target, train.images, train.labels, inputs.classes, between=context.checkpoint).to_dict()


def truth(submissions: list[Picture]) -> tuple[np.ndarray, np.ndarray]:
    """Return identities (N,) of the submissions, and whether the target agrees, (N,) bool."""
    identities = np.array([one.identity for one in submissions], np.int64)
    return identities, np.array([one.details["target_top1"] for one in submissions], bool)


def judge(
    context: StageContext,
    inputs: AuditInputs,
    private: PrivateSet,
    pictures: list[Picture],
    submissions: list[Picture],
    *,
    missing: list[int],
) -> tuple[Findings, list[dict[str, Any]]]:
    """Ask every judge. Return the findings and the rows of the scores."""
    others = open_others(context, inputs, private)
    rows: list[dict[str, Any]] = []
    cards: dict[str, Any] = {"verifiers": [], "evaluator": None}
    before = reference_findings(context)
    admitted, rejected = admitted_by(before, open_verifiers(context, inputs))
    selected = select_verifiers(admitted, private, others)
    cards["verifiers"], panel = [*selected.cards, *rejected], selected.panel
    cards["gallery"] = {"identities": len(np.unique(private.train.labels)), "others": others.people}
    cards["gallery"]["dropped_images"] = others.dropped
    context.checkpoint()
    evaluator = open_evaluator(context, inputs, private)
    if evaluator is not None:
        cards["evaluator"] = evaluator_accuracy(evaluator, private.held_out)
    found, public = [], public_embeddings(context, inputs, panel.verifiers)
    for attack, own in enumerate(by_attack(submissions)):
        made = [one for one in pictures if one.attack == attack]
        one, scores = judge_attack(inputs, private, panel, evaluator, made, own, public=public)
        found.append(one)
        rows += scores
        context.checkpoint()
    findings = together(found, inputs.plan.combination)
    verification = findings.verification
    for said in verification.readings if verification is not None else ():
        card = next(card for card in cards["verifiers"] if card["name"] == said.name)
        card |= {name: getattr(said, name) for name in ("threshold", "negatives", "false_match_rate")}
    target = open_target(context, inputs, stage_result(context, Stage.PREPARE)["outputs"])
    if inputs.twin is not None and verification is not None and TWIN in verification.partial:
        cards[TWIN] = twin_accuracy(open_twin(context, inputs), private, inputs.twin.identities)
    refused = (*before.get("refused", ()), *selected.refused)
    return replace(findings, missing=missing, cards=cards, fit=target_fit(target, private), refused=refused), rows


def judge_attack(  # noqa: PLR0917 (the judges, then the images)
    inputs: AuditInputs,
    private: PrivateSet,
    panel: Panel,
    evaluator: Evaluator | None,
    pictures: list[Picture],
    submissions: list[Picture],
    *,
    public: Sequence[PublicImages | None],
) -> tuple[OfAttack, list[dict[str, Any]]]:
    """Ask every judge about one attack. Return the findings and the rows of the scores.

    Args:
        pictures: reconstructions of this attack and its controls.
        submissions: those of this attack that were submitted.
        public: embeddings of the public images by each verifier, or None if they are not stored.
    """
    identities, target_top1 = truth(submissions)
    images = np.stack([one.image for one in submissions])
    rows: list[dict[str, Any]] = []
    verification, reading = None, None
    if panel.verifiers:
        verification = ask_verifiers(panel, private, pictures, images, identities)
        found = [
            likenesses(
                verifier,
                images,
                identities,
                train=private.train,
                references=references,
                gallery=verification.gallery,
                similarity=said.similarity,
                classes=len(inputs.classes),
                public=own,
            )
            for verifier, references, said, own in zip(
                panel.verifiers, panel.references, verification.readings, public, strict=True
            )
        ]
        rows += verifier_rows(inputs, verification, submissions, found)
        rows += candidate_rows(inputs, verification, [one for one in pictures if one.source == ATTACK])
    if evaluator is not None:
        reading = evaluator_reading(evaluator, images, identities)
        rows += evaluator_rows(inputs, submissions, reading)
    metrics = figures_beside(images, identities, private, panel, evaluator, seed=inputs.plan.seed)
    return OfAttack(identities, target_top1, None if reading is None else reading.top5, verification, metrics), rows


def by_attack(submissions: list[Picture]) -> list[list[Picture]]:
    """Divide submissions by attack. All attacks have the same identities in the same order."""
    attacks = sorted({one.attack for one in submissions}) or [0]
    return [[one for one in submissions if one.attack == attack] for attack in attacks]
