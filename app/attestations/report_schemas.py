"""Choices and documents of reports."""

from typing import Literal

from pydantic import Field

from app.kit.schema import Body

Signed = Literal["attestation", "test-result"]
"""Formats that the service signs."""


class Badges(Body):
    """Who may read the badges of a project's targets."""

    public: bool = Field(description="Whether badges can be read without an API key.")
