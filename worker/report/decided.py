"""The verdict in words: the sentence, the reasons, and the steps towards an answer."""

from dataclasses import dataclass

from app.contract.nouns import NOUNS
from app.contract.result.fit import Fit, Stopped
from app.contract.result.risk import Power, Risk
from app.sentences import deciding as steps_in_words
from app.sentences import verdict as words
from app.sentences.about import About
from app.sufficiency.deciding import Known, deciding
from app.sufficiency.evidence_needed import Sensitivity
from worker.evaluation.score import Score
from worker.evidence.findings import Findings
from worker.evidence.inputs import AuditInputs
from worker.report.honesty import referenced


@dataclass(frozen=True)
class Decided:
    """Sentence, reasons and steps, each with its code."""

    sentence: str
    reasons: list[str]
    reason_codes: list[str]
    decides: list[str]
    decide_codes: list[str]


def decided(
    inputs: AuditInputs,
    findings: Findings,
    scored: Score,
    *,
    risk: Risk | None,
    power: Power | None,
    fit: Fit | None,
    stopped: Stopped | None,
) -> Decided:
    """Put a score into words."""
    judges = len(findings.verification.readings) if findings.verification else 0
    missing = [inputs.classes[identity] for identity in findings.missing]
    about = About(
        NOUNS[inputs.classes_are],
        verifiers=judges,
        power=None if power is None else power.model_dump(),
        missing=missing,
    )
    reasons, reason_codes = words.reasons(scored.verdict.reasons, about)
    open_question = scored.verdict.answer == "INCONCLUSIVE"
    found = deciding(known(inputs, findings, scored, judges=judges, power=power, fit=fit)) if open_question else []
    decides, decide_codes = steps_in_words.steps(found, about)
    return Decided(sentence(inputs, scored, risk, about, stopped), reasons, reason_codes, decides, decide_codes)


def sentence(inputs: AuditInputs, scored: Score, risk: Risk | None, about: About, stopped: Stopped | None) -> str:
    """Return the verdict in one line."""
    answer = scored.verdict.answer
    if stopped is not None:
        return words.stopped_sentence(answer, stopped.detail)
    if risk is None or scored.risk is None:
        return words.unjudged_sentence(answer, len(inputs.identities), about, references=inputs.private is not None)
    return words.sentence(
        answer,
        evidence=scored.evidence,
        hits=scored.hits,
        n=scored.risk.R.n,
        control={"name": scored.risk.strongest_control, "value": scored.risk.q.value},
        risk=risk.model_dump(),
        budget=scored.verdict.budget,
        about=about,
    )


def known(
    inputs: AuditInputs,
    findings: Findings,
    scored: Score,
    *,
    judges: int,
    power: Power | None,
    fit: Fit | None,
) -> Known:
    """Return what this audit has shown, from which the steps towards an answer are derived."""
    R = scored.risk
    sensitivity = R.sensitivity if R is not None else None
    return Known(
        classes=len(inputs.classes),
        referenced=referenced(inputs),
        audited=R.R.n if R is not None else len(inputs.identities),
        budget=scored.verdict.budget,
        references=inputs.private is not None,
        verifiers=judges,
        missing=len(findings.missing),
        R=None if R is None else {"value": R.R.value, "lower": R.lower, "upper": R.upper},
        sensitivity=None if sensitivity is None else Sensitivity(sensitivity.value, sensitivity.n),
        power=None if power is None else power.value,
        convinced=None if power is None or power.convinced is None else power.convinced.value,
        reasons=scored.verdict.codes,
        fit=None if fit is None else fit.model_dump(by_alias=True),
    )
