"""Columns of a scan that no name was read for: where their figures may be those of a neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pipeline.canon.fitting import Candidate
from pipeline.canon.schema import TableSchema
from pipeline.canon.tokens import Token
from pipeline.domain import State

_NARROW, _WIDE = 0.6, 1.6
_PROOF = 2
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

    The sums of rows hold whichever of two details is which; which is the total they tell. A header that is lost altogether is
    another matter: then the count of all columns, in the order that the form prescribes, places them.
    """
    texts = candidate.header.texts
    if not any(texts):
        return frozenset()
    placed = [p.placed.tokens for p in candidate.rows if p.placed is not None]
    return frozenset(
        n
        for k in range(len(texts) - 1)
        if not texts[k] and not texts[k + 1] and any(k + 1 < len(t) and _printed(t[k]) != _printed(t[k + 1]) for t in placed)
        if not _sums_tell(candidate.table, placed, k)
        for n in (k, k + 1)
    )


def _sums_tell(table: TableSchema, placed: Sequence[Sequence[Token | None]], k: int) -> bool:
    """True where column `k + 1` is the total of the columns before it, and most rows in which the two differ say so.

    With a detail in the place of its total no such sum would close.
    """
    keys = [lane.key for lane in table.columns]
    sums = [e for e in table.equations if e.over == "rows" and e.relation == "equal" and keys[k + 1 : k + 2] == list(e.right)]
    if table.layout == "one_row" or len(sums) != 1 or keys[k] not in sums[0].left:
        return False
    details = [keys.index(key) for key in sums[0].left]
    differing = [t for t in placed if _printed(t[k]) != _printed(t[k + 1])]
    closing = [_closes([t[d] for d in details], t[k], t[k + 1]) for t in differing]
    return sum(closing) >= _PROOF and 2 * sum(closing) > len(closing)


def _closes(details: Sequence[Token | None], detail: Token | None, total: Token | None) -> bool:
    """True where figures add up to their total, blanks and dashes as nought, and would not if `detail` were the total."""
    if total is None or detail is None or total.value.value is None or any(t is None for t in details):
        return False
    if any(t is not None and t.value.state is State.UNREADABLE for t in details):
        return False
    own = detail.value.value
    found = sum(Decimal(t.value.value or 0) for t in details if t is not None)
    return own is not None and own != total.value.value and found == Decimal(total.value.value)


def _printed(token: Token | None) -> str:
    return token.text.strip() if token is not None else ""


def _is_evenly_ruled(tokens: Sequence[Token | None]) -> bool:
    """True where lines close each cell of a row, none of which is much wider or narrower than the others."""
    widths = sorted(t.bbox.width for t in tokens if t is not None and t.ruled and t.bbox is not None)
    if not widths or len(widths) < len(tokens):
        return False
    usual = widths[len(widths) // 2]
    return widths[0] >= _NARROW * usual and widths[-1] <= _WIDE * usual
