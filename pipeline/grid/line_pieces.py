"""Pieces of lines that lie on one line, with the gaps that wear has made."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.ridges import PixelRule

_GAP_IN = 0.3
_LONG_IN, _JOINED_DRAWN, _PIECE_IN = 0.8, 0.6, 0.35
_BOXES_DRAWN = 0.85
BOX_GAP_IN, _BESIDE_IN = 0.035, 0.035
STRAIGHT_IN = 0.0125


def join_pieces(pieces: Sequence[PixelRule], dpi: float, gap_in: float = _GAP_IN) -> list[tuple[PixelRule, ...]]:
    """Groups pieces on one line with gaps between them that wear may have made.

    Args:
        pieces: of one direction.
        dpi: pixels an inch.
        gap_in: longest gap in inches.
    """
    near, gap = STRAIGHT_IN * dpi, gap_in * dpi
    chains: list[list[PixelRule]] = []
    open_: list[list[PixelRule]] = []
    for piece in sorted(pieces, key=lambda p: (p.start, p.at)):
        open_ = [c for c in open_ if piece.start - c[-1].end <= gap]
        fits = [c for c in open_ if abs(c[-1].at - piece.at) <= near and piece.start - c[-1].end > -near]
        if fits:
            min(fits, key=lambda c: abs(c[-1].at - piece.at)).append(piece)
        else:
            chains.append([piece])
            open_.append(chains[-1])
    return [tuple(c) for c in chains]


def as_one(chain: Sequence[PixelRule]) -> PixelRule:
    """Returns a joined line as one ruling; its strength is the share that its pieces cover."""
    start, end = chain[0].start, max(p.end for p in chain)
    drawn = sum(p.length * p.strength for p in chain) / max(1e-6, end - start)
    return PixelRule(place_of(chain), start, end, max(p.thickness for p in chain), min(1.0, drawn))


def find_lines(pieces: Sequence[PixelRule], dpi: float) -> list[tuple[PixelRule, tuple[PixelRule, ...], bool]]:
    """Returns the joined lines with their pieces, and whether each is long and in longer pieces than the strokes of print.

    Where each cell has a box of its own, the sides of the boxes are as short as such strokes. But they hardly part from one
    another, and those of the neighbours run beside them.
    """
    joined = [(as_one(chain), chain) for chain in join_pieces(pieces, dpi)]
    strokes = [r for r, _ in joined if r.length >= _LONG_IN * dpi and r.strength >= _JOINED_DRAWN]
    return [(r, c, _is_line(r, c, dpi) or (_holds_boxes(c, dpi) and _has_beside(r, strokes, dpi))) for r, c in joined]


def _is_line(rule: PixelRule, chain: Sequence[PixelRule], dpi: float) -> bool:
    """True for a joined line that is long, mostly drawn, and in pieces that are longer than strokes of print."""
    long_pieces = rule.length / len(chain) >= _PIECE_IN * dpi
    return rule.length >= _LONG_IN * dpi and rule.strength >= _JOINED_DRAWN and long_pieces


def _has_beside(rule: PixelRule, others: Sequence[PixelRule], dpi: float) -> bool:
    """True where another line runs close beside one over a long way."""
    near, long = _BESIDE_IN * dpi, _LONG_IN * dpi
    return any(0 < abs(o.at - rule.at) <= near and min(o.end, rule.end) - max(o.start, rule.start) >= long for o in others)


def _holds_boxes(chain: Sequence[PixelRule], dpi: float) -> bool:
    """True where whole pieces follow one another over a long way, with a narrow gap between any two of them."""
    start = end = float("-inf")
    drawn = 0.0
    for piece in chain:
        if piece.start - end > BOX_GAP_IN * dpi or piece.is_dotted:
            start, drawn = piece.start, 0.0
        end = max(end, piece.end)
        drawn += 0.0 if piece.is_dotted else piece.length * piece.strength
        if end - start >= _LONG_IN * dpi and drawn >= _BOXES_DRAWN * (end - start):
            return True
    return False


def place_of(pieces: Sequence[PixelRule]) -> float:
    """Returns the place of a line, long pieces counting more."""
    return sum(p.at * p.length for p in pieces) / max(1e-6, sum(p.length for p in pieces))
