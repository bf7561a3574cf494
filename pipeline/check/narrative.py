"""Figures that the text of a report repeats, compared with the matrices of the same report.

What agrees was printed twice and read twice. What disagrees is a note, never an error: the text may speak of another body
or count otherwise than the table, and which of the two is wrong the document does not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pipeline.check.narrative_figures import Figure, find_figures
from pipeline.check.narrative_schema import Address, narrative_figures
from pipeline.check.narrative_text import passages
from pipeline.domain import BBox, Block, CellRef, DocumentFacts, Finding, Matrix, MatrixCell, Number, TextBlock

Place = tuple[str, str, str]
"""`table, row, column`."""
Cells = Mapping[Place, MatrixCell]
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure of the text and where it stands.

    Attributes:
        figure: which figure it is, as the schema names it.
        value: the number; 0 where the text says that there was none.
        cells: the cells whose sum it states.
        quote: the phrase, white space taken out.
        block: index of the block in which it begins; `start` the offset in the text of that block.
        char_span: `[start, end)` in the decoded text, for text sources.
        page_no: page of that block, from 1; `bbox` the box of the block in points; None where the source has none.
    """

    figure: str
    value: Number
    cells: tuple[Place, ...]
    quote: str
    block: int
    start: int
    char_span: tuple[int, int] | None
    page_no: int | None
    bbox: BBox | None


@dataclass(frozen=True, slots=True)
class NarrativeCheck:
    """What the text says of the tables.

    Attributes:
        figures: all that were found, those without a printed cell to compare with too.
        findings: notes, rule `narrative`: what disagrees; `left` is the text, `right` the table.
        vouched: cells that the text repeats: one cell, above zero, by every phrase that names it.
        contradicted: cells of which the text says another number than the table.
    """

    figures: tuple[StatedFigure, ...] = ()
    findings: tuple[Finding, ...] = ()
    vouched: frozenset[Place] = frozenset()
    contradicted: frozenset[Place] = frozenset()


def check_narrative(blocks: Sequence[Block], matrices: Sequence[Matrix], facts: DocumentFacts) -> NarrativeCheck:
    """Compares the figures in the text of a document with its matrices.

    A cell is compared only where it is printed. Two phrases that give one cell different numbers speak of different
    things, so neither counts. Zero vouches for nothing: most cells are 0, and much else in a report is.

    Args:
        blocks: of the document, in reading order.
        matrices: of the document.
        facts: its year and issuer as they will be written.
    """
    known = narrative_figures()
    rules = [rule for family in sorted({m.schema for m in matrices}) for rule in known.get(family, ())]
    if not rules:
        return NarrativeCheck()
    cells: Cells = {
        (m.table, row.key, column.key): cell
        for m in matrices
        for row, line in zip(m.rows, m.cells, strict=True)
        for column, cell in zip(m.columns, line, strict=True)
    }
    found = find_figures(passages(blocks, matrices), rules, facts)
    stated = [(figure, _expanded(figure.rule.cells, cells)) for figure in found]
    return _compared([(f, places) for f, places in stated if places], blocks, cells)


def _compared(stated: Sequence[tuple[Figure, tuple[Place, ...]]], blocks: Sequence[Block], cells: Cells) -> NarrativeCheck:
    """Compares figures with the sums of their cells."""
    by_cells: dict[tuple[Place, ...], list[Figure]] = {}
    for figure, places in stated:
        by_cells.setdefault(places, []).append(figure)
    findings: list[Finding] = []
    vouched: set[Place] = set()
    contradicted: set[Place] = set()
    for places, figures in by_cells.items():
        total = _sum(places, cells)
        if total is None or len({f.value for f in figures}) > 1:
            continue
        value = figures[0].value
        if abs(value - total) <= _TOLERANCE:
            if len(places) == 1 and value > 0:
                vouched.update(places)
        elif not _means_other(figures, cells) and not _is_rounded(figures[0], total):
            findings.append(_finding(figures[0], total, places, blocks))
            contradicted.update(places if len(places) == 1 else ())
    return NarrativeCheck(
        tuple(_stated(f, places, blocks) for f, places in stated), tuple(findings), frozenset(vouched), frozenset(contradicted)
    )


def _expanded(addresses: Sequence[Address], cells: Cells) -> tuple[Place, ...]:
    """The cells that addresses name; none where one of them names no cell of this document."""
    found: list[Place] = []
    for table, row, column in addresses:
        named = [p for p in cells if p[0] == table and p[2] == column and fnmatchcase(p[1], row)]
        if not named:
            return ()
        found += named
    return tuple(found)


def _sum(places: Sequence[Place], cells: Cells) -> Number | None:
    """The sum of printed cells; None where one of them is not printed."""
    values = [cells[p].value for p in places]
    if not values or any(v is None for v in values):
        return None
    return sum(v for v in values if v is not None)


def _means_other(figures: Sequence[Figure], cells: Cells) -> bool:
    """True where the number is one that such a phrase may mean as well."""
    sums = [_sum(_expanded(one, cells), cells) for f in figures for one in f.rule.also]
    return any(s is not None and abs(s - figures[0].value) <= _TOLERANCE for s in sums)


def _is_rounded(figure: Figure, total: Number) -> bool:
    """True for an amount that the text gives with fewer decimals than the table."""
    return isinstance(total, float) and any(abs(round(total, d) - figure.value) <= _TOLERANCE for d in range(3))


def _finding(figure: Figure, total: Number, places: Sequence[Place], blocks: Sequence[Block]) -> Finding:
    """The note on a figure that disagrees."""
    block = blocks[figure.passage.places[figure.start][0]]
    page = f" on page {block.page_no}" if isinstance(block, TextBlock) and block.page_no is not None else ""
    names = " + ".join(".".join(p) for p in places[:1]) + (f" and {len(places) - 1} more" if len(places) > 1 else "")
    message = f"the text{page} says “{figure.quote}”, which is {figure.value}; the table has {total} in {names}"
    refs = tuple(CellRef("", *p) for p in places)
    return Finding("narrative", "undecided", "note", message, refs, figure.value, total)


def _stated(figure: Figure, places: tuple[Place, ...], blocks: Sequence[Block]) -> StatedFigure:
    """A figure with its place."""
    number, start = figure.passage.places[figure.start]
    last, end = figure.passage.places[figure.end - 1]
    first_block, last_block = blocks[number], blocks[last]
    assert isinstance(first_block, TextBlock) and isinstance(last_block, TextBlock)
    span = None
    if first_block.char_span is not None and last_block.char_span is not None:
        span = (first_block.char_span[0] + start, last_block.char_span[0] + end + 1)
    return StatedFigure(
        figure.rule.name, figure.value, places, figure.quote, number, start, span, first_block.page_no, first_block.bbox
    )
