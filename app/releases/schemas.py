"""Documents of releases."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from app.contract.choices import Verdict
from app.contract.convention import Convention
from app.contract.examination import Examination
from app.db.models import ClassKind, Original
from app.db.states import IntakeState
from app.kit.cursor import Page
from app.kit.ids import AuditId, ProjectId, ReleaseId, TargetId
from app.kit.listing import SORT, ListQuery
from app.kit.origin import Origin
from app.kit.problems import Problem
from app.kit.schema import Body, Document, Json, Name, Timestamp
from app.releases.twins import Replaced, Replacements

Scalar = bool | int | float | str | None
HyperParameter = Scalar | list[Scalar]
ClassName = Annotated[str, Field(min_length=1, max_length=200)]


class ReleaseCreate(Body):
    """A release whose checkpoint will be uploaded, and what is needed to build its network."""

    version: Name
    architecture: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            examples=["timm/resnet18"],
            description="`auto`: detected from the names and shapes of the weights, or taken from an ONNX file.",
        ),
    ] = "auto"
    hyperparameters: Annotated[dict[str, HyperParameter], Field(max_length=64)] = Field(default_factory=dict)
    convention: Convention
    classes: Annotated[
        list[ClassName],
        Field(
            max_length=100_000,
            json_schema_extra={"minItems": 2},
            description="Names by class index. They are stored as NFC, without leading or trailing white space."
            " Names that look alike are rejected.",
        ),
    ]
    classes_are: ClassKind = Field(
        default_factory=lambda: ClassKind.PERSON,
        description="What a class is; person by default. A twin has the kind of its release.",
    )
    confirm_class_order: bool = Field(
        default_factory=bool,
        description="Accept the checkpoint even if it states another class order. False by default.",
    )
    sha256: Annotated[str | None, Field(pattern="^[0-9a-fA-F]{64}$", description="SHA-256 of the file.")] = None
    size_bytes: Annotated[int | None, Field(gt=0, description="Size of the file.")] = None
    twin_of: ReleaseId | None = Field(None, description="The release that this is a twin of; requires `replaced`.")
    replaced: list[Replaced] | None = Field(
        None, description="Identities whose training images were replaced, and by whose."
    )

    @field_validator("classes")
    @classmethod
    def _several(cls, classes: list[str]) -> list[str]:
        if len(classes) < 2:
            raise ValueError(
                "a release needs at least two classes. A network with a single output scores one class against the"
                " rest: give it an output for each of the two, then name both"
            )
        seen: set[str] = set()
        twice = sorted({name for name in classes if name in seen or seen.add(name)})  # type: ignore[func-returns-value]
        if twice:
            raise ValueError(f"class names must differ; repeated: {', '.join(twice[:10])}")
        return classes

    @model_validator(mode="after")
    def _twin(self) -> "ReleaseCreate":
        if (self.twin_of is None) != (self.replaced is None):
            raise ValueError("give both twin_of and replaced, or neither")
        if self.replaced is not None:
            Replacements(replaced=self.replaced)
        return self


class SignatureCreate(Body):
    """A signature of the release's file by OpenSSF model signing 1.x, made with a key."""

    bundle: Annotated[str, Field(max_length=1_000_000, description="The signature file, a sigstore bundle v0.3.")]
    key: Annotated[str, Field(max_length=10_000, description="Public key of the signer in PEM.")]
    signer: Name = Field(description="Who holds the key. Shown as stated, and not verified.")


class ReleaseSignature(Document):
    """A signature that was verified against the digest of the release's file."""

    signer: str = Field(description="Who holds the key, as stated by `recorded_by`.")
    key_id: str = Field(description="`sha256:` and the digest of the signer's public key.")
    model: str = Field(description="Name of the signed folder.")
    file: str = Field(description="Name of the file in it.")
    files: int = Field(description="Number of signed files.")
    verified_at: Timestamp
    recorded_by: str = Field(description="The person or API key that sent the signature.")


class ReleaseAudit(Document):
    """An audit of a release that has a result."""

    id: AuditId
    verdict: Verdict | None
    risk: float | None
    risk_low: float | None
    risk_high: float | None
    budget: float | None
    finished_at: Timestamp | None


class ReleaseSummary(Document):
    """A release as lists show it: with the numbers of its classes, not their names."""

    id: ReleaseId
    project_id: ProjectId
    target_id: TargetId
    target_name: str
    version: str
    architecture: str = Field(description="`auto` until the checkpoint is examined.")
    hyperparameters: Json
    convention: Convention
    class_count: int
    classes_are: ClassKind
    class_order_confirmed: bool = Field(description="Whether `confirm_class_order` was given.")
    state: IntakeState
    problem: Problem | None = Field(description="Why it was rejected (RFC 9457).")
    sha256: str | None
    size_bytes: int | None
    original: Original | None = Field(
        description="What happened to the uploaded file (`sha256`). identical: it is audited as it is, byte for "
        "byte; kept: in quarantine, never opened, until `original_until`; deleted: after its conversion; "
        "not_sent: the project had a checked copy. Null until the checks end, and if the file was rejected."
    )
    original_until: Timestamp | None
    twin_of: ReleaseId | None = Field(description="Set for a twin: the release it was made from.")
    replaced_count: int | None = Field(description="Number of replaced identities of a twin.")
    signature: ReleaseSignature | None = Field(description="Null if no signature was sent.")
    origin: Origin | None = Field(description="Null before the file arrives, and for files of older versions.")
    audit: ReleaseAudit | None = Field(
        description="The newest audit with a result. Replays do not count. Null without the scope `audits:read`."
    )
    created_at: Timestamp


class Release(ReleaseSummary):
    """A release and the state of its checkpoint's checks."""

    classes: list[str]
    replaced: list[Replaced] | None
    examination: Examination | None = Field(description="Null until the checkpoint has passed its checks.")


ReleaseOrder = Literal["-created_at", "created_at", "target", "-target", "version", "-version", "-size", "size"]


class ReleaseQuery(ListQuery):
    """Parameters of a list of releases."""

    sort: Annotated[ReleaseOrder, Field(description=SORT)] = "-created_at"
    state: list[IntakeState] = Field([], description="Only releases in one of these states.")
    target_id: TargetId | None = Field(None, description="Only releases of this target.")
    twin: bool | None = Field(None, description="Only twins, or only the others.")


class ReleasePage(Page[ReleaseSummary]):
    """Releases, newest first."""


class ArchitecturePage(Page[str]):
    """Names of architectures."""


class TensorShapes(Body):
    """Names and shapes of a checkpoint's tensors, as in a safetensors header."""

    tensors: Annotated[
        dict[str, Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=8)]],
        Field(min_length=1, max_length=20_000, examples=[{"fc.bias": [10], "fc.weight": [10, 512]}]),
    ]


class ArchitectureProposal(Document):
    """An architecture that fits.

    `exact`: every shape fits with these hyper-parameters. Otherwise only the names fit.
    """

    architecture: str
    exact: bool
    num_classes: int | None
    channels: int | None
    hyperparameters: Json


class ArchitectureProposals(Document):
    """Proposals, best first.

    Several exact ones accept the same weights but may compute different outputs.
    """

    items: list[ArchitectureProposal]
