"""Tells whoever counts requests about each of them."""

from collections.abc import Callable, Mapping
from typing import Any

Watcher = Callable[[Mapping[str, Any], int, float], None]
"""Is given the ASGI scope, the status, and the seconds until the answer began."""

WATCHERS: list[Watcher] = []
