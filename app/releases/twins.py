"""Twins: the same recipe trained again with some identities replaced by stand-ins.

The strictest control attacks a twin.
"""

from collections import Counter
from typing import Annotated

from pydantic import Field, model_validator

from app.db.models import Release
from app.db.states import IntakeState
from app.errors import UnprocessableError
from app.formats.names import matched, shared, tidy
from app.kit.schema import Body

LISTED = 50
PersonName = Annotated[str, Field(min_length=1, max_length=200)]


class Replaced(Body):
    """One replacement: images of `stand_in` took the place of all images of `identity`."""

    identity: PersonName = Field(description="Name of the class, as in the release's classes.")
    stand_in: PersonName = Field(
        description="Somebody outside the training set, such as a person in a public data set."
    )


class Replacements(Body):
    """The replacements of a twin, each identity and each stand-in once."""

    replaced: Annotated[list[Replaced], Field(min_length=1, max_length=100_000)]

    @model_validator(mode="after")
    def _distinct(self) -> "Replacements":
        for side in ("identity", "stand_in"):
            counted = Counter(getattr(one, side) for one in self.replaced)
            if twice := sorted(name for name, times in counted.items() if times > 1):
                raise ValueError(f"each {side} may appear once; repeated: {', '.join(twice[:10])}")
        return self


def checked(original: Release, classes: list[str], replaced: list[Replaced]) -> list[dict[str, str]]:
    """Return the replacements in their stored form, with the names of the original's classes.

    Raises: UnprocessableError unless a release of these classes and replacements can be a twin of
    `original`.
    """
    if original.twin_of is not None:
        raise UnprocessableError("twin_of_twin", "The named release is itself a twin. Name its original release.")
    if original.state != IntakeState.READY:
        raise UnprocessableError("not_ready", f"The release is {original.state}. Only a ready release can have a twin.")
    if [tidy(name) for name in classes] != [tidy(name) for name in original.classes]:
        raise UnprocessableError(
            "twin_classes", "A twin must have the classes of its release in the same order. Only images are replaced."
        )
    found = matched([one.identity for one in replaced], original.classes)
    if found.unknown:
        raise UnprocessableError(
            "unknown_identities",
            f"{len(found.unknown)} replaced identities are not classes of the release. Use the names of its classes.",
            errors=[{"identity": name} for name in found.unknown[:LISTED]],
        )
    if members := shared([one.stand_in for one in replaced], original.classes):
        raise UnprocessableError(
            "stand_in_is_member",
            f"{len(members)} stand-ins are classes of the release. A stand-in must not be in its training set.",
            errors=[{"stand_in": name} for name in members[:LISTED]],
        )
    return [{"identity": found.found[one.identity], "stand_in": tidy(one.stand_in)} for one in replaced]
