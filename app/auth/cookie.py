"""The session cookie: `__Host-exhume` over https, `exhume_session` on plain-http loopback."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from app.settings import settings

SECURE_NAME = "__Host-exhume"
PLAIN_NAME = "exhume_session"


def is_https(request: Request) -> bool:
    """Tell whether the browser uses https to connect to us or to a proxy in front."""
    public = settings().public_url
    return request.url.scheme == "https" or (public is not None and urlsplit(public).scheme == "https")


def cookie_name(request: Request) -> str:
    """Return the cookie name for the connection. Browsers accept `__Host-` only with https."""
    return SECURE_NAME if is_https(request) else PLAIN_NAME


def session_token(request: Request) -> str | None:
    """Return the token in the cookie, if there is one."""
    return request.cookies.get(cookie_name(request))


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Set the session cookie."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=settings().session_hours * 3600,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response) -> None:
    """Delete the session cookie."""
    response.delete_cookie(cookie_name(request), path="/", secure=is_https(request), httponly=True, samesite="lax")
