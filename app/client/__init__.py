"""The HTTP client of the REST API, used by the command line and by anybody's scripts."""

from app.client.events import Event, follow
from app.client.http import ApiError, Client, UnreachableError

__all__ = ["ApiError", "Client", "Event", "UnreachableError", "follow"]
