"""Two small charts as PNG: the review-burden curve and the reliability diagram. Drawn with Pillow, so the bench needs no more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_SIZE, _TIMES = (980, 560), 2
_FRAME = (90, 46, 740, 490)
_INK, _SOFT, _LINE = (28, 35, 48), (102, 112, 133), (223, 227, 234)
_COLORS = (
    (47, 95, 208), (217, 119, 6), (18, 115, 74), (122, 62, 176), (14, 124, 134), (190, 24, 93), (101, 116, 20),
    (90, 90, 90), (37, 150, 230), (150, 90, 30), (90, 60, 220), (0, 160, 90), (230, 80, 80),
)  # fmt: skip

_THICK = {"all, measured": (28, 35, 48), "all, at most": (180, 35, 24)}

Points = Sequence[tuple[float, float]]


class _Sheet:
    """A drawing with axes; `x` and `y` run from 0 to 1 within the frame."""

    def __init__(self, title: str, x_name: str, y_name: str) -> None:
        self.image: Any = Image.new("RGB", (_SIZE[0] * _TIMES, _SIZE[1] * _TIMES), "white")
        self._draw: Any = ImageDraw.Draw(self.image)
        self.text(_FRAME[0], 20, title, 17, _INK)
        self.text((_FRAME[0] + _FRAME[2]) / 2, _FRAME[3] + 44, x_name, 13, _INK, "mm")
        self.text(14, _FRAME[1] - 12, y_name, 13, _INK)
        self._draw.rectangle([n * _TIMES for n in _FRAME], outline=_SOFT, width=_TIMES)

    def at(self, x: float, y: float) -> tuple[float, float]:
        x0, top, x1, bottom = _FRAME
        return x0 + x * (x1 - x0), bottom - y * (bottom - top)

    def text(self, x: float, y: float, words: str, size: int, color: tuple[int, int, int], anchor: str = "lm") -> None:
        font: Any = ImageFont.load_default(size * _TIMES)
        self._draw.text((x * _TIMES, y * _TIMES), words, fill=color, font=font, anchor=anchor)

    def x_tick(self, x: float, words: str) -> None:
        here = self.at(x, 0)
        self._stroke([here, self.at(x, 1)], _LINE, 1)
        self.text(here[0], here[1] + 16, words, 12, _SOFT, "mm")

    def y_tick(self, y: float, words: str) -> None:
        here = self.at(0, y)
        self._stroke([here, self.at(1, y)], _LINE, 1)
        self.text(here[0] - 8, here[1], words, 12, _SOFT, "rm")

    def curve(self, points: Points, color: tuple[int, int, int], width: int = 2, dots: bool = True) -> None:
        places = [self.at(x, y) for x, y in points]
        self._stroke(places, color, width)
        for x, y in places if dots else ():
            box = [n * _TIMES for n in (x - 3.5, y - 3.5, x + 3.5, y + 3.5)]
            self._draw.ellipse(box, fill=color)

    def key(self, number: int, words: str, color: tuple[int, int, int]) -> None:
        y = _FRAME[1] + 14 + 22 * number
        self._stroke([(_FRAME[2] + 20, y), (_FRAME[2] + 44, y)], color, 3)
        self.text(_FRAME[2] + 52, y, words, 12, _INK)

    def save(self, path: Path) -> None:
        self.image.resize(_SIZE, Image.Resampling.LANCZOS).save(path, optimize=True)

    def _stroke(self, places: Points, color: tuple[int, int, int], width: int) -> None:
        if len(places) > 1:
            self._draw.line([(x * _TIMES, y * _TIMES) for x, y in places], fill=color, width=width * _TIMES, joint="curve")


def draw_burden(path: Path, curves: Mapping[str, Points], least: float = 1e-5) -> None:
    """Draws silent error rate over review share.

    Args:
        path: the PNG to write.
        curves: name → `(review share, error rate)`, both 0 to 1, one point for each threshold; those of `all` are drawn thick.
        least: the lowest rate on the logarithmic axis; 0 has a line of its own below it.
    """
    sheet = _Sheet("", "share of cells to be reviewed", "wrong cells among those without a flag")
    most = max([x for points in curves.values() for x, _ in points] or [0.1])
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if most / s <= 8)
    span = step * math.ceil(max(most, step) / step)
    for n in range(round(span / step) + 1):
        sheet.x_tick(n * step / span, f"{100 * n * step:.0f} %")
    decades = round(-math.log10(least))

    def height(rate: float) -> float:
        return 0.04 if rate <= 0 else 0.12 + 0.88 * max(0.0, 1 + math.log10(max(rate, least)) / decades)

    sheet.y_tick(0.04, "0")
    for n in range(decades + 1):
        sheet.y_tick(height(10.0**-n), f"1e-{n}" if n else "1")
    for n, (name, points) in enumerate(curves.items()):
        color = _THICK.get(name, _COLORS[n % len(_COLORS)])
        placed = [(x / span, height(y)) for x, y in points]
        sheet.curve(placed, color, 4 if name in _THICK else 2)
        sheet.key(n, name, color)
    sheet.save(path)


def draw_reliability(path: Path, bins: Sequence[tuple[float, float, int]], bounds: Sequence[float], error: float) -> None:
    """Draws the share of right cells over the probability that they were given, on axes of doubt.

    Args:
        path: the PNG to write.
        bins: `(mean probability, share right, cells)`.
        bounds: the share wrong of each bin at most, with 95 % confidence.
        error: expected calibration error.
    """
    sheet = _Sheet(f"Reliability (expected calibration error {error:.1e})", "doubt: 1 less the probability given", "share wrong")
    decades = 5

    def place(doubt: float) -> float:
        return 0.04 if doubt <= 0 else 0.12 + 0.88 * max(0.0, 1 + math.log10(max(doubt, 10.0**-decades)) / decades)

    for n in range(decades + 1):
        sheet.x_tick(place(10.0**-n), f"1e-{n}" if n else "1")
        sheet.y_tick(place(10.0**-n), f"1e-{n}" if n else "1")
    sheet.x_tick(0.04, "0")
    sheet.y_tick(0.04, "0")
    sheet.curve([(0.12, 0.12), (1.0, 1.0)], _SOFT, 1, dots=False)
    sheet.curve([(place(1 - p), place(1 - right)) for p, right, _ in bins], _COLORS[0])
    for (p, right, n), bound in zip(bins, bounds, strict=True):
        x, y = sheet.at(place(1 - p), place(1 - right))
        sheet.curve([(place(1 - p), place(1 - right)), (place(1 - p), place(bound))], _COLORS[0], 1, dots=False)
        sheet.text(x + 8, y - 11, f"{n:,}", 11, _SOFT)
    sheet.key(0, "as measured (number of cells)", _COLORS[0])
    sheet.key(1, "upright: up to the 95 % bound", _COLORS[0])
    sheet.key(2, "as it should be", _SOFT)
    sheet.save(path)
