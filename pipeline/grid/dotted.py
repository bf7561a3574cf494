"""Dotted lines close to print: their dots go on at one distance, which no print does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.grid.strips import Bools, Strip

_LEAST_IN, _LEAST_SHARE, _PERIODS_IN = 0.8, 0.25, (0.015, 0.06)
_SWING, _KEPT, _PADDING = 0.12, 0.55, 4
_BETWEEN = 1.5
_THROUGH = 0.1
_INSET_IN, _DOTS, _PURE = 0.015, (3.5, 6.0), (0.6, 0.25)


def are_dotted(strip: Strip, spans: Sequence[tuple[float, float]], dpi: float) -> list[bool]:
    """Tells for each stretch of a line whether the dots that the line has elsewhere go on in it.

    The wave of the dots is looked for by its Fourier coefficient; print beside it adds to all waves alike.

    Args:
        strip: along the line.
        spans: the first and the last coordinate of each stretch.
        dpi: pixels an inch.
    """
    inset = round(_INSET_IN * dpi)
    inner = [slice(max(0, round(a) - strip.start + inset), max(0, round(b) - strip.start - inset)) for a, b in spans]
    # Figures set evenly have strokes at one distance as well, but these go through the line.
    through = np.concatenate([strip.through[part] for part in inner]) if inner else np.zeros(0)
    if len(through) and through.mean() >= _THROUGH:
        return [False] * len(spans)
    good = strip.drawn & ~strip.hugged & ~strip.crossed
    if good.sum() < max(_LEAST_IN * dpi, _LEAST_SHARE * len(good)):
        return [False] * len(spans)
    row = strip.courses[strip.courses[:, good].mean(axis=1).argmax()]
    level = float(np.percentile(row[good], 95))
    wave = np.minimum(row, level) - float(row[good].mean())
    lit, cuts = np.where(good, wave, 0.0), [round(a) - strip.start for a, _ in spans[1:]]
    if _has_no_wave(lit, good, cuts, level, dpi):
        return [False] * len(spans)
    best, swing, pure = _wave_of(lit, good, cuts, dpi)
    # Letters under each other repeat too, but further apart: little of what swings does so at the distance of dots.
    if swing < _SWING * max(1.0, level) or pure < _PURE[1]:
        return [False] * len(spans)
    return [_goes_on(wave, round(a) - strip.start + inset, round(b) - strip.start - inset, best, swing) for a, b in spans]


def _has_no_wave(lit: npt.NDArray[np.floating], good: Bools, cuts: Sequence[int], level: float, dpi: float) -> bool:
    """True where a look at few frequencies shows that no wave is strong and pure enough, as on nearly all lines.

    At a quarter of the steps at which two waves of the longest stretch are told apart, the power between two frequencies is less
    than half as much again as the largest there (Ehlich and Zeller, 1964, for trigonometric polynomials).
    """
    parts, known = np.split(lit, cuts), np.split(good, cuts)
    longest = max(map(len, parts))
    size = 1 << (_PADDING * longest - 1).bit_length()
    rows = np.zeros((len(parts), longest), dtype=lit.dtype)
    for row, part in zip(rows, parts, strict=True):
        row[: len(part)] = part
    low, high = (size / (inches * dpi) for inches in reversed(_PERIODS_IN))
    waves = np.fft.rfft(rows, size)[:, max(0, int(low) - 1) : int(high) + 3]
    found = _BETWEEN * float((np.abs(waves) ** 2).sum(axis=0).max(initial=0.0))
    counts = np.asarray([np.count_nonzero(part) for part in known], dtype=np.float64)
    most = float(counts @ np.square(rows).sum(axis=1))
    return 2 * found < _PURE[1] * most or found < (_SWING * max(1.0, level)) ** 2 * float(counts @ counts)


def _wave_of(lit: npt.NDArray[np.floating], good: Bools, cuts: Sequence[int], dpi: float) -> tuple[float, float, float]:
    """Returns the frequency of the strongest wave, how much it swings, and its share of all that swings.

    The dots of each stretch may begin anew, so that the waves of the stretches are added without regard to their phases.
    """
    size = _PADDING * len(lit)
    low, high = (round(size / (inches * dpi)) for inches in reversed(_PERIODS_IN))
    # A coarse picture has no shorter waves than two pixels.
    high = min(high, size // 2)
    if high < low:
        return 0.0, 0.0, 0.0
    power, squares, most = np.zeros(high - low + 1), 0.0, 0.0
    for part, known in zip(np.split(lit, cuts), np.split(good, cuts), strict=True):
        count = float(known.sum())
        power += np.abs(np.fft.rfft(part, size)[low : high + 1]) ** 2
        squares, most = squares + count**2, most + count * float(np.square(part).sum())
    best = int(power.argmax())
    found = float(power[best])
    return (low + best) / size, float(np.sqrt(found / max(1.0, squares))), 2 * found / max(1e-6, most)


def _goes_on(wave: npt.NDArray[np.floating], first: int, last: int, frequency: float, swing: float) -> bool:
    """True where the wave swings in a stretch about as much as on the whole line, and little else swings.

    The strokes of a run of print swing as much now and then, but at many distances.
    """
    part = wave[max(0, first) : last]
    dots = len(part) * frequency
    if dots < _DOTS[0]:
        return False
    # A page is never quite flat: the distance may differ a little.
    near = frequency + np.array((-0.4, -0.2, 0.0, 0.2, 0.4)) / len(part)
    waves = np.exp(-2j * np.pi * near[:, None] * np.arange(len(part))[None, :])
    found = float(np.abs(waves @ part).max()) / len(part)
    pure = _PURE[0] if dots < _DOTS[1] else _PURE[1]
    return found >= _KEPT * swing and 2 * found**2 >= pure * float(part.var())
