"""Rows of scrapes and web pages whose own totals speak against their columns: they do not add up, or a total is wanting.

A scrape that lost a whole column looks whole where blanks or the next number stand in for it. What one row says may be a
mistake in print; what most rows say is none. These rows are only flagged: nothing is moved here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pipeline.canon.fitting import Candidate, RowPlace
from pipeline.canon.header import leaves
from pipeline.canon.placing import Placed
from pipeline.canon.schema import TableSchema
from pipeline.domain import Equation, Number, Origin, State

_TOLERANCE = 1e-6
# A table needs so many rows with figures before their sums say something of its columns; one with three sums, all of them.
_MANY_ROWS = 5
_PAGE_NUMBER = re.compile(r"[1-9]\d?")

Sum = Literal["closes", "fails", "open", "nought"]
Cells = Mapping[str, Number | None]


def doubt_odd_sums(candidate: Candidate) -> Candidate:
    """Doubts rows of a scrape or a web page that their totals contradict.

    Args:
        candidate: the chosen place of a table.

    Returns:
        The candidate, with doubts on rows that had none.
    """
    table = candidate.table
    equations = [e for e in table.equations if e.over == "rows" and e.relation == "equal" and e.severity == "error"]
    origins = {t.origin for r in candidate.rows if r.placed is not None for t in r.placed.tokens if t is not None}
    if len(equations) != 1 or not origins <= {Origin.SCRAPE, Origin.HTML}:
        return candidate
    own = [list(_lines_of(table, row)) for row in candidate.rows]
    said = [[_sum_of(cells, equations[0]) for cells in lines] for lines in own]
    together = [s for line in said for s in line]
    fails, closes, unclosed = (together.count(kind) for kind in ("fails", "closes", "open"))
    if closes >= _MANY_ROWS:
        wanting = [k for k, line in enumerate(said) if "open" in line and _ends_in_blank(candidate.rows[k])]
        candidate = _doubted(candidate, wanting, "its total is blank, its figures are not")
    if any(r.record is not None and r.record.table >= 0 for r in candidate.rows):
        return candidate
    lacking = unclosed > 1 and unclosed > closes
    if lacking or (fails + unclosed >= _MANY_ROWS and fails + unclosed > 2 * closes):
        return _doubted(candidate, range(len(said)), "most rows of its table do not add up: the columns may be others")
    if closes < _MANY_ROWS or closes < 2 * fails:
        return candidate
    numbered = [k for k, line in enumerate(said) if line == ["fails"] and _ends_in_page_number(candidate.rows[k])]
    return _doubted(candidate, numbered, "its last number may be that of the page, and its total the one before")


def _ends_in_blank(row: RowPlace) -> bool:
    """True for a row whose last cell is blank; a dash was printed on purpose."""
    last = row.placed.tokens[-1] if row.placed is not None and row.placed.tokens else None
    return last is not None and last.value.state is State.BLANK


def _lines_of(table: TableSchema, row: RowPlace) -> Iterator[Cells]:
    """Yields the values of each row of the schema that a printed row holds, by column."""
    lines: dict[int, dict[str, Number | None]] = {}
    for leaf, token in zip(leaves(table), row.placed.tokens if row.placed is not None else (), strict=False):
        lines.setdefault(leaf.row, {})[table.columns[leaf.column].key] = token.value.value if token is not None else None
    yield from lines.values()


def _sum_of(cells: Cells, equation: Equation) -> Sum:
    """What the sum of one row says: `open` where figures have no total, `nought` where there is nothing to add up."""
    parts = [cells.get(key) for key in (*equation.left, *equation.right) if key not in equation.totals]
    total, details = sum(cells.get(key) or 0 for key in equation.totals), sum(part or 0 for part in parts)
    if all(part is None for part in parts):
        return "nought"
    if all(cells.get(key) is None for key in equation.totals):
        return "open" if details else "nought"
    if abs(total - details) > _TOLERANCE:
        return "fails"
    return "closes" if total else "nought"


def _ends_in_page_number(row: RowPlace) -> bool:
    """True for a row on bare lines whose last number is smaller than one of its details, and the one before is a total.

    It may have lost a value and got the number of the page instead.
    """
    if row.placed is None or row.record is None or len(row.record.items) != len(row.placed.tokens):
        return False
    last = row.record.items[-1]
    values = [t.value.value or 0 for t in row.record.items]
    bare = not last.delimited and last.line < 0 and bool(_PAGE_NUMBER.fullmatch(last.text))
    return bare and len(values) > 2 and values[-1] < max(values[:-1]) and values[-2] >= sum(values[:-2])


def _doubted(candidate: Candidate, rows: Sequence[int], text: str) -> Candidate:
    """Gives rows without a doubt this one."""
    changed = list(candidate.rows)
    for k in rows:
        placed = changed[k].placed
        if placed is not None and placed.doubt is None:
            changed[k] = replace(changed[k], placed=Placed(placed.tokens, text))
    return replace(candidate, rows=tuple(changed))
