"""How probable one number is when another was meant or printed: misreadings look alike, misprints need not.

The shares are round figures. What is read wrong mostly has one digit wrong, lost or doubled; seldom it is another figure
altogether, that of another cell. A figure that is printed wrong is either mistyped, or another one: a sum left at 0, a figure of
another row.
"""

from __future__ import annotations

from fractions import Fraction

_MISREAD = {0: 0.05, 1: 0.05, 2: 5e-3}
_MISREAD_FAR = 1e-3
_MISTYPED = {0: 0.05, 1: 0.05, 2: 5e-3}
_OTHER_FIGURE, _LEFT_AT_ZERO = 0.01, 0.1

LIKELIEST_MISREAD = 0.05


def digits(value: Fraction) -> str:
    """Returns a number as it is printed, without separators; 0 stands for a blank too."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0")


def distance(a: str, b: str) -> int:
    """Levenshtein distance of two short texts."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def misread(printed: Fraction, read: Fraction) -> float:
    """Probability of the number that was printed, given that `read` is a misreading of it which its list does not name."""
    return _MISREAD.get(distance(digits(printed), digits(read)), _MISREAD_FAR)


def misprint(printed: Fraction, meant: Fraction) -> float:
    """Probability that `printed` stands where `meant` should, given that the figure is printed wrong."""
    mistyped = _MISTYPED.get(distance(digits(printed), digits(meant)), 0.0)
    return 0.5 * mistyped + (_LEFT_AT_ZERO if printed == 0 else 0.5 * _OTHER_FIGURE)


def likeliest_misprint(printed: Fraction) -> float:
    """No figure that was meant is more probable than this where `printed` stands."""
    return 0.5 * _MISTYPED[0] + (_LEFT_AT_ZERO if printed == 0 else 0.5 * _OTHER_FIGURE)
