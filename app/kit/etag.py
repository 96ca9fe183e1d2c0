"""Weak ETags of documents, so that a dashboard that polls gets 304 and no body."""

import hashlib
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def etag_of(model: BaseModel) -> str:
    """Return the `W/"…"` of a document."""
    return f'W/"{hashlib.sha256(model.model_dump_json().encode()).hexdigest()[:32]}"'


def conditional(request: Request, response: Response, model: Model) -> Model | Response:
    """Return the document with its ETag, or 304 when `If-None-Match` names it."""
    tag = etag_of(model)
    known = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return model
