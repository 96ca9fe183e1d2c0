"""Names of the classes of a release: stored in one form, and rejected where two of them can't be told apart."""

from app.errors import UnprocessableError
from app.formats.names import look_alikes, spelled, tidy, unusable

LISTED = 50


def stored(names: list[str]) -> list[str]:
    """The names as they are stored. Raises: UnprocessableError (class_names, look_alike_names)."""
    if wrong := unusable(names):
        raise UnprocessableError(
            "class_names",
            f"{len(wrong)} class names are blank or hold control characters, such as {spelled(wrong[0])!r}.",
            errors=[{"name": spelled(name)} for name in wrong[:LISTED]],
        )
    if pairs := look_alikes(names):
        first, second = map(spelled, pairs[0])
        raise UnprocessableError(
            "look_alike_names",
            f"Two classes have names that look alike: {first!r} and {second!r}. Give every class a name of its own:"
            " case, accents, white space and zero-width characters don't tell two names apart.",
            errors=[{"names": [spelled(one), spelled(other)]} for one, other in pairs[:LISTED]],
        )
    return [tidy(name) for name in names]
