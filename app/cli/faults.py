"""What the server does not accept in a request, in the words of a person who typed a command."""

import re

from exhume import ApiError

BODIES = ("body.", "query.")
INSTRUCTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Field required", "a value is missing"),
        (r"(?:String|Value) should have at least 1 (?:character|item)", "must not be empty"),
        (r"String should have at least (\d+) characters", r"must have at least \1 characters"),
        (r"String should have at most (\d+) characters", r"must have at most \1 characters"),
        (r"(?:List|Tuple|Set) should have at least (\d+) items?", r"give at least \1"),
        (r"(?:List|Tuple|Set) should have at most (\d+) items?", r"give at most \1"),
        (r"Input should be greater than or equal to (\S+)", r"must be \1 or more"),
        (r"Input should be less than or equal to (\S+)", r"must be \1 or less"),
        (r"Input should be greater than (\S+)", r"must be above \1"),
        (r"Input should be less than (\S+)", r"must be below \1"),
        (r"Input should be a valid integer", "must be a whole number"),
        (r"Input should be a valid number", "must be a number"),
        (r"Input should be a valid (?:string|text)", "must be text"),
        (r"Input should be ('.+)", r"must be \1"),
        (r"Extra inputs are not permitted", "the server does not know this field"),
    )
)
"""Messages of the validation. `frontend/src/api/faults.ts` translates them for the dashboard."""


def shown_faults(error: ApiError) -> tuple[str, list[dict[str, object]]] | None:
    """Return what happened, and the single faults if there are several.

    None for a problem that is not about the values of a request: its detail says what to do.
    """
    if error.code != "invalid_request" or not error.errors:
        return None
    faults = [_fault(one) for one in error.errors]
    if len(faults) == 1:
        return f"{faults[0]['where']}: {faults[0]['message']}.", []
    return "The server does not accept these values:", faults


def _fault(error: dict[str, object]) -> dict[str, object]:
    where = str(error.get("where", ""))
    for prefix in BODIES:
        where = where.removeprefix(prefix)
    return {"where": where, "message": instruction(str(error.get("message", "")))}


def instruction(message: str) -> str:
    """Return what to do about a fault, without a full stop."""
    for pattern, words in INSTRUCTIONS:
        if found := pattern.match(message):
            return found.expand(words)
    return message.removeprefix("Value error, ").rstrip(".")
