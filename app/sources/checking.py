"""Asks a source for its current revision. Only permitted hosts and addresses are contacted."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import httpx

from app.db.models import SourceKind
from app.errors import ForbiddenError, NotFoundError, ProblemError, UnavailableError, UnprocessableError
from app.imports import allowlist
from app.imports.s3 import signed
from app.outbound.refusal import NotPermittedError
from app.outbound.transport import PinnedClient, UnresolvedError
from app.settings import Settings
from app.sources import addresses
from app.sources.addresses import Watched

LARGEST = 4 * 1024 * 1024
PAGES = 20


@dataclass(frozen=True)
class Found:
    """The current revision. `key` is the object in S3."""

    revision: str
    key: str | None = None

    @property
    def version(self) -> str:
        """A version for the release: the first letters and digits of the revision."""
        plain = re.sub(r"[^A-Za-z0-9.-]+", "", self.revision.removeprefix("W/"))
        return plain[:12] or hashlib.sha256(self.revision.encode()).hexdigest()[:12]


async def current(client: PinnedClient, watched: Watched, settings: Settings) -> Found:
    """Return the revision that a source has now. Raises: ProblemError."""
    allowlist.check(addresses.permission(watched), settings)
    match watched.kind:
        case SourceKind.HTTPS:
            return await _https(client, watched)
        case SourceKind.S3:
            return await _s3(client, watched, settings)
        case SourceKind.HUB:
            url = f"{settings.import_hub_url.rstrip('/')}/api/models/{watched.place}/revision/"
            token = settings.import_hub_token
            headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
            found = await get_json(client, url + quote(str(watched.revision), safe=""), headers)
            return Found(_text(found, "sha", r"[0-9a-f]{40}"))
        case SourceKind.MLFLOW:
            return await _mlflow(client, watched, settings)


async def _https(client: PinnedClient, watched: Watched) -> Found:
    """Read the headers of the file. Its body is not read."""
    answer = await request(client, "GET", watched.place, {})
    await answer.aclose()
    tag = answer.headers.get("etag") or answer.headers.get("last-modified")
    if not tag:
        raise UnprocessableError(
            "source_no_etag", "The server sends neither ETag nor Last-Modified, so a change cannot be noticed."
        )
    return Found(tag[:300])


async def _s3(client: PinnedClient, watched: Watched, settings: Settings) -> Found:
    newest: tuple[str, str, str] | None = None
    token: str | None = None
    for _ in range(PAGES):
        query = {"list-type": "2", "prefix": watched.path} | ({"continuation-token": token} if token else {})
        url, headers = signed(f"{watched.place}?{urlencode(sorted(query.items()), quote_via=quote)}", settings)
        root = _xml(await _body(await request(client, "GET", url, headers)))
        for changed, tag, key in _objects(root):
            if newest is None or (changed, key) > (newest[0], newest[2]):
                newest = (changed, tag, key)
        token = root.findtext("{*}NextContinuationToken")
        if token is None:
            break
    if newest is None:
        raise NotFoundError(
            "source_gone", f"There is no .safetensors object below s3://{watched.place}/{watched.path}."
        )
    return Found(f"{newest[1]} {newest[2]}"[:300], newest[2])


def _xml(body: bytes) -> ElementTree.Element:
    """Parse a list of objects. Documents that define entities are not parsed."""
    if b"<!" in body:
        raise UnprocessableError("source_answer", "The S3 service sends something other than a list of objects.")
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - without a DTD there are no entities
    except ElementTree.ParseError as error:
        raise UnprocessableError("source_answer", "The S3 service sends a list that is not XML.") from error


def _objects(root: ElementTree.Element) -> Iterable[tuple[str, str, str]]:
    """Yield time, ETag and key of each safetensors object."""
    for one in root.iterfind("{*}Contents"):
        key = one.findtext("{*}Key") or ""
        if key.endswith(".safetensors"):
            tag = (one.findtext("{*}ETag") or "").strip('"')
            yield one.findtext("{*}LastModified") or "", tag, key


async def _mlflow(client: PinnedClient, watched: Watched, settings: Settings) -> Found:
    if watched.alias is not None:
        query = {"name": watched.place, "alias": watched.alias}
        answer = await mlflow(client, "GET", "registered-models/alias", query, settings)
        return Found(_text(answer.get("model_version"), "version", "[1-9][0-9]*"))
    if watched.stage is not None:
        body = {"name": watched.place, "stages": [watched.stage]}
        answer = await mlflow(client, "POST", "registered-models/get-latest-versions", body, settings)
    else:
        name = watched.place.replace("'", "\\'")
        query = {"filter": f"name='{name}'", "max_results": "1", "order_by": "version_number DESC"}
        answer = await mlflow(client, "GET", "model-versions/search", query, settings)
    versions = answer.get("model_versions") or []
    if not versions:
        raise NotFoundError("source_gone", f"The registry has no such version of {watched.place!r}.")
    return Found(_text(versions[0], "version", "[1-9][0-9]*"))


async def mlflow(
    client: PinnedClient, method: str, path: str, fields: dict[str, Any], settings: Settings
) -> dict[str, Any]:
    """Call the REST API of the MLflow server that the operator named."""
    base = str(settings.import_registry_url).rstrip("/")
    token = settings.import_registry_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    url = f"{base}/api/2.0/mlflow/{path}"
    if method == "GET":
        return await get_json(client, f"{url}?{urlencode(fields)}", headers)
    content = json.dumps(fields).encode()
    answer = await request(client, method, url, headers | {"Content-Type": "application/json"}, content)
    return _json(await _body(answer))


async def get_json(client: PinnedClient, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return the JSON object at a URL."""
    return _json(await _body(await request(client, "GET", url, headers)))


async def request(
    client: PinnedClient, method: str, url: str, headers: dict[str, str], content: bytes | None = None
) -> httpx.Response:
    """Return a successful answer, whose body has not been read. Raises: ProblemError."""
    host = allowlist.origin(url)[1]
    try:
        answer = await client.send(method, url, headers, content=content)
    except NotPermittedError as error:
        raise allowlist.closed(error) from error
    except (httpx.HTTPError, UnresolvedError) as error:
        raise UnavailableError(
            "source_unavailable", f"{host} does not answer ({type(error).__name__}: {error}). It is asked again."
        ) from error
    if answer.is_success:
        return answer
    await answer.aclose()
    raise _refused(host, answer.status_code)


def _refused(host: str, status: int) -> ProblemError:
    if status in {401, 403}:
        return ForbiddenError(
            "import_denied", f"{host} denies access ({status}). Its credential is a setting of this service."
        )
    if status in {404, 410}:
        return NotFoundError("source_gone", f"{host} has nothing at this address ({status}).")
    if status == 429 or status >= 500:
        return UnavailableError("source_unavailable", f"{host} answers {status}. It is asked again.")
    return UnprocessableError("source_answer", f"{host} answers {status}.")


async def _body(answer: httpx.Response) -> bytes:
    body = b""
    try:
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise UnprocessableError("source_answer", "The answer of the source is too large.")
    except httpx.HTTPError as error:
        raise UnavailableError("source_unavailable", f"The connection broke off ({type(error).__name__}).") from error
    finally:
        await answer.aclose()
    return body


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise UnprocessableError("source_answer", "The source sends something other than JSON.") from error
    if not isinstance(document, dict):
        raise UnprocessableError("source_answer", "The source sends something other than a JSON object.")
    return document


def _text(document: Any, name: str, pattern: str) -> str:
    value = str(document.get(name)) if isinstance(document, dict) else ""
    if not re.fullmatch(pattern, value):
        raise UnprocessableError("source_answer", f"The answer of the source has no valid {name!r}.")
    return value
