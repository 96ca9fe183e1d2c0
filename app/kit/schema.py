"""Base classes of request and response documents."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

Timestamp = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Json = dict[str, Any]


class Body(BaseModel):
    """A request body. Unknown fields are rejected, so that misspelt names are noticed."""

    model_config = ConfigDict(extra="forbid")


class Document(BaseModel):
    """A response, read from a row."""

    model_config = ConfigDict(from_attributes=True)
