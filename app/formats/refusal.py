"""The one way to turn an upload away: an RFC 9457 problem with a reason code and what to do about it."""

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
    """Text of the upload (a tensor's or file's name) made fit to print: no control characters, not too long."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text)[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def findings(names: Sequence[str], detail: str) -> list[dict[str, Any]]:
    """The same of each name; there may be 200,000, of which `Refused` keeps 50."""
    kept = [{"name": shown(name), "detail": detail} for name in names[: MAX_ERRORS - 1]]
    return kept if len(kept) == len(names) else [*kept, {"detail": f"and {len(names) - len(kept)} more"}]


class Refused(Exception):  # noqa: N818 (it is what happened to the upload, not an error of ours)
    """The upload can't be used.

    Args:
        code: stable reason, kebab-case.
        detail: what happened and what to do.
        errors: single findings, each with a `detail` and, where there is one, the `name` of the tensor or file;
            only the first 50 are kept, the last then says how many more there are.
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
        """The body of an `application/problem+json` answer."""
        return problem_body(self.code, self.detail, status=422, errors=self.errors)

    def __reduce__(self) -> tuple[Any, ...]:
        return Refused, (self.code, self.detail, self.errors)


def refusal_from(answer: object) -> Refused:
    """A refusal as the sandboxed child sent it, rebuilt from checked parts only.

    Raises: ValueError when it has another form.
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
