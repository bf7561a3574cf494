"""What happens to a printed page before it is scanned: seals, wear, pens, folds and the print on its back.

Pages are RGB; sizes are in pixels of a page at `dpi`. Every draw comes from the generator that is handed in.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.picture import Pixels
from bench.scanner import smooth_field

FONTS = ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", "/usr/share/fonts/truetype/arphic/uming.ttc")
RED, BLUE = (205, 28, 40), (40, 60, 170)
_RING = "青石镇人民政府信息公开专用章"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    """Returns a Chinese font where the machine has one; without it a seal has strokes in place of letters."""
    path = next((p for p in FONTS if Path(p).exists()), None)
    return None if path is None else ImageFont.truetype(path, size)


def press(page: Pixels, stamp: Image.Image, x: int, y: int, color: tuple[int, int, int], strength: float,
          rng: np.random.Generator) -> Pixels:  # fmt: skip
    """Presses a stamp (white on black is ink) on a page, its left top at `x, y`; ink over black print stays black."""
    height, width = page.shape[:2]
    x, y = max(0, min(x, width - stamp.width)), max(0, min(y, height - stamp.height))
    part = page[y : y + stamp.height, x : x + stamp.width].astype(np.float32)
    ink = np.asarray(stamp, dtype=np.float32)[: part.shape[0], : part.shape[1]] / 255.0
    # Ink is uneven: large patches and grain.
    uneven = 1 + 0.18 * smooth_field(ink.shape, 40, rng) + 0.1 * rng.standard_normal(ink.shape, dtype=np.float32)
    share = np.clip(ink * strength * uneven, 0, 1)[..., None]
    through = part * (1 - share * (1 - np.array(color, dtype=np.float32) / 255.0))
    out = page.copy()
    out[y : y + part.shape[0], x : x + part.shape[1]] = np.clip(through, 0, 255).astype(np.uint8)
    return out


def round_seal(dpi: float, turn_deg: float) -> Image.Image:
    """Draws a round official seal of 42 mm: a ring, a star, and letters along the ring; white is ink."""
    size = round(42 / 25.4 * dpi)
    stamp = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(stamp)
    line = max(2, round(1.2 / 25.4 * dpi))
    draw.ellipse((line, line, size - line, size - line), outline=255, width=line)
    center, reach = size / 2, size * 0.15
    star = [(center + reach * (1 if k % 2 == 0 else 0.382) * math.sin(k * math.pi / 5),
             center - reach * (1 if k % 2 == 0 else 0.382) * math.cos(k * math.pi / 5)) for k in range(10)]  # fmt: skip
    draw.polygon(star, fill=255)
    letter = round(size * 0.115)
    for k, char in enumerate(_RING):
        angle = math.radians(-135 + 270 * k / (len(_RING) - 1))
        tile = _letter(char, letter).rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC, expand=True)
        x = center + size * 0.385 * math.sin(angle) - tile.width / 2
        y = center - size * 0.385 * math.cos(angle) - tile.height / 2
        stamp.paste(255, (round(x), round(y)), tile)
    return stamp.rotate(turn_deg, resample=Image.Resampling.BICUBIC)


def square_seal(dpi: float, turn_deg: float) -> Image.Image:
    """Draws a square stamp of 24 mm with four letters; white is ink."""
    size = round(24 / 25.4 * dpi)
    stamp = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(stamp)
    line = max(2, round(0.9 / 25.4 * dpi))
    draw.rectangle((line, line, size - line, size - line), outline=255, width=line)
    half = size // 2
    for k, char in enumerate("已阅存档"):
        tile = _letter(char, round(size * 0.34))
        x, y = (k % 2) * (half - line) + line * 2, (k // 2) * (half - line) + line * 2
        stamp.paste(255, (x, y), tile)
    return stamp.rotate(turn_deg, resample=Image.Resampling.BICUBIC, expand=True)


def _letter(char: str, size: int) -> Image.Image:
    tile = Image.new("L", (size, round(size * 1.2)), 0)
    draw, font = ImageDraw.Draw(tile), _font(size)
    if font is None:
        for k in range(3):
            draw.line((size * 0.1, size * (0.3 + 0.3 * k), size * 0.9, size * (0.3 + 0.3 * k)), fill=255, width=max(1, size // 9))
    else:
        draw.text((0, 0), char, font=font, fill=255)
    return tile


def seal(page: Pixels, dpi: float, strength: tuple[float, float], blue_share: float, rng: np.random.Generator) -> Pixels:
    """Presses a round red seal somewhere on the print of a page, and sometimes a blue square one."""
    x, y = _on_print(page, rng)
    stamp = round_seal(dpi, float(rng.uniform(-25, 25)))
    page = press(page, stamp, x - stamp.width // 2, y - stamp.height // 2, RED, float(rng.uniform(*strength)), rng)
    if rng.random() < blue_share:
        x, y = _on_print(page, rng)
        stamp = square_seal(dpi, float(rng.uniform(-10, 10)))
        page = press(page, stamp, x - stamp.width // 2, y - stamp.height // 2, BLUE, float(rng.uniform(*strength)), rng)
    return page


def _on_print(page: Pixels, rng: np.random.Generator) -> tuple[int, int]:
    """Returns the place of some dark pixel; the middle of an empty page."""
    ys, xs = np.nonzero(page[::16, ::16].min(axis=2) < 140)
    if not len(xs):
        return page.shape[1] // 2, page.shape[0] // 2
    k = int(rng.integers(0, len(xs)))
    return int(xs[k]) * 16, int(ys[k]) * 16


def wear(page: Pixels, dpi: float, pinholes: float, gaps: int, fade: float, rng: np.random.Generator) -> Pixels:
    """Wears print off: pinholes in strokes, gaps in rulings, parts that fade.

    Args:
        page: the page.
        dpi: pixels an inch.
        pinholes: share of the ink that is lost in specks of about 0.15 mm.
        gaps: how many bites of 1 to 6 mm are taken out of rulings.
        fade: how much of the ink is lost where it is faintest, 0 to 1.
        rng: the draws.
    """
    speck = max(2, round(0.15 / 25.4 * dpi))
    field = smooth_field(page.shape, speck, rng)
    share = np.where(field > np.quantile(field[::7, ::7], 1 - pinholes), 0.85, 0.0).astype(np.float32)
    share = np.maximum(share, fade * np.clip(smooth_field(page.shape, round(dpi * 0.8), rng) * 0.5 + 0.3, 0, 1))
    for x, y, wide, high in _ruling_gaps(page, dpi, gaps, rng):
        share[max(0, y) : y + high, max(0, x) : x + wide] = 1.0
    return np.clip(page + (255.0 - page) * share[..., None], 0, 255).astype(np.uint8)


def _ruling_gaps(page: Pixels, dpi: float, count: int, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    """Draws places on the long straight lines of a page: left, top, width, height of each bite."""
    ink = (page.min(axis=2) < 150).astype(np.uint8)
    length, thick = round(dpi * 0.35), max(3, round(dpi * 0.02))
    boxes = []
    for kernel, across in (((length, 1), True), ((1, length), False)):
        lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((kernel[1], kernel[0]), np.uint8))
        ys, xs = np.nonzero(lines)
        for k in rng.integers(0, max(1, len(xs)), count // 2 if len(xs) else 0):
            bite = round(float(rng.uniform(1, 6)) / 25.4 * dpi)
            x, y = int(xs[k]), int(ys[k])
            boxes.append((x, y - thick, bite, 2 * thick) if across else (x - thick, y, 2 * thick, bite))
    return boxes


def bleed(page: Pixels, other: Pixels, strength: float, dpi: float) -> Pixels:
    """Lets the print of the page's back shine through: mirrored, soft and faint."""
    back = cv2.resize(other, (page.shape[1], page.shape[0]))[:, ::-1]
    soft = cv2.GaussianBlur(np.ascontiguousarray(back), (0, 0), dpi / 110)
    return np.clip(page * (1 - strength * (1 - soft / 255.0)), 0, 255).astype(np.uint8)


def pen(page: Pixels, dpi: float, strokes: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Writes with a pen over the margins: scribbles, ticks and loops of 0.5 mm, blue, black or red."""
    out = page.copy()
    height, width = page.shape[:2]
    color = ((30, 50, 150), (35, 35, 40), (190, 30, 40))[int(rng.integers(0, 3))]
    for _ in range(int(rng.integers(strokes[0], strokes[1] + 1))):
        side = int(rng.integers(0, 3))
        x = (width * 0.06, width * 0.93, width * rng.uniform(0.1, 0.8))[side]
        y = height * (rng.uniform(0.05, 0.95) if side < 2 else rng.uniform(0.92, 0.96))
        reach = rng.uniform(0.1, 0.35) * dpi
        n = int(rng.integers(4, 9))
        knots = np.cumsum(rng.normal((reach * 0.35 if side == 2 else 0, 0), reach * 0.6, (n, 2)), axis=0)
        knots = np.clip(knots - knots.mean(axis=0), -dpi * 0.45, dpi * 0.45) + np.array((x, y))
        times = np.linspace(0, n - 1, n * 12)
        curve = np.stack([np.interp(times, np.arange(n), knots[:, k]) for k in (0, 1)], axis=1)
        window = np.hanning(13)[1:-1]
        curve = np.stack([np.convolve(np.pad(curve[:, k], 5, "edge"), window / window.sum(), "valid") for k in (0, 1)], axis=1)
        cv2.polylines(out, [np.round(curve * 8).astype(np.int32)], False, color, max(2, round(dpi * 0.02)), cv2.LINE_AA, 3)
    return out


def staple(page: Pixels, dpi: float, fold_mm: tuple[float, float], rng: np.random.Generator) -> Pixels:
    """Folds the left upper corner over, with its shadow and a staple, and darkens the edge of the glass."""
    out = page.astype(np.float32)
    height, width = page.shape[:2]
    fold = float(rng.uniform(*fold_mm)) / 25.4 * dpi
    v, u = np.mgrid[0 : round(fold * 2), 0 : round(fold * 2)].astype(np.float32)
    behind = fold - (u * rng.uniform(0.8, 1.2) + v)  # positive in the corner that is folded away
    corner = out[: v.shape[0], : v.shape[1]]
    shadow = np.clip(1 - np.abs(behind) / (dpi * 0.09), 0, 1)
    corner[behind > 0] = 90.0
    corner *= (1 - 0.45 * shadow)[..., None]
    flap = (behind < 0) & (behind > -fold * 0.25)
    corner[flap] = corner[flap] * 0.97
    x, y = round(fold * 0.75), round(fold * 0.75)
    mark = (rng.uniform(-0.2, 0.2) + 0.8) * dpi * 0.4
    end = round(x + mark * 0.7), round(y - mark * 0.7)
    cv2.line(out, (x, y), end, (60.0, 60.0, 65.0), max(2, round(dpi * 0.025)), cv2.LINE_AA)
    band = round(dpi * float(rng.uniform(0.05, 0.2)))
    ramp = np.linspace(float(rng.uniform(0.25, 0.6)), 1.0, band, dtype=np.float32)
    if rng.random() < 0.5:
        out[:, width - band :] *= ramp[::-1][None, :, None]
    else:
        out[height - band :] *= ramp[::-1][:, None, None]
    return np.clip(out, 0, 255).astype(np.uint8)
