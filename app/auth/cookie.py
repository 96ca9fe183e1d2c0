"""The session cookie: `__Host-exhume` over https, `exhume_session` on plain-http loopback."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from app.settings import settings

SECURE_NAME = "__Host-exhume"
PLAIN_NAME = "exhume_session"


def is_https(request: Request) -> bool:
    """True when the browser speaks https, to us or to the proxy in front."""
    public = settings().public_url
    return request.url.scheme == "https" or (public is not None and urlsplit(public).scheme == "https")


def cookie_name(request: Request) -> str:
    """The name that fits the connection; a browser accepts `__Host-` only with https."""
    return SECURE_NAME if is_https(request) else PLAIN_NAME


def session_token(request: Request) -> str | None:
    """The token in the cookie, if there is one."""
    return request.cookies.get(cookie_name(request))


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the browser its session."""
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
    """Take it away."""
    response.delete_cookie(cookie_name(request), path="/", secure=is_https(request), httponly=True, samesite="lax")
