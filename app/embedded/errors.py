"""The error of the embedded servers. Its message always says what to do."""


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be found, initialised, started or stopped."""
