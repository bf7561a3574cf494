"""From a lattice to readings: the free ones and the numeric ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading
from pipeline.ocr.lattice import Step, beam, bound, folded
from pipeline.ocr.numbers import NumericAlphabet, is_number
from pipeline.ocr.prepare import pieces, scaled
from pipeline.raster import Gray

PLAUSIBLE = math.log(1e-3)
"""Numeric readings below this log-probability are not given."""


class Decoder:
    """Turns lattices into readings.

    Args:
        characters: the recogniser's characters; the class of `characters[i]` is `i + 1`, and class 0 is the blank.
        readings: how many readings of each kind are given at most.
    """

    def __init__(self, characters: Sequence[str], readings: int) -> None:
        self._characters = ("", *characters)
        self._numeric = NumericAlphabet(characters)
        self._readings = max(1, readings)

    @property
    def classes(self) -> int:
        """Number of classes, the blank among them."""
        return len(self._characters)

    def read(self, lattice: Sequence[Step], is_spaced: Callable[[], bool] | None = None) -> LineReading:
        """Returns the readings of a lattice.

        Args:
            lattice: its class 0 is the blank.
            is_spaced: asked for what may be a number: whether its signs stand apart, so that spaces between figures do not
                part numbers; None: they do not.
        """
        paths = beam(lattice, self._readings + 1)
        free = _merged(("".join(self._characters[kind] for kind in path).strip(), value) for path, value in paths)
        return LineReading(free[: self._readings] or (Candidate("", 0.0),), self._numbers(lattice, is_spaced))

    def _numbers(self, lattice: Sequence[Step], is_spaced: Callable[[], bool] | None) -> tuple[Candidate, ...]:
        narrowed = folded(lattice, self._numeric.symbols)
        if is_spaced is not None and self._numeric.holds_space(narrowed) and is_spaced():
            narrowed = folded(lattice, self._numeric.spaced_symbols)
        if bound(narrowed) < PLAUSIBLE:
            return ()
        paths = beam(narrowed, 3 * self._readings)
        found = _merged((self._numeric.text(path), value) for path, value in paths)
        return tuple(c for c in found if c.log_prob >= PLAUSIBLE and is_number(c.text))[: self._readings]


def by_pieces(crops: Sequence[Gray], read: Callable[[list[Gray]], list[LineReading]], count: int) -> list[LineReading]:
    """Reads `crops`, cutting those that are too wide for a recogniser and joining what was read of their pieces.

    Args:
        crops: of any size.
        read: reads crops of the recogniser's height, one reading each, in their order.
        count: how many joined readings are given at most.
    """
    parts = [pieces(crop) for crop in crops]
    found = iter(read([scaled(piece) for group in parts for piece in group]))
    groups = [[next(found) for _ in group] for group in parts]
    return [group[0] if len(group) == 1 else _joined(group, count) for group in groups]


def _joined(readings: Sequence[LineReading], count: int) -> LineReading:
    texts = [("", 0.0)]
    for reading in readings:
        products = [(text + c.text, value + c.log_prob) for text, value in texts for c in reading.candidates]
        texts = sorted(products, key=lambda item: (-item[1], item[0]))[:count]
    return LineReading(_merged(texts))


def _merged(readings: Iterable[tuple[str, float]]) -> tuple[Candidate, ...]:
    """Sums readings whose texts became equal; best first."""
    mass: dict[str, float] = {}
    for text, value in readings:
        mass[text] = min(0.0, float(_logaddexp(mass[text], value))) if text in mass else value
    return tuple(Candidate(text, value) for text, value in sorted(mass.items(), key=lambda item: (-item[1], item[0])))


def _logaddexp(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return high + math.log1p(math.exp(low - high)) if high > -math.inf else high
