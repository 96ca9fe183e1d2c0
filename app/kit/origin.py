"""The origin of a file, as the API shows it."""

from pydantic import Field

from app.kit.schema import Document, Timestamp


class Origin(Document):
    """Who sent a file, when, and from where."""

    by: str = Field(description="The person, API key or source that sent it or had it fetched.")
    at: Timestamp = Field(description="When it arrived.")
    address: str | None = Field(description="The address that the service fetched it from. Null if it was sent.")
