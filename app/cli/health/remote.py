"""Questions about the server that `EXHUME_URL` names: does it answer, and does it accept the key?"""

from collections.abc import Mapping

import httpx

from app.cli.health.finding import Finding, fail, ok

TIMEOUT_SECONDS = 5
NAMES = ("EXHUME_URL", "EXHUME_API_KEY")


def server(environment: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> list[Finding]:
    """Nothing when neither variable is set: commands then use the stack on this machine. `transport` is for tests."""
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
            said = answer.json() if answer.is_success else {}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return [fail("server", f"no answer from {url}: {error}", "check EXHUME_URL, and whether the server runs")]
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return [fail("server", f"{url} rejects the key in EXHUME_API_KEY", "ask for a new key: `exhume key create`")]
    if not answer.is_success:
        return [fail("server", f"{url} answers with HTTP {answer.status_code}", "check that EXHUME_URL is Exhume's")]
    return [ok("server", f"{url} accepts the key, as {said.get('subject')}")]
