"""The request that fetches an address: its URL, and the credential for that host only."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from app.imports.addresses import Address, Kind
from app.imports.allowlist import base
from app.imports.s3 import signed
from app.settings import Settings

HUB_COMMIT, HUB_ETAG = "x-repo-commit", "x-linked-etag"


@dataclass(frozen=True)
class Source:
    """A GET request.

    `onward`: follow redirects to other hosts of the allowlist, without these headers.
    """

    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    onward: bool = False
    commit: str | None = None


def source_of(address: Address, settings: Settings) -> Source:
    """Return the request for an address that the allowlist permits."""
    match address.kind:
        case Kind.HTTPS:
            port = "" if address.port == 443 else f":{address.port}"
            return Source(f"https://{address.place}{port}/{quote(address.path, safe=SAFE)}")
        case Kind.S3:
            return Source(*signed(f"{address.place}/{quote(address.path)}", settings))
        case Kind.HUB:
            url = f"{base(address, settings).rstrip('/')}/{address.place}/resolve/{address.revision}/"
            token = settings.import_hub_token
            headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
            return Source(url + quote(address.path), headers, onward=True, commit=address.revision)
        case Kind.MODELS:
            query = {"name": address.place, "version": str(address.revision), "path": address.path}
            return _registry(address, "model-versions/get-artifact", query, settings)
        case Kind.RUNS:
            return _registry(address, "get-artifact", {"run_uuid": address.place, "path": address.path}, settings)


SAFE = "/%!$&'()*+,;=:@~"  # an https address is escaped already


def _registry(address: Address, path: str, query: dict[str, str], settings: Settings) -> Source:
    """Return a request to MLflow's server, which reads the artifact itself.

    No other host is contacted.
    """
    token = settings.import_registry_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    return Source(f"{base(address, settings).rstrip('/')}/{path}?{urlencode(query)}", headers)
