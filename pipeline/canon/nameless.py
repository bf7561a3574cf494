"""Columns of a scan that no name was read for: where their figures may be those of a neighbour."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.canon.fitting import Candidate
from pipeline.canon.tokens import Token

_NARROW, _WIDE = 0.6, 1.6
_NAMELESS = "no header names its column, which is blank throughout"
_UNNAMED = "its column and the one beside it have no name that could be read: they may stand the other way round"


def nameless_doubts(candidate: Candidate) -> dict[int, str]:
    """Returns why printed columns are doubtful, by their number, for those whose names are lost and which sums cannot place.

    Args:
        candidate: the chosen place and variant of a table that was read from pixels.
    """
    return {
        **dict.fromkeys(_unnamed_neighbours(candidate), _UNNAMED),
        **dict.fromkeys(_nameless_leaves(candidate), _NAMELESS),
    }


def _nameless_leaves(candidate: Candidate) -> frozenset[int]:
    """Printed columns that no header names and that hold nothing: their figures may stand with those of a neighbour.

    None where lines close every cell, and all columns are about as wide: no line then is lost, or another thing taken for one.
    """
    placed = [p.placed.tokens for p in candidate.rows if p.placed is not None]
    if all(_is_evenly_ruled(tokens) for tokens in placed):
        return frozenset()
    return frozenset(
        k
        for k, text in enumerate(candidate.header.texts)
        if text is None and all(t[k] is None or not t[k].is_filled for t in placed if k < len(t))  # type: ignore[union-attr]
    )


def _unnamed_neighbours(candidate: Candidate) -> frozenset[int]:
    """Printed columns side by side that differ and whose names are lost, where others have theirs.

    The sums of rows hold whichever of the two is which. A header that is lost altogether is another matter: then the count of
    all columns, in the order that the form prescribes, places them.
    """
    texts = candidate.header.texts
    if not any(texts):
        return frozenset()
    placed = [p.placed.tokens for p in candidate.rows if p.placed is not None]
    return frozenset(
        n
        for k in range(len(texts) - 1)
        if not texts[k] and not texts[k + 1] and any(k + 1 < len(t) and _printed(t[k]) != _printed(t[k + 1]) for t in placed)
        for n in (k, k + 1)
    )


def _printed(token: Token | None) -> str:
    return token.text.strip() if token is not None else ""


def _is_evenly_ruled(tokens: Sequence[Token | None]) -> bool:
    """True where lines close each cell of a row, none of which is much wider or narrower than the others."""
    widths = sorted(t.bbox.width for t in tokens if t is not None and t.ruled and t.bbox is not None)
    if not widths or len(widths) < len(tokens):
        return False
    usual = widths[len(widths) // 2]
    return widths[0] >= _NARROW * usual and widths[-1] <= _WIDE * usual
