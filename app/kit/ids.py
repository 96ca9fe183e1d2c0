"""Public ids: a prefix that names the kind, and the UUID in hex (`aud_0198c2…`)."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema


def public_id(prefix: str, value: UUID) -> str:
    """Return the prefix, an underscore and 32 hexadecimal digits."""
    return f"{prefix}_{value.hex}"


def parse_id(prefix: str, text: str) -> UUID:
    """Return the UUID of `prefix_<hex>`. Raises `ValueError` for anything else."""
    head, _, digits = text.partition("_")
    if head != prefix or len(digits) != 32:
        raise ValueError(f"expected an id that begins with {prefix}_ and ends in 32 hexadecimal digits")
    try:
        return UUID(hex=digits)
    except ValueError:
        raise ValueError(f"expected an id that begins with {prefix}_ and ends in 32 hexadecimal digits") from None


def _annotations(prefix: str) -> tuple[Any, ...]:
    def read(value: Any) -> Any:
        return parse_id(prefix, value) if isinstance(value, str) else value

    return (
        BeforeValidator(read),
        PlainSerializer(lambda value: public_id(prefix, value), return_type=str),
        WithJsonSchema(
            {
                "type": "string",
                "pattern": f"^{prefix}_[0-9a-f]{{32}}$",
                "examples": [f"{prefix}_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f"],
            }
        ),
    )


OrganisationId = Annotated[UUID, *_annotations("org")]
PersonId = Annotated[UUID, *_annotations("per")]
MembershipId = Annotated[UUID, *_annotations("mem")]
InvitationId = Annotated[UUID, *_annotations("inv")]
SessionId = Annotated[UUID, *_annotations("ses")]
ProjectId = Annotated[UUID, *_annotations("prj")]
KeyId = Annotated[UUID, *_annotations("key")]
TargetId = Annotated[UUID, *_annotations("tgt")]
ReleaseId = Annotated[UUID, *_annotations("rel")]
DatasetId = Annotated[UUID, *_annotations("dst")]
UploadId = Annotated[UUID, *_annotations("upl")]
VerifierId = Annotated[UUID, *_annotations("ver")]
PriorId = Annotated[UUID, *_annotations("pri")]
AuditId = Annotated[UUID, *_annotations("aud")]
JobId = Annotated[UUID, *_annotations("job")]
SigningKeyId = Annotated[UUID, *_annotations("sgk")]
ScheduleId = Annotated[UUID, *_annotations("sch")]
ScheduleRunId = Annotated[UUID, *_annotations("run")]
WebhookId = Annotated[UUID, *_annotations("whk")]
DeliveryId = Annotated[UUID, *_annotations("dlv")]
PolicyId = Annotated[UUID, *_annotations("pol")]
DecisionId = Annotated[UUID, *_annotations("dec")]
WaiverId = Annotated[UUID, *_annotations("wai")]
SourceId = Annotated[UUID, *_annotations("src")]
SourceChangeId = Annotated[UUID, *_annotations("chg")]
ReceiptId = Annotated[UUID, *_annotations("rcp")]
HoldId = Annotated[UUID, *_annotations("hld")]
ReconstructionId = Annotated[UUID, *_annotations("rec")]
BlindLineUpId = Annotated[UUID, *_annotations("blu")]
