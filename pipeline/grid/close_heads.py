"""Heads of columns that stand close to one another: told apart by the lines of a head that stand below one another."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain import Word
from pipeline.grid.segments import Segment, SegmentLine, is_bare_marker
from pipeline.grid.text import is_cjk

_GAP_EM = 0.3
_MID_EM = 0.35
_NEAR_EM = 1.7
_MOST_CHARS = 8
_LEAST_PAIRS = 3

Text = tuple[Word, ...]


def part_close_heads(lines: Sequence[SegmentLine]) -> list[SegmentLine]:
    """Cuts segments between texts that stand centred below (or above) those of a neighbouring line.

    Where a column is blank, nothing but its head shows it; and heads of several lines leave less than half an em
    between columns, as much as there is between words. Three short texts or more must be matched, so that running text
    is left alone; then the texts beside them, of one line, are told apart too.

    Args:
        lines: from top to bottom.
    """
    found = list(lines)
    for i, upper in enumerate(lines):
        for j in range(i + 1, min(i + 3, len(lines))):
            lower = lines[j]
            if upper.n_values or lower.n_values or lower.y - upper.y > _NEAR_EM * upper.em:
                break
            edges = _shared_edges(upper, lower)
            if edges:
                found[i], found[j] = _cut(found[i], edges), _cut(found[j], edges)
    return found


def _shared_edges(upper: SegmentLine, lower: SegmentLine) -> list[tuple[float, float]]:
    """Returns the gaps `(left, right)` beside matched texts in which no text of either line stands."""
    above, below = _texts(upper), _texts(lower)
    pairs = [(a, b) for a, text in enumerate(above) for b, other in enumerate(below) if _stand_in_line(text, other)]
    if len(pairs) < _LEAST_PAIRS:
        return []
    edges = _gaps_beside(above, {a for a, _ in pairs}) + _gaps_beside(below, {b for _, b in pairs})
    texts = [*above, *below]
    return [e for e in edges if not any(_left(t) < e[1] and _right(t) > e[0] for t in texts)]


def _gaps_beside(texts: Sequence[Text], matched: set[int]) -> list[tuple[float, float]]:
    """The gaps between neighbouring short texts of a line of which one at least is matched."""
    return [
        (_right(texts[k]), _left(texts[k + 1]))
        for k in range(len(texts) - 1)
        if matched & {k, k + 1} and _is_short(texts[k]) and _is_short(texts[k + 1])
    ]


def _texts(line: SegmentLine) -> list[Text]:
    """Returns the texts of a line, parted at every visible gap."""
    texts: list[list[Word]] = []
    for segment in line.segments:
        for k, word in enumerate(segment.words):
            if k and word.bbox.x0 - texts[-1][-1].bbox.x1 < _GAP_EM * line.em:
                texts[-1].append(word)
            else:
                texts.append([word])
    return [tuple(text) for text in texts]


def _stand_in_line(upper: Text, lower: Text) -> bool:
    """True for two short Chinese texts, one centred below the other."""
    if not (_is_short(upper) and _is_short(lower)):
        return False
    em = min(w.bbox.height for w in (*upper, *lower))
    return abs(_left(upper) + _right(upper) - _left(lower) - _right(lower)) / 2 <= _MID_EM * em


def _is_short(text: Text) -> bool:
    letters = "".join(w.text for w in text)
    return len(letters) <= _MOST_CHARS and not is_bare_marker(letters) and any(map(is_cjk, letters))


def _left(text: Text) -> float:
    return text[0].bbox.x0


def _right(text: Text) -> float:
    return text[-1].bbox.x1


def _cut(line: SegmentLine, edges: Sequence[tuple[float, float]]) -> SegmentLine:
    segments = []
    for segment in line.segments:
        groups: list[list[Word]] = [[segment.words[0]]]
        for left, right in zip(segment.words, segment.words[1:], strict=False):
            if any(left.bbox.x1 <= a + 0.1 and b - 0.1 <= right.bbox.x0 for a, b in edges):
                groups.append([])
            groups[-1].append(right)
        segments += [Segment(tuple(group)) for group in groups]
    return SegmentLine(tuple(segments))
