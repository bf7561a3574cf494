"""Rows whose values may stand in other columns → the columns in which the table's own sums close; the doubt stays.

A scrape that lost a cell or a whole column, or padded its rows, leaves more than one way to put a row's values into its
columns. All rows together say which column is wanting; then each row is put where it closes most sums, those of its columns
too. Where several ways are as good, that is taken which would be the least wrong if another were right. It is only a better
guess: every cell of the row stays flagged.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.canon.fitting import Candidate, RowPlace
from pipeline.canon.header import HeaderFit, leaves
from pipeline.canon.misfits import doubt_misfits
from pipeline.canon.parted import part_by_sums
from pipeline.canon.placing import Placed
from pipeline.canon.records import Record
from pipeline.canon.schema import TableSchema
from pipeline.canon.sums import Implied, Memory, agreement, ask, ask_columns, column_sums, figures, row_sums
from pipeline.canon.tokens import Token
from pipeline.canon.ways import Tokens, Way, ways_of

_PASSES = 2
# What is printed last is rather a total; a cell is rarely lost; rows of one make begin alike; a page number is rarely caught.
_LAST, _LOST, _OTHER_START, _OTHER_THAN_KNOWN, _SPARE, _STAYS = 0.3, 0.5, 1.0, 2.5, 3.0, 0.2
_ILL_KIND, _NO_WAY, _STILL_OPEN = 2.0, 3.0, 2.0
# What the header says of a column that the rows may lack.
_NAMELESS, _FEW_NAMES, _AMONG_NAMED, _NAMED, _NAMED_WELL = 1.0, 0.3, 0.3, 1.0, 3.0
_FEW_ROWS, _FEW_COLUMNS, _FEW_NAMELESS = 3, 4, 2
# Ways within so much of the best are weighed against one another; how fast their weight falls.
_NEAR, _FAR, _MOST_NEAR, _SHARP = 0.5, 2.5, 40, 4.0


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that may be placed otherwise: its index, its record, where its values stand now."""

    index: int
    record: Record
    present: Tokens

    @property
    def make(self) -> tuple[int, int]:
        """Rows of one make have their padding in the same place."""
        return self.record.size - len(self.record.items), len(self.record.items)


@dataclass(frozen=True, slots=True)
class _Scored:
    """A way with what the row's own sums say of it, and the figures that they imply for lost columns."""

    way: Way
    worth: float
    implied: Implied


Choice = dict[int, list[_Scored]]


def resettle(candidate: Candidate) -> Candidate:
    """Moves the values of doubtful rows to where most equations close; rows without a better place stay as they are.

    Args:
        candidate: the chosen place of a table.
    """
    table = candidate.table
    rows = doubt_misfits(table, list(candidate.rows)) if table.equations else list(candidate.rows)
    movable = [_Row(k, r.record, r.placed.tokens) for k, r in enumerate(rows) if _is_open(r) and r.record and r.placed]
    if not movable:
        return (
            replace(candidate, rows=tuple(_blank_placed(r, nameless, {}) for r in rows))
            if (nameless := _lacking_name(candidate))
            else candidate
        )
    absent, choice = _absent_columns(table, candidate.header, rows, movable)
    placed = _by_columns(table, rows, movable, choice, absent)
    for row in movable:
        if row.index in placed:
            rows[row.index] = _with_tokens(rows[row.index], placed[row.index])
    if absent:
        starts = {row.make: _near(choice[row.index], 0.0)[0].way.start for row in movable if choice[row.index]}
        rows = [_blank_placed(r, absent, starts) for r in rows]
    return replace(candidate, rows=tuple(rows))


def _is_open(row: RowPlace) -> bool:
    """True for a scraped row with numbers that stands in doubtful columns."""
    record, placed = row.record, row.placed
    if record is None or placed is None or placed.doubt is None:
        return False
    return record.table < 0 and record.is_filled and record.doubt is None


def _with_tokens(row: RowPlace, tokens: Tokens) -> RowPlace:
    assert row.placed is not None
    return replace(row, placed=Placed(tokens, row.placed.doubt))


def _lacking_name(candidate: Candidate) -> tuple[int, ...]:
    """The columns that a table of blanks alone lacks: those that its header does not name, where its rows are as much shorter."""
    texts = candidate.header.texts
    nameless = tuple(k for k, text in enumerate(texts) if text is None)
    blank = [r.record for r in candidate.rows if r.record is not None and not r.record.is_filled]
    short = sum(len(r.items) <= len(texts) - len(nameless) for r in blank)
    filled = any(t is not None and t.is_filled for r in candidate.rows if r.placed is not None for t in r.placed.tokens)
    few = len(nameless) <= _FEW_NAMELESS and 2 * len(nameless) < len(texts)
    return nameless if few and not filled and 2 * short > len(blank) else ()


# ---------------------------------------------------------------- columns that the print lacks


def _absent_columns(
    table: TableSchema, header: HeaderFit, rows: Sequence[RowPlace], movable: Sequence[_Row]
) -> tuple[tuple[int, ...], Choice]:
    """The columns that the print never had, as all rows and the header together say, and the ways of each row without them."""
    totals = _has_totals(table, rows)
    found: list[tuple[float, tuple[int, ...], Choice]] = []
    for absent in _suppositions(table, header, rows, movable):
        choice = _agreed({row.index: _scored(table, row, absent, totals) for row in movable}, movable, rows)
        worth = _said_by_header(table, header, absent) - _NO_WAY * _against(rows, movable, absent)
        worth += sum(max((s.worth for s in scored), default=-_NO_WAY) for scored in choice.values())
        found.append((worth, absent, choice))
    best = max(worth for worth, _, _ in found)
    near = [(worth, absent, choice) for worth, absent, choice in found if worth >= best - _NEAR]
    tops = [_tops(choice) for _, _, choice in near]
    whole = [tuple(t for row in movable for t in top.get(row.index, row.present)) for top in tops]
    k = least_wrong(whole, [math.exp(_SHARP * (worth - best)) for worth, _, _ in near])
    return near[k][1], near[k][2]


def _suppositions(
    table: TableSchema, header: HeaderFit, rows: Sequence[RowPlace], movable: Sequence[_Row]
) -> list[tuple[int, ...]]:
    """The sets of columns that may be wanting.

    Where most rows stand where they do for certain, those that they lack; else none, any single one, or all that the header
    does not name, if they are few.
    """
    n = len(leaves(table))
    moved = {row.index for row in movable}
    filled = [k for k, r in enumerate(rows) if r.placed is not None and r.record is not None and r.record.is_filled]
    fixed = [rows[k].placed.tokens for k in filled if k not in moved]  # type: ignore[union-attr]
    lacking = tuple(c for c in range(n) if all(tokens[c] is None for tokens in fixed))
    if table.layout == "one_row" or not fixed:
        lacking = ()
    if table.layout == "one_row" or n < _FEW_COLUMNS or len(filled) < _FEW_ROWS or 2 * len(movable) < len(filled):
        return [lacking]
    nameless = tuple(k for k, text in enumerate(header.texts) if text is None)
    found = [(), *((k,) for k in range(n))]
    return list(dict.fromkeys([*found, lacking, *([nameless] if len(nameless) <= _FEW_NAMELESS else [])]))


def _said_by_header(table: TableSchema, header: HeaderFit, absent: tuple[int, ...]) -> float:
    """What the names in the header say for columns that are wanting."""
    found, n = header.found, len(header.texts)
    worth = 0.0
    for k in absent:
        if header.texts[k] is not None:
            worth -= _NAMED + _NAMED_WELL * header.similarities[k]
        elif found:
            worth += _NAMELESS if 2 * len(found) >= n else _FEW_NAMES
            worth += _AMONG_NAMED * _is_among_named(table, header, k)
    return worth


def _is_among_named(table: TableSchema, header: HeaderFit, k: int) -> bool:
    """True for a column without a name where most columns under the same cell of the header have theirs.

    A column whose whole line of the header is lost, like that of the totals, is there all the same.
    """
    own = table.columns[leaves(table)[k].column].under
    beside = [
        header.texts[i] is not None for i, leaf in enumerate(leaves(table)) if i != k and table.columns[leaf.column].under == own
    ]
    return 2 * sum(beside) > len(beside)


def _against(rows: Sequence[RowPlace], movable: Sequence[_Row], absent: tuple[int, ...]) -> int:
    """How many rows whose place is certain have a value in columns that should be wanting."""
    moved = {row.index for row in movable}
    fixed = [r.placed.tokens for k, r in enumerate(rows) if k not in moved and r.placed is not None]
    return sum(any((t := tokens[k]) is not None and t.is_filled for k in absent) for tokens in fixed)


def _has_totals(table: TableSchema, rows: Sequence[RowPlace]) -> bool:
    """True where nearly all rows with figures end in a number, wherever it stands: a row without a total is none."""
    if not any(len(table.columns) - 1 in s.totals for s in row_sums(table)):
        return False
    if table.layout == "one_row":
        return True
    placed = [
        r.placed.tokens for r in rows if r.placed is not None and any(t is not None and t.is_filled for t in r.placed.tokens)
    ]
    return 4 * sum(_sums_up(tokens) for tokens in placed) >= 3 * len(placed)


def _sums_up(tokens: Tokens) -> bool:
    """True for figures of which the last is as much as the others together, or alone."""
    values = [v for v in figures(tokens) if v is not None]
    return bool(values) and (len(values) == 1 or abs(values[-1] - sum(values[:-1])) < 1e-6)


def _scored(table: TableSchema, row: _Row, absent: tuple[int, ...], totals: bool) -> list[_Scored]:
    """The ways of one row with what its own sums and kinds say of them."""
    sums, n = row_sums(table), len(leaves(table))
    ends = [max(s.left + s.right) for s in sums if max(s.left + s.right) in s.totals]
    is_short = len(row.record.items) + len(absent) < n
    may_be_ill = any(_is_odd(token) for token in row.record.items)
    made = []
    for way in ways_of(row.record.items, n, absent):
        values = figures(way.tokens)
        said, implied = ask(sums, values, way.lost, absent, totals)
        agreed = sum(agreement(found) for found in implied.values()) if implied else 0
        worth = said + agreed - _LOST * len(way.lost) - _SPARE * way.spare
        worth += _LAST * sum([values[k] is not None for k in ends])
        if may_be_ill:
            worth -= _ILL_KIND * sum(_is_ill(table, k, t) for k, t in enumerate(way.tokens) if t is not None)
        worth += _STAYS * (not is_short and way.tokens == row.present)
        # Padding takes the place of a lost cell at the end: where a blank stands there all the same, none was lost.
        padded = len(row.record.items) - way.spare >= n - len(absent)
        worth -= _STILL_OPEN * (padded and bool(way.lost) and not _ends_filled(way.tokens, absent))
        made.append(_Scored(way, worth, implied))
    if not made and table.layout == "one_row" and not absent:
        parted = part_by_sums(row.record.items, sums, n)
        return [_Scored(Way(parted, (), 0), 0.0, {})] if parted is not None else []
    return made


def _ends_filled(tokens: Tokens, absent: Collection[int]) -> bool:
    """True where the last column that the print has holds a figure."""
    last = next((t for k, t in reversed(list(enumerate(tokens))) if k not in absent), None)
    return last is not None and last.is_filled


def _is_odd(token: Token) -> bool:
    """True for a number that some column cannot hold: one with a sign or a fraction."""
    value = token.value.value
    return value is not None and (value < 0 or token.value.signed or (isinstance(value, float) and not value.is_integer()))


def _is_ill(table: TableSchema, leaf: int, token: Token) -> bool:
    """True for a number that cannot stand in a column: one with a sign or a fraction among counts."""
    value, kind = token.value.value, table.columns[leaves(table)[leaf].column].kind
    if value is None or kind == "signed":
        return False
    return value < 0 or token.value.signed or (kind == "count" and isinstance(value, float) and not value.is_integer())


def _agreed(choice: Choice, movable: Sequence[_Row], rows: Sequence[RowPlace]) -> Choice:
    """Lowers the worth of ways that begin in another item than those of the other rows of their make.

    Much so where rows whose place is certain begin there.
    """
    votes: dict[tuple[int, int], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    known = _known_starts(choice, rows)
    for row in movable:
        starts: dict[int, float] = {}
        for scored in choice[row.index]:
            starts[scored.way.start] = max(starts.get(scored.way.start, -_NO_WAY), scored.worth)
        for start, worth in starts.items():
            votes[row.make][start] += worth + _NO_WAY
    made: Choice = {}
    for row in movable:
        of_make = votes[row.make]
        usual = known.get(row.make) or {max(of_make, key=of_make.__getitem__, default=0)}
        cost = _OTHER_THAN_KNOWN if row.make in known else _OTHER_START
        made[row.index] = [x if x.way.start in usual else replace(x, worth=x.worth - cost) for x in choice[row.index]]
    return made


def _known_starts(choice: Choice, rows: Sequence[RowPlace]) -> dict[tuple[int, int], set[int]]:
    """The items in which the rows begin that may not be moved, by their make."""
    known: dict[tuple[int, int], set[int]] = defaultdict(set)
    for k, row in enumerate(rows):
        if k in choice or row.record is None or row.placed is None or row.placed.doubt is not None or not row.record.is_filled:
            continue
        start = next((i for i, t in enumerate(row.record.items) if t is row.placed.tokens[0]), None)
        if start is not None:
            known[_Row(k, row.record, row.placed.tokens).make].add(start)
    return known


# ---------------------------------------------------------------- one row among the others


def _tops(choice: Choice) -> dict[int, Tokens]:
    """The best way of each row by its own sums."""
    return {k: max(scored, key=lambda x: x.worth).way.tokens for k, scored in choice.items() if scored}


def _by_columns(
    table: TableSchema, rows: Sequence[RowPlace], movable: Sequence[_Row], choice: Choice, absent: tuple[int, ...]
) -> dict[int, Tokens]:
    """Takes for each row the way that closes most sums, its own and those of the columns with the other rows."""
    nothing: Tokens = (None,) * len(leaves(table))
    placed = _tops(choice)
    grid = [placed.get(k, r.placed.tokens if r.placed is not None else nothing) for k, r in enumerate(rows)]
    sums = column_sums(table)
    near = {row.index: _near(choice[row.index], _FAR if sums else _NEAR) for row in movable}
    undecided = [k for k, ways in near.items() if len(ways) > 1]
    for last in (False,) * (_PASSES if sums else 0) + (True,):
        for k in undecided:
            worths = _with_columns(table, grid, k, near[k], absent)
            grid[k] = _least_wrong(near[k], worths) if last else near[k][worths.index(max(worths))].way.tokens
    return {k: grid[k] for k in placed}


def _near(scored: Sequence[_Scored], reach: float) -> list[_Scored]:
    """The ways within so much of the best, the best first; of equal ones the first."""
    ordered = sorted(scored, key=lambda x: -x.worth)[:_MOST_NEAR]
    return [x for x in ordered if x.worth >= ordered[0].worth - reach]


def _with_columns(
    table: TableSchema, grid: Sequence[Tokens], k: int, near: Sequence[_Scored], absent: Collection[int]
) -> list[float]:
    """What each of these ways for row `k` is worth, with the sums of all columns."""
    memory: Memory = {}
    worths = []
    for scored in near:
        said, implied = ask_columns(table, grid, k, scored.way.tokens, absent, memory)
        own = scored.implied
        agreed = sum(agreement([*own.get(c, ()), *found]) - agreement(own.get(c, ())) for c, found in implied.items())
        worths.append(scored.worth + said + agreed)
    return worths


def _least_wrong(near: Sequence[_Scored], worths: Sequence[float]) -> Tokens:
    """Of the ways that are nearly as good as the best, the one with the fewest wrong cells to be expected."""
    best = max(worths)
    kept = [(x.way.tokens, math.exp(_SHARP * (w - best))) for x, w in zip(near, worths, strict=True) if w >= best - _NEAR]
    return kept[least_wrong([t for t, _ in kept], [w for _, w in kept])][0]


def least_wrong(options: Sequence[Tokens], weights: Sequence[float]) -> int:
    """Index of the placement of which the fewest cells are wrong, if each of them is right with its weight."""
    if len(options) == 1:
        return 0
    cells = [[(t is None, t.value.value if t is not None else None) for t in tokens] for tokens in options]
    wrong = [
        sum(
            w * sum(b != a and not b[0] for a, b in zip(mine, other, strict=True))
            for other, w in zip(cells, weights, strict=True)
        )
        for mine in cells
    ]
    return wrong.index(min(wrong))


def _blank_placed(row: RowPlace, absent: tuple[int, ...], starts: Mapping[tuple[int, int], int]) -> RowPlace:
    """Puts the cells of a row without numbers into the columns that the print has."""
    record, placed = row.record, row.placed
    if record is None or placed is None or record.table >= 0 or record.is_filled:
        return row
    columns = [c for c in range(len(placed.tokens)) if c not in absent]
    start = starts.get((record.size - len(record.items), len(record.items)), 0)
    items = record.items[start : start + len(columns)]
    if (placed.doubt is None and len(record.items) > len(columns)) or len(items) < len(columns):
        return row
    tokens: list[Token | None] = [None] * len(placed.tokens)
    for column, item in zip(columns, items, strict=True):
        tokens[column] = item
    return _with_tokens(row, tuple(tokens))
