"""The two spellings of the broker's address: `unix://` (redis-py), `redis+socket://` (Celery)."""

from urllib.parse import parse_qs, quote, unquote, urlsplit


def unix_url(socket_path: str, password: str, *, database: int = 0) -> str:
    """Return the address of a Valkey on a unix socket as redis-py and `REDIS_URL` spell it."""
    return f"unix://:{quote(password, safe='')}@{quote(socket_path)}?db={database}"


def celery_url(redis_url: str) -> str:
    """Return the address of the same broker as kombu spells it.

    Network addresses are unchanged.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    login = f":{parts.password}@" if parts.password else ""
    return f"redis+socket://{login}{unquote(parts.path)}?virtual_host={database}"
