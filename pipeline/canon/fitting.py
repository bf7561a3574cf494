"""One table in one variant against the records of a document: the candidate matrix and how well it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from pipeline.canon.doubts import neighbour_doubts
from pipeline.canon.gaps import fill_gaps
from pipeline.canon.header import HeaderFit, count_hits, fit_header, has_heading, leaves, printed_unit
from pipeline.canon.placing import Placed, has_room, holds, place_rows
from pipeline.canon.recognised import doubt_recognised
from pipeline.canon.records import Record
from pipeline.canon.rows import RowFit, fit_rows, is_cropped, windows
from pipeline.canon.schema import Lane, Schema, TableSchema
from pipeline.canon.sums import ask, column_sums, figures
from pipeline.canon.tokens import Token
from pipeline.canon.ways import is_bare_number

_HEADER_TOKENS = 48
_HEADING_GAIN, _SECTION_GAIN, _COUNT_GAIN, _CONFLICT_COST = 0.6, 0.3, 0.4, 1.0
_MAX_HEADER_TEXT = 90
_LABEL_FLOOR, _ROW_FLOOR = 0.6, 0.6
_EVIDENCE, _PARTIAL, _FULL_COUNT, _UNMISTAKABLE = 0.45, 0.3, 0.15, 10
# Letters say something only where the header's cells are pieces, and nearly all of its letters are there.
_BAG, _PIECE = 0.75, 12
_CLEAR_HEADER = 0.75
# A stream adds at most so many blanks to a row; a lone row of numbers must win over no table at all.
_PADDING, _CLEAR_ROW, _ALONE_GAIN = 2, 0.9, 0.05
_FEW_VALUES, _FEW_LOST = 2, 2


@dataclass(frozen=True, slots=True)
class RowPlace:
    """One row of a candidate: its printed label, how sure its place is, its values, and what they were placed from."""

    label: str | None
    similarity: float
    margin: float
    doubt: str | None
    placed: Placed | None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table found in a document.

    Attributes:
        rows: one for each row of the schema (`grid`), or a single one that holds all cells (`one_row`).
        used: indices of the document's records that it covers.
        score: total gain; only differences between candidates of one table mean something.
        fit: 0 to 1, how much of the table was recognised.
        heading: true where its heading, section title or most of its header names the table.
    """

    table: TableSchema
    rows: tuple[RowPlace, ...]
    header: HeaderFit
    unit: str | None
    used: frozenset[int]
    score: float
    fit: float
    heading: bool


def header_tokens(records: Sequence[Record], first: int, own: int) -> tuple[Token, ...]:
    """Collects the label tokens above a row, back to the last number.

    Args:
        records: all records of the document.
        first: index of the first row's record.
        own: how many of its last labels are its own.
    """
    labels = records[first].labels
    tokens: list[Token] = list(reversed(labels[: len(labels) - own]))
    for k in range(first - 1, -1, -1):
        if (records[k].is_filled and not (k == first - 1 and _is_page_number(records[k]))) or len(tokens) >= _HEADER_TOKENS:
            break
        tokens += reversed(records[k].labels)
    return tuple(reversed([t for t in tokens[:_HEADER_TOKENS] if len(t.text) <= _MAX_HEADER_TEXT]))


def _is_page_number(record: Record) -> bool:
    """True for labels with nothing but a small number on a bare line behind them: a header that is printed again below it."""
    items = record.items
    return len(items) == 1 and len(record.labels) > 1 and is_bare_number(items[0])


def candidates(records: Sequence[Record], table: TableSchema, schema: Schema) -> list[Candidate]:
    """Returns the places in a document where a table may be, best first.

    Args:
        records: all records of the document.
        table: the table in one variant.
        schema: its family, whose other tables it must not be taken for.
    """
    others = [t for t in schema.tables if t.table != table.table]
    headings = tuple(h for t in others for h in t.headings)
    if table.layout == "one_row":
        found = _one_row_candidates(records, table, headings)
    else:
        places = windows(records, table, schema)
        found = [c for a, b in places if (c := _grid_candidate(records[:b], a, table, schema, headings)) is not None]
        if not found and len(table.rows) == 1:
            found = _bare_row_candidates(records, table, schema, headings)
    return sorted(found, key=lambda c: -c.score)


def complete(candidate: Candidate, records: Sequence[Record], start: int, schema: Schema) -> Candidate:
    """Looks for the rows that a grid lacks among records that no other table uses.

    Args:
        candidate: the chosen place of a table.
        records: those of the document up to the next table.
        start: index of the first behind the table before it.
        schema: its family.

    Returns:
        The candidate with more rows, all of them in doubt, or as it was.
    """
    table = candidate.table
    headings = tuple(h for t in schema.tables if t.table != table.table for h in t.headings)
    filled = _grid_candidate(records, start, table, schema, headings, fill=True)
    if filled is None or not candidate.used < filled.used:
        return candidate
    kept = all(a.placed is None or (b.record is not None and _same_items(a, b)) for a, b in _pairs(candidate, filled))
    return filled if kept else candidate


def failed_sums(candidate: Candidate) -> tuple[int, int]:
    """How many equations over the columns of a grid fail, and how many may: those too of which a row was not found."""
    sums = column_sums(candidate.table)
    grid = [r.placed.tokens if r.placed is not None else None for r in candidate.rows]
    lost = {k for k, tokens in enumerate(grid) if tokens is None}
    lanes = (
        [figures([tokens[c] if tokens else None for tokens in grid]) for c in range(len(leaves(candidate.table)))] if sums else []
    )
    failed = sum(ask([one], lane, lost)[0] < 0 for lane in lanes for one in sums)
    return failed, failed + len(lanes) * sum(not lost.isdisjoint((*one.left, *one.right)) for one in sums)


def _pairs(a: Candidate, b: Candidate) -> Iterator[tuple[RowPlace, RowPlace]]:
    return zip(a.rows, b.rows, strict=True)


def _same_items(a: RowPlace, b: RowPlace) -> bool:
    """True for two finds of one printed row."""
    return a.record is not None and b.record is not None and a.record.items == b.record.items


def _grid_candidate(
    records: Sequence[Record],
    start: int,
    table: TableSchema,
    schema: Schema,
    headings: tuple[str, ...],
    fill: bool = False,
) -> Candidate | None:
    """Fits the table into the records from `start` on, also rows that only their place names (`fill`); None without rows."""
    found = fit_rows(records[start:], table, schema)
    if all(m is None for m in found.alignment.matches):
        return None
    fit = fill_gaps(found, table, schema) if fill else found
    pieces = fit.records
    picks = [m.start if m is not None else None for m in fit.alignment.matches]
    matched = [p for p in picks if p is not None]
    if not matched or max(fit.similarities[p][j] for j, p in enumerate(picks) if p is not None) < _ROW_FLOOR:
        return None
    slot = next(j for j, p in enumerate(picks) if p is not None)
    above = [*records[:start], *pieces]
    tokens = header_tokens(above, start + matched[0], fit.own[matched[0]][slot])
    header = _own_header(tokens, table, pieces[matched[0]].table)
    taken = [pieces[p] if p is not None else None for p in picks]
    placed = doubt_recognised(taken, place_rows(taken, header, len(table.columns)), header.spans)
    # What made a row doubtful before its neighbours were filled in still does.
    around = neighbour_doubts(fit, table) | (neighbour_doubts(found, table) if fit is not found else {})
    rows = tuple(_row_place(fit, table.rows[j], j, p, placed[j], around.get(j)) for j, p in enumerate(picks))
    full = sum(p is not None and p.doubt is None for p in placed) / len(rows)
    named = has_heading(tokens, table.headings, headings)
    in_section = has_heading(tokens, table.sections)
    score = fit.alignment.total + header.score + _COUNT_GAIN * full * min(len(rows), 3)
    score += _HEADING_GAIN * named + _SECTION_GAIN * in_section - _CONFLICT_COST * bool(header.conflicts)
    used = _used(records, start, [pieces[p] for p in matched])
    overall = sum(r.similarity for r in rows) / len(rows)
    unit = printed_unit(tokens)
    return Candidate(table, rows, header, unit, used, score, overall, named or header.coverage >= 0.5)


def _own_header(tokens: Sequence[Token], table: TableSchema, grid: int) -> HeaderFit:
    """Fits the header that stands in the same recovered table as the rows (`grid`, or -1 in a scrape).

    Where it has none, the lines above the table are tried: their words may name columns, but tell nothing of their order.
    """
    header = fit_header([t for t in tokens if t.table == grid], table)
    if grid < 0 or header.found:
        return header
    return replace(fit_header(tokens, table), conflicts=frozenset(), spans=(), others=())


def _used(records: Sequence[Record], start: int, taken: Sequence[Record]) -> frozenset[int]:
    """Indices of the document's records whose values a candidate uses."""
    tokens = {id(t) for r in taken for t in r.items}
    return frozenset(k for k in range(start, len(records)) if any(id(t) in tokens for t in records[k].items))


def _row_place(fit: RowFit, lane: Lane, slot: int, pick: int | None, placed: Placed | None, around: str | None) -> RowPlace:
    """Describes how one row was found; `around` is a doubt that its neighbours raise."""
    match = fit.alignment.matches[slot]
    if pick is None or match is None:
        return RowPlace(None, 0.0, fit.alignment.skip_margins[slot], "no such row was found", None)
    record = fit.records[pick]
    score, width = fit.similarities[pick][slot], fit.own[pick][slot]
    label = "".join(t.text for t in record.labels[-width:]) if width else None
    rival = max((s for j, s in enumerate(fit.similarities[pick]) if j != slot), default=0.0)
    doubt = around
    if label is None or (score < _LABEL_FLOOR and not is_cropped(label, lane)):
        doubt = "its label is lost" if label is None else f"its label {label!r} hardly fits"
    elif match.margin < 0.1:
        doubt = f"its label {label!r} fits another row nearly as well"
    elif rival > score + 0.15:
        doubt = f"its label {label!r} fits another row better"
    return RowPlace(label, score, match.margin, doubt, placed, record)


def _one_row_candidates(records: Sequence[Record], table: TableSchema, headings: tuple[str, ...]) -> list[Candidate]:
    """Finds printed rows that hold all cells of a table under its header."""
    found: list[Candidate] = []
    bare: list[Candidate] = []
    width, own_headings = len(leaves(table)), (*table.headings, *table.sections)
    for k, record in enumerate(records):
        # A row of blanks is one only where it stands by itself: blanks behind a header are its padding.
        line = record.items[0].line if record.items else -1
        in_row = record.split or (line >= 0 and all(t.line != line for t in record.labels))
        if len(record.items) < (_FEW_VALUES if record.is_filled else width):
            continue
        tokens = header_tokens(records, k, 0)
        if len(record.items) < width // 2 and not _is_under_header(record, table):
            continue
        sized = width <= len(record.items) <= width + _PADDING
        blank = not record.is_filled and (sized if in_row else _has_blank_row(record, tokens, table))
        unmistakable = width >= _UNMISTAKABLE
        # Right under the title of its table so many blanks in a stream can be nothing else.
        titled = unmistakable and sized and not record.is_filled and has_heading(record.labels[-1:], own_headings, headings)
        blank = blank or titled
        if not record.is_filled and not in_row and not blank:
            continue
        # A line of page chrome between a row and what stood above it is none of its labels.
        bare_row = not any(len(t.text) > 1 for t in record.labels) or (in_row and len(record.labels) == 1)
        alone = (
            unmistakable and bare_row and (blank or holds(record, width) or (record.split and sized and has_room(record, width)))
        )
        named = has_heading(tokens, own_headings, headings)
        if len(tokens) < max(2, width // 4) and not alone and not named:
            continue
        bag = _bag_coverage(tokens, table)
        if bag < _BAG and count_hits(tokens, table) < _PARTIAL * width and not alone and not named:
            continue
        header = _own_header(tokens, table, record.table)
        if blank and not record.labels and (header.conflicts or header.score < 0):
            # The words of the table above it are no header of a line of blanks.
            header = fit_header((), table)
        # A title alone, as in a list of contents, makes no table of a row with another count.
        title = 0.5 * named if holds(record, width) or header.coverage >= _PARTIAL else 0.0
        evidence = max(header.coverage, 0.9 * bag if bag >= _BAG else 0.0, title)
        if evidence >= _PARTIAL and len(record.items) == width:
            evidence = min(1.0, evidence + _FULL_COUNT)
        doubt = _second_row(records, k) if record.is_filled or in_row else "its blanks may be those of its header"
        if evidence < _EVIDENCE and (
            _may_be_row(record, width, named, header) or (blank and unmistakable and (named or not in_row))
        ):
            evidence = _EVIDENCE
            doubt = doubt or "little of its header is left"
        if evidence < _EVIDENCE and not alone:
            continue
        row = _behind_pads(record, width)
        placed = doubt_recognised([row], place_rows([row], header, len(table.columns)), header.spans)[0]
        assert placed is not None
        score = header.score + _HEADING_GAIN * named + _COUNT_GAIN * (placed.doubt is None) * 3 + bag + _ALONE_GAIN
        score -= _CONFLICT_COST * bool(header.conflicts)
        rows = (RowPlace(None, evidence, evidence, doubt, placed, row),)
        candidate = Candidate(
            table, rows, header, printed_unit(tokens), frozenset([k]), score, max(evidence, _EVIDENCE), evidence >= 0.5 or named
        )
        (bare if evidence < _EVIDENCE else found).append(candidate)
    # A row of just so many numbers without any header is taken only where nothing better is there, and one alone.
    return found or (bare if len(bare) == 1 else [])


def _behind_pads(record: Record, width: int) -> Record:
    """A row of a stream without the blanks that pad the last line of its header.

    Where all lines are padded to one length, line and row together are twice as long, or one less where a pipe opens each row.
    """
    cells = (*record.labels, *record.items)
    length = (record.size + 1) // 2
    start = length - len(record.labels)
    in_stream = not record.usual and all(t.delimited and t.line < 0 for t in cells)
    if not in_stream or len(record.labels) < _FEW_VALUES or start <= 0 or not width <= length <= width + _PADDING:
        return record
    return record if any(t.is_filled for t in record.items[:start]) else replace(record, items=record.items[start:])


def _is_under_header(record: Record, table: TableSchema) -> bool:
    """True for values on bare lines right behind nearly all of a header: blanks, which leave no line, were the others."""
    if any(t.delimited for t in record.items) or len(record.labels) < _CLEAR_HEADER * len(leaves(table)):
        return False
    return fit_header(record.labels[-_HEADER_TOKENS:], table).coverage >= _CLEAR_HEADER


def _has_blank_row(record: Record, tokens: Sequence[Token], table: TableSchema) -> bool:
    """True for more blanks behind a clear header in a stream than its own lines are padded with."""
    if not all(t.delimited for t in record.items):
        return False
    header = fit_header(tokens, table)
    if header.coverage >= _CLEAR_HEADER:
        return 2 * len(record.items) > record.size
    # The last line of a header may be lost: the lines before it name the groups, and are padded less than a row is long.
    grouped = sum(t is not None and t[1] >= _CLEAR_ROW for t in header.row_texts)
    in_stream = bool(record.items) and record.items[0].line < 0
    width = len(header.texts)
    if in_stream and header.found and len(record.items) >= 2 * width - len(record.labels):
        # More than the pads of one line, however few names stand on it.
        return True
    return in_stream and 2 * grouped > len(header.row_texts) and bool(header.found) and len(record.items) > record.size / 2


def _may_be_row(record: Record, width: int, named: bool, header: HeaderFit) -> bool:
    """True for a row of a count that hardly another table has, with a title or the exact label of one of its groups."""
    if width < _UNMISTAKABLE or not record.is_filled:
        return False
    if named and 0 < width - len(record.items) <= _FEW_LOST and all(t.is_filled for t in record.items):
        return True
    if not has_room(record, width):
        return False
    grouped = any(t is not None and t[1] >= _CLEAR_ROW for t in header.row_texts)
    return grouped or (named and len(record.items) <= width + _PADDING)


def _second_row(records: Sequence[Record], k: int) -> str | None:
    """Why the single row of a table is doubtful: another row of as many numbers stands under the same header."""
    # Rows of a table of several years or offices have a label each; a new table would have a header in front.
    after = records[k + 1] if k + 1 < len(records) and len(records[k + 1].labels) <= 1 else None
    before = records[k - 1] if k > 0 and len(records[k].labels) <= 1 else None
    for other in (before, after):
        # A pipe that opens the next row may be counted as a cell.
        if other is not None and other.is_filled and abs(len(other.items) - len(records[k].items)) <= 1:
            return "another row of numbers stands under the same header"
    return None


def _bare_row_candidates(
    records: Sequence[Record], table: TableSchema, schema: Schema, headings: tuple[str, ...]
) -> list[Candidate]:
    """Finds the single row of a table by its header, where the row has lost its label; not under the `headings` of others.

    Nor as many numbers as the table has columns or cells in another format: the last names of two headers are alike.
    """
    found = []
    others = [t for t in schema.variants_of(table.table) if len(t.columns) != len(table.columns)]
    widths = {n for t in others for n in (len(t.columns), len(t.columns) * len(t.rows))}
    for k, record in enumerate(records):
        if len(record.items) < len(table.columns) or not record.is_filled or len(record.filled) in widths:
            continue
        tokens = header_tokens(records, k, 0)
        header = fit_header(tokens, table) if count_hits(tokens, table) >= len(table.columns) else None
        if header is None or header.coverage < 1.0 or min(header.similarities) < _CLEAR_HEADER:
            continue
        joined = [a._replace(text=a.text + b.text) for a, b in pairwise(tokens)]
        if has_heading((*tokens, *joined), headings, table.headings):
            continue
        placed = doubt_recognised([record], place_rows([record], header, len(table.columns)))
        rows = (RowPlace(None, 0.0, 0.0, "its label is lost", placed[0]),)
        found.append(Candidate(table, rows, header, printed_unit(tokens), frozenset([k]), header.score, 0.5, False))
    return found if len(found) == 1 else []


def _bag_coverage(tokens: Sequence[Token], table: TableSchema) -> float:
    """Share of the expected header's characters that the header has, in any order: headers split letter by letter."""
    have = "".join(token.text for token in tokens if len(token.text) <= _PIECE)
    want, total = _wanted_letters(table)
    return sum(min(have.count(char), n) for char, n in want) / total if total else 0.0


@cache
def _wanted_letters(table: TableSchema) -> tuple[tuple[tuple[str, int], ...], int]:
    """The letters of all labels of a table, each with its number, and their number together."""
    lanes = [table.columns[leaf.column] for leaf in leaves(table)] + [*table.rows]
    counts = Counter(c for lane in lanes for c in lane.label)
    return tuple(counts.items()), counts.total()
