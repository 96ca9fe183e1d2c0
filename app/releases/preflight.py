"""The preflight of a checkpoint, by the intake's parsers, on the pieces that describe the file."""

from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, Field

from app.errors import BadRequestError
from app.formats.preflight import Description, PreflightResult, check
from app.kit.problems import Problem
from app.kit.schema import Body, Document
from app.releases.proposals import shown
from app.releases.schemas import ArchitectureProposal, ClassName, HyperParameter

MOST_BYTES = 5 * 1024 * 1024  # in base64, within the limit of a JSON body
LISTED = 200


class Piece(Body):
    """Some bytes of the file."""

    offset: Annotated[int, Field(ge=0, description="Offset of the first byte in the file.")]
    data: Annotated[Base64Bytes, Field(min_length=1, description="The bytes in base64.")]


class PreflightRequest(Body):
    """The beginning, the end and the `wanted` pieces of a file, and its declaration."""

    size_bytes: Annotated[int, Field(gt=0, description="Size of the whole file.")]
    pieces: Annotated[list[Piece], Field(min_length=1, max_length=32, description="At most 5 MiB together.")]
    architecture: Annotated[str, Field(min_length=1, max_length=200)] = "auto"
    hyperparameters: Annotated[dict[str, HyperParameter], Field(max_length=64)] = Field(default_factory=dict)
    num_classes: Annotated[int | None, Field(ge=1, le=100_000)] = None
    channels: Literal[1, 3] | None = None
    classes: list[ClassName] | None = Field(
        None, max_length=100_000, description="Compared with the class order stored in the file."
    )
    confirm_class_order: bool = Field(default_factory=bool, description="As of the release.")


class Wanted(Document):
    """Bytes that are needed for an answer."""

    offset: int
    length: int


class Preflight(Document):
    """The outcome of the intake, as far as these pieces determine it."""

    verdict: Literal["accepted", "refused", "more", "unknown"] = Field(
        description="accepted: no problem so far, the numbers are checked after the upload; refused: `problem`"
        " says why; more: repeat the request with the `wanted` piece; unknown: only the whole file can tell, as for"
        " ONNX, of which the inputs, outputs and metadata are read."
    )
    format: str | None
    problem: Problem | None = Field(description="The problem that the intake would report (RFC 9457).")
    proposals: list[ArchitectureProposal]
    wrapper: list[str] = Field(description="Keys of the dicts around the weights.")
    prefix: str = Field(description="Prefix of all names compared with the architecture's.")
    missing: list[str] = Field(description="Names of the architecture's tensors that the file lacks; the first 200.")
    unexpected: list[str] = Field(description="Names of tensors that the architecture lacks; the first 200.")
    wanted: Wanted | None
    classes: list[str] | None = Field(
        description="Names of the classes in the order of the outputs, as the file states them. Null if it does not."
    )
    side: int | None = Field(
        description="Side of the images in pixels, where the tensors of the first proposal or the input of an ONNX"
        " model determine it."
    )


def judge(body: PreflightRequest) -> Preflight:
    """Run the preflight.

    It takes up to a second of CPU time for large headers: call it in a thread.
    """
    if sum(len(piece.data) for piece in body.pieces) > MOST_BYTES:
        raise BadRequestError("pieces_too_large", f"The pieces exceed {MOST_BYTES:,} bytes in total.")
    classes = tuple(body.classes) if body.classes is not None else None
    described = Description(
        body.architecture, body.hyperparameters, body.num_classes, body.channels, classes, body.confirm_class_order
    )
    try:
        seen = check(body.size_bytes, [(piece.offset, piece.data) for piece in body.pieces], described)
    except ValueError as error:
        raise BadRequestError("bad_pieces", f"{error}. Send each byte once.") from error
    return _document(seen, sum(len(piece.data) for piece in body.pieces))


def _document(seen: PreflightResult, sent: int) -> Preflight:
    wanted = Wanted(offset=seen.wanted[0], length=seen.wanted[1]) if seen.wanted is not None else None
    if wanted is not None and wanted.length > MOST_BYTES - sent:
        wanted = None
    verdict: Any = "refused" if seen.refusal is not None else "more" if wanted is not None else "accepted"
    if verdict == "accepted" and (seen.wanted is not None or seen.format == "onnx"):
        verdict = "unknown"
    return Preflight(
        verdict=verdict,
        format=seen.format,
        problem=Problem.model_validate(seen.refusal.problem) if seen.refusal is not None else None,
        proposals=shown(seen.proposals),
        wrapper=list(seen.wrapper),
        prefix=seen.prefix,
        missing=seen.missing[:LISTED],
        unexpected=seen.unexpected[:LISTED],
        wanted=wanted,
        classes=seen.classes,
        side=seen.side or (seen.proposals[0].side if seen.proposals else None),
    )
