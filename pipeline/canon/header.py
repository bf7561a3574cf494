"""Which printed header names which column: the header as a token sequence, aligned with the one that the schema expects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations

from pipeline.canon.labels import best_similarity
from pipeline.canon.run_together import part_labels
from pipeline.canon.schema import Lane, TableSchema
from pipeline.canon.sequence import Alignment, align
from pipeline.canon.tokens import Token

_BASE, _FLOOR = 0.40, 0.55
_MERGE_COST, _SKIP_LEAF = 0.02, 0.15
_MAX_MERGE = 3
_HEADING = 0.9
_MERGED_MIN, _MERGED_MAX = 4, 60
# A token that names a column nearly exactly, yet stands out of the expected order, contradicts the order.
_CONFLICT, _CONFLICT_COST = 0.9, 1.0
# A name that fits another column by so much more than its own is that column's.
_EXCHANGED = 0.1
_UNIT = re.compile(r"[（(]\s*(?:单位\s*[:：]?)?\s*(亿元|万元|元|件|项|个)\s*[）)]|单位\s*[:：]\s*(亿元|万元|元|件|项|个)")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A printed column: a column of the schema, or in `one_row` layout a row and a column of it."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell that the header should have.

    Attributes:
        leaf: index of the column that it names, or -1.
        row: in `one_row` layout the row that it names as a whole, or -1.
        under: the leaves below a cell that names several.
    """

    labels: tuple[str, ...]
    leaf: int
    row: int = -1
    under: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """The cells of a header in one reading order."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class HeaderFit:
    """What the header says.

    Attributes:
        texts: printed label of each leaf, None where none was found; `similarities` and `margins` likewise.
        conflicts: leaves whose printed order contradicts the schema's.
        score: gain of the alignment.
        coverage: share of the leaves that were found.
        row_texts: in `one_row` layout the printed label of each row with its similarity, None where it was not found.
        spans: the columns `[column, column_end)` of the recovered grid over which each leaf's label stands, None elsewhere.
        others: those of header cells beside them, which name something else.
    """

    texts: tuple[str | None, ...]
    similarities: tuple[float, ...]
    margins: tuple[float, ...]
    conflicts: frozenset[int]
    score: float
    coverage: float
    row_texts: tuple[tuple[str, float] | None, ...] = ()
    spans: tuple[tuple[int, int] | None, ...] = ()
    others: tuple[tuple[int, int], ...] = ()

    @property
    def found(self) -> tuple[int, ...]:
        """Indices of the leaves that the header names."""
        return tuple(k for k, t in enumerate(self.texts) if t is not None)


@cache
def leaves(table: TableSchema) -> tuple[Leaf, ...]:
    """Returns the printed columns of a table from left to right."""
    if table.layout == "one_row":
        return tuple(Leaf(i, j) for i in range(len(table.rows)) for j in range(len(table.columns)))
    return tuple(Leaf(-1, j) for j in range(len(table.columns)))


def _path(table: TableSchema, leaf: Leaf) -> tuple[tuple[str, ...], ...]:
    """The header cells over one column, outermost first, each with its possible labels."""
    lanes: list[Lane] = ([table.rows[leaf.row]] if leaf.row >= 0 else []) + [table.columns[leaf.column]]
    path: list[tuple[str, ...]] = []
    for lane in lanes:
        path += [(u,) for u in lane.under]
        if lane.labels:
            path.append(lane.labels)
    return tuple(path)


@cache
def expected_headers(table: TableSchema) -> tuple[Order, ...]:
    """Returns the orders in which a header may be read: row by row, and, where it differs, column by column."""
    nodes: dict[tuple[tuple[str, ...], ...], int] = {}
    below: dict[tuple[tuple[str, ...], ...], list[int]] = {}
    for index, leaf in enumerate(leaves(table)):
        path = _path(table, leaf)
        for depth in range(1, len(path)):
            nodes.setdefault(path[:depth], -1)
            below.setdefault(path[:depth], []).append(index)
        nodes[path] = index
    row_of = {row.labels: i for i, row in enumerate(table.rows)} if table.layout == "one_row" else {}
    entries = {
        path: Entry(path[-1], leaf, row_of.get(path[-1], -1) if leaf < 0 else -1, tuple(below.get(path, ())))
        for path, leaf in nodes.items()
        if path
    }
    by_row = tuple(entries[p] for p in sorted(entries, key=len))
    by_column = tuple(entries.values())
    return (_order(by_row),) if by_row == by_column else (_order(by_row), _order(by_column))


@cache
def _order(entries: tuple[Entry, ...]) -> Order:
    """The one order of these entries: variants with the same header share it, and what is cached by it."""
    return Order(entries)


def fit_header(tokens: Sequence[Token], table: TableSchema) -> HeaderFit:
    """Aligns header tokens with the columns of a table, in whichever reading order fits better.

    Args:
        tokens: label tokens above the first row, in reading order; texts that are no header do no harm.
        table: the table whose columns are looked for.
    """
    tokens = _parted(tokens, table)
    orders = [tokens]
    if sum(t.column >= 0 for t in tokens) > 1:
        # Letters of one column that fell on several lines stand together when the header is read column by column.
        by_column = tuple(sorted(tokens, key=lambda t: t.column))
        orders += [by_column] if any(a is not b for a, b in zip(tokens, by_column, strict=True)) else []
    # A label in several lines is one, not several; its pieces would name nothing where it stands out of its order.
    named = expected_headers(table)[0]
    pieces = [piece for t in tokens for piece in ([t] if _entry_gains(t.text, named)[1] else _spaced_pieces(t))]
    if len(pieces) > len(tokens):
        orders.append(tuple(pieces))
    fits = [_fit_order(order, table, expected) for order in orders for expected in expected_headers(table)]
    return max(fits, key=lambda f: f.score - _CONFLICT_COST * bool(f.conflicts))


def _spaced_pieces(token: Token) -> list[Token]:
    """Splits a token at its blanks where it may be several labels: each piece has more than one letter."""
    parts = _spaced_texts(token.text)
    return [token._replace(text=part) for part in parts] if len(parts) > 1 else [token]


def _parted(tokens: Sequence[Token], table: TableSchema) -> tuple[Token, ...]:
    """Cuts the tokens in which labels ran together."""
    labels = _names_of(table)
    made: list[Token] = []
    for token in tokens:
        parts = part_labels(token.text, labels) if _MERGED_MIN <= len(token.text) <= _MERGED_MAX else ()
        made += [token._replace(text=part) for part in parts] if len(parts) > 1 else [token]
    return tuple(made)


@cache
def _names_of(table: TableSchema) -> tuple[tuple[str, ...], ...]:
    """The labels of every cell of a header."""
    return tuple(dict.fromkeys(e.labels for e in expected_headers(table)[0].entries))


@lru_cache(maxsize=65536)
def _spaced_texts(text: str) -> tuple[str, ...]:
    """The pieces of a text between blanks, where each has more than one letter; else the text."""
    parts = text.split()
    return (text,) if len(parts) < 2 or min(map(len, parts)) < 2 else tuple(parts)


def count_hits(tokens: Sequence[Token], table: TableSchema) -> int:
    """Returns how many header tokens may name something: a cheap bound on what `fit_header` can find."""
    order = expected_headers(table)[0]
    return sum([_count_named(t.text, order) for t in tokens])


@lru_cache(maxsize=65536)
def _count_named(text: str, order: Order) -> int:
    """How many of a text and its pieces but the first may name something."""
    return sum(bool(_entry_gains(piece, order)[0]) for piece in (text, *_spaced_texts(text)[1:]))


@lru_cache(maxsize=65536)
def _entry_gains(text: str, order: Order) -> tuple[tuple[tuple[int, float], ...], bool]:
    """The entries that a text may name with their gains, and whether it names one exactly."""
    scores = [best_similarity(text, e.labels) for e in order.entries]
    return tuple((k, s - _BASE) for k, s in enumerate(scores) if s >= _FLOOR), max(scores) >= 1.0


def _gains(texts: Sequence[str], order: Order) -> dict[tuple[int, int, int], float]:
    """Gains of one to three neighbouring tokens with every entry; a token that is exact is not joined with others."""
    gains: dict[tuple[int, int, int], float] = {}
    exact = [_entry_gains(text, order)[1] for text in texts]
    for start in range(len(texts)):
        text = ""
        for width in range(1, min(_MAX_MERGE, len(texts) - start) + 1):
            text += texts[start + width - 1]
            if len(text) > 60 or (width > 1 and (exact[start] or exact[start + width - 1])):
                break
            for k, gain in _entry_gains(text, order)[0]:
                gains[(start, width, k)] = gain - _MERGE_COST * (width - 1)
    return gains


@lru_cache(maxsize=4096)
def _align_texts(texts: tuple[str, ...], order: Order) -> Alignment:
    """Aligns printed texts with the cells of a header."""
    skip_slot = [_SKIP_LEAF if e.leaf >= 0 else 0.0 for e in order.entries]
    return align(_gains(texts, order), [0.0] * len(texts), skip_slot)


def _fit_order(tokens: Sequence[Token], table: TableSchema, order: Order) -> HeaderFit:
    """Aligns the header with one reading order."""
    texts = [t.text for t in tokens]
    entries = order.entries
    n = len(leaves(table))
    result = _align_texts(tuple(texts), order)
    found: list[str | None] = [None] * n
    spans: list[tuple[int, int] | None] = [None] * n
    scores, margins = [0.0] * n, [0.0] * n
    rows: list[tuple[str, float] | None] = [None] * (len(table.rows) if table.layout == "one_row" else 0)
    for entry, match in zip(entries, result.matches, strict=True):
        if match is None:
            continue
        text = "".join(texts[match.start : match.start + match.width])
        if entry.row >= 0:
            rows[entry.row] = (text, best_similarity(text, entry.labels))
        if entry.leaf >= 0:
            found[entry.leaf] = text
            scores[entry.leaf] = best_similarity(text, entry.labels)
            margins[entry.leaf] = match.margin
            spans[entry.leaf] = _span(tokens[match.start : match.start + match.width])
    conflicts = _conflicts(tokens, entries, result, found) | _crossings(tokens, entries, result) | _moved(tokens, entries, result)
    conflicts |= _exchanged(entries, found) | _groups_exchanged(tokens, entries)
    coverage = sum(t is not None for t in found) / max(1, n)
    # A header that is lost altogether speaks for no variant and against none.
    score = result.total if coverage else 0.0
    others = _beside(tokens, [span for span in spans if span is not None])
    return HeaderFit(tuple(found), tuple(scores), tuple(margins), conflicts, score, coverage, tuple(rows), tuple(spans), others)


def _span(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """The columns of the grid, or cells of a printed row, that the pieces of a label take together, None where not known."""
    if any(t.column < 0 or (t.table < 0 and not t.line_size) for t in tokens):
        return None
    return min(t.column for t in tokens), max(t.column_end for t in tokens)


def _beside(tokens: Sequence[Token], spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The columns of header cells that stand over none of the columns that the header names."""
    own = {(t.column, t.column_end) for t in tokens if t.column >= 0 and t.text.strip()}
    return tuple(sorted(o for o in own if not any(o[0] < b and a < o[1] for a, b in spans)))


def _conflicts(
    tokens: Sequence[Token], entries: Sequence[Entry], result: Alignment, found: Sequence[str | None]
) -> frozenset[int]:
    """All leaves, where a leftover token names one that was not found in its place: the columns stand in another order.

    A leftover of another printed line than the labels that were found is no contradiction: a header whose letters fell
    apart over several lines leaves such pieces.
    """
    if all(text is not None for text in found):
        return frozenset()
    pairs = [(e.leaf, m) for e, m in zip(entries, result.matches, strict=True) if m is not None]
    used = {i for _, m in pairs for i in range(m.start, m.start + m.width)}
    lines = {tokens[m.start].line for leaf, m in pairs if leaf >= 0}
    for i, token in enumerate(tokens):
        if i in used or (token.line >= 0 and token.line not in lines):
            continue
        if any(e.leaf >= 0 and found[e.leaf] is None and _names(token.text, e) for e in entries):
            return frozenset(range(len(found)))
    return frozenset()


def _crossings(tokens: Sequence[Token], entries: Sequence[Entry], result: Alignment) -> frozenset[int]:
    """Leaves whose cells stand in another order from left to right than the schema has them, and those in between.

    Read line by line, the columns of a header of several lines seem in order although a group of them stands elsewhere.
    A header whose cells were pushed together, so that two names share a column, tells no order.
    """
    pairs = [(e.leaf, tokens[m.start]) for e, m in zip(entries, result.matches, strict=True) if m is not None and e.leaf >= 0]
    if len({token.column for _, token in pairs}) < len(pairs):
        return frozenset()
    crossed: set[int] = set()
    for leaf, token in pairs:
        for other, following in pairs:
            if leaf < other and following.column < token.column and 0 <= token.table == following.table:
                crossed.update(range(leaf, other + 1))
    return frozenset(crossed)


def _moved(tokens: Sequence[Token], entries: Sequence[Entry], result: Alignment) -> frozenset[int]:
    """Leaves of a group whose label is printed out of its place, and the leaves of its line that it changed places with."""
    matches = result.matches
    used = {i for m in matches if m is not None for i in range(m.start, m.start + m.width)}
    moved: set[int] = set()
    for g, group in enumerate(entries):
        if not group.under or matches[g] is not None:
            continue
        places = [i for i, t in enumerate(tokens) if i not in used and _names(t.text, group)]
        if len(places) != 1:
            continue
        for x, (entry, match) in enumerate(zip(entries, matches, strict=True)):
            if match is None or entry.leaf < 0 or entry.leaf in group.under:
                continue
            if tokens[match.start].line == tokens[places[0]].line and (x < g) != (match.start < places[0]):
                moved.update(range(min(entry.leaf, *group.under), max(entry.leaf, *group.under) + 1))
    return frozenset(moved)


def _exchanged(entries: Sequence[Entry], found: Sequence[str | None]) -> frozenset[int]:
    """All leaves, where the text in the place of one column is nearly exactly the name of another one of the same group.

    Names of columns are so much alike (本年制发件数, 本年废止件数) that two which changed places still fit somehow.
    """
    leaf_entries = [e for e in entries if e.leaf >= 0]
    for entry in leaf_entries:
        text = found[entry.leaf]
        if text is None or _names(text, entry):
            continue
        own = best_similarity(text, entry.labels)
        others = [e for e in leaf_entries if e.labels != entry.labels]
        if any(_names(text, e) and best_similarity(text, e.labels) > own + _EXCHANGED for e in others):
            return frozenset(range(len(found)))
    return frozenset()


def _groups_exchanged(tokens: Sequence[Token], entries: Sequence[Entry]) -> frozenset[int]:
    """Leaves of two groups whose labels stand on one printed line, or in a stream, in another order than the schema has them."""
    groups = [(e, [i for i, t in enumerate(tokens) if _names(t.text, e)]) for e in entries if e.under]
    placed = sorted(((min(e.under), max(e.under), e, found[0]) for e, found in groups if len(found) == 1), key=lambda g: g[0])
    moved: set[int] = set()
    for (_, end, a, i), (start, _, b, j) in combinations(placed, 2):
        left, right = tokens[i], tokens[j]
        before = left.column > right.column if left.table >= 0 and left.column >= 0 else i > j
        if end < start and before and (left.table, left.line) == (right.table, right.line):
            moved.update((*a.under, *b.under))
    return frozenset(moved)


def _names(text: str, entry: Entry) -> bool:
    """True where a token names this column nearly exactly."""
    return best_similarity(text, entry.labels) >= _CONFLICT


def has_heading(tokens: Sequence[Token], headings: tuple[str, ...], others: tuple[str, ...] = ()) -> bool:
    """True where a token is one of the headings, and fits it better than any of the `others`."""
    for token in tokens:
        own = best_similarity(token.text, headings)
        if own >= _HEADING and own > best_similarity(token.text, others):
            return True
    return False


def printed_unit(tokens: Sequence[Token]) -> str | None:
    """Returns the unit that a header states, as in （单位：万元）; None where it states none or several."""
    units = {g for t in tokens for m in _UNIT.finditer(t.text) for g in m.groups() if g}
    return units.pop() if len(units) == 1 else None
