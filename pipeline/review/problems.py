"""What goes wrong with a request, in one shape: `{"error": {"code", "message", "advice", "detail"}}`."""

from __future__ import annotations

import json
from typing import Any

CODES = {
    "host": 400,
    "request": 400,
    "token": 403,
    "origin": 403,
    "csrf": 403,
    "reviewer": 403,
    "unknown": 404,
    "method": 405,
    "stale": 409,
    "lease": 409,
    "nothing": 409,
    "source": 409,
    "too_large": 413,
    "too_long": 414,
    "media_type": 415,
    "invalid": 422,
    "failed": 500,
    "busy": 503,
}
"""Every code of an error with its HTTP status."""


class Problem(Exception):
    """A request that is refused.

    Args:
        code: one of `CODES`.
        message: what happened, one sentence; `advice` what to do about it.
        detail: what the page needs to go on: both values of a conflict, or who holds a lease.
    """

    def __init__(self, code: str, message: str, advice: str = "", detail: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.advice, self.detail = code, message, advice, detail
        self.status = CODES[code]


def problem_json(problem: Problem) -> bytes:
    """Returns the body that tells of a problem."""
    told = {"code": problem.code, "message": problem.message, "advice": problem.advice, "detail": problem.detail}
    return json.dumps({"error": told}, ensure_ascii=False).encode("utf-8")
