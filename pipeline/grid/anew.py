"""Does another table begin within a stretch of lines without (enough) rulings? A heading and a head of columns tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median_high

from pipeline.domain import Word
from pipeline.grid.blank_heads import find_blank_head
from pipeline.grid.segments import Segment, SegmentLine, is_note, is_section

_APART = 1.4
_LEAST_BLANK_EM = 0.3
_FREE_EM = 0.25
_TURNED_HEADS = 2
_BLANK_ROWS = 2


def begins_anew(lines: Sequence[SegmentLine], stretch: Sequence[int], k: int, text_mid: float, turned: Sequence[Word]) -> bool:
    """True where line `k` belongs to another table than the stretch of lines above it.

    Args:
        lines: of the page.
        stretch: numbers of the lines with several texts that belong together.
        k: number of the next such line.
        text_mid: middle of the page's text.
        turned: words turned by 90 degrees; they may be the head of the table.
    """
    between = range(stretch[-1] + 1, k)
    if any(_is_set_apart(lines, i, stretch, text_mid) for i in between):
        return True
    alone = [i for i in between if len(lines[i].segments) == 1 and _stands_free(lines, i)]
    above = [lines[i] for i in stretch]
    figures = [s for other in above for s in other.segments if s.is_value]
    if not alone or not _is_head(lines, alone[0], k, figures, turned):
        return False
    labels = [s.x1 for other in above if other.n_values for s in other.segments[:-1] if not s.is_value]
    edge = figures_edge(lines, stretch, k)
    first = edge if edge is not None else min(s.x0 for other in above for s in other.segments[1:])
    if lines[k].segments[-1].mid <= (min(max(labels), first) if labels else first):
        return False
    if any(is_section(lines[i].text) or is_note(lines[i].text) for i in alone):
        return True
    if figures and any(abs((lines[i].x0 + lines[i].x1) / 2 - text_mid) < lines[i].em for i in alone):
        return True
    return any(_has_wide_blank_above(lines, i, stretch) for i in alone)


def figures_edge(lines: Sequence[SegmentLine], stretch: Sequence[int], k: int) -> float | None:
    """Left edge of the figures above line `k`, or of their heads where all of them are blank; None where neither is found.

    Args:
        lines: of the page.
        stretch: numbers of the lines with several texts that belong together.
        k: number of the next such line.
    """
    figures = [s.x0 for i in stretch for s in lines[i].segments if s.is_value]
    if figures:
        return min(figures)
    head = find_blank_head(lines[stretch[0] : k])
    return head.edge if head else None


def _is_head(lines: Sequence[SegmentLine], heading: int, k: int, figures: Sequence[Segment], turned: Sequence[Word]) -> bool:
    """True where line `k` can stand in or below the head of columns: it has no figures, or turned words stand before it."""
    if not lines[k].n_values:
        return True
    left = min((f.x0 for f in figures), default=float("inf"))
    heads = [w for w in turned if lines[heading].bottom <= w.bbox.center[1] <= lines[k].top and w.bbox.x1 > left]
    return len(heads) >= _TURNED_HEADS


def _is_set_apart(lines: Sequence[SegmentLine], i: int, stretch: Sequence[int], text_mid: float) -> bool:
    """True for a centred line of one segment with clearly more blank above and below it than the stretch has between lines."""
    blanks = [lines[b].top - lines[a].bottom for a, b in pairwise(stretch)]
    if len(lines[i].segments) > 1 or len(blanks) < 2 or i + 1 >= len(lines):
        return False
    if abs((lines[i].x0 + lines[i].x1) / 2 - text_mid) > lines[i].em:
        return False
    limit = _APART * max(median_high(blanks), _LEAST_BLANK_EM * lines[i].em)
    return lines[i].top - lines[i - 1].bottom > limit and lines[i + 1].top - lines[i].bottom > limit


def _has_wide_blank_above(lines: Sequence[SegmentLine], i: int, stretch: Sequence[int]) -> bool:
    """True for a line with clearly more blank above it than the rows above have between them.

    Heads of several lines stand closer than rows do, and letters written downwards in them closer still. Rows without figures
    are lines of one text: two at least must stand there.
    """
    figures = [n for n in stretch if lines[n].n_values]
    if figures:
        among = [lines[n].top - lines[n - 1].bottom for n in range(figures[0] + 1, stretch[-1] + 1)]
        rows = [blank for blank in among if blank > 0]
        blanks = [lines[b].top - lines[a].bottom for a, b in pairwise(stretch)]
        blanks = max(blanks, rows, key=lambda found: median_high(found) if found else 0.0)
    else:
        alone = [n for n in range(stretch[-1] + 1, i) if len(lines[n].segments) == 1]
        blanks = [lines[n].top - lines[n - 1].bottom for n in alone] if len(alone) >= _BLANK_ROWS else []
    if not blanks:
        return False
    limit = _APART * max(median_high(blanks), _LEAST_BLANK_EM * lines[i].em)
    return lines[i].top - lines[i - 1].bottom > limit


def _stands_free(lines: Sequence[SegmentLine], i: int) -> bool:
    """True for a line with some blank above and below it, as a label of several rows between their lines has not."""
    least = _FREE_EM * lines[i].em
    return lines[i].top - lines[i - 1].bottom > least and lines[i + 1].top - lines[i].bottom > least
