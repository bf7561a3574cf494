"""Two readers of one figure → one list of readings with one probability each.

The readers are two networks that share neither weights nor training pictures, so their mistakes are nearly independent, but
both are worse on bad print. Their lists are joined by a logarithmic opinion pool (Genest and Zidek, 1986): probabilities are
raised to a weight each and multiplied. What neither names has the probability that both leave over. The weights are fitted to
print whose truth is known; see `models/certainty.toml`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from models import fitted
from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading
from pipeline.ocr.numbers import is_number

FIRST, SECOND = "lines", "figures"
"""Names of the readers in `Candidate.said`."""

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)")
_MOST_SIDES = 9.0
_HAS_DIGIT = re.compile(r"[\d０-９]")
_SHORT = 2


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the pool.

    Attributes:
        first: exponent of the probabilities of the first reader; `second` of the second one.
        left: probability that a reader leaves for a text that it does not name, and at least for all such texts.
    """

    first: float
    second: float
    left: float


@cache
def load_weights() -> Weights:
    """Returns the weights that were fitted.

    Raises:
        ConfigError: their file is not there or not well formed.
    """
    return Weights(**fitted("pool"))


def wants_second_reader(reading: LineReading, sides: float) -> bool:
    """Tells whether print may be a figure, so that the reader of figures is asked.

    Args:
        reading: of the first reader.
        sides: width of the crop in its heights.
    """
    if sides > _MOST_SIDES:
        return False
    return bool(reading.numeric) or len(reading.text) <= _SHORT or _HAS_DIGIT.search(reading.text) is not None


def pooled(reading: LineReading, second: Sequence[Candidate], weights: Weights) -> LineReading:
    """Returns `reading` with the joint list of numbers; what is no number for the first reader stays as it is.

    Args:
        reading: of the first reader.
        second: readings of the second one, best first; `""` and `?` among them say that there is no number.
        weights: of the pool.
    """
    second = tuple(second)
    if not reading.numeric or not second:
        return replace(reading, second=second)
    return replace(reading, numeric=joint_list(reading.numeric, second, weights)[0], second=second)


def joint_list(first: Sequence[Candidate], second: Sequence[Candidate], weights: Weights) -> tuple[tuple[Candidate, ...], float]:
    """Joins the lists of two readers.

    Args:
        first: numbers that the first reader proposes, best first.
        second: readings of the second one, best first.
        weights: of the pool.

    Returns:
        The numbers of both with their joint probabilities, best first, and the probability of what neither names.
    """
    ours = {_key(c.text): c for c in reversed(first)}
    theirs = {_key(c.text): c for c in reversed(second) if is_number(c.text)}
    left = [max(weights.left, 1.0 - sum(math.exp(c.log_prob) for c in group.values())) for group in (ours, theirs)]
    unnamed = [math.log(min(1.0, rest)) for rest in left]
    scores = {
        key: weights.first * _log_prob(ours, key, weights.left) + weights.second * _log_prob(theirs, key, weights.left)
        for key in {**ours, **theirs}
    }
    # What neither names takes part with all that is left over by both.
    other = weights.first * unnamed[0] + weights.second * unnamed[1]
    highest = max(other, *scores.values()) if scores else other
    total = math.log(sum(math.exp(s - highest) for s in (other, *scores.values()))) + highest
    joint = []
    for key, score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
        said = tuple((name, group[key].log_prob) for name, group in ((FIRST, ours), (SECOND, theirs)) if key in group)
        text = (ours.get(key) or theirs[key]).text
        joint.append(Candidate(text, min(0.0, score - total), said))
    return tuple(joint), math.exp(other - total)


def _log_prob(group: dict[str, Candidate], key: str, left: float) -> float:
    """Returns the probability of a text; a reader that does not name it leaves it next to nothing."""
    return min(0.0, group[key].log_prob) if key in group else math.log(left)


def _key(text: str) -> str:
    """Returns a number without the separators of its thousands: they are printed faintly, and change nothing."""
    return _GROUPED.sub(lambda match: match[0].replace(",", ""), text)
