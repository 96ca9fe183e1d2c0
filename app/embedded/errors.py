"""The one error of the embedded servers; its text always says what to do."""


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be found, initialised, started or stopped."""
