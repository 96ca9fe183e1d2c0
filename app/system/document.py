"""The committed OpenAPI document, sent as a file because generating it takes several megabytes."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

import app
from app.auth.routing import API

PACKAGE = Path(app.__file__).parent
PLACES = (PACKAGE / "openapi.json", PACKAGE.parent / "openapi.json")  # in a wheel, in a checkout

router = APIRouter(prefix=API, include_in_schema=False)


@router.get("/openapi.json")
def document() -> FileResponse:
    """Send the OpenAPI document."""
    return FileResponse(next(place for place in PLACES if place.is_file()), media_type="application/json")
