"""How an endpoint that takes a file as its raw body is documented."""

from typing import Any


def file_body(description: str) -> dict[str, Any]:
    """`openapi_extra=` of an upload."""
    schema = {"type": "string", "format": "binary"}
    return {
        "requestBody": {
            "required": True,
            "description": description,
            "content": {"application/octet-stream": {"schema": schema}},
        }
    }
