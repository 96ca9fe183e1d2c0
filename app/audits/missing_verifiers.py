"""How an audit whose images have no verifiers gets them."""

from shlex import quote

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.inputs import Inputs
from app.audits.schemas import MissingVerifiers, VerifierCommand
from app.contract.verifier_training import FEWEST_IMAGES, FEWEST_PEOPLE, LARGEST, SMALLEST, training_seconds
from app.db.models import Verifier
from app.db.states import IntakeState
from app.sentences.missing_verifiers import Lacking, missing

NEEDED = 2
FACE_SIDE = 48
"""Photographs of faces with smaller sides are too small for published models."""
CONVERT = "exhume verifier convert face_recognition_models-0.3.0.tar.gz vladmandic-human-3.3.6.tgz --out verifiers"


async def missing_verifiers(session: AsyncSession, inputs: Inputs) -> MissingVerifiers | None:
    """Return what is missing.

    None where two verifiers judge, and where nothing can be verified anyway.
    """
    if inputs.private is None or len(inputs.verifiers) >= NEEDED:
        return None
    height, width, channels = (int(inputs.release.convention[side]) for side in ("height", "width", "channels"))
    ready = select(func.count()).where(
        Verifier.project_id == inputs.release.project_id,
        Verifier.state == IntakeState.READY,
        Verifier.channels == channels,
    )
    uploaded = int((await session.execute(ready)).scalar_one())
    people, images = len(inputs.public.identities or []), inputs.public.images or 0
    trainable = all(SMALLEST <= side <= LARGEST for side in (height, width)) and (
        people >= FEWEST_PEOPLE or images >= FEWEST_IMAGES
    )
    seconds = training_seconds(height, width) if trainable else None
    faces = inputs.release.classes_are == "person" and channels == 3 and min(height, width) >= FACE_SIDE
    commands = []
    if seconds is not None:
        unnamed = " --without-names" if 1 < people < FEWEST_PEOPLE else ""
        file = quote(f"{inputs.public.name}.zip")
        train = f"exhume verifier train {file} --out verifiers{unnamed}"
        commands.append(VerifierCommand(purpose="Train two on the public images", command=train))
    if faces:
        commands.append(VerifierCommand(purpose="Convert published ones, for photographs of faces", command=CONVERT))
    size = f"{height}x{width}x{channels}"
    return MissingVerifiers(
        images=size,
        seconds=seconds,
        uploaded=uploaded,
        sentence=missing(
            Lacking(size, inputs.public.name, seconds, uploaded, len(inputs.verifiers), FEWEST_PEOPLE, FEWEST_IMAGES)
        ),
        commands=commands,
    )
