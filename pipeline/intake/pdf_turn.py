"""Pages whose text runs up, down or upside down: read in the frame in which it is upright."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.domain import BBox, Ruling
from pipeline.intake.pdf_chars import Char

_SHARE = 0.8
_MIN_CHARS = 12


def turn_of_page(chars: Sequence[Char]) -> int:
    """Returns the clockwise angle of four fifths or more of the characters: 0, 90, 180 or 270; 0 where there is none."""
    counts = Counter(c.turn for c in chars if not c.text.isspace())
    turn, count = counts.most_common(1)[0] if counts else (0, 0)
    return turn if count >= max(_MIN_CHARS, _SHARE * counts.total()) else 0


def upright_box(box: BBox, turn: int, width: float, height: float) -> BBox:
    """Moves a box from the page to the frame in which text of direction `turn` is upright.

    Args:
        box: on the page.
        turn: clockwise angle in degrees.
        width: of the page, in points.
        height: of the page, in points.
    """
    if turn == 90:
        return BBox(box.top, width - box.x1, box.bottom, width - box.x0)
    if turn == 270:
        return BBox(height - box.bottom, box.x0, height - box.top, box.x1)
    if turn == 180:
        return BBox(width - box.x1, height - box.bottom, width - box.x0, height - box.top)
    return box


def upright_char(char: Char, turn: int, width: float, height: float) -> Char:
    """Moves a character likewise; its own direction is then counted from `turn`."""
    box = upright_box(BBox(char.x0, char.top, char.x1, char.bottom), turn, width, height)
    return Char(char.text, box.x0, box.top, box.x1, box.bottom, (char.turn - turn) % 360)


def upright_ruling(ruling: Ruling, turn: int, width: float, height: float) -> Ruling:
    """Moves a ruling likewise."""
    box = upright_box(BBox(ruling.x0, ruling.top, ruling.x1, ruling.bottom), turn, width, height)
    return Ruling(box.x0, box.top, box.x1, box.bottom, ruling.page_no)
