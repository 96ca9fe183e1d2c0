"""The addresses that may be imported from, read strictly: what is not exactly one of these forms is refused.

    https://host[:port]/path/model.safetensors
    s3://bucket/key/model.safetensors
    hf://owner/name@<commit, 40 hex digits>/path/model.safetensors
    models:/name/<version>[/path/model.safetensors]        of the MLflow registry
    runs:/<run id, 32 hex digits>/path/model.safetensors   of the same server

An address is kept and shown, so it can hold no credential: neither user information nor a query is taken.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from app.errors import ProblemError, UnprocessableError

LONGEST = 1000
MODEL_FILE = "model.safetensors"
CHECKPOINTS, IMAGES = (".safetensors",), (".zip", ".npz")
FORMS = "https://host/…, s3://bucket/key, hf://owner/name@commit/file, models:/name/version/file or runs:/id/file"

HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)  # what a resolver would read as a part of an address
PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@ %/-]+")
HTTPS = re.compile(r"https://(?P<host>\[[^\]/]*\]|[^/:?#@\[\]]*)(?::(?P<port>[0-9]{1,5}))?/(?P<path>[^?#]+)")
S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<path>[^?#]+)")
HUB = re.compile(r"hf://(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[^/]*))?/(?P<path>[^?#]+)", re.ASCII)
MODELS = re.compile(r"models:/(?P<name>[^/:@?#]+)(?P<sign>[/@])(?P<version>[^/]+)(?:/(?P<path>[^?#]+))?")
RUNS = re.compile(r"runs:/(?P<run>[^/?#]+)/(?P<path>[^?#]+)")


class Kind(StrEnum):
    """Where an address leads."""

    HTTPS = "https"
    S3 = "s3"
    HUB = "hf"
    MODELS = "models"
    RUNS = "runs"


@dataclass(frozen=True)
class Address:
    """An address that was read. `place` is the host of https, the bucket, the repository, the model or the run."""

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
    """The parts of an address of a file with one of these endings.

    Raises `UnprocessableError`: `import_address` for another form, `import_unpinned` for a revision that can move,
    `import_file_type` for another kind of file.
    """
    if len(text) > LONGEST or not text.isprintable() or text != text.strip() or "\\" in text:
        raise _malformed(f"An address has at most {LONGEST} printable characters, without backslashes.")
    address = _read(text)
    if not PATH.fullmatch(address.path) or {"", ".", ".."} & set(_unescaped(address.path).split("/")):
        raise _malformed("The path of the file has empty parts, dots for parts, or characters that it may not have.")
    if not address.filename.lower().endswith(suffixes):
        raise UnprocessableError(
            "import_file_type",
            f"Only {' and '.join(suffixes)} files are imported here, and the address ends in {address.filename!r}. "
            "Convert the file where you trust it, or upload it.",
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
        raise _malformed(f"{scheme}: is never imported from.")
    raise _malformed("It may hold neither user information nor a query: it is kept and shown.")


def _https(found: re.Match[str]) -> Address:
    host, port = found["host"].lower(), int(found["port"] or 443)
    if not 0 < port < 65536:
        raise _malformed(f"There is no port {port}.")
    if host.startswith("["):
        check_literal(host[1:-1])
    elif NUMBER.fullmatch(host.rpartition(".")[2]):
        check_literal(host)
    elif not HOST.fullmatch(host) or len(host) > 253:
        raise _malformed("The host must be a plain name; write one with other letters as xn--….")
    return Address(Kind.HTTPS, host, found["path"], port=port)


def check_literal(text: str) -> None:
    """`UnprocessableError` unless this is an IP address as it is usually written: no octal, no hexadecimal, no sum."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise _malformed(f"{text!r} is an IP address in disguise; write it as four decimal numbers.") from None
    if "%" in text:
        raise _malformed("An address with a zone leads nowhere from here.")


def _hub(found: re.Match[str]) -> Address:
    revision = found["revision"]
    if revision is None or not re.fullmatch("[0-9a-f]{40}", revision):
        raise _unpinned("Name the commit, 40 hexadecimal digits: hf://owner/name@<commit>/file.")
    return Address(Kind.HUB, found["repository"], found["path"], revision=revision)


def _model(found: re.Match[str]) -> Address:
    if found["sign"] == "@" or not re.fullmatch("[1-9][0-9]{0,17}", found["version"]):
        raise _unpinned("Name the number of the version: models:/name/7. A stage or an alias can move.")
    return Address(Kind.MODELS, found["name"], found["path"] or MODEL_FILE, revision=found["version"])


def _unescaped(path: str) -> str:
    """The path with what would become a dot or a slash on the other side."""
    return re.sub("%2f", "/", re.sub("%2e", ".", path, flags=re.IGNORECASE), flags=re.IGNORECASE)


def _malformed(why: str) -> ProblemError:
    return UnprocessableError("import_address", f"This is no address to import from. {why} Possible are {FORMS}.")


def _unpinned(how: str) -> ProblemError:
    return UnprocessableError("import_unpinned", f"What is audited must not change under its name. {how}")
