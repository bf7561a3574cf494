"""What scanner, fax and camera do to a printed page; every draw comes from the generator that is handed in."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from bench.picture import Pixels

Floats = npt.NDArray[np.float32]
cv2.setNumThreads(1)


def smooth_field(shape: tuple[int, ...], cell: int, rng: np.random.Generator) -> Floats:
    """Returns a slowly changing field, mean 0, about -1 to 1; `cell`: pixels between its hills."""
    height, width = shape[:2]
    coarse = rng.standard_normal((height // cell + 3, width // cell + 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def tone(page: Pixels, ink: float, paper: float, gamma: float) -> Pixels:
    """Maps black to `ink` and white to `paper` (0 to 255); `gamma` above 1 darkens what lies between."""
    ramp = ink + (paper - ink) * (np.arange(256) / 255.0) ** gamma
    return np.asarray(cv2.LUT(page, np.clip(ramp, 0, 255).astype(np.uint8)), dtype=np.uint8)


def add_noise(page: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    """Adds noise of the sensor, alike in all colours but for a part; it repeats every 1,021 pixels."""
    if sigma <= 0:
        return page
    side = 1021
    tile = rng.standard_normal((side, side, 1), dtype=np.float32) * sigma
    if page.ndim == 3:
        tile = tile + rng.standard_normal((side, side, 3), dtype=np.float32) * (sigma * 0.4)
    grain = np.rint(tile).astype(np.int16)
    out = np.empty_like(page)
    for y in range(0, page.shape[0], side):
        for x in range(0, page.shape[1], side):
            part = page[y : y + side, x : x + side]
            noise = grain[: part.shape[0], : part.shape[1]].reshape(part.shape)
            out[y : y + side, x : x + side] = np.clip(part + noise, 0, 255)
    return out


def scan(page: Pixels, page_dpi: float, dpi: float, skew_deg: float, blur_px: float, lid: int = 255) -> Pixels:
    """Scans a page at `dpi`, turned by `skew_deg` (counter-clockwise) and shifted a little with it.

    Args:
        page: the print at `page_dpi`.
        page_dpi: pixels an inch of the print.
        dpi: pixels an inch of the scan.
        skew_deg: angle.
        blur_px: sigma of the lens, in pixels of the scan.
        lid: gray of what lies around the page.
    """
    scale = dpi / page_dpi
    sigma = max(blur_px, 0.45) / scale if scale < 0.99 else blur_px
    soft = cv2.GaussianBlur(page, (0, 0), sigma) if sigma > 0.15 else page
    height, width = round(page.shape[0] * scale), round(page.shape[1] * scale)
    matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), skew_deg, scale)
    matrix[0, 2] += width / 2 - page.shape[1] / 2
    matrix[1, 2] += height / 2 - page.shape[0] / 2
    return np.asarray(
        cv2.warpAffine(soft, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(lid, lid, lid)), dtype=np.uint8
    )


def fax(gray: Pixels, threshold: float, ragged: float, salt: float, lost_lines: int, rng: np.random.Generator) -> Pixels:
    """Turns a gray page into black and white with ragged edges.

    Args:
        gray: the page.
        threshold: as a share of the paper's gray; it wanders a little over the page.
        ragged: noise that is added before, in gray levels.
        salt: share of pixels that turn black or white by themselves.
        lost_lines: rows of pixels that the line repeated from above.
        rng: the draws.
    """
    soft = gray + rng.standard_normal(gray.shape, dtype=np.float32) * ragged + smooth_field(gray.shape, 400, rng) * 6
    page = np.where(soft > threshold * float(np.median(gray)), 255, 0).astype(np.uint8)
    for value, share in ((0, salt), (255, salt)):
        n = int(page.size * share)
        page[rng.integers(0, page.shape[0], n), rng.integers(0, page.shape[1], n)] = value
    for y in rng.integers(1, page.shape[0], lost_lines):
        page[y] = page[y - 1]
    return page


def photograph(
    page: Pixels, width: int, tilt: float, turn_deg: float, curl: float, shade: float, rng: np.random.Generator
) -> Pixels:
    """Photographs a page that lies on a table.

    Args:
        page: the print.
        width: of the picture in pixels; it is 4/3 as high.
        tilt: how far corners move, as a share of the page's size.
        turn_deg: how far the camera is turned, either way.
        curl: height of the bend across the page, as a share of its height.
        shade: how much darker the darkest part is, 0 to 1.
        rng: the draws.
    """
    height = width * 4 // 3
    page_h, page_w = page.shape[:2]
    fill = 0.9 * min(width / page_w, height / page_h)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64) * (page_w * fill / 2, page_h * fill / 2)
    corners *= 1 - rng.uniform(0, tilt, (4, 1)) * 2
    angle = np.deg2rad(rng.uniform(-turn_deg, turn_deg))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    there = (corners @ turn.T + (width / 2, height / 2)).astype(np.float32)
    here = np.array([(0, 0), (page_w, 0), (page_w, page_h), (0, page_h)], dtype=np.float32)
    back = cv2.getPerspectiveTransform(there, here)
    grid = np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), axis=-1)
    flat = cv2.perspectiveTransform(grid.reshape(1, -1, 2), back).reshape(height, width, 2)
    x, y = flat[..., 0], flat[..., 1]
    phase, waves = rng.uniform(0, np.pi), rng.uniform(0.5, 1.0)
    y = y + page_h * curl * np.sin(waves * np.pi * np.clip(x / page_w, 0, 1) + phase).astype(np.float32)
    soft = cv2.GaussianBlur(page, (0, 0), max(0.3, 0.45 / fill)) if fill < 0.9 else page
    seen = cv2.remap(soft, x, y.astype(np.float32), cv2.INTER_LINEAR, borderValue=(0, 0, 0))
    whole = np.full((page_h, page_w), 255, np.uint8)
    inside = np.asarray(cv2.remap(whole, x, y.astype(np.float32), cv2.INTER_LINEAR), dtype=np.uint8)
    under = _table_top(height, width, inside, rng)
    under[inside > 127] = seen[inside > 127]
    return _light(under, shade, rng)


def _table_top(height: int, width: int, inside: Pixels, rng: np.random.Generator) -> Pixels:
    """Returns what the page lies on: a darker plain with grain, and the page's shadow."""
    color = np.array(rng.choice([(96, 72, 52), (70, 74, 80), (150, 132, 108), (48, 52, 60)]), dtype=np.float32)
    quarter = cv2.resize(inside, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    top = color[None, None, :] + smooth_field(quarter.shape, 15, rng)[..., None] * 6
    shadow = cv2.GaussianBlur(np.roll(quarter, (3, 2), axis=(0, 1)), (0, 0), 3.5).astype(np.float32) / 255.0
    dark = np.clip(top * (1 - 0.5 * shadow[..., None]), 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(dark, (width, height)), dtype=np.uint8)


def _light(picture: Pixels, shade: float, rng: np.random.Generator) -> Pixels:
    """Lays a falling light, soft blotches and the band of a shadow over a picture."""
    # Light changes slowly: it is worked out on an eighth of the pixels.
    height, width = picture.shape[0] // 8, picture.shape[1] // 8
    angle = rng.uniform(0, 2 * np.pi)
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, width, dtype=np.float32), np.linspace(-0.5, 0.5, height, dtype=np.float32))
    along = u * np.cos(angle) + v * np.sin(angle)
    light = 1 - shade * (0.5 + along * 0.7) * 0.7 + smooth_field((height, width), width // 3, rng) * 0.04
    edge = np.cos(angle + 2) * u + np.sin(angle + 2) * v - rng.uniform(0.05, 0.3)
    light = light - shade * 0.35 / (1 + np.exp(-edge * 40))
    warm = np.array([1.0, rng.uniform(0.95, 0.99), rng.uniform(0.86, 0.96)], dtype=np.float32)
    share = cv2.resize(np.clip(light, 0.15, 1.05).astype(np.float32)[..., None] * warm, picture.shape[1::-1])
    return np.asarray(cv2.multiply(picture, share, dtype=cv2.CV_8U), dtype=np.uint8)
