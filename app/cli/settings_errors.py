"""Messages for wrong settings: the variable and the mistake."""

from pydantic import ValidationError
from pydantic_settings import SettingsError

WITHOUT_PREFIX = {"DATABASE_URL", "REDIS_URL"}
Wrong = tuple[str, str]  # variable, mistake


def of_settings(error: BaseException) -> list[Wrong] | None:
    """Return every variable that `settings()` rejected, or None for other errors."""
    if isinstance(error, SettingsError):  # a list that is not JSON
        field = str(error).partition('field "')[2].partition('"')[0]
        return [(_variable(field), 'expected JSON, such as ["example.org"]')]
    if isinstance(error, ValidationError) and error.title == "Settings":
        return [(_variable(str(one["loc"][0])), one["msg"]) for one in error.errors()]
    return None


def _variable(field: str) -> str:
    name = field.upper()
    return name if name in WITHOUT_PREFIX or name.startswith("EXHUME_") else f"EXHUME_{name}"
