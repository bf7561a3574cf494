"""Characters → words: runs without a gap that no vertical ruling cuts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from pipeline.config import Pdf
from pipeline.domain import BBox, Ruling, Word
from pipeline.intake.pdf_chars import Char, is_cjk

_LATIN_GAP_EM = 0.22
_CJK_GAP_EM = 0.15
_BACKSTEP_EM = 0.5
_CUT_GAP_EM = 0.06
_SIZE_RATIO = 0.78


class Fence:
    """The vertical rulings of a page, for the question whether one of them stands between two glyphs."""

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        uprights = sorted((r.x0, r.top, r.bottom) for r in rulings if r.is_vertical)
        self._at = [u[0] for u in uprights]
        self._spans = [u[1:] for u in uprights]

    def between(self, left: float, right: float, y: float) -> bool:
        """True where a vertical ruling with `left < x < right` passes the height `y`."""
        lo, hi = bisect_right(self._at, left), bisect_left(self._at, right)
        return any(top <= y <= bottom for top, bottom in self._spans[lo:hi])


class _Run:
    """A word under construction, in the frame in which its line runs from left to right."""

    __slots__ = ("bottom", "chars", "last_mid", "text", "top", "x0", "x1")

    def __init__(self, char: Char) -> None:
        self.chars = 1
        self.text = char.text
        self.x0, self.top, self.x1, self.bottom = char.x0, char.top, char.x1, char.bottom
        self.last_mid = (char.x0 + char.x1) / 2

    def add(self, char: Char) -> None:
        self.chars += 1
        self.text += char.text
        self.x0, self.x1 = min(self.x0, char.x0), max(self.x1, char.x1)
        self.top, self.bottom = min(self.top, char.top), max(self.bottom, char.bottom)
        self.last_mid = (char.x0 + char.x1) / 2


def chars_to_words(chars: Sequence[Char], rulings: Sequence[Ruling], page_no: int, config: Pdf) -> list[Word]:
    """Joins characters that touch on one line, first in drawing order, then what is left over.

    Two glyphs belong together where they overlap in height by half, differ in size by less than a fifth (a raised 1 is
    no digit of the number before it), and the gap is below 0.22 em (0.15 em between
    Chinese characters), and at most `config.word_x_tolerance_pt`. A vertical ruling that stands in a gap parts them.

    Args:
        chars: in drawing order; blank ones part words.
        rulings: of this page.
        page_no: of this page.
        config: for the tolerance.
    """
    words: list[Word] = []
    for turn in sorted({c.turn for c in chars}):
        fence = Fence(rulings if turn == 0 else [])
        turned = [c if turn == 0 else _level(c, turn) for c in chars if c.turn == turn]
        runs = _merge_touching(_runs_in_drawing_order(turned, fence, config), fence, config)
        words += [_run_to_word(run, turn, page_no) for run in runs]
    return words


def _level(char: Char, turn: int) -> Char:
    """Turns a character into the frame in which its line runs from left to right and lines go down."""
    x0, y0, x1, y1 = char.x0, char.top, char.x1, char.bottom
    if turn == 90:
        return Char(char.text, y0, -x1, y1, -x0, 0)
    if turn == 270:
        return Char(char.text, -y1, x0, -y0, x1, 0)
    return Char(char.text, -x1, -y1, -x0, -y0, 0)


def _run_to_word(run: _Run, turn: int, page_no: int) -> Word:
    x0, top, x1, bottom = run.x0, run.top, run.x1, run.bottom
    if turn == 90:
        x0, top, x1, bottom = -bottom, x0, -top, x1
    elif turn == 270:
        x0, top, x1, bottom = top, -x1, bottom, -x0
    elif turn == 180:
        x0, top, x1, bottom = -x1, -bottom, -x0, -top
    return Word(run.text, BBox(x0, top, x1, bottom), page_no, turn == 0)


def _runs_in_drawing_order(chars: list[Char], fence: Fence, config: Pdf) -> list[_Run]:
    runs: list[_Run] = []
    current: _Run | None = None
    for char in chars:
        if not char.text or char.text.isspace():
            if char.text:
                current = None
            continue
        if current is not None and _follows(current, char, fence, config):
            current.add(char)
            continue
        current = _Run(char)
        runs.append(current)
    return runs


def _follows(run: _Run, char: Char, fence: Fence, config: Pdf) -> bool:
    """True where `char` goes on the line of `run` without a gap."""
    height = min(run.bottom - run.top, char.bottom - char.top)
    if min(run.bottom, char.bottom) - max(run.top, char.top) < 0.5 * height:
        return False
    if not _SIZE_RATIO * (run.bottom - run.top) <= char.bottom - char.top <= (run.bottom - run.top) / _SIZE_RATIO:
        return False
    gap = char.x0 - run.x1
    em = max(char.bottom - char.top, 1.0)
    if gap > _tolerance(run.text[-1], char.text[0], em, config) or gap < -_BACKSTEP_EM * em:
        return False
    # Print that touches is one word, whatever is drawn through it; but a label that fills its cell touches the figure beside.
    if gap <= _CUT_GAP_EM * em and char.text[0].isdigit() == run.text[-1].isdigit():
        return True
    return not fence.between(run.last_mid, (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2)


def _tolerance(left: str, right: str, em: float, config: Pdf) -> float:
    share = _CJK_GAP_EM if is_cjk(left) and is_cjk(right) else _LATIN_GAP_EM
    return min(config.word_x_tolerance_pt, share * em)


def _merge_touching(runs: list[_Run], fence: Fence, config: Pdf) -> list[_Run]:
    """Joins runs that touch although they were not drawn one after the other."""
    ends: dict[int, list[_Run]] = {}
    kept: list[_Run] = []
    for run in sorted(runs, key=lambda r: (r.x0, r.top)):
        left = _left_neighbour(run, ends, fence, config)
        if left is None:
            kept.append(run)
            ends.setdefault(int(run.x1), []).append(run)
            continue
        ends[int(left.x1)].remove(left)
        left.text += run.text
        left.x1, left.last_mid = max(left.x1, run.x1), run.last_mid
        left.top, left.bottom = min(left.top, run.top), max(left.bottom, run.bottom)
        left.chars += run.chars
        ends.setdefault(int(left.x1), []).append(left)
    return kept


def _left_neighbour(run: _Run, ends: dict[int, list[_Run]], fence: Fence, config: Pdf) -> _Run | None:
    width = (run.x1 - run.x0) / run.chars
    first = Char(run.text[0], run.x0, run.top, run.x0 + width, run.bottom, 0)
    em = max(run.bottom - run.top, 1.0)
    for end in range(int(run.x0 - config.word_x_tolerance_pt), int(run.x0 + 0.1 * em) + 1):
        for left in ends.get(end, ()):
            if run.x0 - left.x1 < -0.1 * em or not _follows(left, first, fence, config):
                continue
            if not fence.between(left.last_mid, run.x0 + width / 2, (run.top + run.bottom) / 2):
                return left
    return None
