"""Rejection of an upload: an RFC 9457 problem with a reason code and a remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.problem_types import problem_body

MAX_ERRORS = 50
MAX_DETAIL = 4000
MAX_SHOWN = 160
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def shown(text: object, limit: int = MAX_SHOWN) -> str:
    """Return text of an upload, such as a file name, without control characters and shortened."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text)[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def findings(names: Sequence[str], detail: str) -> list[dict[str, Any]]:
    """Return one finding for each of up to 200,000 names. `Refused` keeps 50."""
    kept = [{"name": shown(name), "detail": detail} for name in names[: MAX_ERRORS - 1]]
    return kept if len(kept) == len(names) else [*kept, {"detail": f"and {len(names) - len(kept)} more"}]


class Refused(Exception):  # noqa: N818 (a fault of the upload, not of the program)
    """The upload is rejected.

    Args:
        code: stable reason, kebab-case.
        detail: what is wrong and what to do.
        errors: single findings, each with a `detail` and, if it concerns one, the `name` of the
            tensor or file. Of more than 50, 49 are kept, and the last one says how many more.
    """

    def __init__(self, code: str, detail: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail[:MAX_DETAIL]
        kept = list(errors)
        if len(kept) > MAX_ERRORS:
            kept = [*kept[: MAX_ERRORS - 1], {"detail": f"and {len(kept) - MAX_ERRORS + 1} more"}]
        self.errors = kept

    @property
    def problem(self) -> dict[str, Any]:
        """Body of an `application/problem+json` response."""
        return problem_body(self.code, self.detail, status=422, errors=self.errors)

    def __reduce__(self) -> tuple[Any, ...]:
        return Refused, (self.code, self.detail, self.errors)


def refusal_from(answer: object) -> Refused:
    """Rebuild a rejection sent by the sandboxed child, from checked parts only.

    Raises: ValueError if it is malformed.
    """
    match answer:
        case {"code": str(code), "detail": str(detail), "errors": list(errors)} if _CODE.match(code):
            lines = [shown(line, MAX_DETAIL) for line in detail[: MAX_DETAIL + 1].split("\n")]  # recipes have several
            return Refused(code[:80], "\n".join(lines), [_error_from(e) for e in errors[: MAX_ERRORS + 1]])
    raise ValueError("not a refusal")


def _error_from(item: object) -> dict[str, Any]:
    if not isinstance(item, dict) or not isinstance(item.get("detail"), str):
        raise ValueError("not a finding")
    error: dict[str, Any] = {"detail": shown(item["detail"], 1000)}
    if isinstance(item.get("name"), str):
        error["name"] = shown(item["name"])
    for side in ("expected", "found"):
        value = item.get(side)
        if isinstance(value, list) and len(value) <= 16 and all(isinstance(v, int) for v in value):
            error[side] = value
    return error
