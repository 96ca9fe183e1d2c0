"""Look for secrets in everything that git tracks.

    python .ci/secret_scan.py

A line that must stay, such as an example, ends with the comment `not a secret`.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST_BYTES = 2_000_000
ALLOWED = "not a secret"
KINDS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "API key of Exhume": re.compile(r"\bexh_[A-Za-z0-9]{40,}\b"),
    "key of AWS": re.compile(r"\b(?:AKIA|ASIA)(?!IOSFODNN7EXAMPLE)[A-Z0-9]{16}\b"),
    "token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b"),
    "token of GitLab": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    "token of Hugging Face": re.compile(r"\bhf_[A-Za-z]{30,}\b"),
    "token of Slack": re.compile(
        r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b|hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/"
    ),
    "token of PyPI or npm": re.compile(r"\bpypi-[A-Za-z0-9_-]{60,}\b|\bnpm_[A-Za-z0-9]{36}\b"),
    "password in an address": re.compile(
        r"\b[a-z][a-z0-9+]*://[^\s/:@\"'`{}$<>]+:(?!password@|secret@|pw@|p@|x@)[^\s/:@\"'`{}$<>]{8,}@(?!example|localhost|127)"
    ),
}
FILES = re.compile(r"(^|/)(\.env(\..+)?|secret\.key|admin\.key|id_(rsa|ed25519)|.+\.(p12|pfx|keystore))$")


def tracked(root: Path) -> list[str]:
    """Return the files of the next commit."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name]


def found_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line with a secret, and the kind of secret."""
    for number, line in enumerate(text.splitlines(), start=1):
        if ALLOWED not in line:
            yield from ((number, kind) for kind, pattern in KINDS.items() if pattern.search(line))


def scan(root: Path) -> list[str]:
    """Return what was found, one line each, without the secrets."""
    found = []
    for name in tracked(root):
        path = root / name
        if FILES.search(name):
            found.append(f"{name}: a file of this name holds secrets")
        if path.is_file() and path.stat().st_size <= LARGEST_BYTES:
            text = path.read_bytes().decode("utf-8", "replace")
            found += [f"{name}:{number}: {kind}" for number, kind in found_in(text)]
    return found


def main() -> None:
    """Print what was found, and exit with 1 if anything was."""
    found = scan(ROOT)
    print(*found or ["secrets: none in tracked files"], sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
