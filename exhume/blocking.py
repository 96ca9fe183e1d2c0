"""The client that blocks. Its methods are those of `AsyncClient`, run without an event loop."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from exhume.asynchronous import Operations, options
from exhume.retries import Retries
from exhume.transports import BlockingTransport, run

P = ParamSpec("P")
T = TypeVar("T")
END: Any = object()


def blocking(
    method: Callable[Concatenate[Operations, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["Client", P], T]:
    """Return a method that blocks until the coroutine has ended."""

    @wraps(method)
    def call(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(method(self._operations, *args, **kwargs))

    return call


def iterating(
    method: Callable[Concatenate[Operations, P], AsyncIterator[T]],
) -> Callable[Concatenate["Client", P], Iterator[T]]:
    """Return a method that yields what the asynchronous iterator yields."""

    @wraps(method)
    def call(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return _stepped(method(self._operations, *args, **kwargs))

    return call


def _stepped(items: AsyncIterator[T]) -> Iterator[T]:
    async def following() -> T:
        return await anext(items, END)

    async def closed() -> None:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()

    try:
        while (item := run(following())) is not END:
            yield item
    finally:
        run(closed())


class Client:
    """Client of one server. Use it in `with`, or call `close`."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        retries: Retries | None = None,
        user_agent: str = "exhume-python",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect to a server. The arguments are those of `AsyncClient`."""
        http = httpx.Client(**options(url, api_key, user_agent), transport=transport)
        self._operations = Operations(url, BlockingTransport(http), retries or Retries())

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return self._operations.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    close = blocking(Operations.close)
    get = blocking(Operations.get)
    post = blocking(Operations.post)
    put = blocking(Operations.put)
    patch = blocking(Operations.patch)
    delete = blocking(Operations.delete)
    items = iterating(Operations.items)
    download = blocking(Operations.download)
    send = blocking(Operations.send)

    projects = iterating(Operations.projects)
    create_project = blocking(Operations.create_project)
    targets = iterating(Operations.targets)
    create_target = blocking(Operations.create_target)
    releases = iterating(Operations.releases)
    release = blocking(Operations.release)
    create_release = blocking(Operations.create_release)
    datasets = iterating(Operations.datasets)
    dataset = blocking(Operations.dataset)
    create_dataset = blocking(Operations.create_dataset)

    preflight = blocking(Operations.preflight)
    send_file = blocking(Operations.send_file)
    upload = blocking(Operations.upload)
    reuse = blocking(Operations.reuse)
    import_file = blocking(Operations.import_file)
    until_ready = blocking(Operations.until_ready)
    reuse_file = blocking(Operations.reuse_file)
    fetch_file = blocking(Operations.fetch_file)
    until_checked = blocking(Operations.until_checked)
    delete_upload = blocking(Operations.delete_upload)

    estimate = blocking(Operations.estimate)
    start_audit = blocking(Operations.start_audit)
    audit = blocking(Operations.audit)
    audits = iterating(Operations.audits)
    jobs = blocking(Operations.jobs)
    events = iterating(Operations.events)
    wait_for_audit = blocking(Operations.wait_for_audit)
    cancel_audit = blocking(Operations.cancel_audit)
    result = blocking(Operations.result)
    decision = blocking(Operations.decision)
