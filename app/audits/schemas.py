"""Documents of audits and their jobs."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.contract.choices import Attack, Effort, PriorChoice, ReleasePlan, Setting, Verdict
from app.contract.plan import Plan
from app.db.states import AuditState, JobState
from app.kit.cursor import Page
from app.kit.ids import AuditId, DatasetId, JobId, ProjectId, ReleaseId, TargetId
from app.kit.schema import Body, Document, Json, Timestamp


class Rights(Body):
    """The declaration of the right to audit this model and these images.

    The audit and the audit log keep both texts as they are sent; nobody checks them. The actor of the log entry is the
    API key or session.
    """

    declared_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)] = Field(
        description="Who declares it: a person or an organisation."
    )
    statement: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=10_000)] = Field(
        description="The declaration, in a sentence or more."
    )


class EstimateRequest(Body):
    """What to audit, how hard, against which budget."""

    release_id: ReleaseId
    public_dataset_id: DatasetId = Field(description="What an attacker has; the prior is trained on it.")
    private_dataset_id: DatasetId | None = Field(
        None,
        description="The images the model was trained on. A stage of its own opens them before the attack, to drop "
        "copies of them from the public set and to measure the release and the verifiers. They are opened again after "
        "the reconstructions are frozen, to judge these. No stage that attacks sees them. Without them nothing can be "
        "verified.",
    )
    gallery_dataset_id: DatasetId | None = Field(
        None, description="People who were not trained on; the verifiers must find the right one among them as well."
    )
    verifiers: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=8)] | None = Field(
        None,
        description="Ids of uploaded verifiers or names of bundled ones; null: the bundled ones for this size "
        "that are shown to see on the private images.",
    )
    twin_release_id: ReleaseId | None = Field(
        None, description="A twin of the release; left out: its newest ready one, if there is one; null: none."
    )
    attack: Attack = Field(
        "gmi", description="gmi, kedmi and vmi search a prior of their own kind; miface, without one, is a smoke test."
    )
    setting: Setting | None = Field(
        None, description="null: what found most on images of this size: `lomma` up to 32x32, `lom` above."
    )
    prior: PriorChoice | None = Field(
        None,
        description="Train the prior of the attack's kind on the public images; or fit their principal components "
        "(`pca`): a minute in place of hours, for photographs of faces; or use the one shipped for images of this "
        "size: at once, and knowing less of them. null: `trained` up to 32x32, `pca` above, and "
        "for sizes that no generator has, such as 28x28.",
    )
    identities: Annotated[int, Field(ge=1)] | None = Field(None, description="How many; null for all.")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    effort: Effort = "standard"
    budget: Annotated[float, Field(gt=0, lt=1)] = Field(0.05, description="Largest risk that may pass.")
    release_plan: ReleasePlan | None = Field(
        None, description="Who will hold the weights; sets the severity of a risk that takes the weights."
    )


class AuditCreate(EstimateRequest):
    """An audit, with the declaration of the right to do it."""

    rights: Rights


class Estimate(Document):
    """What an audit will cost, and what it will be able to conclude."""

    seconds: float
    stages: dict[str, float] = Field(description="Seconds by stage, on one worker.")
    memory_bytes: int | None = Field(None, description="Peak of earlier audits of this project; null without any.")
    setting: Setting | None = Field(None, description="As asked for or chosen; null in estimates of older versions.")
    prior: PriorChoice | None = Field(None, description="As asked for or chosen; null in estimates of older versions.")
    identities: int
    measured: bool = Field(description="True when the seconds come from earlier audits of this project.")
    concludes: list[str]


class ReleaseOfAudit(Document):
    """The audited checkpoint."""

    id: ReleaseId
    version: str
    target_id: TargetId
    target_name: str
    classes: int


class DatasetOfAudit(Document):
    """An image set of the audit."""

    id: DatasetId
    name: str
    images: int | None


class TwinOfAudit(Document):
    """The twin that the strictest control attacks."""

    id: ReleaseId
    version: str


class Audit(Document):
    """An audit: plan, state, and, at the end, verdict and risk."""

    id: AuditId
    project_id: ProjectId
    release: ReleaseOfAudit
    public_dataset: DatasetOfAudit
    private_dataset: DatasetOfAudit | None
    gallery_dataset: DatasetOfAudit | None
    twin_release: TwinOfAudit | None
    replay_of: AuditId | None = Field(description="The audit that this one runs again.")
    plan: Plan
    plan_digest: str = Field(description="Digest of the plan as it was stored; older plans are shown as version 3.")
    declared_by: str
    declaration: str
    requested_by: str = Field(description="The name of the API key or session that started it.")
    state: AuditState
    problem: Json | None
    estimate: Estimate
    evidence_level: str | None
    verdict: Verdict | None
    sentence: str | None
    risk: float | None
    risk_low: float | None
    risk_high: float | None
    frozen_digest: str | None
    frozen_at: Timestamp | None
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None
    cancel_requested_at: Timestamp | None
    delete_images_at: Timestamp
    images_deleted: bool
    event_seq: int = Field(description="Number of the newest event.")


class AuditPage(Page[Audit]):
    """Audits, newest first."""


class ReconstructionsCompared(Document):
    """Images of an audit and of its replay, by identity, source, seed and restart."""

    total: int
    equal: int = Field(description="The same pixels, and submitted in both or in neither.")
    differing: int
    unmatched: int = Field(description="Made by one of the two only.")


class VerdictPair(Document):
    """The verdicts."""

    original: str | None
    replay: str | None


class RiskPair(Document):
    """R of both with its 95 % interval, and replay minus original."""

    original: float | None
    original_low: float | None
    original_high: float | None
    replay: float | None
    replay_low: float | None
    replay_high: float | None
    difference: float | None


class Drift(Document):
    """What a replay gave beside its original."""

    original_id: AuditId
    replay_id: AuditId
    outcome: Literal["exact", "same_verdict", "different"] = Field(
        description="exact: nothing differs; same_verdict: the same verdict, and R of each lies within the interval of "
        "the other; different: everything else."
    )
    explanation: str = Field(description="Why the outcome is what it is, in a sentence.")
    reconstructions: ReconstructionsCompared
    verdict: VerdictPair
    risk: RiskPair
    changed: list[str] = Field(
        description="Inputs and hardware that differ, or that the original did not record, a line each."
    )


class Job(Document):
    """A stage of an audit, or one shard of it."""

    id: JobId
    stage: str
    shard: int
    shards: int
    state: JobState
    attempt: int
    max_attempts: int
    worker: str | None
    started_at: Timestamp | None
    finished_at: Timestamp | None
    done: int
    total: int
    estimate_seconds: float | None
    problem: Json | None
    peak_memory_bytes: int | None


class JobPage(Page[Job]):
    """All jobs of an audit, in the order of the stages."""


class PriorMeasurement(Document):
    """How far a prior in training was at one step."""

    step: int
    kid: float = Field(
        description="Kernel distance of its samples to the public images, over features of a fixed random network: "
        "near 0, and as often below as above, for two draws of one kind. Compare steps of one training only."
    )


class PriorSamples(PriorMeasurement):
    """The newest measurement of a prior in training, whose sheet of samples is at `prior-samples/image`."""

    steps: int = Field(description="Of the whole training.")
    at: Timestamp
    measured: list[PriorMeasurement] = Field(description="Every measurement in this audit so far, by step.")
