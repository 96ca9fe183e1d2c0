"""Names of the schemas in the OpenAPI document: each is one word of ours for one thing."""

from app.openapi import document


def test_no_schema_is_named_after_the_module_that_defines_it() -> None:
    """FastAPI does that where two classes share a name."""
    names = document()["components"]["schemas"]
    assert [name for name in names if "__" in name] == []
    assert {"Plan", "Result", "Verifier", "VerifierReading"} <= set(names)
