"""Names that stand for people in a report.

A pseudonym is the same in every report about a target, so two reports can be compared. Only the
service can compute it, because it is an HMAC with a key of the service.
"""

from base64 import b32encode
from uuid import UUID

from app.kit.crypto import mac

PURPOSE = "report-pseudonyms"
BYTES = 5
"""40 bits: two of 10,000 people have the same pseudonym in one of 20,000 targets."""


def pseudonym(target_id: UUID, name: str) -> str:
    """Return a pseudonym such as `K3QF-7XMA`."""
    digits = b32encode(mac(PURPOSE, f"{target_id.hex}/{name}")[:BYTES]).decode()
    return f"{digits[:4]}-{digits[4:]}"
