"""Rows whose values may stand in other columns → the columns in which the table's own sums close; the doubt stays.

A scrape that lost a cell, or padded its rows, leaves more than one way to put a row's values into its columns. Each way is
tried, and that kept which closes most equations. It is only a better guess: every cell of the row stays flagged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from math import comb

from pipeline.canon.fitting import Candidate, RowPlace
from pipeline.canon.header import leaves
from pipeline.canon.placing import Placed
from pipeline.canon.schema import TableSchema
from pipeline.canon.tokens import Token
from pipeline.domain import Equation, Number

_MOST_LOST, _MOST_WAYS, _PASSES = 2, 500, 2
_CLOSED, _NOUGHT, _LAST, _TRIVIAL = 1.0, 0.6, 0.3, 0.05
# A single sum that fails may be printed so: a row is out of place where several close elsewhere.
_FEW_SUMS, _ODD_SUMS = 2.0, 3.5
_MANY = 5
_TOLERANCE = 1e-6

_PAGE_NUMBER = re.compile(r"[1-9]\d?")

Tokens = tuple[Token | None, ...]
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to place a row's values; `lost` are the columns that have none."""

    tokens: Tokens
    lost: tuple[int, ...]


def resettle(candidate: Candidate) -> Candidate:
    """Moves the values of doubtful rows to where most equations close; rows without a better place stay as they are.

    Args:
        candidate: the chosen place of a table.
    """
    table = candidate.table
    if not table.equations:
        return candidate
    rows = _doubt_misfits(table, list(candidate.rows))
    doubtful = [k for k, row in enumerate(rows) if _is_open(row)]
    if not doubtful:
        return candidate
    unnamed = tuple(k for k, text in enumerate(candidate.header.texts) if text is None)
    nameless, unnamed = unnamed, unnamed if len(unnamed) <= _MOST_LOST else ()
    named = _as_named(table, rows, doubtful, unnamed) or _all_without(table, rows, doubtful, nameless)
    # A doubt that most rows share is settled for all of them or not at all: one that does not add up may be printed so.
    shared = _shared_doubts(rows)
    doubtful = [k for k in doubtful if _doubt(rows[k]) not in shared or (named is None and _is_short(rows[k]))]
    rows = named or rows
    patterns: Counter[tuple[int, ...]] = Counter()
    for _ in range(_PASSES):
        patterns.clear()
        for k in doubtful:
            best = _best_option(table, rows, k, unnamed)
            if best is not None:
                patterns[best.lost] += 1
                rows[k] = _with_tokens(rows[k], best.tokens)
    if len(patterns) == 1 and patterns.total() > 1:
        # What these rows have lost, the others of the same doubt have lost too, where nothing speaks against it.
        rows = _like_the_others(table, rows, doubtful, next(iter(patterns)), unnamed)
    return replace(candidate, rows=tuple(rows))


def _doubt_misfits(table: TableSchema, rows: list[RowPlace]) -> list[RowPlace]:
    """Doubts scraped rows whose sums fail where they stand, and close with their values moved.

    These are rows with a blank at an end, and rows that may have lost a value and got the number of the page instead.
    """
    for k, row in enumerate(rows):
        placed, record = row.placed, row.record
        if record is None or placed is None or placed.doubt is not None or record.table >= 0 or not record.is_filled:
            continue
        ends = (placed.tokens[0], placed.tokens[-1])
        shorter = _without_page_number(row)
        if shorter is None and all(t is not None and t.is_filled for t in ends):
            continue
        now = _gain(table, rows, k)
        if shorter is None and now >= 0:
            continue
        enough = _ODD_SUMS if shorter else _FEW_SUMS
        options = [o for o in _options(shorter or row, ()) if o.lost and _values(o.tokens)[:-1] != _values(placed.tokens)[:-1]]
        moved = [_with_tokens(row, option.tokens) for option in options]
        if max((_gain(table, [*rows[:k], m, *rows[k + 1 :]], k) for m in moved), default=now) >= now + enough:
            rows[k] = replace(row, placed=Placed(placed.tokens, "its sums close if its values stand in other columns"))
    return rows


def _without_page_number(row: RowPlace) -> RowPlace | None:
    """The row without its last number, where that stands on a bare line as page numbers do; else None."""
    record, placed = row.record, row.placed
    if record is None or placed is None or len(record.items) != len(placed.tokens):
        return None
    last, before = record.items[-1], record.items[:-1]
    if last.delimited or last.line >= 0 or not _PAGE_NUMBER.fullmatch(last.text) or not any(t.value.value for t in before):
        return None
    return replace(row, record=replace(record, items=before))


def _is_open(row: RowPlace) -> bool:
    """True for a scraped row with numbers that stands in doubtful columns."""
    record, placed = row.record, row.placed
    if record is None or placed is None or placed.doubt is None:
        return False
    return record.table < 0 and record.is_filled and record.doubt is None


def _doubt(row: RowPlace) -> str | None:
    return row.placed.doubt if row.placed is not None else None


def _shared_doubts(rows: Sequence[RowPlace]) -> set[str | None]:
    """The doubts that half of the rows or more have."""
    found = Counter(_doubt(row) for row in rows if row.placed is not None)
    return {doubt for doubt, n in found.items() if len(rows) > 1 and 2 * n >= found.total()}


def _is_short(row: RowPlace) -> bool:
    """True for a row that has fewer cells than the table has columns: some were lost, blanks or not."""
    return row.record is not None and row.placed is not None and len(row.record.items) < len(row.placed.tokens)


def _with_tokens(row: RowPlace, tokens: Tokens) -> RowPlace:
    assert row.placed is not None
    return replace(row, placed=Placed(tokens, row.placed.doubt))


def _best_option(table: TableSchema, rows: Sequence[RowPlace], k: int, unnamed: tuple[int, ...]) -> _Option | None:
    """The option for row `k` that closes more than its present place, or None."""
    placed = rows[k].placed
    present = placed.tokens if placed is not None else ()
    now = _worth(table, rows, k, present)
    scored = []
    for option in _options(rows[k], unnamed):
        if _values(option.tokens) != _values(present):
            worth = _worth(table, rows, k, option.tokens)
            scored.append((worth, sum(c in unnamed for c in option.lost), -len(option.lost), option))
    if not scored:
        return None
    worth, _, _, best = max(scored, key=lambda s: s[:3])
    # Blanks that are cells on one side may be padding on the other, but a sum printed wrong speaks for a shift as well.
    enough = (_LAST if _is_short(rows[k]) else _CLOSED) / 2 if best.lost else _FEW_SUMS
    return best if worth > now + enough else None


def _worth(table: TableSchema, rows: Sequence[RowPlace], k: int, tokens: Tokens) -> float:
    """How well the sums close with these values in row `k`; what is printed last in a row is rather its total."""
    changed = [*rows[:k], _with_tokens(rows[k], tokens), *rows[k + 1 :]]
    last = tokens[-1] if tokens and _is_short(rows[k]) and _ends_in_total(table) else None
    return _gain(table, changed, k) + _LAST * (last is not None)


def _ends_in_total(table: TableSchema) -> bool:
    """True where the last column of a table is a sum of others of its row."""
    return any(table.columns[-1].key in e.totals for e in table.equations if e.over == "rows")


def _values(tokens: Tokens) -> list[Number | None]:
    return [t.value.value if t is not None else None for t in tokens]


def _as_named(
    table: TableSchema, rows: Sequence[RowPlace], doubtful: Sequence[int], unnamed: tuple[int, ...]
) -> list[RowPlace] | None:
    """Leaves the columns empty that the header does not name, where the sums close so; None where they do not.

    Where no sum tells, as in a table of noughts, the header does, if there are rows with just as many cells as it has names.
    """
    if not unnamed:
        return None
    changed = list(rows)
    just = False
    ends: set[tuple[bool, bool]] = set()
    for k, row in enumerate(rows):
        if k not in doubtful and not _is_blank(row):
            continue
        option = next(_named_options(row, unnamed), None)
        if option is not None:
            changed[k] = _with_tokens(row, option.tokens)
            just |= _is_short(row)
            ends |= {(_has_last(row), _has_last(changed[k]))} if not _is_blank(row) else set()
    # Totals that stand in the column before the last in every row speak for themselves.
    just |= _ends_in_total(table) and ends == {(False, True)}
    before, after = (sum(_gain(table, r, k) for k in doubtful) for r in (rows, changed))
    return changed if after > before + _CLOSED / 2 or (just and after >= before) else None


def _all_without(
    table: TableSchema, rows: Sequence[RowPlace], doubtful: Sequence[int], unnamed: tuple[int, ...]
) -> list[RowPlace] | None:
    """Leaves one column empty in all rows, where each of them is one cell short and the sums close so; else None.

    A single row cannot say so: its values would no longer stand under those of the others.
    """
    lengths = {len(rows[k].record.items) + 1 - len(rows[k].placed.tokens) for k in doubtful}  # type: ignore[union-attr]
    filled = [k for k, row in enumerate(rows) if row.record is not None and row.record.is_filled]
    if len(doubtful) < _MANY or lengths != {0} or doubtful != filled or not _ends_in_total(table):
        return None
    tried = []
    for column in range(len(table.columns)):
        changed = list(rows)
        for k in doubtful:
            option = next((o for o in _options(rows[k], ()) if o.lost == (column,)), None)
            if option is None:
                return None
            changed[k] = _with_tokens(rows[k], option.tokens)
        tried.append((sum(_gain(table, changed, k) for k in doubtful), column in unnamed, -column, changed))
    best = max(tried, key=lambda t: t[:3])
    return best[3] if best[0] > sum(_gain(table, rows, k) for k in doubtful) + _CLOSED * len(doubtful) / 2 else None


def _has_last(row: RowPlace) -> bool:
    """True where a row has a value in its last column."""
    last = row.placed.tokens[-1] if row.placed is not None else None
    return last is not None and last.is_filled


def _is_blank(row: RowPlace) -> bool:
    """True for a scraped row of blanks alone that is too short."""
    record = row.record
    return record is not None and record.table < 0 and not record.is_filled and _is_short(row)


def _named_options(row: RowPlace, unnamed: tuple[int, ...]) -> Iterator[_Option]:
    """Yields the ways to place a row's values and the blanks around them in the columns that the header names."""
    assert row.record is not None and row.placed is not None
    items, width = row.record.items, len(row.placed.tokens) - len(unnamed)
    filled = [i for i, t in enumerate(items) if t.is_filled] or [0]
    for start in range(max(0, filled[-1] + 1 - width), min(filled[0], len(items) - width) + 1):
        values = iter(items[start : start + width])
        yield _Option(tuple(None if c in unnamed else next(values) for c in range(width + len(unnamed))), unnamed)


def _like_the_others(
    table: TableSchema, rows: list[RowPlace], doubtful: Sequence[int], pattern: tuple[int, ...], unnamed: tuple[int, ...]
) -> list[RowPlace]:
    for k in doubtful:
        option = next((o for o in _options(rows[k], unnamed) if o.lost == pattern), None)
        if option is not None:
            changed = [*rows[:k], _with_tokens(rows[k], option.tokens), *rows[k + 1 :]]
            rows = changed if _gain(table, changed, k) >= _gain(table, rows, k) else rows
    return rows


def _options(row: RowPlace, unnamed: tuple[int, ...]) -> Iterator[_Option]:
    """Yields the ways to place a row's values in order: with blanks around them as cells, or with cells lost between them."""
    assert row.record is not None and row.placed is not None
    items, width = row.record.items, len(row.placed.tokens)
    filled = [i for i, t in enumerate(items) if t.is_filled]
    inner = items[filled[0] : filled[-1] + 1]
    if len(inner) > width:
        inner = tuple(t for t in inner if t.is_filled)
    lost = width - len(inner)
    for start in range(max(0, filled[-1] + 1 - width), min(filled[0], len(items) - width) + 1):
        yield _Option(items[start : start + width], ())
    if unnamed:
        yield from _named_options(row, unnamed)
    may_lack = comb(width, lost) <= _MOST_WAYS if _is_short(row) and lost > 0 else 0 <= lost <= _MOST_LOST
    if may_lack:
        for gaps in combinations(range(width), lost):
            values = iter(inner)
            yield _Option(tuple(None if c in gaps else next(values) for c in range(width)), gaps)


def _gain(table: TableSchema, rows: Sequence[RowPlace], k: int) -> float:
    """How well the equations that row `k` has part in close."""
    cells = _cells(table, rows)
    keys = [r.key for r in table.rows] if table.layout == "one_row" else [table.rows[k].key]
    total = 0.0
    implied: dict[Place, list[Number]] = {}
    for equation in table.equations:
        if equation.relation != "equal" or equation.severity != "error":
            continue
        for left, right in _instances(table, equation, keys):
            total += _closes(cells, left, right, equation, implied)
    for values in implied.values():
        total -= _CLOSED * (min(values) < 0)
        if len(values) > 1 and max(values) - min(values) <= _TOLERANCE:
            total += _CLOSED if values[0] else _TRIVIAL
    return total


def _cells(table: TableSchema, rows: Sequence[RowPlace]) -> dict[Place, Token]:
    """The cells of a table that have a token."""
    cells: dict[Place, Token] = {}
    for row, places in zip(rows, _places(table), strict=True):
        if row.placed is not None:
            cells.update((p, t) for p, t in zip(places, row.placed.tokens, strict=False) if t is not None)
    return cells


@cache
def _places(table: TableSchema) -> tuple[tuple[Place, ...], ...]:
    """The cells that each printed row holds, from left to right."""
    columns = [c.key for c in table.columns]
    if table.layout == "one_row":
        return (tuple((table.rows[leaf.row].key, columns[leaf.column]) for leaf in leaves(table)),)
    return tuple(tuple((row.key, columns[leaf.column]) for leaf in leaves(table)) for row in table.rows)


def _instances(table: TableSchema, equation: Equation, rows: Sequence[str]) -> Iterator[tuple[list[Place], list[Place]]]:
    """Yields both sides of an equation wherever one of `rows` has part in it."""
    if equation.over == "rows":
        for row in rows:
            yield [(row, c) for c in equation.left], [(row, c) for c in equation.right]
    elif any(row in (*equation.left, *equation.right) for row in rows):
        for column in table.columns:
            yield [(r, column.key) for r in equation.left], [(r, column.key) for r in equation.right]


def _closes(
    cells: dict[Place, Token],
    left: Sequence[Place],
    right: Sequence[Place],
    equation: Equation,
    implied: dict[Place, list[Number]],
) -> float:
    """What one equation says for a placement; where a single cell of it is lost, keeps the value that it should have."""
    places = [*left, *right]
    lost = [p for p in places if p not in cells]
    sums = [sum(cells[p].value.value or 0 for p in side if p in cells) for side in (left, right)]
    over = 1 if equation.over == "rows" else 0
    if len(lost) == 1:
        wanted = sums[1] - sums[0] if lost[0] in left else sums[0] - sums[1]
        implied.setdefault(lost[0], []).append(wanted)
        # What is lost most often is a column of noughts.
        return _NOUGHT if sums[1] and abs(wanted) <= _TOLERANCE else 0.0
    if lost or any(cells[p].value.value is None for p in places if p[over] in equation.totals):
        return 0.0
    if equation.blank_details != "zero" and all(cells[p].value.value is None for p in places if p[over] not in equation.totals):
        return 0.0
    if abs(sums[0] - sums[1]) > _TOLERANCE:
        return -_CLOSED
    return _CLOSED if sums[0] else _TRIVIAL
