"""Characters of a PDF page as plain values, whichever library found them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.domain import BBox

_CARELESS_RADICALS = dict(
    zip(
        "⺎⺠⺟⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "兀民母西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_BELOW_EM = 0.14
_AXIS_TOLERANCE = math.tan(math.radians(5))


class Char(NamedTuple):
    """One glyph: text, box in points (origin top left), and `turn`, the clockwise angle in which its line runs."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int


def is_cjk(char: str) -> bool:
    """True for a character that is written without blanks between words (han, kana, full-width forms)."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef" or char >= "\U00020000"


def plain_text(text: str) -> str:
    """Undoes what a font's character map did to one glyph's text: radicals for characters, ligatures, controls."""
    if text.isascii():
        return text if text.isprintable() else "".join(c for c in text if c.isprintable() or c.isspace())
    return "".join(map(_plain_char, text))


def _plain_char(char: str) -> str:
    if "\u2e80" <= char <= "\u2fdf":
        return _CARELESS_RADICALS.get(char) or unicodedata.normalize("NFKC", char)
    if "\ufb00" <= char <= "\ufb06":
        return unicodedata.normalize("NFKC", char)
    if unicodedata.category(char) in ("Cc", "Cf"):
        return " " if char.isspace() else ""
    return char


def turn_of(a: float, b: float) -> int | None:
    """Returns the clockwise angle of a text direction `(a, b)` (y up): 0, 90, 180 or 270; None where it is slanted."""
    if abs(b) <= abs(a) * _AXIS_TOLERANCE:
        return 0 if a >= 0 else 180
    if abs(a) <= abs(b) * _AXIS_TOLERANCE:
        return 270 if b > 0 else 90
    return None


def glyphs_to_chars(glyphs: list[Any], crop: BBox, height: float) -> Iterator[Char]:
    """Yields the characters within the visible part of a page.

    Args:
        glyphs: pdfminer's `LTChar` objects, y up.
        crop: the visible part, origin top left of the media box.
        height: height of the media box.
    """
    for glyph in glyphs:
        turn = turn_of(glyph.matrix[0], glyph.matrix[1])
        if turn is None:
            continue
        x0, y0, x1, y1 = _on_baseline(glyph, turn)
        x, y = (x0 + x1) / 2, height - (y0 + y1) / 2
        if crop.x0 <= x <= crop.x1 and crop.top <= y <= crop.bottom:
            yield Char(plain_text(glyph._text), x0 - crop.x0, height - y1 - crop.top, x1 - crop.x0, height - y0 - crop.top, turn)


def _on_baseline(glyph: Any, turn: int) -> tuple[float, float, float, float]:
    """The em box of a glyph on its baseline, y up.

    A font's own ascent and descent are often wrong; with 0.86 em above and 0.14 em below the baseline all fonts of one
    line agree, and the box of Chinese characters is right. Glyphs of vertical fonts keep the box that they have.
    """
    x0, y0, x1, y1 = glyph.x0, glyph.y0, glyph.x1, glyph.y1
    x, y = glyph.matrix[4], glyph.matrix[5]
    if turn in (0, 180):
        em = y1 - y0
        if min(abs(x - x0), abs(x - x1)) > 0.05 * em:
            return x0, y0, x1, y1
        low = y - _BELOW_EM * em if turn == 0 else y - (1 - _BELOW_EM) * em
        return x0, low, x1, low + em
    em = x1 - x0
    if min(abs(y - y0), abs(y - y1)) > 0.05 * em:
        return x0, y0, x1, y1
    left = x - (1 - _BELOW_EM) * em if turn == 270 else x - _BELOW_EM * em
    return left, y0, left + em, y1


def drop_doubles(chars: list[Char]) -> list[Char]:
    """Drops glyphs that were printed twice in nearly the same place, as fake bold and shadows do."""
    if not _has_doubles(chars):
        return chars
    seen: dict[tuple[str, int, int], Char] = {}
    kept = []
    for char in chars:
        reach = 0.15 * max(char.bottom - char.top, char.x1 - char.x0, 1.0)
        if any(abs(other.x0 - char.x0) <= reach and abs(other.top - char.top) <= reach for other in _near(seen, char, reach)):
            continue
        seen[char.text, int(char.x0 // 4), int(char.top // 4)] = char
        kept.append(char)
    return kept


def _has_doubles(chars: list[Char]) -> bool:
    """Cheap test: two glyphs of one text whose places round alike, in any of two grids shifted by half a step."""
    size = len(chars)
    return any(len({(c[0], int(c[1] / 6 + p), int(c[2] / 6 + q)) for c in chars}) < size for p in (0, 0.5) for q in (0, 0.5))


def _near(seen: dict[tuple[str, int, int], Char], char: Char, reach: float) -> Iterator[Char]:
    for i in range(int((char.x0 - reach) // 4), int((char.x0 + reach) // 4) + 1):
        for j in range(int((char.top - reach) // 4), int((char.top + reach) // 4) + 1):
            if (char.text, i, j) in seen:
                yield seen[char.text, i, j]
