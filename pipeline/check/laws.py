"""What was printed where a reading is wrong and names nothing else: the laws of the ways in which readings go wrong.

The shares are round figures, after the wrong readings of the calibration scans: strokes are taken for those of a digit that looks
alike, seldom for another; of two equal digits one is lost; what is gained at an end is a ruling or a stroke, read as 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pipeline.check.likeness import LIKELIEST_MISREAD, digits, misread

_ALIKE = frozenset({"17", "14", "12", "27", "23", "35", "38", "39", "49", "56", "58", "59", "68", "06", "08", "09", "89", "07"})
_EXCHANGED, _LOST_INSIDE, _GAINED_INSIDE, _TWO = 0.5, 0.2, 0.05, 5e-5
_LOOKS_ALIKE, _LOOKS_OTHER = 0.8, 0.2
_LOST_AT_END, _GAINED_ONE, _GAINED_OTHER = 0.03, 0.2, 0.005
_ANOTHER_CELL_S = {1: 1e-3, 2: 2e-4}
_ANOTHER_LONG = 5e-5
"""By the number of digits: small figures are common. A figure that moved seldom moved alone, so these are low."""

_UNREAD = 0.05
"""Share of the displaced figures whose own figure was neither read elsewhere nor seen as print that nobody read."""

_INSTEAD_OF_DASH = 0.1
"""Of each digit, given that its strokes were taken for a dash; no figure of two is as narrow."""

_LIKELIEST_SLIP, _LIKELIEST_MOVED = 0.25, 1e-3


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Odds, against the present value of a cell, that it is wrong in a way that no reading proposes.

    Attributes:
        any: of all ways together, where nothing is known of them.
        slip: the same strokes were taken for another figure.
        cut: a digit was lost or gained at an end.
        displaced: the figure is another cell's.
        near: numbers that were read in its row and column: of these a displaced figure left one behind; None where unknown.
        is_dash: true where a dash was read: it looks like no digit more than like another, and has none to lose.
    """

    any: float
    slip: float = 0.0
    cut: float = 0.0
    displaced: float = 0.0
    near: frozenset[Fraction] | None = None
    is_dash: bool = False

    @property
    def total(self) -> float:
        """Odds of all."""
        return self.any + self.slip + self.cut + self.displaced

    def likeliest(self, read: Fraction) -> float:
        """No single number has higher odds than this where `read` was read."""
        text = digits(abs(read))
        # Only of a figure with a 1 at an end, and another digit, a stroke may have been read.
        cut = _GAINED_ONE if len(text) > 1 and "1" in (text[0], text[-1]) else _LOST_AT_END
        known = self.slip * _LIKELIEST_SLIP + self.cut * cut + self.displaced * _LIKELIEST_MOVED
        return self.any * LIKELIEST_MISREAD + known

    def odds(self, printed: Fraction, read: Fraction) -> float:
        """Odds that `printed` stands there, where `read` was read."""
        a, b = digits(abs(printed)), digits(abs(read))
        moved = self.displaced * self._another_cell_s(printed, a)
        if self.is_dash:
            return self.slip * (len(a) == 1) * _INSTEAD_OF_DASH + moved
        return self.any * misread(printed, read) + self.slip * slip(a, b) + self.cut * cut(a, b) + moved

    def _another_cell_s(self, printed: Fraction, text: str) -> float:
        """Probability of the number that was printed in a cell, given that the figure of another cell was read there.

        Its own figure then stands in a cell beside it, and was read there; print that nobody read would have been seen.
        """
        law = _ANOTHER_CELL_S.get(len(text), _ANOTHER_LONG)
        return law if self.near is None or printed in self.near else law * _UNREAD


def slip(printed: str, read: str) -> float:
    """Probability of the digits that were printed, given that `read` is a slip of both readers."""
    if len(printed) == len(read):
        wrong = [(a, b) for a, b in zip(printed, read, strict=True) if a != b]
        if len(wrong) != 1:
            return _TWO if len(wrong) == 2 else 0.0
        return _EXCHANGED / len(read) * _digit(*wrong[0])
    if len(printed) == len(read) + 1:
        places = [i for i in range(len(printed)) if printed[:i] + printed[i + 1 :] == read]
        doubled = any(printed[i] in printed[max(0, i - 1) : i] + printed[i + 1 : i + 2] for i in places)
        return bool(places) * _LOST_INSIDE / (len(printed) if doubled else 10 * len(printed))
    if len(printed) == len(read) - 1:
        return any(read[:i] + read[i + 1 :] == printed for i in range(len(read))) * _GAINED_INSIDE / len(read)
    return 0.0


def _digit(printed: str, read: str) -> float:
    """Probability of a digit that was printed, given that it was taken for another."""
    like = {d for pair in _ALIKE if read in pair for d in pair} - {read}
    return _LOOKS_ALIKE / len(like) if printed in like else _LOOKS_OTHER / (9 - len(like))


def cut(printed: str, read: str) -> float:
    """Probability of the digits that were printed, given that `read` lost or gained a digit at an end."""
    if len(printed) == len(read) + 1:
        return _LOST_AT_END * (printed.startswith(read) or printed.endswith(read))
    if len(printed) == len(read) - 1:
        ends = [digit for digit, rest in ((read[0], read[1:]), (read[-1], read[:-1])) if rest == printed]
        return max((_GAINED_ONE if digit == "1" else _GAINED_OTHER for digit in ends), default=0.0)
    return 0.0


def alike(printed: Fraction, read: Fraction) -> bool:
    """True where a slip or a cut may make one number of the other."""
    a, b = digits(abs(printed)), digits(abs(read))
    return slip(a, b) > 0.0 or cut(a, b) > 0.0
