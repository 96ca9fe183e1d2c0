"""The result document `exhume.result/1`: what the worker writes, the API serves and the JSON schema describes."""

from app.contract.result.document import SCHEMA, Result, json_schema

__all__ = ["SCHEMA", "Result", "json_schema"]
