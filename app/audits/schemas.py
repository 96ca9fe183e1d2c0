"""Documents of audits and their jobs."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from app.contract.choices import Attack, Combination, Effort, PriorChoice, ReleasePlan, Setting, Verdict
from app.contract.engine import default_portfolio
from app.contract.plan import MOST_ATTACKS, Plan, PlanSummary
from app.db.states import AuditState, JobState
from app.jobs.stages import AuditStage
from app.kit.cursor import Page
from app.kit.ids import AuditId, DatasetId, JobId, PriorId, ProjectId, ReleaseId, TargetId
from app.kit.listing import SORT, ListQuery
from app.kit.problems import Problem
from app.kit.schema import Body, Document, Timestamp


class Rights(Body):
    """The declaration of the right to audit this model and these images.

    The audit and the audit log keep both texts unchanged. They are not verified. The actor of the
    log entry is the person or API key that sent the request.
    """

    declared_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)] = Field(
        description="The person or organisation that declares it."
    )
    statement: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=10_000)] = Field(
        description="The declaration, in one or more sentences."
    )


class AttackChoice(Body):
    """An attack of a portfolio. A null field is that of the request, or chosen by image size."""

    name: Attack
    setting: Setting | None = None
    prior: PriorChoice | None = None


class AuditChoices(Body):
    """The data sets, effort and budget of an audit: all of a request except the release."""

    public_dataset_id: DatasetId = Field(description="Images that an attacker has. The prior is trained on them.")
    private_dataset_id: DatasetId | None = Field(
        None,
        description="The images that the model was trained on. A separate stage opens them before the attack, to drop "
        "copies of them from the public set and to measure the release and the verifiers. They are opened again after "
        "the reconstructions are frozen, to judge them. No stage that attacks sees them. Without them nothing can be "
        "verified.",
    )
    gallery_dataset_id: DatasetId | None = Field(
        None,
        description="People who were not used in training. The verifiers must tell the identity from them as well.",
    )
    verifiers: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=8)] | None = Field(
        None,
        description="Ids of uploaded verifiers or names of bundled ones. Null: those bundled for this size that "
        "recognise the private images.",
    )
    twin_release_id: ReleaseId | None = Field(
        None, description="A twin of the release. Left out: its newest ready twin, if any. Null: none."
    )
    attack: Attack | None = Field(
        None,
        description="A portfolio of one attack, like `attacks` with one name. decoder starts from a closed-form map of "
        "the target's features to the prior's latents and submits the consensus of its searches. warm-start and "
        "warm-start-views submit one search from there, and closed-form the map itself. gmi, kedmi and vmi each "
        "search their own kind of prior. plg-mi and ppa search that of gmi under random views. miface has no prior "
        "and is a smoke test.",
    )
    attacks: Annotated[list[Attack | AttackChoice], Field(min_length=1, max_length=MOST_ATTACKS)] | None = Field(
        None,
        description="The portfolio: names, or attacks with their setting and prior. An identity is exposed if any of "
        "them exposes it. Null: `attack`, or else the portfolio of the effort and the image size.",
    )
    combination: Combination = Field(
        "union",
        description="`union`: an identity counts if any attack exposes it. `strongest`: only the attack that exposes "
        "the most counts.",
    )
    setting: Setting | None = Field(
        None,
        description="Setting of every attack that names none. Null: `lomma` up to 32x32, and `lom` above.",
    )
    prior: PriorChoice | None = Field(
        None,
        description="Prior of every attack that names none. `trained` trains the attack's kind of prior on the public "
        "images. `pca` fits their principal components, in a minute instead of hours; it suits photographs of faces. "
        "`built-in` uses the prior shipped for this image size, at once, but it fits the public images less well. "
        "Null: `trained` up to 32x32, `pca` above and for sizes without a generator, such as 28x28.",
    )
    identities: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Number of identities to audit. Null: all."
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    effort: Effort = "standard"
    budget: Annotated[float, Field(gt=0, lt=1)] = Field(0.05, description="Largest risk for a PASS.")
    stop_early: bool = Field(
        False,
        description="Attack a random half of the identities first, and end the audit there if the verdict is certain. "
        "The result then covers that half. Needs private images and at least 40 identities.",
    )
    release_plan: ReleasePlan | None = Field(
        None, description="Who will hold the weights. Sets the severity of a risk that needs the weights."
    )

    @model_validator(mode="after")
    def _one_portfolio(self) -> Self:
        if self.attack is not None and self.attacks is not None:
            raise ValueError("`attack` is a list of one: name it in `attacks`, or leave `attacks` out")
        return self

    def portfolio(self, side: int) -> list[AttackChoice]:
        """Return the chosen attacks, or those of the effort, with the request's setting and prior.

        Args:
            side: the longer side of an image, in pixels.
        """
        named: Sequence[Attack | AttackChoice] = self.attacks or default_portfolio(self.effort, side)
        if self.attack is not None:
            named = [self.attack]
        return [
            AttackChoice(name=one.name, setting=one.setting or self.setting, prior=one.prior or self.prior)
            for one in (AttackChoice(name=one) if isinstance(one, str) else one for one in named)
        ]


class EstimateRequest(AuditChoices):
    """The release and data sets to audit, the effort, and the budget."""

    release_id: ReleaseId


class AuditCreate(EstimateRequest):
    """A request for an audit, with the declaration of the right to do it."""

    rights: Rights


class VerifierCommand(Document):
    """A command that makes verifiers."""

    purpose: str
    command: str


class MissingVerifiers(Document):
    """Why nothing can be verified in an audit, and how to get the verifiers."""

    images: str = Field(description="Height, width and channels of the images, such as 64x64x3.")
    seconds: float | None = Field(
        description="Seconds of the training on two idle cores. Null if the public set is too small."
    )
    uploaded: int = Field(description="Verifiers of the project that take images with these channels.")
    sentence: str
    commands: list[VerifierCommand]


class QueuePlace(Document):
    """The place of an audit in the queue of the installation."""

    ahead: int = Field(description="Other audits that run now or are expected to begin before it goes on.")
    elsewhere: int = Field(description="Of these, the audits in projects that the caller may not see.")
    starts_in_seconds: float | None = Field(
        description="Expected seconds until a worker takes its next job, by the estimates of all jobs before it. 0 "
        "while one runs. Null without a worker that fits, for an audit that has ended, and where the queue is too long "
        "for a forecast. In a queue that is too long, all older audits are counted as ahead."
    )
    workers: int = Field(description="Workers that are alive and run stages of audits.")


class Estimate(Document):
    """The estimated cost of an audit, and what it can conclude."""

    seconds: float
    stages: dict[str, float] = Field(description="Seconds by stage on one worker.")
    memory_bytes: int | None = Field(None, description="Peak of this project's earlier audits. Null without any.")
    setting: Setting | None = Field(None, description="Of the first attack. Null in estimates of older versions.")
    prior: PriorChoice | None = Field(None, description="Of the first attack. Null in estimates of older versions.")
    attacks: list[str] = Field(
        default_factory=list, description="Labels of the attacks, in order. Empty in estimates of older versions."
    )
    identities: int
    measured: bool = Field(description="True when the seconds come from earlier audits of this project.")
    concludes: list[str]
    missing_verifiers: MissingVerifiers | None = Field(
        None, description="Null where two verifiers judge, without private images, and in estimates of older versions."
    )
    queue: QueuePlace | None = Field(
        None, description="The place of the audit if it were started now. Null in the estimate of a started audit."
    )


class ReleaseOfAudit(Document):
    """The audited checkpoint."""

    id: ReleaseId
    version: str
    target_id: TargetId
    target_name: str
    classes: int


class DatasetOfAudit(Document):
    """A data set of the audit."""

    id: DatasetId
    name: str
    images: int | None


class TwinOfAudit(Document):
    """The twin that the strictest control attacks."""

    id: ReleaseId
    version: str


class AuditFields(Document):
    """The fields of an audit except for its plan."""

    id: AuditId
    project_id: ProjectId
    release: ReleaseOfAudit
    public_dataset: DatasetOfAudit
    private_dataset: DatasetOfAudit | None
    gallery_dataset: DatasetOfAudit | None
    twin_release: TwinOfAudit | None
    replay_of: AuditId | None = Field(description="The audit that this one runs again.")
    plan_digest: str = Field(description="Digest of the plan as stored. Older plans are shown as version 4.")
    declared_by: str
    declaration: str
    requested_by: str = Field(description="The person, API key, schedule or source that started it.")
    state: AuditState
    problem: Problem | None = Field(description="Why it failed, or what it waits for.")
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


class AuditSummary(AuditFields):
    """An audit as lists show it: with a summary of its plan."""

    plan: PlanSummary


class Audit(AuditFields):
    """An audit: its plan and state, and its verdict and risk once it has finished."""

    plan: Plan

    def summary(self) -> AuditSummary:
        """Return the audit as lists show it."""
        same = {name: getattr(self, name) for name in AuditFields.model_fields}
        return AuditSummary.model_construct(**same, plan=PlanSummary.of(self.plan))


AuditOrder = Literal["-created_at", "created_at", "-finished_at", "finished_at", "-risk", "risk", "target", "-target"]


class AuditQuery(ListQuery):
    """Parameters of a list of audits."""

    sort: Annotated[AuditOrder, Field(description=SORT)] = "-created_at"
    state: list[AuditState] = Field([], description="Only audits in one of these states.")
    verdict: list[Verdict] = Field([], description="Only audits with one of these verdicts.")
    target_id: TargetId | None = Field(None, description="Only audits of releases of this target.")
    release_id: ReleaseId | None = Field(None, description="Only audits of this release.")
    dataset_id: DatasetId | None = Field(None, description="Only audits that use this data set.")
    prior_id: PriorId | None = Field(None, description="Only audits that used this prior.")


class AuditPage(Page[AuditSummary]):
    """Audits, newest first."""


class ReconstructionsCompared(Document):
    """Images of an audit and of its replay, by identity, source, seed and restart."""

    total: int
    equal: int = Field(description="The same pixels, and submitted in both or in neither.")
    differing: int
    unmatched: int = Field(description="Made by only one of the two.")


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


class IdentityDrift(Document):
    """An identity with another outcome in the replay."""

    identity: int
    original_verified: bool | None
    replay_verified: bool | None
    original_similarity: float | None = Field(description="Lowest similarity over the verifiers.")
    replay_similarity: float | None


class Drift(Document):
    """Comparison of a replay with its original."""

    original_id: AuditId
    replay_id: AuditId
    outcome: Literal["exact", "same_verdict", "different"] = Field(
        description="exact: nothing differs. same_verdict: the same verdict, and R of each lies within the interval of "
        "the other. different: everything else."
    )
    expected: Literal["exact", "same_verdict"] = Field(
        description="exact: the same device, driver and PyTorch, with deterministic kernels only, so that nothing "
        "should differ. same_verdict: anything else."
    )
    explanation: str = Field(description="The reason for the outcome, in one sentence.")
    identities: list[IdentityDrift] = Field(description="Identities with another outcome or similarity.")
    reconstructions: ReconstructionsCompared
    verdict: VerdictPair
    risk: RiskPair
    changed: list[str] = Field(
        description="Inputs and hardware that differ, or that the original did not record, one per line."
    )


class Job(Document):
    """A stage of an audit, or one shard of it."""

    id: JobId
    stage: AuditStage
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
    problem: Problem | None
    peak_memory_bytes: int | None


class JobPage(Page[Job]):
    """All jobs of an audit, in the order of the stages."""


class PriorMeasurement(Document):
    """Measurement of a prior in training at one step."""

    step: int
    kid: float = Field(
        description="Kernel distance of its samples to the public images, over features of a fixed random network: "
        "around 0, and as often below as above, for two draws from the same distribution. Compare only steps of one "
        "training."
    )


class PriorSamples(PriorMeasurement):
    """The newest measurement of a prior in training. `prior-samples/image` has its samples."""

    steps: int = Field(description="Steps of the whole training.")
    at: Timestamp
    covered: bool = Field(
        description="The samples are shown like reconstructions, because the prior learns the answers of a release."
    )
    measured: list[PriorMeasurement] = Field(description="Every measurement of this audit so far, by step.")
