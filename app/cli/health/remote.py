"""Checks of the server in `EXHUME_URL`: whether it answers and accepts the key."""

from collections.abc import Mapping

import httpx

from app.cli.health.finding import Finding, fail, ok

TIMEOUT_SECONDS = 5
NAMES = ("EXHUME_URL", "EXHUME_API_KEY")


def server(environment: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> list[Finding]:
    """Return no findings when neither variable is set, because commands then use the local stack.

    Tests pass a `transport`.
    """
    url, key = (environment.get(name) for name in NAMES)
    if not url and not key:
        return []
    if not url or not key:
        missing = NAMES[0] if not url else NAMES[1]
        return [fail("server", f"{missing} is not set", "set both EXHUME_URL and EXHUME_API_KEY, or neither")]
    headers = {"Authorization": f"Bearer {key}"}
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, transport=transport) as client:
            answer = client.get(f"{url.rstrip('/')}/api/v1/session", headers=headers)
            session = answer.json() if answer.is_success else {}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return [fail("server", f"no answer from {url}: {error}", "check EXHUME_URL and that the server is running")]
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return [fail("server", f"{url} rejects the key in EXHUME_API_KEY", "ask for a new key: `exhume key create`")]
    if not answer.is_success:
        return [fail("server", f"{url} answers with HTTP {answer.status_code}", "check that EXHUME_URL is Exhume's")]
    return [ok("server", f"{url} accepts the key as {session.get('subject')}")]
