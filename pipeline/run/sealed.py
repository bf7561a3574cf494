"""Figures under seals and strokes of a pen: read once more with the seal taken out otherwise, so that the two can be compared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pipeline.domain import Candidate
from pipeline.layout.crops import crop_line
from pipeline.layout.seal import COLORED, TAKEN
from pipeline.layout.through_seal import seen_through
from pipeline.ocr.engine import LineReading
from pipeline.raster import Gray, PixelBox, Raster, Sheet, TextLine

Read = Callable[[Sequence[Gray]], Sequence[LineReading]]

SEALED = "a seal or a pen stroke lies over it"
_SEALED_SHARE, _COLORED_SHARE = 0.02, 0.05
_ALIKE, _TAKEN = math.log(0.99), math.log(0.9)
_UNSURE = math.log(0.8)
"""Probability, at most, of a figure that is not read alike both ways: only several equations together clear it."""
_MARGIN = 0.4
_SHORT, _RIM, _INKED = 3, 3, 128
_HALF = TAKEN // 2


def is_sealed(sheet: Sheet, line: TextLine) -> bool:
    """True where a seal or a stroke of a pen was taken out of a run of print."""
    if sheet.seal is None:
        return False
    x0, top, x1, bottom = line.hull
    covered = sheet.seal[top:bottom, x0:x1]
    return bool(covered.size) and float((covered > _HALF).mean()) > _SEALED_SHARE


def is_colored(sheet: Sheet, line: TextLine) -> bool:
    """True where a run of print has coloured ink that may as well be a mark of a pen."""
    if sheet.seal is None:
        return False
    x0, top, x1, bottom = line.hull
    ink = sheet.seal[top:bottom, x0:x1]
    return bool(ink.size) and float(((ink > COLORED // 2) & (ink <= _HALF)).mean()) > _COLORED_SHARE


def read_sealed(
    readings: Sequence[LineReading],
    raster: Raster,
    sheet: Sheet,
    rulings: Gray,
    lines: Sequence[TextLine],
    cells: Sequence[PixelBox],
    read: Read,
) -> tuple[list[LineReading], list[str | None]]:
    """Reads figures under seals a second time.

    Args:
        readings: of all lines, by all readers.
        raster: the page as it came in.
        sheet: the straightened page.
        rulings: 255 on rulings.
        lines: the runs of print.
        cells: the ruled cells in pixels.
        read: reads crops with all readers.

    Returns:
        The readings, with those of the second look where only it found a figure; and for each line why its print is not sure, or
        None where no seal lies over it. A doubt that begins with `read as` may be cleared by sums and readers, the other not.
    """
    result, doubts = list(readings), [SEALED if is_sealed(sheet, line) else None for line in lines]
    for k, line in enumerate(lines):
        best = _best(result[k])
        if best is not None and doubts[k] is None and is_colored(sheet, line):
            result[k], doubts[k] = _capped(result[k]), f"read as {best.text!r} in coloured ink, which may be a mark"
    held = Counter(line.cell for line in lines)
    alone = [
        k
        for k, line in enumerate(lines)
        if line.cell is not None and held[line.cell] == 1 and len(line.boxes) == 1 and _is_short(readings[k])
    ]
    asked = [k for k in alone if doubts[k] == SEALED or (_is_unsure(readings[k]) and _is_near(sheet, lines[k]))]
    if not asked:
        return result, doubts
    crops = [_crop(raster, sheet, rulings, lines[k], cells) for k in asked]
    for k, again in zip(asked, read(crops), strict=True):
        found = _compared(result[k], again)
        if found is not None:
            result[k], doubts[k] = found
    return result, doubts


def _is_short(reading: LineReading) -> bool:
    """True where print may be a figure with rests of a seal beside it."""
    return bool(reading.numeric) or len(reading.text) <= _SHORT


def _is_unsure(reading: LineReading) -> bool:
    best = _best(reading)
    return best is None or best.log_prob < _ALIKE


def _is_near(sheet: Sheet, line: TextLine) -> bool:
    """True where a seal comes as near to a run of print as its own height."""
    if sheet.seal is None:
        return False
    x0, top, x1, bottom = line.hull
    reach = bottom - top
    return bool((sheet.seal[max(0, top - reach) : bottom + reach, max(0, x0 - reach) : x1 + reach] > _HALF).any())


def _crop(raster: Raster, sheet: Sheet, rulings: Gray, line: TextLine, cells: Sequence[PixelBox]) -> Gray:
    """Cuts out the print of a cell, all of it: the other way may show signs, or parts of them, that are lost in the first."""
    x0, top, x1, bottom = line.hull
    height, width = sheet.gray.shape
    pad = max(2, round(_MARGIN * (bottom - top)))
    left, upper, right, lower = cells[line.cell if line.cell is not None else 0]
    x_from, x_to = max(0, min(x0, left + pad)), min(width, max(x1, right - pad))
    y_from, y_to = max(0, min(top, upper + _RIM)), min(height, max(bottom, lower - _RIM))
    piece, lines = seen_through(raster, sheet.transform, (x_from, y_from, x_to, y_to)), rulings[y_from:y_to, x_from:x_to]
    piece[lines > 0] = 255
    columns, rows = (np.flatnonzero(piece.min(axis=axis, initial=255) < _INKED) for axis in (0, 1))
    if not len(columns):
        return piece
    own = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return crop_line(piece, TextLine((own,), line.cell), lines)


def _compared(first: LineReading, again: LineReading) -> tuple[LineReading, str] | None:
    """What is taken of two looks at one figure, and what doubt is left; None where the second look saw no figure clearly."""
    mine, other = _best(first), _best(again)
    if other is None or other.log_prob < _TAKEN:
        if mine is None or mine.log_prob < _TAKEN:
            return None
        return _capped(first), f"read as {mine.text!r} under a seal or a pen stroke"
    if mine is not None and mine.text == other.text:
        sure = min(mine.log_prob, other.log_prob) >= _ALIKE and _all_say(first, mine) and _all_say(again, other)
        return first if sure else _capped(first if mine.log_prob > other.log_prob else again), (
            f"read as {mine.text!r} under a seal or a pen stroke"
        )
    if mine is not None and mine.log_prob >= _TAKEN:
        # Two figures, both clear: neither is to be believed.
        return None
    return _capped(again), f"read as {other.text!r} under a seal or a pen stroke"


def _best(reading: LineReading) -> Candidate | None:
    return reading.numeric[0] if reading.numeric else None


def _all_say(reading: LineReading, taken: Candidate) -> bool:
    """True where both readers find a text the most probable."""
    best: dict[str, float] = {}
    for candidate in reading.numeric:
        for reader, log_prob in candidate.said:
            best[reader] = max(best.get(reader, -math.inf), log_prob)
    return len(taken.said) > 1 and all(log_prob >= best[reader] for reader, log_prob in taken.said)


def _capped(reading: LineReading) -> LineReading:
    """Returns a reading whose figures are not sure."""
    return replace(reading, numeric=tuple(replace(c, log_prob=min(c.log_prob, _UNSURE)) for c in reading.numeric))
