"""Damages of parts of a page: marks of pens, dirt, colours, tears."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from bench import scanner
from bench.damage import FONTS
from bench.picture import Pixels

Rng = np.random.Generator
Damage = Callable[[Pixels, Rng], Pixels]
Floats = npt.NDArray[np.float64]

BLACK, GRAPHITE = (22, 22, 30), (112, 112, 116)
RED_PEN, BLUE_PEN = (190, 30, 40), (30, 50, 170)
RED_INK, BLUE_INK = (210, 30, 40), (40, 60, 190)
PENS = (RED_PEN, BLACK, BLUE_PEN)
_RULING_ACROSS, _RULING_DOWN = 120, 70


def clip(page: Floats) -> Pixels:
    """Whole levels from 0 to 255."""
    return np.clip(page, 0, 255).astype(np.uint8)


def spot(page: Pixels, rng: Rng, from_x: float = 0.4) -> tuple[int, int]:
    """A place among the figures: they stand in the right part of a page."""
    height, width = page.shape[:2]
    return int(rng.uniform(from_x, 0.92) * width), int(rng.uniform(0.08, 0.9) * height)


def _lay_words(page: Pixels, words: str, size: int, turn_deg: float, every: tuple[int, int] | None, share: float) -> Pixels:
    """Lays pale grey words over a page, once in its middle or everywhere."""
    height, width = page.shape[:2]
    font = ImageFont.truetype(FONTS[0], size)
    box = font.getbbox(words)
    tile = Image.new("L", (int(box[2]) + 20, int(box[3]) + 20), 0)
    ImageDraw.Draw(tile).text((10, 10), words, fill=255, font=font)
    tile = tile.rotate(turn_deg, expand=True)
    layer = Image.new("L", (width, height), 0)
    if every is None:
        layer.paste(tile, ((width - tile.width) // 2, (height - tile.height) // 2))
    else:
        for y in range(-100, height, every[1]):
            for x in range(-100, width, every[0]):
                layer.paste(tile, (x, y), tile)
    ink = np.asarray(layer, dtype=np.float64)[..., None] / 255 * share
    return clip(page * (1 - ink) + ink * 100)


def watermark(page: Pixels, rng: Rng) -> Pixels:
    """Slanted words all over the page."""
    return _lay_words(page, "内部资料 请勿外传", 110, 35, (900, 900), 0.22)


def large_watermark(page: Pixels, rng: Rng) -> Pixels:
    """One slanted word over the middle of the page."""
    return _lay_words(page, "仅供参考", 420, 40, None, 0.3)


def streaks(page: Pixels, rng: Rng) -> Pixels:
    """Lines from edge to edge, of dirt on the glass."""
    out, (height, width) = page.astype(np.float64), page.shape[:2]
    for _ in range(4):
        x, thick, level = int(rng.uniform(0.1, 0.95) * width), int(rng.integers(2, 5)), float(rng.uniform(60, 150))
        out[:, x : x + thick] = np.minimum(out[:, x : x + thick], level + rng.normal(0, 10, (height, 1, 1)))
    return clip(out)


def coloured_streaks(page: Pixels, rng: Rng) -> Pixels:
    """Coloured lines from edge to edge."""
    out, width = page.copy(), page.shape[1]
    for color in ((230, 120, 120), (120, 200, 140), (120, 140, 230)):
        x = int(rng.uniform(0.1, 0.95) * width)
        out[:, x : x + 4] = np.minimum(out[:, x : x + 4], np.array(color, dtype=np.uint8))
    return out


def highlighter(page: Pixels, rng: Rng) -> Pixels:
    """Bands of a highlighter over rows."""
    out, (height, width) = page.astype(np.float64), page.shape[:2]
    for _ in range(14):
        y, x = int(rng.uniform(0.05, 0.9) * height), int(rng.uniform(0.05, 0.7) * width)
        color = np.array([(255, 245, 60), (255, 150, 190), (150, 255, 140)][int(rng.integers(3))]) / 255
        out[y : y + int(rng.uniform(40, 70)), x : x + int(rng.uniform(150, 900))] *= color
    return clip(out)


def stained(page: Pixels, rng: Rng) -> Pixels:
    """Old paper with rings of a cup."""
    (height, width), out = page.shape[:2], page.astype(np.float64)
    out *= np.array([235, 215, 160]) / 255 * (0.92 + 0.06 * scanner.smooth_field((height, width), 500, rng)[..., None])
    ys, xs = np.ogrid[:height, :width]
    for _ in range(3):
        far = np.hypot(ys - rng.uniform(0, height), xs - rng.uniform(0, width))
        radius = rng.uniform(200, 450)
        ring = np.exp(-(((far - radius) / 9) ** 2)) * 0.45 + (far < radius) * 0.08
        out *= 1 - ring[..., None] * np.array([0.35, 0.5, 0.75])
    return clip(out)


def ticks(page: Pixels, rng: Rng) -> Pixels:
    """Ticks of a pen beside and over figures."""
    out = page.copy()
    for _ in range(18):
        (x, y), size = spot(page, rng), int(rng.uniform(18, 34))
        points = np.array([[x, y], [x + size // 3, y + size // 2], [x + size, y - size]], dtype=np.int32)
        cv2.polylines(out, [points], False, PENS[int(rng.integers(3))], 4, cv2.LINE_AA)
    return out


def circles(page: Pixels, rng: Rng) -> Pixels:
    """Figures ringed by a pen."""
    out = page.copy()
    for _ in range(10):
        axes = (int(rng.uniform(35, 70)), int(rng.uniform(24, 34)))
        cv2.ellipse(out, spot(page, rng), axes, rng.uniform(-10, 10), 0, 350, PENS[int(rng.integers(3))], 4, cv2.LINE_AA)
    return out


def strikes(page: Pixels, rng: Rng) -> Pixels:
    """Figures struck out."""
    out = page.copy()
    for _ in range(10):
        x, y = spot(page, rng)
        cv2.line(out, (x, y), (x + int(rng.uniform(30, 80)), y + int(rng.normal(0, 3))), BLACK, 4, cv2.LINE_AA)
    return out


def underlines(page: Pixels, rng: Rng) -> Pixels:
    """Wavy pencil lines below figures."""
    out = page.copy()
    for _ in range(25):
        x, y = spot(page, rng)
        wave = [[x + i, y + int(2 * np.sin(i / 9) + rng.normal(0, 0.6))] for i in range(0, int(rng.uniform(40, 110)), 4)]
        cv2.polylines(out, [np.array(wave, dtype=np.int32)], False, GRAPHITE, 3, cv2.LINE_AA)
    return out


def handwriting(page: Pixels, rng: Rng) -> Pixels:
    """Figures written by hand over the print."""
    out = page.copy()
    for _ in range(10):
        text, color = str(rng.integers(1, 99)), (BLUE_PEN, BLACK)[int(rng.integers(2))]
        font = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
        cv2.putText(out, text, spot(page, rng), font, rng.uniform(1.2, 2), color, 3, cv2.LINE_AA)
    return out


def corrected(page: Pixels, rng: Rng) -> Pixels:
    """Blots of correction fluid."""
    out = page.copy()
    for _ in range(12):
        axes = (int(rng.uniform(20, 60)), int(rng.uniform(14, 26)))
        cv2.ellipse(out, spot(page, rng), axes, rng.uniform(-20, 20), 0, 360, (250, 250, 247), -1, cv2.LINE_AA)
    return out


def _inked(page: Pixels, color: tuple[int, int, int], chosen: npt.NDArray[np.bool_]) -> Pixels:
    """Prints the words and figures of chosen places in a colour; rulings stay black."""
    gray = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    dark = (gray < 170).astype(np.uint8)
    across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, _RULING_ACROSS), np.uint8))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((_RULING_DOWN, 1), np.uint8))
    words = chosen & (cv2.dilate(across | down, np.ones((7, 7), np.uint8)) == 0)
    light = gray.astype(np.float64)[..., None] / 255
    return np.where(words[..., None], clip(light * 255 + (1 - light) * np.array(color)), page)


def red_column(page: Pixels, rng: Rng) -> Pixels:
    """The right part of a page in red print."""
    chosen = np.zeros(page.shape[:2], dtype=bool)
    chosen[:, int(page.shape[1] * 0.78) :] = True
    return _inked(page, RED_INK, chosen)


def blue_half(page: Pixels, rng: Rng) -> Pixels:
    """The right half of a page in blue print."""
    chosen = np.zeros(page.shape[:2], dtype=bool)
    chosen[:, page.shape[1] // 2 :] = True
    return _inked(page, BLUE_INK, chosen)


def red_figures(page: Pixels, rng: Rng) -> Pixels:
    """Some figures in red print."""
    chosen = np.zeros(page.shape[:2], dtype=bool)
    for _ in range(14):
        x, y = spot(page, rng)
        chosen[y : y + 60, x : x + 160] = True
    return _inked(page, RED_INK, chosen)


def blue_page(page: Pixels, rng: Rng) -> Pixels:
    """All print in blue, rulings too."""
    light = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.float64)[..., None] / 255
    return clip(light * 255 + (1 - light) * np.array([40, 50, 170]))


def cut_right(page: Pixels, rng: Rng) -> Pixels:
    """The picture ends within the last column."""
    return np.ascontiguousarray(page[:, : int(page.shape[1] * 0.885)])


def cut_below(page: Pixels, rng: Rng) -> Pixels:
    """The picture ends within a table."""
    return np.ascontiguousarray(page[: int(page.shape[0] * 0.62)])


def torn(page: Pixels, rng: Rng) -> Pixels:
    """A corner is missing."""
    out, (height, width) = page.copy(), page.shape[:2]
    edge = [(1, 1), (1, 0.72), (0.86, 0.78), (0.8, 0.9), (0.66, 1)]
    cv2.fillPoly(out, [np.array([[int(x * width), int(y * height)] for x, y in edge], dtype=np.int32)], (30, 30, 30))
    return out


def pale_bands(page: Pixels, rng: Rng) -> Pixels:
    """Toner that runs out in upright bands."""
    width = page.shape[1]
    wave = 0.5 + 0.5 * np.sin(np.arange(width) / width * 6 * np.pi + rng.uniform(0, 6))
    return clip(255 - (255 - page.astype(np.float64)) * (1 - 0.75 * wave)[None, :, None])


def dust(page: Pixels, rng: Rng) -> Pixels:
    """Black specks all over."""
    out, (height, width) = page.copy(), page.shape[:2]
    for _ in range(500):
        cv2.circle(out, (int(rng.uniform(0, width)), int(rng.uniform(0, height))), int(rng.integers(1, 5)), (40, 40, 40), -1)
    return out


def hairs(page: Pixels, rng: Rng) -> Pixels:
    """Hairs on the glass."""
    out, (height, width) = page.copy(), page.shape[:2]
    for _ in range(25):
        at, angle, points = np.array([rng.uniform(0, width), rng.uniform(0, height)]), rng.uniform(0, 2 * np.pi), []
        for _ in range(25):
            points.append(at.copy())
            angle += rng.normal(0, 0.2)
            at = at + 8 * np.array([np.cos(angle), np.sin(angle)])
        cv2.polylines(out, [np.array(points, dtype=np.int32)], False, (70, 70, 70), 2, cv2.LINE_AA)
    return out


def reversed_rows(page: Pixels, rng: Rng) -> Pixels:
    """Two rows in white on black."""
    out, (height, width) = page.copy(), page.shape[:2]
    for _ in range(2):
        y = int(rng.uniform(0.15, 0.8) * height)
        out[y : y + 66, 200 : width - 200] = 255 - out[y : y + 66, 200 : width - 200]
    return out


MARKS = (
    watermark,
    large_watermark,
    streaks,
    coloured_streaks,
    highlighter,
    stained,
    ticks,
    circles,
    strikes,
    underlines,
    handwriting,
    corrected,
    red_column,
    blue_half,
    red_figures,
    blue_page,
    cut_right,
    cut_below,
    torn,
    pale_bands,
    dust,
    hairs,
    reversed_rows,
)
