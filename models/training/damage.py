"""What happens to print on its way into a crop: worn ink, lines and marks beside it, the scanner, the fax, the camera.

Ink is 1 and paper 0 until `develop`, which makes grey values of it. All draws come from the generator that is handed in.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.training.printing import Box, Floats

Gray = npt.NDArray[np.uint8]
cv2.setNumThreads(1)


def smooth_field(height: int, width: int, cell: float, rng: np.random.Generator) -> Floats:
    """Returns a slowly changing field, mean 0, about -1 to 1; `cell`: pixels between its hills."""
    coarse = rng.standard_normal((int(height / cell) + 3, int(width / cell) + 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def reweigh(ink: Floats, em: float, rng: np.random.Generator) -> Floats:
    """Makes strokes thicker or thinner, or lets ink run."""
    kind = rng.random()
    if kind < 0.12:
        return np.asarray(cv2.dilate(ink, np.ones((2 + int(em > 34), 2), np.uint8)), np.float32)
    if kind < 0.22 and em > 26:
        return np.asarray(0.35 * ink + 0.65 * cv2.erode(ink, np.ones((2, 2), np.uint8)), np.float32)
    if kind < 0.3:
        spread = cv2.GaussianBlur(ink, (0, 0), em * rng.uniform(0.02, 0.05))
        return np.asarray(np.clip((spread - rng.uniform(0.3, 0.6)) * 4 + 0.5, 0, 1), np.float32)
    return ink


def wear(ink: Floats, em: float, rng: np.random.Generator) -> Floats:
    """Takes specks out of the strokes and fades parts."""
    speck = max(1.5, em * rng.uniform(0.05, 0.1))
    field = smooth_field(*ink.shape, speck, rng)
    lost = np.where(field > np.quantile(field[::4, ::4], 1 - rng.uniform(0.005, 0.06)), 0.85, 0.0)
    faded = rng.uniform(0, 0.5) * np.clip(smooth_field(*ink.shape, em * 3, rng) * 0.5 + 0.3, 0, 1)
    return np.asarray(ink * (1 - np.maximum(lost, faded)), np.float32)


def add_rulings(ink: Floats, box: Box, em: float, rng: np.random.Generator) -> Floats:
    """Draws rulings past the print: above, below, left or right, through all of the picture.

    Those at the sides stand at the rim of the crop; a bar that stands nearer may be a 1 (see `marks.add_beside`).
    """
    out = ink.copy()
    thick = max(1.0, em * rng.uniform(0.04, 0.12))
    depth = float(rng.uniform(0.5, 1.0))
    for side in range(4):
        if rng.random() > 0.4:
            continue
        gap = em * (rng.uniform(0.12, 0.5) if side < 2 else rng.uniform(0.22, 0.4))
        if side < 2:
            y = box[1] - gap if side == 0 else box[3] + gap
            _line(out, (0, y + rng.uniform(-0.02, 0.02) * em), (ink.shape[1], y), thick, depth)
        else:
            x = box[0] - gap if side == 2 else box[2] + gap
            _line(out, (x, 0), (x, ink.shape[0]), thick, depth)
    return out


def add_strike(ink: Floats, box: Box, em: float, rng: np.random.Generator) -> Floats:
    """Draws one thin pen stroke across the print, or a bow past it."""
    out = ink.copy()
    x0, top, x1, bottom = box
    start = (x0 - em * rng.uniform(0.5, 1), rng.uniform(top - 0.3 * em, bottom + 0.3 * em))
    end = (x1 + em * rng.uniform(0.5, 1), rng.uniform(top - 0.3 * em, bottom + 0.3 * em))
    _line(out, start, end, max(1.0, em * rng.uniform(0.03, 0.06)), float(rng.uniform(0.3, 0.7)))
    return out


def add_tint(ink: Floats, em: float, rng: np.random.Generator) -> Floats:
    """Lays the rest of a seal over the print: bands of a ring or of letters, faint or grainy."""
    height, width = ink.shape
    tint = np.zeros_like(ink)
    for _ in range(int(rng.integers(1, 4))):
        center = (int(width / 2 + rng.normal(0, 3 * em)), int(height / 2 + rng.normal(0, 3 * em)))
        radius = int(em * rng.uniform(1, 6))
        cv2.circle(tint, center, radius, 1.0, max(1, round(em * rng.uniform(0.1, 0.5))), cv2.LINE_AA)
    grain = 1 + 0.3 * smooth_field(height, width, max(2.0, em / 8), rng)
    share = np.clip(tint * grain * rng.uniform(0.05, 0.3), 0, 0.6)
    if rng.random() < 0.3:  # where a seal was taken out, the print under it is paler
        return np.asarray(ink * (1 - 1.3 * share), np.float32)
    return np.asarray(1 - (1 - ink) * (1 - share), np.float32)


def add_back(ink: Floats, other: Floats, rng: np.random.Generator) -> Floats:
    """Lets other print shine through from the back: mirrored, soft and faint."""
    back = cv2.resize(other, (ink.shape[1], ink.shape[0]))[:, ::-1]
    soft = cv2.GaussianBlur(np.ascontiguousarray(back), (0, 0), rng.uniform(1, 3))
    return np.asarray(1 - (1 - ink) * (1 - rng.uniform(0.04, 0.2) * soft), np.float32)


def add_neighbour(ink: Floats, other: Floats, box: Box, other_box: Box, em: float, rng: np.random.Generator) -> Floats:
    """Sets other print above or below, so near that a part of it comes into the crop."""
    x0, top, x1, bottom = (round(v) for v in other_box)
    piece = other[top:bottom, x0:x1]
    out = ink.copy()
    gap = round(em * rng.uniform(0.12, 0.4))
    y = round(box[1]) - gap - piece.shape[0] if rng.random() < 0.5 else round(box[3]) + gap
    x = round(rng.uniform(box[0] - em, box[2]))
    a, b = max(0, y), min(ink.shape[0], y + piece.shape[0])
    c, d = max(0, x), min(ink.shape[1], x + piece.shape[1])
    if a < b and c < d:
        out[a:b, c:d] = np.maximum(out[a:b, c:d], piece[a - y : b - y, c - x : d - x])
    return out


def scan(
    ink: Floats, scale: float, angle_deg: float, blur: float, rng: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Takes the picture at another resolution, turned a little; returns it with the matrix from the old place to the new."""
    height, width = round(ink.shape[0] * scale) + 2, round(ink.shape[1] * scale) + 2
    matrix = cv2.getRotationMatrix2D((ink.shape[1] / 2, ink.shape[0] / 2), angle_deg, scale)
    matrix[0, 2] += width / 2 - ink.shape[1] / 2 + rng.uniform(-0.5, 0.5)
    matrix[1, 2] += height / 2 - ink.shape[0] / 2 + rng.uniform(-0.5, 0.5)
    sigma = max(blur, 0.45) / scale if scale < 0.99 else blur
    soft = cv2.GaussianBlur(ink, (0, 0), sigma) if sigma > 0.15 else ink
    return np.asarray(cv2.warpAffine(soft, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32), matrix


def develop(ink: Floats, rng: np.random.Generator) -> Gray:
    """Makes grey values: tone, uneven light and the noise of the sensor."""
    black, white = rng.uniform(5, 100), rng.uniform(215, 255)
    gray = white - (white - black) * np.clip(ink, 0, 1) ** float(rng.uniform(0.65, 1.5))
    if rng.random() < 0.25:
        gray *= 1 - rng.uniform(0, 0.15) * (1 + smooth_field(*ink.shape, max(ink.shape) / 1.5, rng)) / 2
    sigma = rng.uniform(0, 8) if rng.random() < 0.8 else 0.0
    if sigma:
        gray = gray + rng.standard_normal(ink.shape, dtype=np.float32) * sigma
        if rng.random() < 0.4:
            gray = cv2.GaussianBlur(gray, (0, 0), 0.5)
    return np.asarray(np.clip(gray, 0, 255), np.uint8)


def fax(ink: Floats, rng: np.random.Generator) -> Gray:
    """Makes black and white with ragged edges and some salt and pepper."""
    ragged = rng.uniform(0.02, 0.07)
    soft = ink + rng.standard_normal(ink.shape, dtype=np.float32) * ragged
    page = np.where(soft > rng.uniform(0.15, 0.5), 0, 255).astype(np.uint8)
    salt = rng.random(ink.shape, dtype=np.float32)
    share = rng.uniform(0, 0.002)
    page[salt < share] = 0
    page[salt > 1 - share] = 255
    if rng.random() < 0.1 and ink.shape[0] > 3:
        row = int(rng.integers(1, ink.shape[0]))
        page[row] = page[row - 1]
    return page


def compress(gray: Gray, rng: np.random.Generator) -> Gray:
    """Packs and unpacks a picture as JPEG, somewhere in the raster of its blocks."""
    top, left = (int(k) for k in rng.integers(0, 8, 2))
    held = cv2.copyMakeBorder(gray, top, 0, left, 0, cv2.BORDER_REPLICATE)
    quality = int(rng.uniform(12, 40) if rng.random() < 0.4 else rng.uniform(40, 92))
    packed = cv2.imencode(".jpg", held, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)[top:, left:], np.uint8)


def straighten(gray: Gray, scale: float, angle_deg: float) -> tuple[Gray, npt.NDArray[np.float64]]:
    """Turns a scan back and brings it to the sheet's resolution; returns it with the matrix from the old place to the new."""
    height, width = gray.shape
    size = (round(width * scale) + 1, round(height * scale) + 1)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, scale)
    matrix[0, 2] += size[0] / 2 - width / 2
    matrix[1, 2] += size[1] / 2 - height / 2
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(gray, matrix, size, flags=method, borderMode=cv2.BORDER_REPLICATE), np.uint8), matrix


def _line(ink: Floats, start: tuple[float, float], end: tuple[float, float], thick: float, depth: float) -> None:
    layer = np.zeros_like(ink)
    a, b = ((round(x * 8), round(y * 8)) for x, y in (start, end))
    cv2.line(layer, a, b, depth, max(1, round(thick)), cv2.LINE_AA, 3)
    np.maximum(ink, layer, out=ink)
