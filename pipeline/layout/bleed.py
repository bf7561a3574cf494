"""Print of the back that shines through the paper → paper.

What shines through is paler than print and softer: paper spreads its edges. How soft a place is, is told by the energy of its
slopes over that of its darkness, which for a stroke blurred by a Gaussian of width s is 1 / (2 s²), however pale it is. Print
that is pale because it is thin, worn or grey has edges as sharp as the dark print around it, and stays.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.layout.contrast import grain, levels, to_contrast
from pipeline.raster import Gray

Floats = npt.NDArray[np.float32]

_DARK_SHARE = 0.45
_LEAST_DARK = 5e-4
_FAINT, _LEAST_SEEN, _USUAL_SEEN = 7, 8.0, 14.0
_SEEN_OF_INK, _SEEN_GRAINS = 0.09, 5.0
_CALM, _MOST_UNREST = 4, 0.12
_FAINT_SIGMA = 1.6
_EDGE_IN, _CLOSE_IN, _AWAY_IN = 0.013, 0.008, 0.04
_BARE_IN, _LEAST_BARE, _BAND_STEP = 0.15, 0.03, 25.0
_WINDOW_IN = 0.05
_SOFT = 0.8
_TILE_IN, _AROUND_TILES = 0.5, 3
_TILE_SHARE = 0.01
_LEAST_TILES, _MOST_SHARP, _RESOLVED_DPI = 6, 0.5, 130.0
_PALE_TILES, _PALE_SHARP = 16, 0.05
_LEAST_AREA = 2e-4
_DARK_PIXELS, _MOST_OWN = 3, 0.04
_RIM_IN = 0.9
_LINE_IN = 0.15
_OWN_SHARE, _OWN_BESIDE, _BESIDE_SHARE, _BESIDE_IN = 0.3, 0.1, 0.8, 0.06
_DOTTED_IN, _DOTTED_SHARE, _THICK_IN, _THIN = 0.6, 0.008, 0.04, 2.0


def without_bleed(gray: Gray, dpi: float) -> Gray:
    """Returns a page without the print of its back; `gray` itself where nothing shines through.

    Args:
        gray: light evened, paper near 250.
        dpi: pixels an inch.
    """
    if min(gray.shape) < dpi:
        return gray
    contrast = to_contrast(gray, dpi)
    _, _, ink = levels(contrast)
    dark = (contrast >= _DARK_SHARE * ink).astype(np.uint8)
    if dark.mean() < _LEAST_DARK:
        return gray
    calm = np.asarray(cv2.GaussianBlur(contrast, (3, 3), 0), dtype=np.uint8)
    away = _grown(dark, _AWAY_IN, dpi) == 0
    faint = calm >= max(_FAINT, _FAINT_SIGMA * grain(gray))
    # Of a page that came out pale the back shines through more palely still. The grain of paper, or the blocks of a strong
    # compression, are as dark as that.
    is_calm = (away & (calm >= _CALM)).mean() <= _MOST_UNREST
    paler = max(_LEAST_SEEN, _SEEN_OF_INK * ink, _SEEN_GRAINS * grain(gray)) if is_calm else _USUAL_SEEN
    visible = [v for v in (_USUAL_SEEN, paler) if v <= _USUAL_SEEN and (faint & away & (calm >= v)).mean() >= _LEAST_AREA]
    if not visible:
        return gray
    # Blurred edges of dark print belong to it; further away what is soft is the paper's.
    edge = _grown(dark, _EDGE_IN, dpi)
    soft = _soft(calm, faint, edge, dpi)
    if not any(_shines_through(calm, faint & away, soft, dark, v, dpi) for v in visible):
        return gray
    soft &= ~_own_lines(faint & (edge == 0), soft, dark, dpi)
    faded = np.asarray(soft & faint & (edge == 0), dtype=np.uint8)
    sharp = np.asarray(faint & ~soft & (edge == 0), dtype=np.uint8)
    gone = _grown(faded, _EDGE_IN, dpi) & (1 - _grown(dark, _CLOSE_IN, dpi)) & (1 - _grown(sharp, 1 / dpi, dpi))
    return np.asarray(np.where(gone > 0, _paper(gray, contrast, gone | edge, dpi), gray), dtype=np.uint8)


def _paper(gray: Gray, contrast: Gray, covered: Gray, dpi: float) -> Gray:
    """Returns what the paper would be: the mean of what is bare around, where that is not the paper beside a band."""
    near = cv2.add(gray, contrast)
    size = 2 * max(2, round(_BARE_IN * dpi / 2)) + 1
    bare = (1 - covered).astype(np.float32)
    share = cv2.blur(bare, (size, size))
    mean = cv2.blur(gray * bare, (size, size)) / np.maximum(share, 1e-3)
    alike = (share > _LEAST_BARE) & (mean > near) & (mean < near.astype(np.float32) + _BAND_STEP)
    return np.asarray(np.where(alike, mean, near), dtype=np.uint8)


def _grown(mask: Gray, inches: float, dpi: float) -> Gray:
    size = 2 * max(1, round(inches * dpi)) + 1
    return np.asarray(cv2.dilate(mask, np.ones((size, size), np.uint8)), dtype=np.uint8)


def _soft(calm: Gray, faint: npt.NDArray[np.bool_], edge: Gray, dpi: float) -> npt.NDArray[np.bool_]:
    """True where edges are softer than those of the dark print around."""
    slope = _slope_energy(calm)
    power = np.asarray(cv2.multiply(calm, calm, dtype=cv2.CV_32F), dtype=np.float32)
    paper = calm[::3, ::3] < _FAINT
    noise = float(np.median(slope[::3, ::3][paper])) / 0.693 if paper.any() else 0.0
    usual = _usual_ratio(slope, power, edge, dpi)
    free = (_grown(np.asarray(faint, dtype=np.uint8), 1 / dpi, dpi) & (1 - edge)).astype(np.float32)
    size = 2 * max(2, round(_WINDOW_IN * dpi / 2)) + 1
    steep = cv2.blur((slope - noise) * free, (size, size))
    return np.asarray(steep < _SOFT * usual * cv2.blur(power * free, (size, size)))


def _slope_energy(calm: Gray) -> Floats:
    across = cv2.Sobel(calm, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
    down = cv2.Sobel(calm, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
    return np.asarray(across * across + down * down, dtype=np.float32)


def _usual_ratio(slope: Floats, power: Floats, edge: Gray, dpi: float) -> Floats:
    """Returns slope energy over power of dark print about each pixel: of the page where there is none."""
    height, width = power.shape
    step = _TILE_IN * dpi
    tiles = max(1, round(width / step)), max(1, round(height / step))
    share = edge.astype(np.float32)
    steep = cv2.resize(slope * share, tiles, interpolation=cv2.INTER_AREA)
    strong = cv2.resize(power * share, tiles, interpolation=cv2.INTER_AREA)
    whole = float(steep.sum()) / max(1.0, float(strong.sum()))
    # A little of the whole page keeps the ratio steady where hardly any print stands.
    little = 0.3 * float(strong.mean())
    around = (_AROUND_TILES, _AROUND_TILES)
    ratio = (cv2.blur(steep, around) + whole * little) / (cv2.blur(strong, around) + little)
    return np.asarray(cv2.resize(ratio, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _opened(mask: Gray, size: tuple[int, int]) -> Gray:
    """What of a mask a box of `(height, width)` pixels fits into."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(size, np.uint8)), dtype=np.uint8)


def _lines(calm: Gray, seen: npt.NDArray[np.bool_], dark: Gray, visible: float, dpi: float) -> npt.NDArray[np.bool_]:
    """Marks what is longer and straighter than strokes of letters, and what is close to it.

    Of a gray line some pixels are as dark as print, and what is pale between them may be short: it goes on over these. Strokes
    that cross a pale line are longer across it than it is thick, and are none of its pixels.
    """
    pale, marked = seen.astype(np.uint8), (calm >= visible).astype(np.uint8)
    length, reach, thick = (max(3, round(x * dpi)) for x in (_LINE_IN, _DOTTED_IN, _THICK_IN))
    lines = np.zeros(seen.shape, np.uint8)
    for turn in (False, True):
        along, wide, across = ((1, length), (reach, 5), (thick, 1)) if not turn else ((length, 1), (5, reach), (1, thick))
        own, straight = dark & (1 - _opened(dark, across)), _opened(marked, along)
        dotted = np.asarray(cv2.blur((own & straight).astype(np.float32), wide) >= _DOTTED_SHARE, dtype=np.uint8)
        lines |= _opened(pale, along) | (straight & dotted) | (pale & _thin(calm, along, across, visible))
    return _grown(lines, 2 * _EDGE_IN, dpi) > 0


def _own_lines(pale: npt.NDArray[np.bool_], soft: npt.NDArray[np.bool_], dark: Gray, dpi: float) -> npt.NDArray[np.bool_]:
    """Marks pale lines of the page itself: those of which a good part is sharp.

    Beside what shines through, the edges of such a line seem soft. Of a line of the back next to nothing is sharp, and hardly one
    runs along a dark line of the page; one that is kept in part is neither a line any more nor paper.
    """
    marked = pale.astype(np.uint8)
    length, thick = (max(3, round(x * dpi)) for x in (_LINE_IN, _THICK_IN))
    own = np.zeros(pale.shape, dtype=np.bool_)
    for along, across in (((1, length), (thick, 1)), ((length, 1), (1, thick))):
        straight = _opened(marked, along)
        line = straight & (1 - _opened(straight, across))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(line, connectivity=8, ltype=cv2.CV_32S)
        area = stats[:, cv2.CC_STAT_AREA]
        beside = np.bincount(labels[_grown(_opened(dark, along), _BESIDE_IN, dpi) > 0], minlength=count) >= _BESIDE_SHARE * area
        least = np.where(beside, _OWN_BESIDE, _OWN_SHARE) * area
        sharp = np.bincount(labels[~soft], minlength=count) >= least
        sharp[0] = False
        own |= sharp[labels]
    return own


def _thin(calm: Gray, along: tuple[int, int], across: tuple[int, int], visible: float) -> Gray:
    """Marks pale lines that grain breaks: dark in the mean along them, and much darker than what lies beside them.

    Args:
        calm: contrast of the page.
        along: `(height, width)` of a piece of a line in pixels.
        across: of what is thicker than a line.
        visible: contrast from which a line counts.
    """
    mean = cv2.blur(calm, along[::-1])
    # Strokes of letters have others above and below them.
    around = np.zeros(tuple(2 * n - 1 if n > 1 else 1 for n in across), np.uint8)
    around[0, 0] = around[-1, -1] = 1
    beside = cv2.dilate(mean, around)
    return np.asarray((mean >= visible) & (mean >= _THIN * beside.astype(np.float32)), dtype=np.uint8)


def _own_share(calm: Gray, pale: npt.NDArray[np.bool_], dark: Gray, visible: float, dpi: float) -> float:
    """Returns the share of pale print that is one piece with dark print: a page's own, small and badly scanned.

    What shines through meets dark print by chance alone. Rulings, which touch whatever crosses them, are left out.
    """
    marked = (calm >= visible).astype(np.uint8)
    length = max(3, round(_LINE_IN * dpi))
    rulings = _grown(_opened(marked, (1, length)) | _opened(marked, (length, 1)), 1 / dpi, dpi)
    _, pieces = cv2.connectedComponents(marked & (1 - rulings), connectivity=8)
    has_dark = np.bincount(pieces.ravel(), weights=dark.ravel()) >= _DARK_PIXELS
    has_dark[0] = False
    asked = pale & (pieces > 0)
    return float(has_dark[pieces[asked]].mean()) if asked.any() else 0.0


def _shines_through(
    calm: Gray, faint: npt.NDArray[np.bool_], soft: npt.NDArray[np.bool_], dark: Gray, visible: float, dpi: float
) -> bool:
    """True where soft faint strokes stand in many places of the page, and not only beside many more sharp ones.

    Strokes paler than usual count where they stand all over the page and hardly any of them is sharp: grain breaks the page's own
    pale lines into sharp ones, and tinted cells leave soft shades along their sides.

    Lines alone are the page's own pale rulings: what shines through has letters too.
    """
    height, width = calm.shape
    step = _TILE_IN * dpi
    tiles = max(1, round(width / step)), max(1, round(height / step))
    seen = faint & (calm >= visible)
    # Shadows of the rim, of folds and of the glass are soft as well.
    rim = round(_RIM_IN * dpi)
    seen[:rim], seen[-rim:], seen[:, :rim], seen[:, -rim:] = False, False, False, False
    seen &= ~_lines(calm, seen, dark, visible, dpi)
    if visible < _USUAL_SEEN and (seen & ~soft).sum() > _PALE_SHARP * (seen & soft).sum():
        return False
    # Where small print is hardly resolved, some of its letters are soft by chance.
    if (seen & ~soft).sum() > _MOST_SHARP * (seen & soft).sum() and (
        dpi < _RESOLVED_DPI or _own_share(calm, seen & soft, dark, visible, dpi) > _MOST_OWN
    ):
        return False
    soft_share = cv2.resize((seen & soft).astype(np.float32), tiles, interpolation=cv2.INTER_AREA)
    sharp_share = cv2.resize((seen & ~soft).astype(np.float32), tiles, interpolation=cv2.INTER_AREA)
    places = (soft_share >= _TILE_SHARE) & (soft_share > _MOST_SHARP * sharp_share)
    least = _LEAST_TILES if visible >= _USUAL_SEEN else _PALE_TILES
    return int(places.sum()) >= max(least, int((sharp_share >= _TILE_SHARE).sum()) // 3)
