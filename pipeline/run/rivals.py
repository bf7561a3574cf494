"""Scanned tables whose grid leaves doubt: rival grids are tried, and the one that explains most of the table is taken.

A rival is a hypothesis about a page: its tables as their figures show them, with the rulings made whole (`figures`), or the words
alone (`words`). Each is read like the first grid, what was read once not a second time, and aligned with the schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.canon.family import Recognition, recognise
from pipeline.canon.header import leaves
from pipeline.canon.schema import Schema
from pipeline.check.beliefs import is_reading_doubt
from pipeline.check.confidence import closed_equations
from pipeline.config import Config
from pipeline.domain import BBox, DocumentFacts, Finding, Matrix, MatrixCell, Origin, Reading, State
from pipeline.grid.figure_grid import FigureGrid
from pipeline.grid.stitch import Item
from pipeline.run.explained import is_explained
from pipeline.run.judged import Judged, judge
from pipeline.run.parts import Parts
from pipeline.run.retake import Retake
from pipeline.run.retakes import Retakes
from pipeline.run.scan import ScannedPage
from pipeline.run.two_grids import held_against

_FEW_CELLS, _FLAGGED, _HELD = 3, 0.08, 0.6
_FOUND, _PLACED, _CLOSED = 0.3, 0.3, 0.4
_GAIN, _GAIN_SHARE = 2.0, 0.02
_MOST_GRIDS, _MOST_TRIALS = 4, 14
_MOST_PAGES = 4
_FAULTS = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
_UNFOUND = (State.MISSING, State.UNREADABLE)


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """Another reading of one page: what it is called, the page, what stands on it, and how many tables are read otherwise."""

    name: str
    page_no: int
    scanned: ScannedPage
    items: Sequence[Item]
    tables: int


Choice = Mapping[int, Option]


def with_rival_grids(
    first: Judged, retakes: Retakes, families: Sequence[Schema], config: Config, manifest: DocumentFacts | None, origin: Origin
) -> tuple[Judged, tuple[Finding, ...]]:
    """Tries other grids for the tables of a scan that are in doubt.

    Args:
        first: what was read with the grids that were found first.
        retakes: its pages.
        families: the schemas.
        config: settings.
        manifest: facts that override what the document says of itself.
        origin: of the document's text.

    Returns:
        What is believed in the end, and a note where a rival was taken: one that leaves fewer cells to a person.
    """
    parts = retakes.parts
    if parts is None or not _is_doubtful(first):
        return first, ()
    try:
        return _tried(first, retakes.pages, parts, families, config, manifest, origin)
    except _FAULTS as error:
        # What was read first stands, with all its doubts; the fault is told.
        text = f"Trying another grid ended with {type(error).__name__}: {error}"
        return first, (Finding("second_grid", "reading", "note", text),)


def _tried(
    first: Judged,
    pages: Mapping[int, Retake],
    parts: Parts,
    families: Sequence[Schema],
    config: Config,
    manifest: DocumentFacts | None,
    origin: Origin,
) -> tuple[Judged, tuple[Finding, ...]]:
    trial = _Trial(first, parts, families, config, origin)
    options = list(_options(pages, first.found.matrices, parts, families))
    best = trial.best(options)
    if not best:
        return first, ()
    reading, raw = trial.read(best)
    alone = judge(reading, raw, families, manifest)
    held = replace(raw, matrices=held_against(first.found.matrices, raw.matrices, alone.found.matrices, families))
    second = judge(reading, held, families, manifest)
    asked, left = _flags(first.found.matrices, first.found.absent), _flags(second.found.matrices, second.found.absent)
    if left >= asked:
        return first, ()
    told = ", ".join(f"page {p} by its {o.name}" for p, o in sorted(best.items()))
    text = f"Another grid was taken for tables of {told}: it leaves {left} cells to be reviewed, the first one {asked}."
    return second, (Finding("second_grid", "reading", "note", text),)


class _Trial:
    """Readings of a document with other grids, each weighed once."""

    def __init__(self, first: Judged, parts: Parts, families: Sequence[Schema], config: Config, origin: Origin) -> None:
        self._first, self._parts, self._families, self._config, self._origin = first, parts, families, config, origin
        self._tables = {(t.family, t.table, t.variant): t for s in families for t in s.tables}
        self._left = _MOST_TRIALS

    def read(self, choice: Choice) -> tuple[Reading, Recognition]:
        """The document with some pages read otherwise."""
        parts = self._parts
        for option in choice.values():
            parts = parts.exchanged(option.page_no, option.items, option.scanned.shown, option.scanned.rim)
        blocks, title = parts.blocks()
        reading = replace(self._first.reading, blocks=tuple(blocks), title=title)
        return reading, recognise(reading, self._families, self._origin, self._config.align)

    def best(self, options: Sequence[Option]) -> Choice:
        """The choice with the most cells explained: all pages of one kind, then page by page; none where no rival gains."""
        best: Choice = {}
        score = self._score(self._first.raw.matrices)
        least = score + max(_GAIN, _GAIN_SHARE * sum(1 for m in self._first.raw.matrices for _ in _cells(m)))
        for name in dict.fromkeys(o.name for o in options):
            found = {o.page_no: o for o in reversed(options) if o.name == name}
            best, score = self._better(found, best, score)
        for option in options:
            if best.get(option.page_no) is not option:
                best, score = self._better({**best, option.page_no: option}, best, score)
        for page_no in list(best):
            if len(best) > 1:
                best, score = self._better({p: o for p, o in best.items() if p != page_no}, best, score)
        for option in options if score >= least else ():
            # What explains no more, but changes one table alone, leaves the others as their lines part them.
            taken = best.get(option.page_no)
            if taken is not None and option.tables == 1 < taken.tables:
                best, score = self._better({**best, option.page_no: option}, best, score, at_least=True)
        return best if score >= least else {}

    def _better(self, choice: Choice, best: Choice, score: float, at_least: bool = False) -> tuple[Choice, float]:
        if self._left <= 0:
            return best, score
        self._left -= 1
        own = self._score(self.read(choice)[1].matrices)
        return (choice, own) if own > score or (at_least and own == score) else (best, score)

    def _score(self, matrices: Iterable[Matrix]) -> float:
        """How many cells are explained: found, in a place that nothing speaks against, and closed over by an equation."""
        total = 0.0
        for matrix in matrices:
            equations = self._tables[matrix.schema, matrix.table, matrix.variant].equations
            closed = closed_equations(matrix, equations)
            for row, column, cell in _cells(matrix):
                if cell.state in _UNFOUND:
                    continue
                placed = not cell.review or is_reading_doubt(cell)
                total += _FOUND + _PLACED * placed + _CLOSED * (placed if not equations else closed[row, column] > 0)
        return total


def _cells(matrix: Matrix) -> Iterator[tuple[str, str, MatrixCell]]:
    for row, line in zip(matrix.rows, matrix.cells, strict=True):
        for column, cell in zip(matrix.columns, line, strict=True):
            yield row.key, column.key, cell


def _flags(matrices: Iterable[Matrix], absent: Sequence[str]) -> int:
    """Number of cells that a person has to look at; an absent table counts as many."""
    return sum(cell.review for m in matrices for _, _, cell in _cells(m)) + 100 * len(absent)


def _is_doubtful(judged: Judged) -> bool:
    """True where a table is absent, or has so many cells in doubt that its grid may be at fault."""
    if not judged.found.families:
        return False
    return bool(judged.found.absent) or any(_is_flagged([c for _, _, c in _cells(m)]) for m in judged.found.matrices)


def _is_flagged(cells: Sequence[MatrixCell]) -> bool:
    flagged = sum(c.review for c in cells)
    return flagged >= _FEW_CELLS and flagged >= _FLAGGED * len(cells)


def _options(
    pages: Mapping[int, Retake], matrices: Sequence[Matrix], parts: Parts, families: Sequence[Schema]
) -> Iterator[Option]:
    """Yields the other readings of the pages with tables in doubt."""
    counts = frozenset(len(leaves(t)) for s in families for t in s.tables)
    tried = 0
    for page_no, retake in pages.items():
        if tried >= _MOST_PAGES:
            return
        place = parts.placers[page_no]
        if is_explained(retake.words, [place(w.bbox)[0] for w in retake.words], page_no, matrices):
            continue
        grids = retake.grids(counts)
        doubtful = [g for g in grids if _is_in_doubt(g, page_no, matrices, parts)]
        if not doubtful:
            continue
        tried += 1
        yield _figures(retake, doubtful)
        boxes = [g.bbox for g in doubtful]
        scanned = retake.read(retake.without(boxes)) if len(doubtful) < len(grids) else retake.bare()
        yield Option("words", page_no, scanned, retake.items(scanned, doubtful, "words"), len(doubtful))
        if 1 < len(doubtful) <= _MOST_GRIDS:
            yield from (replace(_figures(retake, [g]), name=f"figures in table {k}") for k, g in enumerate(doubtful, start=1))


def _figures(retake: Retake, grids: Sequence[FigureGrid]) -> Option:
    rulings = (*retake.without([g.bbox for g in grids]), *(r for g in grids for r in g.rulings))
    scanned = retake.read(rulings)
    return Option("figures", retake.sheet.page_no, scanned, retake.items(scanned, grids, "figures"), len(grids))


def _is_in_doubt(grid: FigureGrid, page_no: int, matrices: Sequence[Matrix], parts: Parts) -> bool:
    """True where the first reading found too few of a table's cells in their place, or has doubts about them."""
    hull, _ = parts.placers[page_no](grid.bbox)
    here = [c for m in matrices for _, _, c in _cells(m) if c.page_no == page_no and c.bbox is not None and _holds(hull, c.bbox)]
    return len(here) < _HELD * grid.columns * grid.rows or _is_flagged(here)


def _holds(hull: BBox, box: BBox) -> bool:
    x, y = box.center
    return hull.x0 <= x <= hull.x1 and hull.top <= y <= hull.bottom
