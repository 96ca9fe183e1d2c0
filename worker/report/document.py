"""The result of an audit, built from the findings of the stages."""

from typing import Any

import numpy
import torch

from app.contract.examination import Examination
from app.contract.nouns import NOUNS
from app.contract.result import SCHEMA, Result
from app.contract.result.base import NounOfResult
from app.contract.result.fit import Fit, Stopped
from app.contract.result.record import Code, Contamination, Coverage, InputDigests, IntakeOfResult, SettingsOfResult
from app.sentences import honesty as words
from worker.evaluation.score import Score
from worker.evaluation.severity import Access
from worker.evaluation.verifiers import runtime
from worker.evidence.evaluator import EVALUATOR_SEED
from worker.evidence.findings import Findings
from worker.evidence.inputs import AuditInputs
from worker.evidence.plan import attack_on
from worker.evidence.prior import SEED as PRIOR_SEED
from worker.evidence.students import SEED as STUDENT_SEED
from worker.report.attacks import attacks
from worker.report.cards import evaluator, figures_of, gallery, power_of, risk_of, twin, verifiers
from worker.report.code import code_version
from worker.report.costs import FinishedJob, cost, stage_costs
from worker.report.decided import decided
from worker.report.honesty import early_end, not_tested, sampling, threat_models
from worker.report.machines import machines, of_search
from worker.report.names import EarlierRuns, named, naming

ACCESS: Access = "white-box"  # every current attack of the engine reads gradients


def result_document(
    inputs: AuditInputs,
    found: dict[str, dict[str, Any]],
    findings: Findings,
    scored: Score,
    *,
    jobs: list[FinishedJob],
    hardware: dict[str, Any],
    earlier: EarlierRuns,
) -> Result:
    """Return the result without the comparison with the previous release."""
    searched = of_search(jobs, hardware)
    noun, configs = NOUNS[inputs.classes_are], [attack_on(searched, one) for one in inputs.plan.attacks]
    figures = figures_of(scored.figures, noun)
    controls = {
        name.removeprefix("control_"): figures.pop(name) for name in list(figures) if name.startswith("control_")
    }
    before = found.get("references", {})
    fit = None if before.get("fit") is None else Fit.model_validate(before["fit"])
    stopped = None if before.get("stopped") is None else Stopped.model_validate(before["stopped"])
    risk, power = risk_of(scored, noun, len(configs)), power_of(found["power"], noun)
    decision = decided(inputs, findings, scored, risk=risk, power=power, fit=fit, stopped=stopped)
    lower = None if scored.risk is None else scored.risk.lower
    attacked, ended = stopped is None, early_end(inputs, found.get("look", {}))
    return Result(
        schema=SCHEMA,
        evidence_level=scored.evidence,
        verdict=scored.verdict.answer,
        sentence=decision.sentence,
        reasons=decision.reasons,
        reason_codes=decision.reason_codes,
        decides=decision.decides,
        decide_codes=decision.decide_codes,
        stopped=stopped,
        fit=fit,
        classes_are=inputs.classes_are,
        noun=NounOfResult(**noun.to_dict()),
        budget=scored.verdict.budget,
        risk=risk,
        severity=scored.severity,
        severity_note=words.severity_note(
            scored.severity, named=len(scored.named), lower=lower, kind=inputs.classes_are, noun=noun
        ),
        sampling=sampling(inputs, scored),
        early_end=ended,
        threat_models=threat_models(scored, access=ACCESS, attacks=inputs.plan.attacks, attacked=attacked),
        release_plan=inputs.plan.release_plan,
        figures=figures,
        controls=controls,
        twin=twin(inputs, found, findings, scored, noun),
        power=power,
        attacks=attacks(inputs, found, findings, scored, jobs=jobs, noun=noun),
        named=named(inputs, scored, earlier),
        naming=naming(inputs, scored, earlier),
        worst_decile=[inputs.classes[identity] for identity in scored.worst_decile],
        verifiers=verifiers(findings, noun),
        gallery=gallery(findings),
        evaluator=evaluator(findings, noun),
        contamination=contamination(found["prepare"]["contamination"]),
        coverage=coverage(inputs, findings),
        notes=[*([ended.words] if ended else []), *notes(inputs, found, findings)],
        not_tested=not_tested(
            inputs,
            scored,
            access=ACCESS,
            attacks=[one.name for one in configs],
            power=power is not None,
            attacked=attacked,
        ),
        bounds=words.bounds(noun),
        cost=cost(inputs, jobs, found["prior"]),
        stages=stage_costs(jobs),
        inputs=digests(inputs, found),
        intake=intake(inputs.examination),
        settings=SettingsOfResult(
            plan=inputs.plan_document, attack=configs[0].to_dict(), attacks=[one.to_dict() for one in configs]
        ),
        seeds={
            "identities, attack, bootstrap": inputs.plan.seed,
            "prior": PRIOR_SEED,
            "students": STUDENT_SEED,
            "evaluator": EVALUATOR_SEED,
        },
        code=Code(
            **code_version(),
            torch=str(torch.__version__),
            numpy=numpy.__version__,
            onnxruntime=runtime().__version__,
        ),
        hardware=searched,
        machines=machines(jobs),
    )


def digests(inputs: AuditInputs, found: dict[str, dict[str, Any]]) -> InputDigests:
    """Return the digests of everything that the result depends on."""
    private, gallery, twin = inputs.private, inputs.gallery, inputs.twin
    return InputDigests(
        checkpoint=f"sha256:{inputs.checkpoint_sha256}",
        public=inputs.public.digest,
        private=private.digest if private else None,
        gallery=gallery.digest if gallery else None,
        public_images=inputs.public.images_digest,
        private_images=private.images_digest if private else None,
        gallery_images=gallery.images_digest if gallery else None,
        twin=f"sha256:{twin.checkpoint_sha256}" if twin else None,
        plan=inputs.plan_digest,
        prior=found["prior"].get("key"),
        prior_source=found["prior"].get("source"),
        students=found["students"].get("key"),
        power_reference=(found["power"].get("reference") or {}).get("digest"),
        reconstructions=found["verify"].get("frozen"),
    )


def contamination(found: dict[str, Any]) -> Contamination:
    """Return the numbers of private images that were found in the public data set."""
    return Contamination(**{name: found[name] for name in Contamination.model_fields})


def notes(inputs: AuditInputs, found: dict[str, dict[str, Any]], findings: Findings) -> list[str]:
    """Return what a rebuilt class means if it is not a person, and the notes of the stages."""
    noun = NOUNS[inputs.classes_are]
    lines = [
        words.meaning(inputs.classes_are, noun),
        *found["prepare"].get("notes", []),
        *found.get("references", {}).get("notes", []),
        *inputs.set_notes,
        *findings.refused,
    ]
    return list(dict.fromkeys(line for line in lines if line))


def intake(examination: Examination) -> IntakeOfResult:
    """Return how intake read the checkpoint. Null where an older release does not record it.

    `sandbox` is the isolation of the process that opened it: full, partial or limits.
    """
    return IntakeOfResult(
        format=examination.source and examination.source.format,
        sandbox=examination.sandbox,
        architecture_detected=examination.detected,
        also_fits=examination.also_fits,
    )


def coverage(inputs: AuditInputs, findings: Findings) -> Coverage:
    """Return the numbers of planned and scored identities, and of classes."""
    return Coverage(
        planned=len(inputs.identities),
        scored=len(findings.identities) if inputs.private else 0,
        classes=len(inputs.classes),
        every_class=len(inputs.identities) == len(inputs.classes),
    )
