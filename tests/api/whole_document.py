"""Every operation of the OpenAPI document with a body that fits it, and rows for every id."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Float, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.db.base import Base
from app.db.session import sync_session
from app.kit.ids import public_id
from app.openapi import document

TABLES = {
    **{"org": "organisation", "prj": "project", "mem": "membership", "inv": "invitation", "per": "person"},
    **{"ses": "browser_session", "key": "api_key", "tgt": "target", "rel": "release", "dst": "dataset"},
    **{"ver": "verifier", "upl": "upload", "aud": "audit", "rec": "reconstruction", "sch": "schedule"},
    **{"whk": "webhook", "dlv": "webhook_delivery", "pol": "policy", "dec": "decision", "wai": "waiver"},
    **{"src": "source", "rcp": "receipt", "hld": "legal_hold", "blu": "blind_line_up", "pri": "artifact"},
}
"""The table of each kind of id."""
VALUES: dict[str, Any] = {
    **{"decision.outcome": "pass", "decision.cause": "audit", "source.kind": "https", "webhook.format": "slack"},
    **{"schedule.active": False, "membership.role": "viewer", "invitation.role": "viewer", "waiver.rule": "EXH001"},
    **{"job.state": "queued", "schedule_run.trigger": "cron", "dataset.role": "public"},
    "artifact.kind": "prior",
    "signing_key.retired_at": datetime(2000, 1, 1, tzinfo=UTC),
    "browser_session.expires_at": datetime(2100, 1, 1, tzinfo=UTC),
}
CHOSEN = {"upload.release_id", "job.audit_id", "legal_hold.dataset_id", "webhook_delivery.webhook_id"}
"""Columns of which a constraint wants one."""
KINDS: tuple[tuple[type, Any], ...] = (
    *((Uuid, UUID(int=1)), (JSONB, {}), (ARRAY, []), (LargeBinary, b""), (Boolean, True), (Integer, 1), (Float, 0.5)),
    *((DateTime, datetime.now(UTC)), (String, "x")),
)
EXAMPLE_DATE = "2100-01-01T00:00:00Z"


@dataclass(frozen=True)
class Operation:
    """An operation, and the kinds of ids in its path."""

    name: str
    method: str
    path: str
    prefixes: tuple[str, ...]
    body: Any

    def at(self, ids: dict[str, str]) -> str:
        """Return its address with these ids by prefix."""
        path = self.path
        for prefix in self.prefixes:
            path = path.replace("{}", ids[prefix], 1)
        return path


def operations() -> Iterator[Operation]:
    """Return every operation that needs a key or a session."""
    described = document()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                continue
            filled, prefixes = path, []
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    pattern = parameter["schema"].get("pattern")
                    filled = filled.replace("{" + parameter["name"] + "}", "{}" if pattern else "0")
                    prefixes += [pattern[1:4]] if pattern else []
            asked = [one for one in operation.get("parameters", []) if one["in"] == "query" and one.get("required")]
            filled += "?" * bool(asked) + "&".join(f"{one['name']}={sample(one['schema'], {})}" for one in asked)
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            body = sample(schema, described["components"]["schemas"]) if schema else None
            yield Operation(operation["operationId"], method.upper(), filled, tuple(prefixes), body)


def sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return a small value that fits a schema: required fields only."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return sample(schema[several][0], schemas)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: sample(fields[name], schemas) for name in schema.get("required", [])}
        case "array":
            return [sample(schema["items"], schemas) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case _:
            return _text(schema)


def _text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    if pattern.endswith("_[0-9a-f]{32}$"):
        return unknown(pattern[1:4])
    if "@" in pattern:
        return "somebody@example.com"
    if pattern == "^[0-9]{6}$":
        return "000000"
    if schema.get("format") == "date-time":
        return EXAMPLE_DATE
    return "x" * max(int(schema.get("minLength", 1)), 1)


def unknown(prefix: str) -> str:
    """Return an id that nothing has."""
    return public_id(prefix, UUID(int=0))


def add_rows(organisation: UUID, project: UUID) -> dict[str, str]:
    """Add a row to every table that has none for this project. Returns the ids by prefix."""
    ids = {name: uuid5(NAMESPACE_URL, name) for name in Base.metadata.tables}
    ids |= {"organisation": organisation, "project": project}
    with sync_session() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in {"organisation", "project"}:
                session.execute(table.insert().values(_row(table, ids)))
    return {prefix: public_id(prefix, ids[name]) for prefix, name in TABLES.items()}


def new_row(table: Table, organisation: UUID, project: UUID) -> dict[str, Any]:
    """Return another row of a project for a table, which nothing refers to."""
    ids = {name: uuid4() for name in Base.metadata.tables} | {"organisation": organisation, "project": project}
    own = _row(table, ids)
    return own | {"id": uuid4()} if "id" in table.columns else own


def _row(table: Table, ids: dict[str, UUID]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        refers = next(iter(column.foreign_keys), None)
        if f"{table.name}.{column.name}" in VALUES:
            row[column.name] = VALUES[f"{table.name}.{column.name}"]
        elif column.name == "id" and isinstance(column.type, Uuid):
            row["id"] = ids[table.name]
        elif column.name in {"organisation_id", "project_id"}:
            row[column.name] = ids[column.name.removesuffix("_id")]
        elif refers is not None and (not column.nullable or f"{table.name}.{column.name}" in CHOSEN):
            row[column.name] = ids[refers.column.table.name]
        elif not column.nullable and column.server_default is None and column.identity is None:
            row[column.name] = _value(column)
    return row


def _value(column: Column[Any]) -> Any:
    return next(value for kind, value in KINDS if isinstance(column.type, kind))
