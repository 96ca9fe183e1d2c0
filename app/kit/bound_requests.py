"""Requests see no row of any tenant until their subject is known."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.db.tenancy import NOBODY, bound


class BoundRequestsMiddleware:
    """Binds each request to nobody. `authenticate` binds it to its subject."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with bound(NOBODY):
            await self.app(scope, receive, send)
