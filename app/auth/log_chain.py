"""The hash chain of the audit log, as anybody can compute it from the entries that the API shows.

    hash = SHA-256(previous_hash || canonical JSON of the entry)

The first entry of a chain follows 32 zero bytes. Entries of older versions lack the members in
`LATER`, so these count only when they are set.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.kit.canonical import canonical_json

GENESIS = bytes(32)
ALWAYS = ("project_id", "at", "actor", "action", "subject", "details", "request_id", "address")
LATER = ("organisation_id", "actor_kind", "person_id", "key_id")


def link(previous: bytes, entry: Mapping[str, Any]) -> bytes:
    """Return the hash of an entry, whose members are texts, None or JSON."""
    document = {name: entry[name] for name in ALWAYS}
    document |= {name: entry[name] for name in LATER if entry.get(name) is not None}
    return hashlib.sha256(previous + canonical_json(document)).digest()


@dataclass(frozen=True)
class Chain:
    """A chain that was computed again. `broken` is the `seq` of the first wrong entry, if any."""

    hashes: Mapping[int, str]
    broken: int | None

    def holds(self, seq: int, digest: str) -> bool:
        """Tell whether the entry `seq` still has this hash."""
        return self.hashes.get(seq) == digest


def recomputed(project: str, shown: Iterable[Mapping[str, Any]]) -> Chain:
    """Compute the chain of a project from its entries as the API shows them, oldest first."""
    previous = GENESIS
    hashes: dict[int, str] = {}
    for one in shown:
        digest = link(previous, _stored(project, one))
        if one["previous_hash"] != previous.hex() or one["hash"] != digest.hex():
            return Chain(hashes, one["seq"])
        hashes[one["seq"]] = digest.hex()
        previous = digest
    return Chain(hashes, None)


def _stored(project: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with its time and ids as they are stored."""
    ids = {"project_id": project, "person_id": shown.get("person_id"), "key_id": shown.get("key_id")}
    moment = datetime.fromisoformat(shown["at"]).astimezone(UTC).isoformat()
    return {**shown, **{name: one and _uuid(one) for name, one in ids.items()}, "at": moment}


def _uuid(public: str) -> str:
    digits = public.partition("_")[2]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
