"""A foreign page can make a browser send its cookie; these checks make that useless. No token is needed."""

from urllib.parse import urlsplit

from fastapi import Request

from app.errors import ForbiddenError
from app.kit.hosts import allowed
from app.settings import settings

SAFE = {"GET", "HEAD", "OPTIONS"}
OWN_SITES = {"same-origin", "none"}


def check_origin(request: Request, *, required: bool = True) -> None:
    """`ForbiddenError` when the request comes from another site.

    A browser says so in `Sec-Fetch-Site`, an old one in `Origin`. Without either the request is refused if
    `required`: with a cookie it must come from a browser that tells.
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
        raise ForbiddenError("foreign_origin", "This request came from another site's page. Use the dashboard itself.")


def is_ours(request: Request, origin: str) -> bool:
    """True when an `Origin` is the address this server was asked at, or the public one."""
    public = settings().public_url
    if public and origin == f"{urlsplit(public).scheme}://{urlsplit(public).netloc}":
        return True
    host = request.headers.get("host", "")
    return urlsplit(origin).netloc == host and allowed(host)
