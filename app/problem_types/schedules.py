"""Schedules that are rejected."""

from app.problem_types.kind import ProblemType

KINDS = {
    "bad_cron": ProblemType(
        422,
        "Not a cron expression",
        "The due times of the schedule cannot be read.",
        "A cron expression has five fields: minute, hour, day of the month, month and day of the week. One of them is "
        "missing, malformed or out of range.",
        "Correct the field that the message names. `0 3 * * *` is every day at 03:00.",
    ),
    "cron_never_fires": ProblemType(
        422,
        "Cron expression is never due",
        "The expression is well formed, but no date matches it.",
        "It names a day that its months do not have, such as 30 February.",
        "Choose a day that exists. `L` in the third field is the last day of every month.",
    ),
    "unknown_timezone": ProblemType(
        422,
        "Unknown time zone",
        "The time zone is not in the IANA database.",
        "It is misspelt, an abbreviation such as CET+1, or an offset. Only names of regions follow the changes between "
        "summer and winter time.",
        "Use a name such as `Europe/Berlin`, `America/New_York` or `UTC`.",
    ),
}
