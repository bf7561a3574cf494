"""What stands in cells and is no print: rulings, pen strokes, smudges, pieces of seals."""

from __future__ import annotations

import cv2
import numpy as np

from models.training.damage import smooth_field
from models.training.printing import Floats, Print, ink_box
from pipeline.ocr.figure_signs import OTHER

_EM = 40.0


def draw_mark(rng: np.random.Generator) -> Print:
    """Draws a mark of about the size of a figure or two."""
    while True:
        ink = (_bars, _strokes, _smudge, _seal_piece)[int(rng.choice(4, p=(0.3, 0.3, 0.15, 0.25)))](rng)
        box = ink_box(ink)
        if box is not None and box[3] - box[1] >= 6:
            return Print(ink, box, _EM, ())


def add_beside(printed: Print, label: str, rng: np.random.Generator) -> tuple[Print, str]:
    """Sets an upright bar or a stroke beside print, as high as the print is."""
    x0, top, x1, bottom = printed.box
    if bottom - top < 0.6 * printed.em:
        return printed, label
    ink, em = printed.ink.copy(), printed.em
    left = rng.random() < 0.5
    x = x0 - em * rng.uniform(0.15, 0.5) if left else x1 + em * rng.uniform(0.15, 0.5)
    lean = em * (rng.normal(0, 0.02) if rng.random() < 0.6 else rng.uniform(-0.4, 0.4))
    ends = (x, top - em * rng.uniform(-0.1, 0.5)), (x + lean, bottom + em * rng.uniform(-0.1, 0.5))
    _stroke(ink, np.array(ends), em * rng.uniform(0.05, 0.16))
    box = ink_box(ink)
    assert box is not None
    shown = (box[0], top, box[2], bottom)
    return Print(ink, shown, em, ()), OTHER + label if left else label + OTHER


def _bars(rng: np.random.Generator) -> Floats:
    """Rulings: one upright, or a crossing or corner; a lone flat one would be a dash."""
    size = int(rng.integers(50, 130)), int(rng.integers(30, 110))
    ink = np.zeros(size, dtype=np.float32)
    thick = rng.uniform(2, 7)
    x = rng.uniform(8, size[1] - 8)
    start = rng.uniform(0, 0.4) * size[0] if rng.random() < 0.4 else 0.0
    _stroke(ink, np.array([(x, start), (x + rng.normal(0, 0.6), size[0])]), thick)
    if rng.random() < 0.5:
        y = rng.uniform(0.05, 0.95) * size[0]
        ends = (0 if rng.random() < 0.6 else x, size[1] if rng.random() < 0.6 else x + 2)
        _stroke(ink, np.array([(ends[0], y), (ends[1], y + rng.normal(0, 0.6))]), thick * rng.uniform(0.7, 1.3))
    return ink


def _strokes(rng: np.random.Generator) -> Floats:
    """A pen: ticks, bows and scribbles of one or two strokes."""
    size = int(rng.integers(50, 110)), int(rng.integers(40, 160))
    ink = np.zeros(size, dtype=np.float32)
    for _ in range(int(rng.integers(1, 3))):
        count = int(rng.integers(3, 8))
        knots = rng.uniform(0.05, 0.95, (count, 2)) * (size[1], size[0])
        times = np.linspace(0, count - 1, count * 10)
        curve = np.stack([np.interp(times, np.arange(count), knots[:, k]) for k in (0, 1)], axis=1)
        window = np.hanning(11)[1:-1]
        curve = np.stack([np.convolve(np.pad(curve[:, k], 4, "edge"), window / window.sum(), "valid") for k in (0, 1)], axis=1)
        _stroke(ink, curve, rng.uniform(2, 6))
    return ink


def _smudge(rng: np.random.Generator) -> Floats:
    """Dirt: blots with soft or hard edges, and grain."""
    size = int(rng.integers(30, 90)), int(rng.integers(30, 120))
    field = smooth_field(*size, rng.uniform(4, 25), rng)
    yy, xx = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
    field = field * 0.7 + 1.2 - 2.0 * np.hypot(xx / rng.uniform(0.5, 1), yy / rng.uniform(0.5, 1))
    return np.asarray(np.clip(field * rng.uniform(0.5, 5), 0, rng.uniform(0.5, 1)), np.float32)


def _seal_piece(rng: np.random.Generator) -> Floats:
    """A piece of a seal: of its ring, of its star, of turned strokes of a letter."""
    size = int(rng.integers(45, 100)), int(rng.integers(35, 130))
    ink = np.zeros(size, dtype=np.float32)
    kind = rng.random()
    if kind < 0.5:
        radius = rng.uniform(60, 300)
        angle = rng.uniform(0, 2 * np.pi)
        center = size[1] / 2 + radius * np.cos(angle), size[0] / 2 + radius * np.sin(angle)
        cv2.circle(ink, (round(center[0]), round(center[1])), round(radius), 1.0, int(rng.integers(4, 16)), cv2.LINE_AA)
    if kind > 0.35:
        for _ in range(int(rng.integers(2, 7))):
            middle = rng.uniform(0.1, 0.9, 2) * (size[1], size[0])
            angle, length = rng.uniform(0, np.pi), rng.uniform(10, 50)
            way = np.array((np.cos(angle), np.sin(angle))) * length / 2
            _stroke(ink, np.array([middle - way, middle + way]), rng.uniform(4, 10))
    grain = 0.75 + 0.3 * smooth_field(*size, 4, rng)
    return np.asarray(np.clip(ink * grain * rng.uniform(0.35, 1.0), 0, 1), np.float32)


def _stroke(ink: Floats, points: np.ndarray, thick: float) -> None:
    layer = np.zeros_like(ink)
    cv2.polylines(layer, [np.round(points * 8).astype(np.int32)], False, 1.0, max(1, round(thick)), cv2.LINE_AA, 3)
    np.maximum(ink, layer, out=ink)
