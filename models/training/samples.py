"""Training samples: a crop as the reader gets it, and what the reader should say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.training import damage, marks
from models.training.damage import Gray
from models.training.fonts import Family
from models.training.printing import Box, Print, draw_face, ink_box, set_line
from models.training.texts import Line, draw_number, draw_other, draw_sign
from pipeline.ocr.figure_crops import scaled
from pipeline.ocr.figure_signs import OTHER

_PAD, _MIN_PAD = 0.25, 3
_LATIN = frozenset("0123456789.,-–—%/()") | set(map(chr, range(33, 127)))
WIDEST = 256
"""Wider samples are not trained on, in pixels at height 32."""


@dataclass(frozen=True)
class Sample:
    """A crop at height 32 (see `pipeline.ocr.figure_crops.scaled`) and its label."""

    pixels: Gray
    label: str


def draw_sample(families: Sequence[Family], rng: np.random.Generator) -> Sample:
    """Draws one sample."""
    while True:
        crop, label = _draw(families, rng)
        small = scaled(crop)
        if small.shape[1] <= WIDEST:
            return Sample(small, label)


def _draw(families: Sequence[Family], rng: np.random.Generator) -> tuple[Gray, str]:
    kind = rng.random()
    if kind < 0.68:
        printed, label = _printed(draw_number(rng), families, rng)
    elif kind < 0.75:
        printed, label = _printed(draw_sign(rng), families, rng)
    elif kind < 0.86:
        printed, label = _printed(draw_other(rng), families, rng)
        if rng.random() < 0.1:
            printed, label = _cut(printed, OTHER, rng)
    elif kind < 0.89:
        printed, label = _cut(*_printed(draw_number(rng), families, rng), rng)
    elif kind < 0.91:
        printed, label = _gapped(families, rng)
    elif kind < 0.96:
        printed, label = marks.draw_mark(rng), OTHER
    elif kind < 0.975:
        printed, label = marks.add_beside(*_printed(draw_number(rng), families, rng), rng)
    else:
        return _blank(families, rng), ""
    return _photographed(printed, families, rng), label


def _printed(line: Line, families: Sequence[Family], rng: np.random.Generator) -> tuple[Print, str]:
    """Sets a line in some face and size."""
    while True:
        face = draw_face(families, rng, chinese=not set(line.text) <= _LATIN)
        stretch = float(rng.uniform(0.78, 1.2)) if rng.random() < 0.35 else 1.0
        slant = float(rng.uniform(-0.06, 0.22)) if rng.random() < 0.08 else 0.0
        printed = set_line(line, face, int(rng.choice((26, 34, 44, 60))), stretch, slant)
        if printed is not None:
            return printed, line.label


def _cut(printed: Print, label: str, rng: np.random.Generator) -> tuple[Print, str]:
    """Cuts a third or more off the first or last sign, or off all of them above or below."""
    x0, top, x1, bottom = printed.box
    ink, side = printed.ink.copy(), int(rng.integers(4))
    first, last = printed.columns[0], (printed.columns[-2] if len(printed.columns) > 1 else x0)
    share = float(rng.uniform(0.35, 0.7))
    if side == 0:
        x0 += share * (first - x0)
        ink[:, : round(x0)] = 0
        label = OTHER + label[1:]
    elif side == 1:
        x1 -= share * (x1 - last)
        ink[:, round(x1) :] = 0
        label = label[:-1] + OTHER
    else:
        room = (bottom - top) * float(rng.uniform(0.3, 0.6))
        top, bottom = (top + room, bottom) if side == 2 else (top, bottom - room)
        ink[: round(top)] = 0
        ink[round(bottom) :] = 0
        label = OTHER
    # A lone dash that is cut is a dash still, and a point or comma hardly shows that it is.
    whole = set(label) - {OTHER} if side < 2 else set()
    box = ink_box(ink)
    if box is None or printed.box[3] - printed.box[1] < 0.5 * printed.em or (not whole and len(label) > 1):
        return printed, OTHER if box is None else label
    return Print(ink, box, printed.em, printed.columns), label


def _gapped(families: Sequence[Family], rng: np.random.Generator) -> tuple[Print, str]:
    """Sets two numbers that are not one: they stand too far apart, or a ruling stands between them."""
    a, b = draw_number(rng), draw_number(rng)
    face = draw_face(families, rng, chinese=True)
    left, right = (set_line(Line(line.label, line.label), face, 44, 1.0, 0.0) for line in (a, b))
    if left is None or right is None:
        return _printed(a, families, rng)
    ruled = rng.random() < 0.4
    gap = np.zeros((left.ink.shape[0], round(left.em * rng.uniform(0.5 if ruled else 1.3, 3.0))), dtype=np.float32)
    if ruled:
        x, thick = round(gap.shape[1] * rng.uniform(0.3, 0.6)), max(1, round(left.em * rng.uniform(0.04, 0.1)))
        gap[:, x : x + thick] = rng.uniform(0.5, 1.0)
    ink = np.hstack([left.ink[:, : round(left.box[2])], gap, right.ink[:, round(right.box[0]) :]])
    hull = (
        left.box[0],
        min(left.box[1], right.box[1]),
        ink.shape[1] - (right.ink.shape[1] - right.box[2]),
        max(left.box[3], right.box[3]),
    )
    return Print(ink, hull, left.em, ()), a.label + OTHER + b.label


def _blank(families: Sequence[Family], rng: np.random.Generator) -> Gray:
    """Makes a piece of paper: noise, a few specks, the other side's print, the end of a ruling at its rim."""
    height, width = int(rng.integers(10, 60)), int(rng.integers(8, 90))
    ink = np.zeros((height, width), dtype=np.float32)
    if rng.random() < 0.3:
        other, _ = _printed(draw_number(rng), families, rng)
        ink = damage.add_back(ink, other.ink, rng)
    if rng.random() < 0.3:
        for _ in range(int(rng.integers(1, 4))):
            ink[int(rng.integers(height)), int(rng.integers(width))] = rng.uniform(0.2, 0.9)
    if rng.random() < 0.15:
        ink = damage.add_tint(ink, height / 1.5, rng)
    if rng.random() < 0.25:
        side = int(rng.integers(4))
        np.rot90(ink, side)[: int(rng.integers(1, 1 + max(1, height // 12)))] = rng.uniform(0.3, 1.0)
    gray = damage.fax(ink, rng) if rng.random() < 0.15 else damage.develop(ink, rng)
    return damage.compress(gray, rng) if rng.random() < 0.4 else gray


def _photographed(printed: Print, families: Sequence[Family], rng: np.random.Generator) -> Gray:
    """Damages, scans and straightens print, and cuts it out as `pipeline.layout.crops` does."""
    em, box = printed.em, printed.box
    ink = damage.reweigh(printed.ink, em, rng)
    if rng.random() < 0.12:
        ink = damage.wear(ink, em, rng)
    if rng.random() < 0.05:
        other, _ = _printed(draw_other(rng) if rng.random() < 0.5 else draw_number(rng), families, rng)
        ink = damage.add_back(ink, other.ink, rng)
    if rng.random() < 0.06:
        other, _ = _printed(draw_number(rng), families, rng)
        size = em / other.em
        piece = cv2.resize(other.ink, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        around = ink_box(piece)
        if around is not None:
            ink = damage.add_neighbour(ink, piece, box, around, em, rng)
    if rng.random() < 0.10:
        ink = damage.add_rulings(ink, box, em, rng)
    if rng.random() < 0.02:
        ink = damage.add_strike(ink, box, em, rng)
    if rng.random() < 0.07:
        ink = damage.add_tint(ink, em, rng)
    # Height of a figure in pixels of the scan, and then of the sheet.
    seen = float(np.exp(rng.uniform(np.log(7.5), np.log(42))))
    final = max(seen, float(rng.uniform(14, 30))) if rng.random() < 0.75 else seen
    angle = float(rng.normal(0, 0.7))
    scanned, there = damage.scan(ink, seen / em, angle, float(rng.uniform(0.25, 0.95)), rng)
    gray = damage.fax(scanned, rng) if rng.random() < 0.13 and seen > 12 else damage.develop(scanned, rng)
    if rng.random() < 0.55:
        gray = damage.compress(gray, rng)
    sheet, onward = damage.straighten(gray, final / seen, float(-angle + rng.normal(0, 0.25)))
    if rng.random() < (0.6 if box[3] - box[1] < 0.7 * em else 0.05):
        box = _raised(box, em, rng)
    place = _moved(_moved(box, there), onward)
    return _framed(sheet, place, final, rng)


def _raised(box: Box, em: float, rng: np.random.Generator) -> Box:
    """Makes a box as high as a line is, or more, the print somewhere in it."""
    height = max(box[3] - box[1], em * rng.uniform(1.0, 2.0))
    top = box[1] - (height - (box[3] - box[1])) * rng.uniform(0.15, 0.85)
    return box[0], top, box[2], top + height


def _moved(box: Box, matrix: np.ndarray) -> Box:
    corners = np.array([(x, y, 1.0) for x in (box[0], box[2]) for y in (box[1], box[3])])
    x, y = matrix @ corners.T
    # The hull of a slightly turned box is a little too large.
    middle = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    half = (box[2] - box[0]) * scale / 2, (box[3] - box[1]) * scale / 2
    return middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]


def _framed(sheet: Gray, place: Box, em: float, rng: np.random.Generator) -> Gray:
    """Cuts the print out with a quarter of its height around it, sometimes more, its surroundings often cleaned."""
    jitter = rng.normal(0, 0.5, 4)
    x0, top, x1, bottom = (round(v + j) for v, j in zip(place, jitter, strict=True))
    if rng.random() < 0.35:  # the box of a line may reach beyond its figures
        top -= round(em * rng.uniform(0, 0.35))
        bottom += round(em * rng.uniform(0, 0.35))
    if rng.random() < 0.1:
        x0 -= round(em * rng.uniform(0, 0.8))
        x1 += round(em * rng.uniform(0, 0.8))
    x1, bottom = max(x1, x0 + 2), max(bottom, top + 2)
    nominal = max(bottom - top, min(x1 - x0, 2 * (bottom - top)))
    pad = max(_MIN_PAD, round(_PAD * nominal))
    paper = int(np.percentile(sheet[::3, ::3], 80))
    cleaned = rng.random() < 0.65
    frame = np.pad(sheet, pad + 60, constant_values=paper)
    shift = pad + 60
    part = frame[max(0, top - pad + shift) : bottom + pad + shift, max(0, x0 - pad + shift) : x1 + pad + shift].copy()
    if cleaned:
        edge = max(1, pad - 2)
        for side in range(4):
            np.rot90(part, side)[:edge] = paper
    return part
