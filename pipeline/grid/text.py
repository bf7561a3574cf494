"""Words → lines → the text of a cell, in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from pipeline.domain import Word

_SAME_LINE = 0.5
_OFF, _NEARER, _NEARER_FIGURES = 0.25, 0.5, 0.8
_SEVERAL = 3
_ONE_HEIGHT = 0.2
_BLANK_EM = 0.5
_FEW, _TALLER = 4, 1.7


def is_cjk(char: str) -> bool:
    """True for a character that is written without blanks between words (han, kana, full-width forms)."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef" or char >= "\U00020000"


def words_to_lines(words: Iterable[Word]) -> list[list[Word]]:
    """Groups upright words into lines from top to bottom, each from left to right.

    A word is on a line where half of the lower of the two heights is shared with the line's first word's height, unless
    it lies much nearer to the middle of a line beside it: figures stand between two lines of their label, and no scan has
    them all at one height.
    """
    lines: list[list[Word]] = []
    ordered = sorted(words, key=lambda w: (w.bbox.top + w.bbox.bottom, w.bbox.x0))
    # What is as high as two lines would make one of them.
    late = {id(w) for w in _taller(ordered)}
    for word in sorted(ordered, key=lambda w: id(w) in late):
        for line in reversed(lines if id(word) in late else lines[-3:]):
            if _on_line(word, line):
                line.append(word)
                break
        else:
            lines.append([word])
    lines = _joined(_with_nearest(lines))
    for line in lines:
        line.sort(key=lambda w: w.bbox.x0)
    return sorted(lines, key=lambda line: sum(w.bbox.top + w.bbox.bottom for w in line) / len(line))


def _taller(words: Sequence[Word]) -> list[Word]:
    """Returns the words that are much higher than those beside them: a stroke of a pen, a stamp."""
    if len(words) < _FEW:
        return []
    usual = median(w.bbox.height for w in words)
    found = []
    for word in words:
        if word.bbox.height > _TALLER * usual:
            beside = [w.bbox.height for w in words if w is not word and word.bbox.top < _middle(w) < word.bbox.bottom]
            if beside and word.bbox.height > _TALLER * median(beside):
                found.append(word)
    return found


def _joined(lines: list[list[Word]]) -> list[list[Word]]:
    """Joins lines at one height whose words stand beside each other: a letter of a vertical label may have parted them."""
    joined: list[list[Word]] = []
    for line in sorted((line for line in lines if line), key=lambda line: median(_middle(w) for w in line)):
        last = joined[-1] if joined else []
        if last and _at_one_height(last, line) and not any(_overlap_across(a, b) for a in last for b in line):
            last.extend(line)
        else:
            joined.append(line)
    return joined


def _at_one_height(a: list[Word], b: list[Word]) -> bool:
    apart = abs(median(_middle(w) for w in a) - median(_middle(w) for w in b))
    return apart <= _ONE_HEIGHT * min(median(w.bbox.height for w in a), median(w.bbox.height for w in b))


def _overlap_across(a: Word, b: Word) -> bool:
    return a.bbox.x0 < b.bbox.x1 and b.bbox.x0 < a.bbox.x1


def _on_line(word: Word, line: list[Word]) -> bool:
    first = max(line, key=lambda w: w.bbox.height)
    shared = min(first.bbox.bottom, word.bbox.bottom) - max(first.bbox.top, word.bbox.top)
    return shared >= _SAME_LINE * min(first.bbox.height, word.bbox.height)


def _with_nearest(lines: list[list[Word]]) -> list[list[Word]]:
    """Moves words to the line before or after theirs where that lies much nearer; a lone figure, to a line of figures nearer."""
    middles = [median(_middle(w) for w in line) for line in lines]
    moved: list[list[Word]] = [[] for _ in lines]
    for k, line in enumerate(lines):
        for word in line:
            beside = [j for j in (k - 1, k + 1) if 0 <= j < len(lines) and len(lines[j]) > 1] if len(line) > 1 else []
            others = [_middle(w) for w in line if w is not word]
            own = abs(median(others) - _middle(word)) if others else 0.0
            nearest = min(beside, key=lambda j: abs(middles[j] - _middle(word)), default=k)
            other = abs(middles[nearest] - _middle(word))
            nearer = _NEARER_FIGURES if _is_lone_figure(word, line, lines[nearest]) else _NEARER
            goes = own > _OFF * word.bbox.height and other < nearer * own and _has_room(word, lines[nearest])
            moved[nearest if goes else k].append(word)
    return [line for line in moved if line]


def _is_lone_figure(word: Word, line: list[Word], other: list[Word]) -> bool:
    """True for the one figure of a line of words beside a line of several figures: its row is there."""
    own = sum(w.text.isdigit() for w in line)
    return word.text.isdigit() and own == 1 and len(line) > 1 and sum(w.text.isdigit() for w in other) >= _SEVERAL


def _has_room(word: Word, line: list[Word]) -> bool:
    """True where no word of the line stands at the same place."""
    return all(w.bbox.x1 <= word.bbox.x0 or w.bbox.x0 >= word.bbox.x1 for w in line)


def _middle(word: Word) -> float:
    return (word.bbox.top + word.bbox.bottom) / 2


def line_text(line: Sequence[Word]) -> str:
    """Joins the words of a line: with a blank, but none between Chinese characters that stand close."""
    text = line[0].text
    for left, right in zip(line, line[1:], strict=False):
        gap = right.bbox.x0 - left.bbox.x1
        em = min(left.bbox.height, right.bbox.height)
        close = gap < _BLANK_EM * em and (is_cjk(left.text[-1]) or is_cjk(right.text[0]))
        text += right.text if close else " " + right.text
    return text


def words_to_text(words: Sequence[Word]) -> str:
    """Returns the text of one cell, its lines joined by a line feed.

    Turned words are read downwards, column by column: from the right in Chinese, else from the left. A cell whose
    upright characters stand one below the other in columns apart from one another is read likewise.
    """
    if not words:
        return ""
    turned = [w for w in words if not w.upright]
    upright = [w for w in words if w.upright]
    parts = []
    if upright:
        columns = _stacked_columns(upright)
        if columns:
            parts += ["\n".join(w.text for w in column) for column in columns]
        else:
            parts += [line_text(line) for line in words_to_lines(upright)]
    if turned:
        parts.append(_turned_text(turned))
    return "\n".join(parts)


def _turned_text(words: list[Word]) -> str:
    chinese = sum(is_cjk(c) for w in words for c in w.text) * 2 > sum(len(w.text) for w in words)
    columns: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.bbox.x0 + w.bbox.x1):
        near = columns[-1][0].bbox if columns else None
        shared = min(near.x1, word.bbox.x1) - max(near.x0, word.bbox.x0) if near else -1.0
        if near and shared >= _SAME_LINE * min(near.width, word.bbox.width):
            columns[-1].append(word)
        else:
            columns.append([word])
    if chinese:
        columns.reverse()
    return "\n".join(
        " ".join(w.text for w in sorted(column, key=lambda w: w.bbox.top if chinese else -w.bbox.bottom)) for column in columns
    )


def _stacked_columns(words: list[Word]) -> list[list[Word]] | None:
    """Returns two or more columns of single characters written downwards, from the right, or None."""
    if len(words) < 4 or any(len(w.text) > 1 for w in words):
        return None
    columns: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.bbox.x0):
        if columns and word.bbox.center[0] < columns[-1][0].bbox.x1:
            columns[-1].append(word)
        else:
            columns.append([word])
    if len(columns) < 2 or any(len(c) < 2 for c in columns):
        return None
    between = min(b[0].bbox.x0 - max(w.bbox.x1 for w in a) for a, b in zip(columns, columns[1:], strict=False))
    for column in columns:
        column.sort(key=lambda w: w.bbox.top)
    within = max(b.bbox.top - a.bbox.bottom for c in columns for a, b in zip(c, c[1:], strict=False))
    return list(reversed(columns)) if between > within else None
