"""A line of text as clean print: ink on paper, large, before anything happens to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, features

from models.training.fonts import Family, load_face
from models.training.texts import Line

Floats = npt.NDArray[np.float32]
Box = tuple[float, float, float, float]
_SHAPES = features.check("raqm")
_ITALIC = re.compile(r"Italic|Oblique|Ita\.|RI\.|BI\.|RZI\.")
MARGIN = 0.9
"""Paper on each side of the print, in heights of a figure."""


@dataclass(frozen=True)
class Print:
    """Clean print.

    Attributes:
        ink: shape (height, width), 0 is paper and 1 is ink.
        box: of the ink: x0, top, x1, bottom.
        em: height of a figure in pixels.
        columns: where each sign of the text ends, from the left.
    """

    ink: Floats
    box: Box
    em: float
    columns: tuple[float, ...]


def set_line(line: Line, face: str, size: int, stretch: float, slant: float) -> Print | None:
    """Sets `line` in a face, each sign behind the other; None where the face lacks a sign.

    Args:
        line: the text.
        face: file of the font.
        size: pixels an em.
        stretch: width in proportion to that of the face.
        slant: pixels to the right for each pixel up.
    """
    if not all(sign == " " or _has(face, sign) for sign in line.text):
        return None
    em = figure_height(face, size)
    margin = round(MARGIN * em) + 2
    step = line.spacing * size
    advances = [_advance(face, size, c) + step for c in line.text]
    width = sum(advances) - step
    canvas = Image.new("L", (round(width) + 2 * margin, size + 2 * margin), 0)
    draw = ImageDraw.Draw(canvas)
    baseline = margin + 0.85 * size
    starts = np.cumsum([0.0, *advances]) + margin
    font = load_face(face, size)
    if step:
        for sign, x in zip(line.text, starts, strict=False):
            draw.text((x, baseline), sign, font=font, fill=255, anchor="ls")
    else:
        draw.text((margin, baseline), line.text, font=font, fill=255, anchor="ls", features=["-kern"] if _SHAPES else None)
    ink = np.asarray(canvas, dtype=np.float32) / 255.0
    if stretch != 1.0 or slant:
        matrix = np.array([[stretch, -slant, slant * baseline], [0, 1, 0]], dtype=np.float32)
        ink = cv2.warpAffine(ink, matrix, (round(canvas.width * stretch), canvas.height), flags=cv2.INTER_AREA)
    box = ink_box(ink)
    if box is None:
        return None
    return Print(ink, box, em, tuple(float(x) * stretch for x in starts[1:]))


@lru_cache(maxsize=2000)
def figure_height(face: str, size: int) -> float:
    """Returns the height of a figure in pixels, at `size` pixels an em."""
    box = load_face(face, size).getbbox("0")
    return float(box[3] - box[1])


@lru_cache(maxsize=200_000)
def _advance(face: str, size: int, sign: str) -> float:
    return load_face(face, size).getlength(sign)


@lru_cache(maxsize=200_000)
def _has(face: str, sign: str) -> bool:
    """Tells whether a face draws `sign`, and as something else than what it draws for a sign that nobody has."""
    font = load_face(face, 34)
    mask = font.getmask(sign)
    return mask.getbbox() is not None and bytes(mask) != bytes(font.getmask("\U000e0f00"))


def ink_box(ink: Floats, level: float = 0.4) -> Box | None:
    """Returns the box of the ink darker than `level`, or None where there is none."""
    dark = ink > level
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not len(rows):
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def draw_face(families: Sequence[Family], rng: np.random.Generator, chinese: bool) -> str:
    """Draws a face; one that carries Chinese letters where `chinese`."""
    fit = [f for f in families if f.chinese or not chinese]
    weights = np.array([f.weight for f in fit])
    family = fit[int(rng.choice(len(fit), p=weights / weights.sum()))]
    upright = [face for face in family.faces if not _ITALIC.search(face)]
    faces = upright if upright and rng.random() < 0.85 else family.faces
    return faces[int(rng.integers(len(faces)))]
