"""The result document `exhume.result/1`, written by the worker and served by the API."""

from app.contract.result.document import SCHEMA, Result, json_schema

__all__ = ["SCHEMA", "Result", "json_schema"]
