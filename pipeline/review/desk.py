"""What the routes share: the ledger, the sources, the drawn pictures, and who asks."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from pipeline.config import Config
from pipeline.review.guard import Access, cookies_of, reviewer_of
from pipeline.review.pictures import Pictures
from pipeline.review.problems import Problem
from pipeline.review.sources import Sources
from pipeline.review.words import Words, choose_language
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_queue import Filters, Work, recent, worklist

Json = dict[str, Any]
_RATE_S = 20 * 60.0
_LEAST_FOR_RATE = 3
_PAUSE_S = 60.0


@dataclass(slots=True)
class Desk:
    """The server's things. All but pictures are used by one thread alone.

    Attributes:
        chance: draws the cards that measure.
    """

    ledger: Ledger
    config: Config
    access: Access
    pictures: Pictures
    sources: Sources = field(default_factory=Sources)
    chance: random.Random = field(default_factory=random.SystemRandom)


def desk_of(request: Request) -> Desk:
    """Returns the desk of the application."""
    desk: Desk = request.app.state.desk
    return desk


def person(request: Request) -> str:
    """Returns who asks; raises Problem where they gave no name yet."""
    name = reviewer_or_none(request)
    if not name:
        raise Problem("reviewer", "You gave no name yet.", "Open the first page and give your name.")
    return name


def reviewer_or_none(request: Request) -> str:
    """Returns the name of who asks, or an empty text."""
    return reviewer_of(cookies_of(request.headers.get("cookie", "")))


def words_of(request: Request) -> Words:
    """Returns the words in the language of who asks."""
    cookies = cookies_of(request.headers.get("cookie", ""))
    wanted = request.query_params.get("lang")
    return Words(choose_language(wanted, cookies.get("gouji_lang"), request.headers.get("accept-language", "")))


def progress(desk: Desk, reviewer: str, filters: Filters, known: Sequence[Work] | None = None) -> Json:
    """Returns how much is left and how fast a person goes: answers an hour over the last 20 minutes."""
    works = worklist(desk.ledger, filters) if known is None else known
    left = sum(w.open + w.disputed for w in works)
    said = [c for c in recent(desk.ledger, reviewer) if c.action != "undo"]
    now = time.time()
    times = [at for at in (_seconds(c.created_at) for c in said) if now - at <= _RATE_S]
    rate = None
    if len(times) >= _LEAST_FOR_RATE:
        # Pauses are no work: a gap counts for a minute at most.
        gaps = [later - earlier for earlier, later in zip(times, [*times[1:], now], strict=True)]
        rate = round(len(times) * 3600.0 / max(sum(min(gap, _PAUSE_S) for gap in gaps), 20.0))
    today = datetime.now(UTC).date().isoformat()
    return {
        "left": left,
        "tables": len(works),
        "held": sum(w.holder not in (None, reviewer) for w in works),
        "today": sum(c.created_at.startswith(today) for c in said),
        "rate": rate,
        "minutes": None if not rate else max(1, round(left * 60 / rate)),
    }


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
