"""Class names of a release: stored in one form, and rejected if two are indistinguishable."""

from app.errors import UnprocessableError
from app.formats.names import look_alikes, spelled, tidy, unusable

LISTED = 50


def stored(names: list[str]) -> list[str]:
    """Return the names in their stored form.

    Raises: UnprocessableError (class_names, look_alike_names).
    """
    if wrong := unusable(names):
        raise UnprocessableError(
            "class_names",
            f"{len(wrong)} class names are blank or contain control characters, such as {spelled(wrong[0])!r}.",
            errors=[{"name": spelled(name)} for name in wrong[:LISTED]],
        )
    if pairs := look_alikes(names):
        first, second = map(spelled, pairs[0])
        raise UnprocessableError(
            "look_alike_names",
            f"Two classes have names that look alike: {first!r} and {second!r}. Give every class a distinct name:"
            " names that differ only in case, accents, white space or zero-width characters are not distinct.",
            errors=[{"names": [spelled(one), spelled(other)]} for one, other in pairs[:LISTED]],
        )
    return [tidy(name) for name in names]
