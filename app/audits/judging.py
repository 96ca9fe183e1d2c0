"""Checks of the verifiers, the gallery and the twin of an audit."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.schemas import EstimateRequest
from app.auth.subject import Subject
from app.contract.plan import PlannedTwin, PlannedVerifier, StandIn
from app.db.models import Dataset, Release
from app.db.states import IntakeState
from app.errors import NotFoundError, UnprocessableError
from app.formats.names import shared
from app.kit.ids import parse_id, public_id
from app.releases import repository as releases
from app.verifiers import repository as verifiers
from app.verifiers.bundled import Bundled, bundled

LISTED = 50


async def planned_verifiers(
    session: AsyncSession, subject: Subject, request: EstimateRequest, release: Release
) -> list[PlannedVerifier]:
    """Return the requested verifiers, or the bundled ones for images of this size."""
    shape = tuple(int(release.convention[side]) for side in ("channels", "height", "width"))
    if request.verifiers is None:
        return [_shipped(one) for one in bundled() if one.shape == shape]
    found = [await _verifier(session, subject, name, release, shape) for name in request.verifiers]
    digests = [one.digest for one in found]
    if len(set(digests)) < len(digests):
        raise UnprocessableError(
            "same_verifier_twice", "Two of the verifiers are the same file; two opinions need two different models."
        )
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise UnprocessableError(
            "same_verifier_name", "Two of the verifiers have the same name; rename the uploaded one."
        )
    return found


async def _verifier(
    session: AsyncSession, subject: Subject, name: str, release: Release, shape: tuple[int, ...]
) -> PlannedVerifier:
    if not name.startswith("ver_"):
        return _bundled(name, shape)
    try:
        identifier = parse_id("ver", name)
    except ValueError as error:
        raise UnprocessableError("no_such_verifier", f"{name!r} is not the id of a verifier: {error}.") from error
    row = await verifiers.get(session, subject, identifier)
    if row.project_id != release.project_id:
        raise NotFoundError("no_such_verifier", "There is no such verifier in this project.")
    if row.state != IntakeState.READY or row.sha256 is None:
        raise UnprocessableError("not_ready", f"The verifier {row.name!r} is {row.state}; only a ready one can judge.")
    if row.channels != shape[0]:
        raise UnprocessableError(
            "verifier_channels",
            f"The verifier {row.name!r} takes {row.channels}-channel images; the release's have {shape[0]}.",
        )
    return PlannedVerifier(name=row.name, digest=f"sha256:{row.sha256}", source="uploaded", convention=row.convention)


def _bundled(name: str, shape: tuple[int, ...]) -> PlannedVerifier:
    one = next((one for one in bundled() if one.name == name), None)
    if one is None:
        known = ", ".join(one.name for one in bundled())
        raise UnprocessableError(
            "no_such_verifier",
            f"There is no bundled verifier {name!r}; the bundled ones are {known}. Name an uploaded one by its id.",
        )
    if one.shape != shape:
        raise UnprocessableError(
            "verifier_size", f"The verifier {name!r} takes images of {one.shape}, the release's are {shape}."
        )
    return _shipped(one)


def _shipped(one: Bundled) -> PlannedVerifier:
    return PlannedVerifier(name=one.name, digest=one.digest, source="bundled", convention={})


def check_gallery(gallery: Dataset, release: Release) -> None:
    """Raise `UnprocessableError` unless the gallery names identities, none of them a class."""
    names = gallery.identities or []
    if not names:
        raise UnprocessableError(
            "no_identities", f"Data set {gallery.name!r} names no identities; a gallery needs one folder per identity."
        )
    if members := sorted(shared(names, release.classes)):
        raise UnprocessableError(
            "gallery_has_members",
            f"{len(members)} identities of {gallery.name!r} are classes of the release; it must hold others only.",
            errors=[{"identity": name} for name in members[:LISTED]],
        )


async def planned_twin(
    session: AsyncSession, subject: Subject, request: EstimateRequest, release: Release
) -> Release | None:
    """Return the requested twin. Left out: the newest ready twin of the release. Null: none."""
    if request.twin_release_id is None:
        asked = "twin_release_id" in request.model_fields_set
        return None if asked or release.twin_of is not None else await releases.newest_twin(session, release)
    twin, _ = await releases.get(session, subject, request.twin_release_id)
    if twin.twin_of != release.id:
        raise UnprocessableError("not_a_twin", "That release is not a twin of the one to be audited.")
    if twin.state != IntakeState.READY:
        raise UnprocessableError("not_ready", f"The twin is {twin.state}; only a ready one can be attacked.")
    return twin


def twin_of_plan(twin: Release | None, release: Release, identities: list[int]) -> PlannedTwin | None:
    """Return the plan's entry for the twin, with the planned identities it was not trained on."""
    if twin is None:
        return None
    index = {name: number for number, name in enumerate(release.classes)}
    planned = set(identities)
    replaced = [one for one in twin.replaced or [] if index.get(one["identity"]) in planned]
    return PlannedTwin(
        release=public_id("rel", twin.id),
        checkpoint=f"sha256:{twin.sha256}",
        identities=sorted(index[one["identity"]] for one in replaced),
        replaced=[StandIn.model_validate(one) for one in replaced],
    )


def twin_id(twin: Release | None, planned: PlannedTwin | None) -> UUID | None:
    """Return the twin's id if it was trained without some of the plan's identities."""
    return twin.id if twin is not None and planned is not None and planned.identities else None
