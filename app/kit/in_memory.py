"""What an API process keeps for the length of its life, as endpoints find it."""

from fastapi import Request

from app.db.reads import Reads
from app.kit.documents import Documents


def reads(request: Request) -> Reads:
    """Return the connections for reads."""
    found = request.app.state.reads
    assert isinstance(found, Reads)
    return found


def documents(request: Request) -> Documents:
    """Return the documents that were read last."""
    found = request.app.state.documents
    assert isinstance(found, Documents)
    return found
