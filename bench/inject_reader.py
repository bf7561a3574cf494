"""A recogniser that exists only as a law of chance: what it reads of a printed figure, and what else it proposes.

Its lists are like those of PP-OCR on scans at 100 to 150 dpi: mostly sure, seldom wrong, a wrong reading mostly less sure than a
right one, but not always; the truth of a wrong reading is among its proposals in 85 of 100 cases.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from pipeline.domain import Candidate

CONFUSED = {
    "0": "6898", "1": "7742", "2": "7731", "3": "8859", "4": "1199",
    "5": "6383", "6": "8055", "7": "1122", "8": "3603", "9": "0843",
}  # fmt: skip
TRUTH_PROPOSED = 0.85
TOGETHER = 0.02
"""Share of the wrong readings that the second reader makes likewise; of 40 on scans it made one, under the stroke of a pen."""
KINDS = ("confusion", "drop", "double", "gain")


@dataclass(frozen=True)
class Read:
    """One cell as it was read: readings, best first, and why it is doubtful."""

    readings: tuple[Candidate, ...]
    doubt: str | None

    @property
    def text(self) -> str:
        """The text that was taken."""
        return self.readings[0].text if self.readings else ""


def misread(text: str, kind: str, rng: random.Random) -> str | None:
    """A wrong reading of a printed figure, or None where this kind of mistake cannot befall it."""
    places = [i for i, c in enumerate(text) if c.isdigit()]
    if not places:
        return None
    i = rng.choice(places)
    if kind == "confusion":
        other = rng.choice(CONFUSED[text[i]])
        return text[:i] + other + text[i + 1 :]
    if kind == "drop":
        return text[:i] + text[i + 1 :] if len(places) > 1 else None
    if kind == "double":
        return text[: i + 1] + text[i] + text[i + 1 :]
    return rng.choice("17") + text


def read_rightly(text: str, rng: random.Random) -> Read:
    """What is read of a cell without a mistake."""
    draw = rng.random()
    if draw < 0.93:
        p = 1.0 - 10 ** -rng.uniform(2.5, 5.0)
    elif draw < 0.99:
        p = rng.uniform(0.9, 0.996)
    else:
        p = rng.uniform(0.45, 0.9)
    return _read(text, p, _others(text, rng, 3), rng)


def read_wrongly(text: str, wrong: str, rng: random.Random) -> Read:
    """What is read of a cell whose best reading is `wrong`."""
    draw = rng.random()
    if draw < 0.6:
        p = rng.uniform(0.4, 0.95)
    elif draw < 0.9:
        p = rng.uniform(0.95, 0.995)
    else:
        p = 1.0 - 10 ** -rng.uniform(2.3, 4.0)
    others = [t for t in _others(wrong, rng, 3) if t != text]
    if rng.random() < TRUTH_PROPOSED:
        others.insert(0 if rng.random() < 0.8 else 1, text)
    return _read(wrong, p, others, rng, rng.random() < TOGETHER)


def _others(text: str, rng: random.Random, count: int) -> list[str]:
    """Other figures that look like this one."""
    found: list[str] = []
    for _ in range(count):
        kind = rng.choices(KINDS, (6, 2, 1, 1))[0]
        other = misread(text, kind, rng) if text else None
        if other is not None and other != text and other not in found:
            found.append(other)
    return found


def _read(text: str, p: float, others: list[str], rng: random.Random, agreed: bool = True) -> Read:
    """Readings whose rest of probability falls off from one to the next; figures below 1e-3 are not given.

    The first one is that of both readers where `agreed`, else of one alone.
    """
    if not text:
        return Read((), None)
    second = 1.0 - 10 ** -rng.uniform(0.5, 4.0)
    said = (("lines", math.log(p)), ("figures", math.log(second)))
    rest, readings = 1.0 - p, [Candidate(text, math.log(p), said if agreed else said[:1])]
    for other in others:
        part = rest * rng.uniform(0.4, 0.9)
        rest -= part
        if part >= 1e-3:
            readings.append(Candidate(other, math.log(part)))
    ranked = tuple(readings)
    rival = math.exp(ranked[1].log_prob) if len(ranked) > 1 else 0.0
    if p < 0.9:
        return Read(ranked, f"read as {text!r} with a probability of {p:.2f}")
    return Read(ranked, f"read as {text!r}, or {ranked[1].text!r}" if rival > 0.05 else None)
