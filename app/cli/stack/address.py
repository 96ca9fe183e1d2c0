"""The address of the API: whether its port is free, its URL, and whether the server answers."""

import http.client
import json
import socket
from typing import Any

from app.settings import Settings

ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared, not bound


class PortBusyError(RuntimeError):
    """Another process uses the port of the API."""


def choose_port(settings: Settings) -> int:
    """Return the configured port if it is free, or any free port for port 0.

    Raises `PortBusyError`, which names the setting.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortBusyError(
                f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. "
                "Choose another with EXHUME_PORT (0 for any free port), or another address with EXHUME_HOST"
            ) from error
        return int(probe.getsockname()[1])


def url_of(settings: Settings, port: int) -> str:
    """Return `EXHUME_PUBLIC_URL`, or the address that the API listens on."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = ANY.get(settings.host, settings.host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def sign_in_url(url: str, token: str) -> str:
    """Return a sign-in link.

    The token is in the fragment, which browsers never send, so no log has it.
    """
    return f"{url}/sign-in#token={token}"


def readiness(settings: Settings, port: int, *, timeout: float = 2.0) -> tuple[bool, dict[str, Any]]:
    """Return whether `/readyz` answers 200, and its body. `(False, {})` if nothing listens."""
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
