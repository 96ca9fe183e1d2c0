"""HTTP client of the REST API, for the command line and for scripts."""

from app.client.events import Event, follow
from app.client.http import ApiError, Client, UnreachableError

__all__ = ["ApiError", "Client", "Event", "UnreachableError", "follow"]
