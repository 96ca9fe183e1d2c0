"""Endpoints for the outcome of an audit: result, identities, reconstructions and images."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from app.audits import (
    curves,
    identities,
    identity_schemas,
    one_identity,
    outcomes,
    prior_samples,
    reconstructions,
    references,
    sample_sheets,
    two_audits,
)
from app.audits import outcome_schemas as schemas
from app.audits.curve_schemas import CurveList
from app.audits.reveal import (
    Revealing,
    asked_of_prior,
    asked_of_public_image,
    asked_of_reconstruction,
    asked_of_reference,
    asked_of_samples,
    asked_of_training,
    refusals_logged,
)
from app.audits.schemas import PriorSamples
from app.auth.authenticate import Caller
from app.auth.routing import Router
from app.contract.comparison import Comparison
from app.contract.plan import MOST_ATTACKS
from app.contract.result import Result
from app.contract.result.names import Regression
from app.db.transaction import Transaction
from app.kit.cursor import Cursor, Limit
from app.kit.etag import conditional
from app.kit.ids import AuditId, DatasetId, PriorId, ReconstructionId
from app.kit.in_memory import reads
from app.kit.problems import problems

router = Router(tags=["results"])

PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}, "description": "A PNG."}
}
Index = Annotated[int, Path(ge=0, lt=2**31, description="Index into the private data set.")]
PublicIndex = Annotated[int, Path(ge=0, lt=2**31, description="Index into the public data set.")]
ClassIndex = Annotated[int, Path(ge=0, lt=2**31, description="Class index of the target.")]


@router.get("/audits/{audit_id}/result", name="get", response_model=Result, responses=problems(401, 403, 404, 409))
async def get_result(
    audit_id: AuditId, request: Request, response: Response, session: Transaction, subject: Caller
) -> Result | Response:
    """Return the result: the verdict with every figure behind it. Has an ETag."""
    return conditional(request, response, await outcomes.result(session, subject, audit_id))


@router.get("/audits/{audit_id}/regression", name="regression", responses=problems(401, 403, 404, 409))
async def get_regression(audit_id: AuditId, session: Transaction, subject: Caller) -> Regression:
    """Compare R with the previous comparable audit of the target, over the identities in both."""
    return await outcomes.regression(session, subject, audit_id)


@router.get("/audits/{audit_id}/comparison/{other_id}", name="comparison", responses=problems(401, 403, 404, 409, 422))
async def get_comparison(audit_id: AuditId, other_id: AuditId, session: Transaction, subject: Caller) -> Comparison:
    """Compare R of another audit, the second, with R of this one, over the identities in both.

    The interval is paired: the identities are resampled together. Audits of any two releases,
    plans and data sets can be named. `not_comparable` says why R of two cannot be compared.
    """
    return await two_audits.compare(session, subject, audit_id, other_id)


@router.get(
    "/audits/{audit_id}/identities",
    name="identities",
    response_model=schemas.IdentityPage,
    responses=problems(400, 401, 403, 404, 422),
)
async def list_identities(
    audit_id: AuditId,
    request: Request,
    subject: Caller,
    *,
    sort: Annotated[
        identities.Sort, Query(description="`identity`: by class index. `exposed`: the most exposed first.")
    ] = "identity",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """List the outcome of each identity."""
    found = await identities.page(reads(request), subject, audit_id, sort=sort, limit=limit, cursor=cursor)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/audits/{audit_id}/identities/{identity}", name="identity", responses=problems(401, 403, 404, 422))
async def get_identity(
    audit_id: AuditId, identity: ClassIndex, session: Transaction, subject: Caller
) -> identity_schemas.IdentityInFull:
    """Return everything about one identity.

    All its reconstructions with their scores, what each verifier finds most similar to the
    submission, and the neighbours of the identity in the order of exposure.
    """
    return await one_identity.get(session, subject, audit_id, identity)


@router.get("/audits/{audit_id}/reconstructions", name="reconstructions", responses=problems(400, 401, 403, 404, 422))
async def list_reconstructions(
    audit_id: AuditId,
    session: Transaction,
    subject: Caller,
    *,
    source: Annotated[str | None, Query(max_length=30, description="`attack`, or the name of a control.")] = None,
    submitted: Annotated[
        bool | None, Query(description="Only reconstructions that the attacker submits, or only the others.")
    ] = None,
    identity: Annotated[int | None, Query(ge=0, lt=2**31, description="Class index.")] = None,
    attack: Annotated[int | None, Query(ge=0, lt=MOST_ATTACKS, description="Index of the attack in the plan.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> schemas.ReconstructionPage:
    """List the reconstructions of an audit, without their images."""
    filters = {"source": source, "submitted": submitted, "identity": identity, "attack": attack}
    return await reconstructions.page(session, subject, audit_id, filters, limit=limit, cursor=cursor)


@router.get(
    "/reconstructions/{reconstruction_id}/image",
    name="reconstruction_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 410, 422),
)
async def get_image(
    reconstruction_id: ReconstructionId, session: Transaction, subject: Caller, reveal: Revealing
) -> Response:
    """Return a cover of the size of the image, which shows nothing of it.

    The original needs the scope `reconstructions:reveal` and a purpose.

    It is marked with who asked, when and for what, in a text chunk of the PNG.

    The audit log then gets an entry `image.revealed` with the person or API key that asked, and
    the purpose. When the request for an original is rejected, the entry is `image.reveal_refused`
    with the reason.
    """
    async with refusals_logged(session, subject, reveal, asked_of_reconstruction(reconstruction_id)):
        return _png(await reconstructions.image(session, subject, reconstruction_id, reveal))


@router.get(
    "/reconstructions/{reconstruction_id}/film/image",
    name="film_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 410, 422),
)
async def get_film(
    reconstruction_id: ReconstructionId, session: Transaction, subject: Caller, reveal: Revealing
) -> Response:
    """Return the search of a reconstruction at a few steps, side by side from the left.

    The identity of an audit says which reconstructions have a film, and its steps. The rules for
    originals are those for reconstructions.
    """
    async with refusals_logged(session, subject, reveal, asked_of_reconstruction(reconstruction_id, "/film")):
        return _png(await reconstructions.film(session, subject, reconstruction_id, reveal))


@router.get(
    "/audits/{audit_id}/references/{index}/image",
    name="reference_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 409, 422),
)
async def get_reference(
    audit_id: AuditId, index: Index, session: Transaction, subject: Caller, reveal: Revealing
) -> Response:
    """Return an image of the private data set, once the reconstructions are frozen.

    The rules for originals are those for reconstructions.
    """
    async with refusals_logged(session, subject, reveal, asked_of_reference(audit_id, index)):
        return _png(await references.private_image(session, subject, audit_id, index, reveal))


@router.get(
    "/audits/{audit_id}/public-images/{index}/image",
    name="public_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 422),
)
async def get_public_image(
    audit_id: AuditId, index: PublicIndex, session: Transaction, subject: Caller, reveal: Revealing
) -> Response:
    """Return an image of the public data set, such as the nearest one to a reconstruction.

    The rules for originals are those for reconstructions.
    """
    async with refusals_logged(session, subject, reveal, asked_of_public_image(audit_id, index)):
        return _png(await references.public_image(session, subject, audit_id, index, reveal))


@router.get(
    "/datasets/{dataset_id}/samples/image",
    name="samples_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 409, 422),
)
async def get_samples_image(
    dataset_id: DatasetId, session: Transaction, subject: Caller, reveal: Revealing
) -> Response:
    """Return a sheet of images of a data set: 64 at most, at equal distances.

    The rules for originals are those for reconstructions. Private images are not shown while an
    audit attacks them.
    """
    async with refusals_logged(session, subject, reveal, asked_of_samples(dataset_id)):
        return _png(await sample_sheets.image(session, subject, dataset_id, reveal))


@router.get("/audits/{audit_id}/curves", name="curves", responses=problems(401, 403, 404))
async def get_curves(audit_id: AuditId, session: Transaction, subject: Caller) -> CurveList:
    """Return loss and confidence of the searches, by step: median and range over identities."""
    return await curves.curves(session, subject, audit_id)


@router.get("/audits/{audit_id}/prior-samples", name="prior_samples", responses=problems(401, 403, 404))
async def get_prior_samples(audit_id: AuditId, session: Transaction, subject: Caller) -> PriorSamples:
    """Return the kernel distance of the prior in training to the public images, by step."""
    return await prior_samples.measurements(session, subject, audit_id)


@router.get(
    "/audits/{audit_id}/prior-samples/image",
    name="prior_samples_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 422),
)
async def get_prior_samples_image(
    audit_id: AuditId, session: Transaction, subject: Caller, reveal: Revealing
) -> Response:
    """Return sixteen samples of that prior, four by four, always from the same latents.

    Each sheet replaces the one before. It is shown as it is, because the generator is trained on
    public images only. A prior that memorises could show one of them. A KEDMI prior is also
    trained with the target's answers to public images, so a sample may resemble a person whom the
    target knows: its samples are covered, and the rules for originals are those for
    reconstructions.
    """
    async with refusals_logged(session, subject, reveal, asked_of_training(audit_id)):
        return _png(await prior_samples.image(session, subject, audit_id, reveal))


@router.get(
    "/priors/{prior_id}/samples/image",
    name="kept_prior_image",
    response_class=Response,
    responses=PNG | problems(401, 403, 404, 422),
)
async def get_kept_prior_image(prior_id: PriorId, session: Transaction, subject: Caller, reveal: Revealing) -> Response:
    """Return sixteen samples of a kept prior, by the rules for those of one in training."""
    async with refusals_logged(session, subject, reveal, asked_of_prior(prior_id)):
        return _png(await prior_samples.kept_image(session, subject, prior_id, reveal))


def _png(image: bytes) -> Response:
    return Response(image, media_type="image/png", headers={"Cache-Control": "no-store"})
