"""Answers that no cache may keep, because they contain a secret."""

from fastapi import Depends, Response


async def _no_store(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


NO_STORE = Depends(_no_store)
