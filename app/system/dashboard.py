"""The built dashboard in `app/static`. Hashed assets are cached for ever, the page never.

The build puts compressed copies beside the files. They hold no data of anybody.
"""

from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.convertors import Convertor, register_url_convertor

from app.errors import NotFoundError
from app.kit.compression import accepts

STATIC = Path(__file__).parent.parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
FRESH = "no-cache"
COPIES = (("br", ".br"), ("gzip", ".gz"))
"""Codings of the compressed copies, best first, and the ends of their names."""
NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Exhume</title></head>
<body><h1>Exhume is running</h1>
<p>This copy was installed from source and its dashboard has not been built. In the source folder run
<code>make build</code>, then reload this page. The REST API is at <code>/api/v1</code>.</p></body></html>
"""


class PageConvertor(Convertor[str]):
    """Any path outside the API, where errors such as a 405 must not turn into a page."""

    regex = r"(?!api/|livez|readyz|problems(?:/|$)).*"

    def convert(self, value: str) -> str:
        """Return the path unchanged."""
        return value

    def to_string(self, value: str) -> str:
        """Return the path unchanged."""
        return value


register_url_convertor("page", PageConvertor())
router = APIRouter(include_in_schema=False)


@router.api_route("/{path:page}", methods=["GET", "HEAD"])
async def page(path: str, request: Request) -> Response:
    """Send a file of the dashboard, or its page for any address that a browser navigates to."""
    file = _file(path)
    if file is not None:
        immutable = path.startswith("assets/")
        return _sent(file, request, IMMUTABLE if immutable else FRESH)
    if not _navigation(request) or path.startswith("assets/"):
        raise NotFoundError("no_such_address", f"There is nothing at /{path}.")
    index = STATIC / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
    return _sent(index, request, FRESH)


def _sent(file: Path, request: Request, caching: str) -> FileResponse:
    """Return a file, or its smallest copy that the client accepts."""
    accepted = request.headers.get("accept-encoding", "")
    copies = {coding: copy for coding, end in COPIES if (copy := file.with_name(file.name + end)).is_file()}
    headers = {"Cache-Control": caching} | ({"Vary": "Accept-Encoding"} if copies else {})
    chosen = next((coding for coding in copies if accepts(accepted, coding)), None)
    if chosen is None:
        return FileResponse(file, headers=headers)
    kind = guess_type(file.name)[0] or "application/octet-stream"
    return FileResponse(copies[chosen], media_type=kind, headers=headers | {"Content-Encoding": chosen})


def _file(path: str) -> Path | None:
    """Return the file at this path, or None if there is none below `app/static`."""
    if not path or "\0" in path:
        return None
    file = (STATIC / path).resolve()
    return file if file.is_relative_to(STATIC.resolve()) and file.is_file() and file.name != "index.html" else None


def _navigation(request: Request) -> bool:
    """Tell whether a person opens the address. Scripts and image tags do not count."""
    mode = request.headers.get("sec-fetch-mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("accept", "")
