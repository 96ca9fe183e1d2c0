"""Something that an earlier stage of the audit made is gone, and can be made again."""

from app.errors import ConflictError
from app.jobs.stages import Stage


class LackingError(ConflictError):
    """A file or a result of an earlier stage is missing or damaged.

    `made_by` is run again, and then the stage that raised this.
    """

    def __init__(self, what: str, made_by: Stage) -> None:
        self.made_by = made_by
        super().__init__(
            "artifact_missing",
            f"A file that an earlier stage of this audit made ({what.replace('_', ' ')}) is missing from the object "
            f"store, or damaged. The stage {made_by} makes it again.",
        )
