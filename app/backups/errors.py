"""Why a backup cannot be made or restored."""


class BackupError(RuntimeError):
    """The message says what is wrong and what to do."""
