"""Protection from cross-site requests that carry our cookie. No token is needed."""

from urllib.parse import urlsplit

from fastapi import Request

from app.errors import ForbiddenError
from app.kit.hosts import allowed
from app.settings import settings

SAFE = {"GET", "HEAD", "OPTIONS"}
OWN_SITES = {"same-origin", "none"}


def check_origin(request: Request, *, required: bool = True) -> None:
    """Raise `ForbiddenError` when the request comes from another site.

    Browsers send `Sec-Fetch-Site`, and old ones `Origin`. A request with neither is rejected if
    `required`, because a request with a cookie must come from a browser that sends one of them.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        ours = site in OWN_SITES
    elif origin is not None:
        ours = is_ours(request, origin)
    else:
        ours = not required
    if not ours:
        raise ForbiddenError("foreign_origin", "This request came from a page of another site. Use the dashboard.")


def is_ours(request: Request, origin: str) -> bool:
    """Tell whether an `Origin` is the address of this request or the public address."""
    public = settings().public_url
    if public and origin == f"{urlsplit(public).scheme}://{urlsplit(public).netloc}":
        return True
    host = request.headers.get("host", "")
    return urlsplit(origin).netloc == host and allowed(host)
