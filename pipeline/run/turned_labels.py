"""Labels that are printed turned by a quarter: letters below each other in a cell are read lying down too."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from pipeline.ocr.engine import Engine, LineReading, glance
from pipeline.raster import Gray, PixelBox, TextLine

_WIDTH, _TALL, _TWO_TALL, _POOR = (0.6, 2.6), 1.6, 1.05, -0.2
_HINT = -0.5
_PAD = 3
UNREAD = -5.0
"""Log-probability a character of what was not read."""

Runs = tuple[list[TextLine], list[Gray], list[LineReading]]


def read_turned(
    engine: Engine, gray: Gray, lines: Sequence[TextLine], crops: Sequence[Gray], readings: Sequence[LineReading], letter: float
) -> Runs:
    """Reads the print of a cell as one label turned by a quarter, from bottom to top, where it is one.

    The recogniser knows letters that lie on their side, so that a turned label reads well from top to bottom, but backwards.
    What reads the same lying down, and forwards, is turned; so is what reads well in no other way. Only labels: a 1 lying down
    is a dash. So the print is as wide as a letter at least, and what is read has two letters and no figure.

    Args:
        engine: the recogniser.
        gray: the straightened page.
        lines: runs of print.
        crops: their pictures, in their order.
        readings: what they read, in their order.
        letter: usual height of a letter in pixels.

    Returns:
        Lines, crops and readings; a turned label is one run.
    """
    cells: dict[int, list[int]] = {}
    for k, line in enumerate(lines):
        if line.cell is not None:
            cells.setdefault(line.cell, []).append(k)
    stacks = [[k] for k, line in enumerate(lines) if line.is_free_stack]
    tall = [(hull, own) for own in [*cells.values(), *stacks] if (hull := _tall(lines, readings, own, letter)) is not None]
    turned: dict[int, tuple[TextLine, Gray, LineReading]] = {}
    gone: set[int] = set()
    shapes = [np.ascontiguousarray(np.rot90(_cut(gray, hull), -1)) for hull, _ in tall]
    # Letters one below the other are common, and lying down most read as nothing: a cheap look tells.
    hints = glance(engine, shapes) if shapes else None
    if hints is not None:
        likely = [k for k, hint in enumerate(hints) if _is_label(hint, _HINT)]
        tall, shapes = [tall[k] for k in likely], [shapes[k] for k in likely]
    for (hull, own), crop, reading in zip(tall, shapes, engine.read(shapes) if shapes else (), strict=True):
        if _is_turned(reading, [readings[k] for k in own]):
            first = lines[own[0]]
            # Outside of cells it is laid out letter by letter, as heads that are written downwards are.
            turned[own[0]] = first if first.cell is None else TextLine((hull,), first.cell), crop, reading
            gone.update(own[1:])
    kept = [turned.get(k, (lines[k], crops[k], readings[k])) for k in range(len(lines)) if k not in gone]
    return [line for line, _, _ in kept], [crop for _, crop, _ in kept], [reading for _, _, reading in kept]


def mean_score(reading: LineReading) -> float:
    """Mean log-probability a character of the first reading; very low where nothing was read."""
    best = reading.candidates[0] if reading.candidates else None
    return best.log_prob / len(best.text) if best is not None and best.text else UNREAD


def _tall(lines: Sequence[TextLine], readings: Sequence[LineReading], own: Sequence[int], letter: float) -> PixelBox | None:
    """Returns the box of the print of a cell where that is a column of letters that are read one by one, or badly."""
    hulls = [lines[k].hull for k in own]
    x0, top = min(h[0] for h in hulls), min(h[1] for h in hulls)
    x1, bottom = max(h[2] for h in hulls), max(h[3] for h in hulls)
    # Of two letters a speck beside them makes a square; that each was found below the other tells as much as their shape.
    least = _TWO_TALL if len(own) > 1 and all(len(_text(readings[k])) == 1 for k in own) else _TALL
    # Letters below one another outside of cells were held against those around them already, which tell more than all of a page.
    is_wide = lines[own[0]].is_free_stack or _WIDTH[0] * letter <= x1 - x0 <= _WIDTH[1] * letter
    is_tall = is_wide and bottom - top >= least * (x1 - x0)
    # Turned letters read well standing, too, where they are taken for a stack: backwards.
    is_column = len(own) > 1 or len(lines[own[0]].boxes) > 1
    return (x0, top, x1, bottom) if is_tall and (is_column or mean_score(readings[own[0]]) < _POOR) else None


def _is_turned(lying: LineReading, standing: Sequence[LineReading]) -> bool:
    if not _is_label(lying, _POOR):
        return False
    backwards = "".join(_text(reading)[::-1] for reading in reversed(standing))
    return _without_gaps(_text(lying)) == _without_gaps(backwards) or fmean(mean_score(r) for r in standing) < _POOR


def _is_label(reading: LineReading, least: float) -> bool:
    text = _text(reading)
    return sum(c.isalpha() for c in text) >= 2 and not any(c.isdigit() for c in text) and mean_score(reading) >= least


def _text(reading: LineReading) -> str:
    return reading.candidates[0].text if reading.candidates else ""


def _without_gaps(text: str) -> str:
    return "".join(text.split())


def _cut(gray: Gray, box: PixelBox) -> Gray:
    x0, top, x1, bottom = box
    return np.asarray(gray[max(0, top - _PAD) : bottom + _PAD, max(0, x0 - _PAD) : x1 + _PAD], dtype=np.uint8)
