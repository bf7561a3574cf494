"""Makes scans and photos of any PDF, by named profiles; the same seed gives the same pictures.

Each profile has a range for each of its strengths, one for `tuning` and a wider or other one for `reporting`; what is drawn
from them depends on the seed, the profile and the page alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from bench import damage, scanner
from bench.picture import Picture, Pixels

Range = tuple[float, float]
Strengths = dict[str, Range]
PRINT_DPI = 300.0
FAX_DOWN = 196.0

OFFICE: dict[str, Strengths] = {
    "tuning": {"skew": (-1.2, 1.2), "blur": (0.3, 0.7), "noise": (1, 5), "gamma": (0.8, 1.3), "ink": (15, 55),
               "paper": (236, 252)},
    "reporting": {"skew": (-1.5, 1.5), "blur": (0.3, 0.9), "noise": (1, 7), "gamma": (0.7, 1.5), "ink": (10, 70),
                  "paper": (228, 254)},
}  # fmt: skip
_STILL: Strengths = {"skew": (-0.1, 0.1), "blur": (0.2, 0.4), "noise": (0, 2), "gamma": (0.95, 1.1), "ink": (5, 25),
                     "paper": (248, 255)}  # fmt: skip

# What a profile adds to, or changes in, the office scan.
PROFILES: dict[str, dict[str, Strengths]] = {
    "clean_300": {"tuning": {**_STILL, "dpi": (300, 300)}, "reporting": {**_STILL, "dpi": (300, 300)}},
    "office_200": {"tuning": {"dpi": (200, 200)}, "reporting": {"dpi": (200, 200)}},
    "office_150": {"tuning": {"dpi": (150, 150)}, "reporting": {"dpi": (150, 150)}},
    "low_100": {
        "tuning": {"dpi": (100, 100), "skew": (-0.6, 0.6), "blur": (0.25, 0.45), "noise": (1, 3)},
        "reporting": {"dpi": (100, 100), "skew": (-0.9, 0.9), "blur": (0.25, 0.55), "noise": (1, 5)},
    },
    "fax": {
        "tuning": {"dpi": (204, 204), "skew": (-0.6, 0.6), "threshold": (0.74, 0.82), "ragged": (6, 12), "salt": (0, 0.0004),
                   "lost_lines": (0, 3)},
        "reporting": {"dpi": (204, 204), "skew": (-1.0, 1.0), "threshold": (0.70, 0.84), "ragged": (8, 15),
                      "salt": (0.0002, 0.001), "lost_lines": (0, 8)},
    },
    "photo": {
        "tuning": {"width": (2400, 2700), "tilt": (0.005, 0.035), "turn": (0, 2.5), "curl": (0, 0.005), "shade": (0.2, 0.5),
                   "noise": (2, 5), "quality": (75, 88)},
        "reporting": {"width": (2200, 3000), "tilt": (0.01, 0.055), "turn": (0, 5), "curl": (0, 0.009), "shade": (0.25, 0.65),
                      "noise": (2, 8), "quality": (65, 90)},
    },
    "seal": {
        "tuning": {"dpi": (200, 200), "strength": (0.6, 0.8), "blue": (0.3, 0.3)},
        "reporting": {"dpi": (200, 200), "strength": (0.6, 0.95), "blue": (0.5, 0.5)},
    },
    "worn": {
        "tuning": {"dpi": (200, 200), "pinholes": (0.01, 0.03), "gaps": (60, 150), "fade": (0, 0.35)},
        "reporting": {"dpi": (200, 200), "pinholes": (0.015, 0.045), "gaps": (80, 260), "fade": (0.1, 0.5)},
    },
    "turned": {"tuning": {"dpi": (200, 200)}, "reporting": {"dpi": (150, 200)}},
    "bleed": {
        "tuning": {"dpi": (200, 200), "strength": (0.08, 0.18)},
        "reporting": {"dpi": (200, 200), "strength": (0.1, 0.28)},
    },
    "jpeg": {
        "tuning": {"dpi": (150, 200), "quality": (18, 25)},
        "reporting": {"dpi": (150, 200), "quality": (12, 22)},
    },
    "pen": {"tuning": {"dpi": (200, 200), "strokes": (3, 6)}, "reporting": {"dpi": (200, 200), "strokes": (4, 12)}},
    "staple": {"tuning": {"dpi": (200, 200), "fold": (10, 16)}, "reporting": {"dpi": (200, 200), "fold": (10, 22)}},
}  # fmt: skip
NAMES = tuple(PROFILES)


def degrade_pdf(data: bytes, profile: str, seed: int, chosen: str) -> list[Picture]:
    """Returns the pages of a PDF as a scanner, fax or camera would deliver them.

    Args:
        data: the PDF.
        profile: a member of `NAMES`.
        seed: of every draw.
        chosen: `tuning` or `reporting`: the ranges that strengths are drawn from.
    """
    strengths = {**OFFICE[chosen], **PROFILES[profile][chosen]}
    pages = list(print_pages(data))
    whole = _rng(seed, profile, -1)
    turn = int(whole.integers(1, 4))
    # One machine makes all pages, so its resolution and quality are drawn once.
    dpi = _one(strengths, "dpi", whole)
    quality = round(_one(strengths, "quality", whole)) if "quality" in strengths else 85
    done = []
    for i, page in enumerate(pages):
        rng = _rng(seed, profile, i)
        other = pages[(i + 1) % len(pages)]
        if profile == "photo":
            done.append(_photo(page, strengths, quality, rng))
        else:
            pixels = _scan(_prepare(page, other, profile, strengths, rng), dpi, strengths, profile == "staple", rng)
            if profile == "turned":
                pixels = np.ascontiguousarray(np.rot90(pixels, turn))
            done.append(_finish(pixels, dpi, quality, profile, strengths, rng))
    return done


def _rng(seed: int, profile: str, page: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(profile.encode()), page + 1])


def _one(strengths: Strengths, name: str, rng: np.random.Generator) -> float:
    low, high = strengths.get(name, (0.0, 0.0))
    return float(rng.uniform(low, high))


def print_pages(data: bytes) -> Iterator[Pixels]:
    """Renders a PDF as a printer would, RGB at 300 dpi."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            yield np.ascontiguousarray(page.render(scale=PRINT_DPI / 72, rev_byteorder=True).to_numpy()[:, :, :3])
    finally:
        document.close()


def _prepare(page: Pixels, other: Pixels, profile: str, s: Strengths, rng: np.random.Generator) -> Pixels:
    """Does to the paper what its profile says."""
    if profile == "seal":
        return damage.seal(page, PRINT_DPI, s["strength"], _one(s, "blue", rng), rng)
    if profile == "worn":
        return damage.wear(page, PRINT_DPI, _one(s, "pinholes", rng), round(_one(s, "gaps", rng)), _one(s, "fade", rng), rng)
    if profile == "bleed":
        return damage.bleed(page, other, _one(s, "strength", rng), PRINT_DPI)
    if profile == "pen":
        return damage.pen(page, PRINT_DPI, (round(s["strokes"][0]), round(s["strokes"][1])), rng)
    if profile == "staple":
        return damage.staple(page, PRINT_DPI, s["fold"], rng)
    return page


def _scan(page: Pixels, dpi: float, s: Strengths, dark_lid: bool, rng: np.random.Generator) -> Pixels:
    scanned = scanner.scan(page, PRINT_DPI, dpi, _one(s, "skew", rng), _one(s, "blur", rng), 120 if dark_lid else 255)
    toned = scanner.tone(scanned, _one(s, "ink", rng), _one(s, "paper", rng), _one(s, "gamma", rng))
    return scanner.add_noise(toned, _one(s, "noise", rng), rng)


def _finish(pixels: Pixels, dpi: float, quality: int, profile: str, s: Strengths, rng: np.random.Generator) -> Picture:
    """Stores a scan as its machine would: colour where there is some, gray, or one bit a pixel."""
    if profile in ("seal", "pen") or (profile in ("office_200", "clean_300") and rng.random() < 0.3):
        return Picture(pixels, dpi, quality=quality)
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if profile == "fax":
        gray = np.asarray(cv2.resize(gray, None, fx=1, fy=FAX_DOWN / dpi, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        lines = round(_one(s, "lost_lines", rng))
        black = scanner.fax(gray, _one(s, "threshold", rng), _one(s, "ragged", rng), _one(s, "salt", rng), lines, rng)
        return Picture(black, dpi, FAX_DOWN, bilevel=True)
    return Picture(gray, dpi, quality=quality)


def _photo(page: Pixels, s: Strengths, quality: int, rng: np.random.Generator) -> Picture:
    width = round(_one(s, "width", rng)) // 4 * 4
    seen = scanner.photograph(page, width, s["tilt"][1], s["turn"][1], _one(s, "curl", rng), _one(s, "shade", rng), rng)
    noisy = scanner.add_noise(seen, _one(s, "noise", rng), rng)
    return Picture(np.asarray(cv2.GaussianBlur(noisy, (0, 0), 0.6), dtype=np.uint8), None, quality=quality)
