"""Documents of releases."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from app.db.models import ClassKind, Original
from app.db.states import IntakeState
from app.kit.cursor import Page
from app.kit.ids import ProjectId, ReleaseId, TargetId
from app.kit.schema import Body, Document, Json, Name, Timestamp
from app.releases.convention import Convention
from app.releases.twins import Replaced, Replacements

Scalar = bool | int | float | str | None
HyperParameter = Scalar | list[Scalar]
ClassName = Annotated[str, Field(min_length=1, max_length=200)]


class ReleaseCreate(Body):
    """A checkpoint that will be uploaded, and what is needed to build its network."""

    version: Name
    architecture: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            examples=["timm/resnet18"],
            description="`auto`: found by the names and shapes of the weights, or brought along by an ONNX file.",
        ),
    ] = "auto"
    hyperparameters: Annotated[dict[str, HyperParameter], Field(max_length=64)] = Field(default_factory=dict)
    convention: Convention
    classes: Annotated[
        list[ClassName],
        Field(
            max_length=100_000,
            json_schema_extra={"minItems": 2},
            description="Names by class index. They are stored as NFC, without white space at their ends; names that"
            " look alike are rejected.",
        ),
    ]
    classes_are: ClassKind = Field(
        default_factory=lambda: ClassKind.PERSON,
        description="What a class is; person if left out. A twin has the kind of its release.",
    )
    confirm_class_order: bool = Field(
        default_factory=bool,
        description="Accept the checkpoint even if it says that its classes are in another order. False if left out.",
    )
    sha256: Annotated[str | None, Field(pattern="^[0-9a-fA-F]{64}$", description="Of the file to come.")] = None
    size_bytes: Annotated[int | None, Field(gt=0, description="Of the file to come.")] = None
    twin_of: ReleaseId | None = Field(None, description="The release that this is a twin of; needs `replaced`.")
    replaced: list[Replaced] | None = Field(None, description="Whose training images were exchanged, and for whose.")

    @field_validator("classes")
    @classmethod
    def _several(cls, classes: list[str]) -> list[str]:
        if len(classes) < 2:
            raise ValueError(
                "a release has at least two classes. A network with a single output scores one class against the rest:"
                " give it an output for each of the two, then name both"
            )
        seen: set[str] = set()
        twice = sorted({name for name in classes if name in seen or seen.add(name)})  # type: ignore[func-returns-value]
        if twice:
            raise ValueError(f"class names must differ; more than once: {', '.join(twice[:10])}")
        return classes

    @model_validator(mode="after")
    def _twin(self) -> "ReleaseCreate":
        if (self.twin_of is None) != (self.replaced is None):
            raise ValueError("twin_of and replaced belong together: give both, or neither")
        if self.replaced is not None:
            Replacements(replaced=self.replaced)
        return self


class Release(Document):
    """A checkpoint and the state of its checks."""

    id: ReleaseId
    project_id: ProjectId
    target_id: TargetId
    target_name: str
    version: str
    architecture: str = Field(description="`auto` until the checkpoint was examined.")
    hyperparameters: Json
    convention: Convention
    classes: list[str]
    classes_are: ClassKind
    class_order_confirmed: bool = Field(description="Whether `confirm_class_order` was given.")
    state: IntakeState
    problem: Json | None = Field(description="Why it was refused (RFC 9457).")
    sha256: str | None
    size_bytes: int | None
    original: Original | None = Field(
        description="What became of the file that was sent (`sha256`). identical: it is what is audited, byte for "
        "byte; kept: in quarantine, where nothing opens it, until `original_until`; deleted: after its conversion; "
        "not_sent: the project held a checked copy. Null until the checks have ended, and when the file was refused."
    )
    original_until: Timestamp | None
    twin_of: ReleaseId | None = Field(description="Set for a twin: the release it was made from.")
    replaced: list[Replaced] | None
    examination: Json | None = Field(
        description="What the checks found: parameters, multiply_adds of an image, feature_dim, outputs, class_order,"
        " notes."
    )
    created_at: Timestamp


class ReleasePage(Page[Release]):
    """Releases, newest first."""


class ArchitecturePage(Page[str]):
    """Names of architectures."""


class TensorShapes(Body):
    """Names and shapes of a checkpoint's tensors, such as a safetensors file has in its header."""

    tensors: Annotated[
        dict[str, Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=8)]],
        Field(min_length=1, max_length=20_000, examples=[{"fc.bias": [10], "fc.weight": [10, 512]}]),
    ]


class ArchitectureProposal(Document):
    """An architecture that fits; `exact` when every shape does with these hyper-parameters, else only the names do."""

    architecture: str
    exact: bool
    num_classes: int | None
    channels: int | None
    hyperparameters: Json


class ArchitectureProposals(Document):
    """Proposals, best first. Several exact ones take the same weights, and may compute different outputs."""

    items: list[ArchitectureProposal]
