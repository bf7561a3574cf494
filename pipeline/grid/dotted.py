"""Dotted lines close to print: their dots go on at one distance, which no print does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.grid.ruling_evidence import Strip

_LEAST_IN, _LEAST_SHARE, _PERIODS_IN, _PITCH_IN = 0.8, 0.25, (0.015, 0.06), 0.25
_SWING, _KEPT, _PADDING = 0.12, 0.55, 4
_INSET_IN, _DOTS = 0.015, 6


def are_dotted(strip: Strip, spans: Sequence[tuple[float, float]], dpi: float) -> list[bool]:
    """Tells for each stretch of a line whether the dots that the line has elsewhere go on in it.

    The wave of the dots is looked for by its Fourier coefficient; print beside it adds to all waves alike.

    Args:
        strip: along the line.
        spans: the first and the last coordinate of each stretch.
        dpi: pixels an inch.
    """
    good = strip.drawn & ~strip.hugged & ~strip.crossed
    if good.sum() < max(_LEAST_IN * dpi, _LEAST_SHARE * len(good)):
        return [False] * len(spans)
    row = strip.courses[strip.courses[:, good].mean(axis=1).argmax()]
    level = float(np.percentile(row[good], 95))
    wave = np.minimum(row, level) - float(row[good].mean())
    lit = np.where(good, wave, 0.0)
    size = _PADDING * len(row)
    spectrum = np.abs(np.fft.rfft(lit, size))
    slow, low, high = (round(size / (inches * dpi)) for inches in (_PITCH_IN, *reversed(_PERIODS_IN)))
    best = slow + int(spectrum[slow : high + 1].argmax())
    if best < low:
        # Letters under each other repeat too, but further apart.
        return [False] * len(spans)
    swing = float(spectrum[best]) / float(good.sum())
    if swing < _SWING * max(1.0, level):
        return [False] * len(spans)
    inset = round(_INSET_IN * dpi)
    return [_goes_on(wave, round(a) - strip.start + inset, round(b) - strip.start - inset, best / size, swing) for a, b in spans]


def _goes_on(wave: npt.NDArray[np.floating], first: int, last: int, frequency: float, swing: float) -> bool:
    """True where the wave swings in a stretch about as much as on the whole line."""
    part = wave[max(0, first) : last]
    if len(part) * frequency < _DOTS:
        return False
    # A page is never quite flat: the distance may differ a little.
    near = frequency + np.array((-0.4, -0.2, 0.0, 0.2, 0.4)) / len(part)
    waves = np.exp(-2j * np.pi * near[:, None] * np.arange(len(part))[None, :])
    return float(np.abs(waves @ part).max()) / len(part) >= _KEPT * swing
