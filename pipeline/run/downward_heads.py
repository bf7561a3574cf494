"""Heads that are written downwards outside of ruled cells: read as one label each, then words letter by letter, as a text layer
has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from pipeline.domain import BBox, Candidate, Word
from pipeline.geometry import connected
from pipeline.layout.crops import crop_line
from pipeline.layout.ink import Ink
from pipeline.layout.textlines import level_lines
from pipeline.ocr.engine import LineReading
from pipeline.raster import Gray, TextLine
from pipeline.run.turned_labels import Runs, mean_score

_LABEL = re.compile(r"[\u3400-\u9fff]{2,}")
_SIGNS = frozenset("无一〇零")
_LEAST = -0.5
_FULL = 0.97


def read_downward(
    read: Callable[[Sequence[Gray]], Sequence[LineReading]],
    gray: Gray,
    mask: Gray,
    ink: Ink,
    lines: Sequence[TextLine],
    crops: Sequence[Gray],
    readings: Sequence[LineReading],
) -> Runs:
    """Reads print below one another outside of cells across, as all other print, where it reads as no label downwards.

    Args:
        read: reads pictures of runs of print.
        gray: the straightened page.
        mask: 255 on its rulings.
        ink: its print.
        lines: runs of print.
        crops: their pictures, in their order.
        readings: what they read, in their order.
    """
    refused = _no_heads(lines, readings)
    if not refused:
        return list(lines), list(crops), list(readings)
    x, y = (ink.boxes[:, 0] + ink.boxes[:, 2]) / 2, (ink.boxes[:, 1] + ink.boxes[:, 3]) / 2
    inside = np.zeros(len(ink.boxes), dtype=bool)
    for x0, top, x1, bottom in (lines[k].hull for k in refused):
        inside |= (x >= x0) & (x <= x1) & (y >= top) & (y <= bottom)
    across = level_lines(ink, np.flatnonzero(inside))
    pictures = [crop_line(gray, line, mask) for line in across]
    runs = [run for k, run in enumerate(zip(lines, crops, readings, strict=True)) if k not in refused]
    runs += zip(across, pictures, read(pictures), strict=True)
    return [line for line, _, _ in runs], [crop for _, crop, _ in runs], [reading for _, _, reading in runs]


def _no_heads(lines: Sequence[TextLine], readings: Sequence[LineReading]) -> set[int]:
    """Returns the stacks that are no heads: beside most that read as labels, one that could hardly be read is a head as well."""
    stacks = [k for k, line in enumerate(lines) if line.is_free_stack]
    found: set[int] = set()
    for group in _groups([lines[k].hull[1::2] for k in stacks]):
        own = [stacks[i] for i in group]
        others = [k for k in own if not _is_label(readings[k])]
        are_heads = 2 * len(others) < len(own)
        found.update(k for k in others if not are_heads or any(c.isdigit() for c in _text(readings[k])))
    return found


def _text(reading: LineReading) -> str:
    return "".join(reading.candidates[0].text.split()) if reading.candidates else ""


def _is_label(reading: LineReading) -> bool:
    """True for a text of several Chinese letters; a column of one sign, or of those for none, is no label: 无 below 无 or 一."""
    text = _text(reading)
    return bool(_LABEL.fullmatch(text)) and len(set(text)) > 1 and not _SIGNS.issuperset(text) and mean_score(reading) >= _LEAST


def head_boxes(lines: Sequence[TextLine], dpi: float) -> list[BBox]:
    """Returns the places of heads that are written downwards, in points: a badly read one is no mark in the margin."""
    return [BBox(*(v * 72.0 / dpi for v in line.hull)) for line in lines if line.is_free_stack]


def part_downward(words: Sequence[Word], lines: Sequence[TextLine], dpi: float) -> tuple[list[Word], list[TextLine]]:
    """Makes a word of each letter of heads that are written downwards; those of heads beside one another stand in rows.

    Heads of several lengths are set in the middle of their cells, so that their letters stand at any heights. In rows, down to
    the foot of the lowest one, they are lines of one head, and below all texts over several columns.

    Args:
        words: of a page, in points.
        lines: their runs of print, in the same order.
        dpi: pixels an inch.
    """
    stacks = [k for k, line in enumerate(lines) if line.is_free_stack]
    places: dict[int, tuple[float, float, float]] = {}
    for group in _groups([lines[k].hull[1::2] for k in stacks]):
        own = [lines[stacks[i]] for i in group]
        em = median(line.hull[2] - line.hull[0] for line in own) / _FULL
        pitch = max(em, median((line.boxes[-1][1] - line.boxes[0][1]) / (len(line.boxes) - 1) for line in own))
        places.update((stacks[i], (float(max(line.hull[3] for line in own)), em, pitch)) for i in group)
    parted: list[Word] = []
    runs: list[TextLine] = []
    for k, (word, line) in enumerate(zip(words, lines, strict=True)):
        letters = _letters(word, line, places[k], 72.0 / dpi) if k in places else [(word, line)]
        parted += [letter for letter, _ in letters]
        runs += [run for _, run in letters]
    return parted, runs


def _groups(places: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Groups stretches, from where to where, that overlap."""
    pairs = [
        (i, k)
        for i, (top, bottom) in enumerate(places)
        for k, (other_top, other_bottom) in enumerate(places[:i])
        if min(bottom, other_bottom) > max(top, other_top)
    ]
    return connected(len(places), pairs)


def _letters(word: Word, line: TextLine, place: tuple[float, float, float], scale: float) -> list[tuple[Word, TextLine]]:
    """Makes the words of one head; where fewer or more letters were read than are seen, they are dealt out evenly."""
    text = "".join(word.text.split())
    n = min(len(text), len(line.boxes))
    bottom, em, pitch = place
    score = next((c.log_prob for c in word.readings if c.text == word.text), 0.0) / max(1, len(text))
    made = []
    for i in range(n):
        own = text[i * len(text) // n : (i + 1) * len(text) // n]
        run = TextLine(line.boxes[i * len(line.boxes) // n : (i + 1) * len(line.boxes) // n])
        x0, _, x1, _ = run.hull
        lower = bottom - (n - 1 - i) * pitch
        box = BBox(x0 * scale, (lower - em) * scale, x1 * scale, lower * scale)
        made.append((replace(word, text=own, bbox=box, readings=(Candidate(own, score * len(own)),)), run))
    return made
