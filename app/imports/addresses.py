"""The addresses that imports accept. The forms are strict; anything else is rejected.

    https://host[:port]/path/model.safetensors
    s3://bucket/key/model.safetensors
    hf://owner/name@<commit, 40 hex digits>/path/model.safetensors
    models:/name/<version>[/path/model.safetensors]        of the MLflow registry
    runs:/<run id, 32 hex digits>/path/model.safetensors   of the same server

An address is stored and shown, so it must not contain credentials: user information and queries
are rejected.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from app.errors import ProblemError, UnprocessableError
from app.outbound.refusal import LONGEST as LONGEST_HOST
from app.outbound.refusal import NUMBER

LONGEST = 1000
MODEL_FILE = "model.safetensors"
FORMS = "https://host/…, s3://bucket/key, hf://owner/name@commit/file, models:/name/version/file or runs:/id/file"

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@ %/-]+")
HTTPS = re.compile(r"https://(?P<host>\[[^\]/]*\]|[^/:?#@\[\]]*)(?::(?P<port>[0-9]{1,5}))?/(?P<path>[^?#]+)")
S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<path>[^?#]+)")
HUB = re.compile(r"hf://(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^/]*))?/(?P<path>[^?#]+)", re.ASCII)
MODELS = re.compile(r"models:/(?P<name>[^/:@?#]+)(?P<sign>[/@])(?P<version>[^/]+)(?:/(?P<path>[^?#]+))?")
RUNS = re.compile(r"runs:/(?P<run>[^/?#]+)/(?P<path>[^?#]+)")


class Kind(StrEnum):
    """Kinds of addresses."""

    HTTPS = "https"
    S3 = "s3"
    HUB = "hf"
    MODELS = "models"
    RUNS = "runs"


@dataclass(frozen=True)
class Address:
    """A parsed address. `place` is the host, bucket, repository, model or run."""

    kind: Kind
    place: str
    path: str
    port: int = 443
    revision: str | None = None

    @property
    def filename(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def parse(text: str, suffixes: tuple[str, ...]) -> Address:
    """Return the parts of an address of a file with one of these suffixes.

    Raises `UnprocessableError`: `import_address` for another form, `import_unpinned` for a
    revision that can move, `import_file_type` for another kind of file.
    """
    if len(text) > LONGEST or not text.isprintable() or text != text.strip() or "\\" in text:
        raise _malformed(f"An address has at most {LONGEST} printable characters, without backslashes.")
    address = _read(text)
    if not PATH.fullmatch(address.path) or {"", ".", ".."} & set(_unescaped(address.path).split("/")):
        raise _malformed("The path of the file contains an empty part, a part of dots, or an invalid character.")
    if not address.filename.lower().endswith(suffixes):
        raise UnprocessableError(
            "import_file_type",
            f"Only {' and '.join(suffixes)} files can be imported here. The address ends in {address.filename!r}. "
            "Convert the file on a machine that you trust, or upload it.",
        )
    return address


def _read(text: str) -> Address:
    scheme = text.partition(":")[0].lower()
    if found := HTTPS.fullmatch(text):
        return _https(found)
    if found := S3.fullmatch(text):
        return Address(Kind.S3, found["bucket"], found["path"])
    if found := HUB.fullmatch(text):
        return _hub(found)
    if found := MODELS.fullmatch(text):
        return _model(found)
    if found := RUNS.fullmatch(text):
        if not re.fullmatch("[0-9a-f]{32}", found["run"]):
            raise _malformed("A run is named by its id, 32 hexadecimal digits: runs:/<id>/path/model.safetensors.")
        return Address(Kind.RUNS, found["run"], found["path"], revision=found["run"])
    if scheme in {"http", "ftp", "file", "data", "gopher"}:
        raise _malformed(f"Imports from {scheme}: are not supported.")
    raise _malformed("It must not contain user information or a query, because it is stored and shown.")


def _https(found: re.Match[str]) -> Address:
    host, port = found["host"].lower(), int(found["port"] or 443)
    if not 0 < port < 65536:
        raise _malformed(f"There is no port {port}.")
    if host.startswith("["):
        check_literal(host[1:-1])
    elif NUMBER.fullmatch(host.rpartition(".")[2]):
        check_literal(host)
    elif not HOST.fullmatch(host) or len(host) > LONGEST_HOST:
        raise _malformed("The host must be a plain ASCII name. Write an international name as xn--….")
    return Address(Kind.HTTPS, host, found["path"], port=port)


def check_literal(text: str) -> None:
    """Raise `UnprocessableError` unless this is an IP address in the usual notation."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise _malformed(
            f"{text!r} is an IP address in an unusual notation. Write it as four decimal numbers."
        ) from None
    if "%" in text:
        raise _malformed("An IP address with a zone is not supported.")


def _hub(found: re.Match[str]) -> Address:
    revision = found["revision"]
    if revision is None or not re.fullmatch("[0-9a-f]{40}", revision):
        raise _unpinned("Give the commit, 40 hexadecimal digits: hf://owner/name@<commit>/file.")
    return Address(Kind.HUB, found["repository"], found["path"], revision=revision)


def _model(found: re.Match[str]) -> Address:
    if found["sign"] == "@" or not re.fullmatch("[1-9][0-9]{0,17}", found["version"]):
        raise _unpinned("Give the version number: models:/name/7. A stage or an alias can move.")
    return Address(Kind.MODELS, found["name"], found["path"] or MODEL_FILE, revision=found["version"])


def _unescaped(path: str) -> str:
    """Return the path with escaped dots and slashes decoded."""
    return re.sub("%2f", "/", re.sub("%2e", ".", path, flags=re.IGNORECASE), flags=re.IGNORECASE)


def _malformed(why: str) -> ProblemError:
    return UnprocessableError(
        "import_address", f"This address cannot be imported from. {why} Accepted forms are {FORMS}."
    )


def _unpinned(how: str) -> ProblemError:
    return UnprocessableError("import_unpinned", f"The address must be pinned to one version. {how}")
