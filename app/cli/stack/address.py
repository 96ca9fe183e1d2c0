"""The address of the API: is the port free, what do users type, and does the server answer."""

import http.client
import json
import socket
from typing import Any

from app.settings import Settings

ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared, not bound


class PortBusyError(RuntimeError):
    """Something else listens where the API should."""


def choose_port(settings: Settings) -> int:
    """The configured port if it is free, or for port 0 any free one. Raises `PortBusyError`, naming the setting."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortBusyError(
                f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. "
                "Choose another with EXHUME_PORT (0 takes any free one), or another address with EXHUME_HOST"
            ) from error
        return int(probe.getsockname()[1])


def url_of(settings: Settings, port: int) -> str:
    """What users type: `EXHUME_PUBLIC_URL`, or the address the API listens on."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = ANY.get(settings.host, settings.host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def sign_in_url(url: str, token: str) -> str:
    """The token stands in the fragment: browsers do not send it, so no log ever holds it."""
    return f"{url}/sign-in#token={token}"


def readiness(settings: Settings, port: int, *, timeout: float = 2.0) -> tuple[bool, dict[str, Any]]:
    """Whether `/readyz` answers 200, and what it says; `(False, {})` while nothing listens."""
    host = next((name for name in settings.allowed_hosts if "*" not in name), "127.0.0.1")
    connection = http.client.HTTPConnection(ANY.get(settings.host, settings.host), port, timeout=timeout)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"{host}:{port}", "Accept": "application/json"})
        answer = connection.getresponse()
        body = json.loads(answer.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        return False, {}
    finally:
        connection.close()
    return answer.status == http.client.OK, body
