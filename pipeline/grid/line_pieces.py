"""Pieces of lines that lie on one line, with the gaps that wear has made."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.ridges import PixelRule

_GAP_IN, _STRAIGHT_IN = 0.3, 0.0125
_LONG_IN, _JOINED_DRAWN, _PIECE_IN = 0.8, 0.6, 0.35


def join_pieces(pieces: Sequence[PixelRule], dpi: float, gap_in: float = _GAP_IN) -> list[tuple[PixelRule, ...]]:
    """Groups pieces on one line with gaps between them that wear may have made.

    Args:
        pieces: of one direction.
        dpi: pixels an inch.
        gap_in: longest gap in inches.
    """
    near, gap = _STRAIGHT_IN * dpi, gap_in * dpi
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


def is_line(rule: PixelRule, chain: Sequence[PixelRule], dpi: float) -> bool:
    """True for a joined line that is long, mostly drawn, and in pieces that are longer than strokes of print."""
    long_pieces = rule.length / len(chain) >= _PIECE_IN * dpi
    return rule.length >= _LONG_IN * dpi and rule.strength >= _JOINED_DRAWN and long_pieces


def place_of(pieces: Sequence[PixelRule]) -> float:
    """Returns the place of a line, long pieces counting more."""
    return sum(p.at * p.length for p in pieces) / max(1e-6, sum(p.length for p in pieces))
