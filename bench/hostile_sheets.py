"""Damages of whole sheets: how they were scanned or photographed, what lies on them, and two damages at once."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench import scanner
from bench.damage import FONTS, press, round_seal
from bench.degrade import PRINT_DPI
from bench.hostile_marks import BLACK, BLUE_INK, PENS, RED_INK, Rng, clip, spot, ticks
from bench.picture import Pixels


def _resized(page: Pixels, dpi: float) -> Pixels:
    """The page as a scan of so many dots an inch holds it, at its own size again."""
    height, width = page.shape[:2]
    share = dpi / PRINT_DPI
    small = cv2.resize(page, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _jpeg(page: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", page[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1]).astype(np.uint8)


def _colored(page: Pixels, box: tuple[int, int, int, int], color: tuple[int, int, int]) -> Pixels:
    """All print within a box, rulings too, in a colour."""
    x0, top, x1, bottom = box
    out = page.copy()
    light = cv2.cvtColor(page[top:bottom, x0:x1], cv2.COLOR_RGB2GRAY).astype(np.float64)[..., None] / 255
    out[top:bottom, x0:x1] = clip(light * 255 + (1 - light) * np.array(color))
    return out


def colored_part(page: Pixels, rng: Rng) -> Pixels:
    """Parts of a page of the size of a stamp or larger wholly in colour."""
    height, width = page.shape[:2]
    for _ in range(3):
        x, y = spot(page, rng, 0.1)
        wide, high = int(rng.uniform(0.6, 4.5) * PRINT_DPI), int(rng.uniform(0.5, 2.5) * PRINT_DPI)
        color = (RED_INK, BLUE_INK)[int(rng.integers(2))]
        page = _colored(page, (x, y, min(width, x + wide), min(height, y + high)), color)
    return page


def colored_columns(page: Pixels, rng: Rng) -> Pixels:
    """Some columns and rows of a table wholly in colour."""
    height, width = page.shape[:2]
    x, y = int(rng.uniform(0.4, 0.85) * width), int(rng.uniform(0.1, 0.7) * height)
    page = _colored(page, (x, 0, min(width, x + int(rng.uniform(120, 500))), height), RED_INK)
    return _colored(page, (0, y, width, min(height, y + int(rng.uniform(80, 400)))), BLUE_INK)


def coloured_and_pen(page: Pixels, rng: Rng) -> Pixels:
    """Figures in red, ticks over them."""
    x = int(page.shape[1] * 0.6)
    return ticks(_colored(page, (x, 0, page.shape[1], page.shape[0]), RED_INK), rng)


def seal_worn(page: Pixels, rng: Rng) -> Pixels:
    """Seals over faint print."""
    share = (0.35 + 0.5 * scanner.smooth_field(page.shape[:2], 60, rng)).clip(0.1, 1)
    faint = clip(255 - (255 - page.astype(np.float64)) * share[..., None])
    for _ in range(2):
        x, y = spot(page, rng)
        faint = press(faint, round_seal(PRINT_DPI, float(rng.uniform(-30, 30))), x - 250, y - 250, RED_INK, 0.8, rng)
    return faint


def jpeg_fax(page: Pixels, rng: Rng) -> Pixels:
    """A fax of a strong JPEG of a low scan."""
    gray = cv2.cvtColor(_jpeg(_resized(page, 130), 18), cv2.COLOR_RGB2GRAY)
    return np.repeat(np.where(gray < 150, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def low_ticks(page: Pixels, rng: Rng) -> Pixels:
    """Ticks over figures at 150 dots an inch."""
    return _resized(ticks(page, rng), 150)


def eighty_dpi(page: Pixels, rng: Rng) -> Pixels:
    """80 dots an inch."""
    return _resized(page, 80)


def small_print(page: Pixels, rng: Rng) -> Pixels:
    """The page printed at 60 % of its size."""
    height, width = page.shape[:2]
    small = cv2.resize(page, (int(width * 0.6), int(height * 0.6)), interpolation=cv2.INTER_AREA)
    out = np.full_like(page, 255)
    out[200 : 200 + small.shape[0], 300 : 300 + small.shape[1]] = small
    return out


def pencil(page: Pixels, rng: Rng) -> Pixels:
    """Hardly any contrast, and the grain of the paper."""
    grain = 6 * scanner.smooth_field(page.shape[:2], 3, rng)[..., None]
    return clip(225 - (255 - page.astype(np.float64)) * 0.22 + grain)


def thresholded(page: Pixels, rng: Rng) -> Pixels:
    """A photo that a phone made black and white: shadows, then a local threshold."""
    light = 0.55 + 0.4 * scanner.smooth_field(page.shape[:2], 500, rng)
    gray = cv2.GaussianBlur((cv2.cvtColor(page, cv2.COLOR_RGB2GRAY) * light.clip(0.2, 1)).astype(np.uint8), (0, 0), 1.6)
    black = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 41, 9)
    return np.repeat(black[..., None], 3, axis=2).astype(np.uint8)


def monitor(page: Pixels, rng: Rng) -> Pixels:
    """A photo of a monitor: its dots and those of the camera beat."""
    height, width = page.shape[:2]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    out = _resized(page, 110).astype(np.float64)
    for k, (fx, fy) in enumerate(((0.31, 0.04), (0.29, -0.05), (0.33, 0.02))):
        out[:, :, k] *= 0.9 + 0.1 * np.sin(fx * xs + fy * ys) * np.sin(0.013 * xs + 0.009 * ys)
    return clip(out * np.array([0.9, 0.95, 1.0]))


def receipt(page: Pixels, rng: Rng) -> Pixels:
    """A slip with figures of its own stapled over a part of the page."""
    height, width = page.shape[:2]
    slip = Image.new("RGB", (700, 420), (246, 244, 238))
    draw, font = ImageDraw.Draw(slip), ImageFont.truetype(FONTS[0], 40)
    for k in range(6):
        figures = "   ".join(str(rng.integers(1, 900)) for _ in range(3))
        draw.text((30, 20 + 62 * k), f"项目{k}   {figures}", fill=BLACK, font=font)
    turned = slip.convert("RGBA").rotate(float(rng.uniform(-12, 12)), expand=True)
    whole = Image.fromarray(page)
    x, y = spot(page, rng)
    whole.paste(turned, (min(x, width - 400), min(y, height - 300)), turned)
    return np.asarray(whole, dtype=np.uint8)


def replaced(page: Pixels, rng: Rng) -> Pixels:
    """Figures struck out, and others written above or beside them."""
    whole = Image.fromarray(page.copy())
    draw = ImageDraw.Draw(whole)
    font = ImageFont.truetype("/usr/share/fonts/truetype/arphic/ukai.ttc", 38)
    for _ in range(12):
        (x, y), color = spot(page, rng), PENS[int(rng.integers(3))]
        draw.line((x, y, x + 60, y + int(rng.integers(-8, 8))), fill=color, width=4)
        draw.text(
            (x + int(rng.integers(-20, 70)), y - int(rng.integers(10, 50))), str(rng.integers(1, 99)), fill=color, font=font
        )
    return np.asarray(whole, dtype=np.uint8)


def page_behind(page: Pixels, rng: Rng) -> Pixels:
    """Another page shows through, mirrored."""
    behind = cv2.GaussianBlur(np.roll(page[:, ::-1], (70, 40), (0, 1)), (0, 0), 2.0).astype(np.float64)
    return clip(np.minimum(page, 255 - (255 - behind) * 0.4))


def two_pages(page: Pixels, rng: Rng) -> Pixels:
    """The page beside another one in one picture, turned upright again by nobody."""
    height, width = page.shape[:2]
    other = np.full_like(page, 255)
    for y in range(300, height - 300, 75):
        cv2.line(other, (250, y), (250 + int(rng.uniform(0.5, 0.8) * width), y), (90, 90, 90), 12)
    return np.concatenate([page, other] if rng.random() < 0.5 else [other, page], axis=1)


def half_photo(page: Pixels, rng: Rng) -> Pixels:
    """A photo of the lower half of a page that begins within a row."""
    return np.ascontiguousarray(page[int(page.shape[0] * rng.uniform(0.3, 0.45)) :])


def glare(page: Pixels, rng: Rng) -> Pixels:
    """A lamp mirrored in a plastic cover."""
    height, width = page.shape[:2]
    ys, xs = np.ogrid[:height, :width]
    out = page.astype(np.float64)
    for _ in range(3):
        x, y = spot(page, rng)
        far = ((ys - y) / 160) ** 2 + ((xs - x) / 240) ** 2
        out += 230 * np.exp(-far)[..., None]
    return clip(out)


def blurred(page: Pixels, rng: Rng) -> Pixels:
    """A hand that moved."""
    kernel = np.zeros((15, 15))
    cv2.line(kernel, (1, 7 + int(rng.integers(-4, 5))), (13, 7 + int(rng.integers(-4, 5))), 1.0, 1)
    return clip(cv2.filter2D(page.astype(np.float64), -1, kernel / kernel.sum()))


def stretched(page: Pixels, rng: Rng) -> Pixels:
    """A scanner that lost step: bands of the page are doubled or missing."""
    rows = np.arange(page.shape[0])
    for _ in range(4):
        y = int(rng.uniform(0.1, 0.9) * len(rows))
        doubled = np.concatenate([rows[:y], np.repeat(rows[y : y + 12], 2), rows[y + 12 :]])
        rows = doubled if rng.random() < 0.5 else np.delete(rows, slice(y, y + 9))
    return np.ascontiguousarray(page[rows])


def inverted(page: Pixels, rng: Rng) -> Pixels:
    """White on black, as from a microfilm."""
    return (255 - page).astype(np.uint8)


def grid_paper(page: Pixels, rng: Rng) -> Pixels:
    """Printed on squared paper."""
    out = page.copy()
    out[::59] = np.minimum(out[::59], np.array([150, 190, 230], dtype=np.uint8))
    out[:, ::59] = np.minimum(out[:, ::59], np.array([150, 190, 230], dtype=np.uint8))
    return out


SHEETS = (
    colored_part, colored_columns, coloured_and_pen, seal_worn, jpeg_fax, low_ticks, eighty_dpi, small_print, pencil,
    thresholded, monitor, receipt, replaced, page_behind, two_pages, half_photo, glare, blurred, stretched, inverted, grid_paper,
)  # fmt: skip
