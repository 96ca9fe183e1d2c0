"""The hosts and buckets that the operator permits for imports. None by default."""

from urllib.parse import urlsplit

from app.errors import ForbiddenError, ProblemError, UnprocessableError
from app.imports.addresses import Address, Kind
from app.outbound.refusal import NotAHostError, NotPermittedError, check_host
from app.settings import Settings

PORTS = {"https": 443, "http": 80}


def check(address: Address, settings: Settings) -> None:
    """Raise `ForbiddenError` unless imports are on and the host or bucket is listed.

    A listed host is rejected too if it is an IP address or `localhost` that no import may reach.
    """
    if not settings.import_hosts:
        raise ForbiddenError(
            "import_off",
            "Imports are off on this service. Upload the file, or ask the operator to list the host in "
            "EXHUME_IMPORT_HOSTS.",
        )
    if address.kind is Kind.S3:
        if f"s3://{address.place}" not in settings.import_hosts:
            raise _refused(f"s3://{address.place}")
        if settings.import_s3_url is not None:
            _check_network(origin(settings.import_s3_url)[1], settings)
        return
    scheme, host, port = "https", address.place, address.port
    if address.kind is not Kind.HTTPS:
        scheme, host, port = origin(base(address, settings))
    if not allowed(scheme, host, port, settings):
        raise refused(scheme, host, port)
    _check_network(host, settings)


def _check_network(host: str, settings: Settings) -> None:
    try:
        check_host(host, settings.import_networks)
    except NotPermittedError as error:
        raise closed(error) from error
    except NotAHostError as error:
        raise UnprocessableError("import_address", f"{error}.") from error


def closed(error: NotPermittedError) -> ProblemError:
    """Return the problem for a host outside the networks that imports may reach."""
    return ForbiddenError(
        "import_network", f"{error}. Nothing was sent there. {error.advice('EXHUME_IMPORT_NETWORKS')}"
    )


def base(address: Address, settings: Settings) -> str:
    """Return the URL of the server of a hub, registry or run address.

    Raises: `UnprocessableError` if the operator configured none.
    """
    if address.kind is Kind.HUB:
        return settings.import_hub_url
    if settings.import_registry_url is None:
        raise UnprocessableError(
            "import_no_registry", "No MLflow server is configured. The operator can set one with "
            "EXHUME_IMPORT_REGISTRY_URL.",
        )  # fmt: skip
    return settings.import_registry_url


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an http or https URL. IPv6 keeps its brackets."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme, f"[{host}]" if ":" in host else host, parts.port or PORTS[parts.scheme]


def allowed(scheme: str, host: str, port: int, settings: Settings) -> bool:
    """Return True if an entry names this host, or is `*.` with an end of it.

    An entry without a port means the default port.
    """
    return any(_matches(entry, scheme, host.lower(), port) for entry in settings.import_hosts)


def _matches(entry: str, scheme: str, host: str, port: int) -> bool:
    if entry.startswith("s3://"):
        return False
    name, colon, number = entry.rpartition(":")
    if not colon or not number.isdecimal() or (name.startswith("[") and not name.endswith("]")):
        name, number = entry, str(PORTS[scheme])
    if port != int(number):
        return False
    return host.endswith(name[1:]) and host != name[2:] if name.startswith("*.") else host == name


def refused(scheme: str, host: str, port: int) -> ProblemError:
    """Return the problem for a host that is not listed."""
    return _refused(host if port == PORTS[scheme] else f"{host}:{port}")


def _refused(host: str) -> ProblemError:
    return ForbiddenError(
        "import_host", f"{host} is not a host that this service imports from. The operator can list it in "
        "EXHUME_IMPORT_HOSTS.",
    )  # fmt: skip
