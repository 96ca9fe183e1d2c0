"""Writes the OpenAPI document and the JSON schemas of a result and of a gate file.

All are committed.

`python -m app.openapi [OPENAPI [RESULT_SCHEMA [GATE_FILE_SCHEMA]]]`
"""

import json
import sys
from pathlib import Path
from typing import Any

from app.cli.gate_file import reading
from app.contract.result import json_schema
from app.kit.problems import problems
from app.main import create_app

SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: `exh_…`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-exhume", "description": "A dashboard session."},
}
FILES = ("openapi.json", "app/audits/result.schema.json", "app/cli/gate_file/exhume.schema.json")
OPEN = {
    *("session-create", "health-live", "health-ready", "problem-types-list", "problem-types-get", "signing-keys-list"),
    "members-accept-invitation",
    *("session-ways", "session-begin-oidc", "session-finish-oidc"),
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    document = create_app().openapi()
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = SECURITY
    for path in document["paths"].values():
        for operation in path.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]  # FastAPI's own: this API answers a malformed id in the path with 404
            answers = operation["responses"]
            if operation["operationId"] not in OPEN:
                operation["security"] = [{"key": []}, {"session": []}]
                answers |= {str(status): one for status, one in problems(401, 429).items()}
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                answers |= {str(status): one for status, one in problems(408, 413, 422).items()}
            if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", [])):
                answers |= {str(status): one for status, one in problems(409, 422).items()}
            operation["responses"] = dict(sorted(answers.items()))
    document["components"]["responses"] = _move_problems(document)
    return document


def _move_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Replace every answer that is a problem by a reference. Return the answers by name."""
    moved: dict[str, Any] = {}
    for path in document["paths"].values():
        for operation in path.values():
            for status, one in operation["responses"].items():
                if int(status) >= 400 and one == problems(int(status))[int(status)]:
                    name = one["description"].replace(" ", "")
                    moved[name] = one
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(moved.items()))


def main(arguments: list[str]) -> None:
    """Write the documents to the given files, by default to their committed paths."""
    files = [Path(name) for name in [*arguments, *FILES[len(arguments) :]]]
    for file, made in zip(files, (document(), json_schema(), reading.json_schema()), strict=True):
        file.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
