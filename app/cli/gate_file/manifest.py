"""The fields of a gate file, described once: for reading, for messages and for the JSON Schema."""

from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from app.contract.choices import Attack, Combination, Effort, PriorChoice, ReleasePlan, Setting
from app.contract.class_kinds import ClassKind
from app.contract.convention import Convention
from app.contract.plan import MOST_ATTACKS
from app.contract.policy import Policy
from app.contract.report_formats import ReportFormat

DIGEST = r"^sha256:[0-9a-f]{64}$"
OUTPUTS: tuple[str, ...] = get_args(ReportFormat)


def _text(value: Any) -> Any:
    """Accept whole numbers as text. Other numbers are not: `1.10` would become `1.1`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1, max_length=200)]
PathText = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


def _or_text(name: str, whole: Any) -> BeforeValidator:
    """Let a text stand for an object with this one field."""
    shaped = lambda value: {name: value} if isinstance(value, str) else value  # noqa: E731
    return BeforeValidator(shaped, json_schema_input_type=str | whole)


def _or_inline(*names: str, source: Any, whole: Any) -> BeforeValidator:
    """Let a text stand for the first field, and any other object for `inline`."""

    def shaped(value: Any) -> Any:
        if isinstance(value, str):
            return {names[0]: value}
        return {"inline": value} if isinstance(value, dict) and not set(value) & set(names) else value

    return BeforeValidator(shaped, json_schema_input_type=str | source | whole)


class Part(BaseModel):
    """Part of a gate file. An unknown key is an error, because the gate would ignore it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Description(Part):
    """What is needed to build the network, as in `exhume release upload --description`."""

    convention: Convention
    classes: list[Text] = Field(min_length=2, description="In the order of the model's outputs.")
    architecture: str | None = Field(None, description="Detected if it is left out.")
    hyperparameters: dict[str, Any] | None = None
    classes_are: ClassKind | None = None
    confirm_class_order: bool | None = None


class DescriptionFile(Part):
    """A JSON or YAML file with a description."""

    file: PathText | None = None


class DescriptionSource(DescriptionFile):
    """A file with a description, or the description itself."""

    inline: Description | None = None


class Checkpoint(Part):
    """The file to audit: a path, or an address that the server fetches."""

    path: PathText | None = Field(None, description="File, relative to the gate file.")
    address: PathText | None = Field(
        None, description="`hf://owner/name@commit/file`, `models:/name/version/file`, `s3://…` or `https://…`."
    )
    digest: str | None = Field(
        None,
        pattern=DIGEST,
        description="SHA-256 of the file. `exhume gate --update-digest` writes it, and reports point at its line.",
    )
    description: Annotated[DescriptionSource, _or_inline("file", source=DescriptionFile, whole=Description)]
    version: Text | None = Field(None, description="Version of the release. Default: the first digits of the digest.")

    @model_validator(mode="after")
    def _one_place(self) -> "Checkpoint":
        if (self.path is None) == (self.address is None):
            raise ValueError("give either `path` or `address`")
        return self


class DataSet(Part):
    """A data set: its name on the server, or a file that is sent unless the server has it."""

    name: Text | None = Field(None, description="Name on the server. Default: the name of the file.")
    file: PathText | None = Field(None, description="File, relative to the gate file.")

    @model_validator(mode="after")
    def _something(self) -> "DataSet":
        if self.name is None and self.file is None:
            raise ValueError("give `name`, `file`, or both")
        return self


DataSetRef = Annotated[DataSet, _or_text("name", DataSet)]


class Data(Part):
    """The data sets of the audit."""

    public: DataSetRef = Field(description="Images that an attacker could have.")
    private: DataSetRef | None = Field(
        None, description="Images that the model was trained on. Nothing can be verified without them."
    )
    gallery: DataSetRef | None = Field(None, description="People that the model was not trained on.")


class AuditPlan(Part):
    """How the release is attacked. The defaults are those of `exhume audit start`."""

    effort: Effort = "standard"
    attacks: list[Attack] | None = Field(None, min_length=1, max_length=MOST_ATTACKS)
    combination: Combination = "union"
    setting: Setting | None = None
    prior: PriorChoice | None = None
    identities: Annotated[int, Field(ge=1)] | None = Field(None, description="How many to attack. Default: all.")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    budget: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None,
        description="Largest risk for a PASS of the audit. Default: the budget of the policy for white-box access.",
    )
    stop_early: bool = Field(
        False,
        description="Attack a random half of the identities first, and end the audit there if the verdict is certain.",
    )
    release_plan: ReleasePlan | None = None
    verifiers: list[Text] | None = Field(None, min_length=1, max_length=8)


class PolicyFile(Part):
    """A policy of the server by its name, or a YAML or JSON file with one, or both."""

    name: Text | None = None
    file: PathText | None = None


class PolicySource(PolicyFile):
    """A policy: its name, a file, or the policy itself."""

    inline: Policy | None = None

    @model_validator(mode="after")
    def _something(self) -> "PolicySource":
        if self.name is None and self.file is None and self.inline is None:
            raise ValueError("give `name`, `file`, or the policy itself")
        return self


class Rights(Part):
    """The declaration of the right to audit this model and these images."""

    declared_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    statement: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=10_000)]


class Manifest(Part):
    """A gate file."""

    project: Text | None = Field(None, description="Name or id. Default: EXHUME_PROJECT, or your only project.")
    target: Text = Field(description="The model that the checkpoint is a release of. Created if it does not exist.")
    checkpoint: Checkpoint
    data: Data
    plan: AuditPlan = AuditPlan()
    policy: Annotated[PolicySource, _or_inline("name", "file", source=PolicyFile, whole=Policy)] | None = Field(
        None, description="Default: the policy of the target, or that of the project."
    )
    rights: Rights
    outputs: dict[ReportFormat, PathText] = Field({}, description="Reports to write, by format.")
