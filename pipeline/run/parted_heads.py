"""Heads of narrow columns that were read as one run of print → a word for each, as a text layer has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from pipeline.domain import BBox, Candidate, Word
from pipeline.layout.ink import Ink
from pipeline.raster import PixelBox, TextLine

_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]{2,8}(?: *[\u3400-\u9fff]{2,8})+")
_GAP_EM, _PLAIN_GAP_EM, _OFF_EM = 0.22, 0.45, 0.4
_EM_RANGE = (0.8, 1.3)
_BEARING = 0.08
_LEVEL = 0.85
_LEAST = 2

Gap = tuple[int, int]


def part_heads(words: Sequence[Word], lines: Sequence[TextLine], ink: Ink) -> tuple[list[Word], list[TextLine]]:
    """Parts words outside of ruled cells at gaps in their print, where they hold nothing but Chinese characters.

    The heads of narrow columns stand closer than runs of print do. A word is parted only where the widths of its parts fit
    the number of their characters, so that it is known which characters stand where.

    Args:
        words: of a page, in points.
        lines: their runs of print, in the same order.
        ink: print of the page.
    """
    parted: list[Word] = []
    runs: list[TextLine] = []
    for word, line in zip(words, lines, strict=True):
        parts = _parts(word.text, line, ink) if line.cell is None and len(line.boxes) == 1 else []
        parted += [_cut_out(word, text, line.hull, box) for text, box in parts] or [word]
        runs += [TextLine((box,)) for _, box in parts] or [line]
    return parted, runs


def _parts(text: str, line: TextLine, ink: Ink) -> list[tuple[str, PixelBox]]:
    """Returns the parts of a run, each with its box; none where it stays whole."""
    if not _IDEOGRAPHS.fullmatch(text.strip()):
        return []
    x0, top, x1, bottom = line.hull
    gaps = _gaps(np.flatnonzero((ink.binary[top:bottom, x0:x1] > 0).any(axis=0)), bottom - top)
    told = text.split()
    counts = [len(part) for part in told]
    chosen = gaps[: len(told) - 1] if len(told) > 1 else [g for g in gaps if g[1] - g[0] >= _PLAIN_GAP_EM * (bottom - top)]
    if not chosen or len(chosen) < len(told) - 1:
        return []
    edges = [0, *(x for gap in sorted(chosen) for x in gap), x1 - x0]
    places = list(zip(edges[::2], edges[1::2], strict=True))
    boxes = [_own_box(ink, (x0 + a, top, x0 + b, bottom)) for a, b in places]
    high = max(box[3] - box[1] for box in boxes)
    letters = text.replace(" ", "")
    em = sum(b - a for a, b in places) / (len(letters) - _BEARING * len(places))
    if not _EM_RANGE[0] <= em / high <= _EM_RANGE[1]:
        return []
    counts = counts if len(told) > 1 else [round((b - a) / em + _BEARING) for a, b in places]
    fits = all(abs(b - a - (n - _BEARING) * em) <= _OFF_EM * em for n, (a, b) in zip(counts, places, strict=True))
    if not fits or sum(counts) != len(letters) or min(counts) < _LEAST:
        return []
    cuts = list(pairwise([0, *accumulate(counts)]))
    return [(letters[i:j], box) for (i, j), box in zip(cuts, boxes, strict=True)]


def _own_box(ink: Ink, box: PixelBox) -> PixelBox:
    """Returns the box of a part, as high as the run; heads of several lines, each in the middle of its cell, are not level."""
    x0, top, x1, bottom = box
    rows = np.flatnonzero((ink.binary[top:bottom, x0:x1] > 0).any(axis=1))
    if not len(rows) or rows[-1] + 1 - rows[0] >= _LEVEL * (bottom - top):
        return box
    return x0, top + int(rows[0]), x1, top + int(rows[-1]) + 1


def _gaps(filled: np.ndarray, em: int) -> list[Gap]:
    """Returns the gaps in print, the widest first."""
    wide = np.flatnonzero(np.diff(filled) - 1 >= _GAP_EM * em)
    found = [(int(filled[k]) + 1, int(filled[k + 1])) for k in wide]
    return sorted(found, key=lambda g: (g[0] - g[1], g[0]))


def _cut_out(word: Word, text: str, whole: PixelBox, part: PixelBox) -> Word:
    """Returns a part of a word: `whole` is the box of its run in pixels, `part` that of the part."""
    box = word.bbox
    x, y = box.width / max(1, whole[2] - whole[0]), box.height / max(1, whole[3] - whole[1])
    bbox = BBox(
        box.x0 + (part[0] - whole[0]) * x,
        box.top + (part[1] - whole[1]) * y,
        box.x0 + (part[2] - whole[0]) * x,
        box.top + (part[3] - whole[1]) * y,
    )
    readings = tuple(Candidate(text, c.log_prob) for c in word.readings[:1])
    return replace(word, text=text, bbox=bbox, readings=readings)
