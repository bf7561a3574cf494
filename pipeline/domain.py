"""The frozen nouns that pass between the stages.

Space is in PDF points, origin top left, y down, after the page's own rotation. Pages count from 1.
Rows and columns of a recovered table count from 0. `""` is an empty cell; a cell that is not there does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Number = int | float
Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Four corners `(x, y)` in points: top left, top right, bottom right, bottom left of the upright text."""


class State(StrEnum):
    """What a cell of a report holds; only `PRINTED` has a number."""

    PRINTED = "printed"
    BLANK = "blank"
    DASH = "dash"
    UNREADABLE = "unreadable"
    MISSING = "missing"


class Origin(StrEnum):
    """Where the text of a cell comes from."""

    TEXT_LAYER = "text_layer"
    HTML = "html"
    SCRAPE = "scrape"
    OCR = "ocr"
    REVIEW = "review"


class SourceKind(StrEnum):
    """What kind of document a source is."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    SCAN = "scan"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class BBox:
    """An axis-parallel box, `x0 <= x1` and `top <= bottom`, in points."""

    x0: float
    top: float
    x1: float
    bottom: float

    def __post_init__(self) -> None:
        if not (self.x0 <= self.x1 and self.top <= self.bottom):
            raise ValueError(f"not a box: {self}")

    @property
    def width(self) -> float:
        """Width in points."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in points."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        """The centre `(x, y)`."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read a piece of print; `log_prob` is its natural logarithm of probability, at most 0.

    Attributes:
        said: `(reader, log_prob)` of each reader that proposed it, where several readers were asked.
    """

    text: str
    log_prob: float
    said: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a gap.

    Attributes:
        upright: false for text that was turned by 90 degrees.
        readings: what a recogniser proposed, best first, `text` among them; empty for a text layer.
        doubt: why the text is not sure, in words; None where it is.
    """

    text: str
    bbox: BBox
    page_no: int
    upright: bool = True
    readings: tuple[Candidate, ...] = ()
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A horizontal or vertical line: `x0 == x1` for a vertical one, `top == bottom` for a horizontal one."""

    x0: float
    top: float
    x1: float
    bottom: float
    page_no: int

    @property
    def is_vertical(self) -> bool:
        """True for a vertical line."""
        return self.x0 == self.x1


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell of a recovered table.

    Attributes:
        row: first row, from 0; `column` likewise.
        row_span: number of rows, at least 1; `column_span` likewise.
        text: raw text, lines joined by `\\n`.
        page_no: page of the cell, from 1; None where the source has no pages.
        bbox: place on that page; None where the source has no geometry.
        char_span: `[start, end)` in characters of the decoded text, for text sources.
        certain: false where this cell's text or place is in doubt; `doubt` says why.
        readings: what a recogniser proposed for the whole cell, best first; empty where it was not read from pixels.
        quad: the corners on that page where it was turned, skewed or warped; `bbox` is then their hull.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    page_no: int | None = None
    bbox: BBox | None = None
    char_span: tuple[int, int] | None = None
    certain: bool = True
    doubt: str | None = None
    readings: tuple[Candidate, ...] = ()
    quad: Quad | None = None

    def __post_init__(self) -> None:
        if self.row < 0 or self.column < 0 or self.row_span < 1 or self.column_span < 1:
            raise ValueError(f"not a cell: {self}")


@dataclass(frozen=True, slots=True)
class Table:
    """A recovered table: its cells tile a part of an `n_rows` by `n_columns` grid without overlap.

    Attributes:
        cells: in row-major order.
        page_no: page on which it begins, or None.
        bbox: hull on that first page, or None.
        origin: where the text is from.
        reading: which method found the grid (`rulings`, `alignment`, `figures`, `camelot`, `html`, `pipes`,
            `tabs`).
        reason: why this reading was chosen, where there was a choice.
        doubts: sentences; empty where the grid is certain.
        pages: all pages that it covers, in order.
    """

    cells: tuple[TableCell, ...]
    n_rows: int
    n_columns: int
    page_no: int | None
    bbox: BBox | None
    origin: Origin
    reading: str
    reason: str | None = None
    doubts: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A line or paragraph outside tables, in reading order.

    Attributes:
        kind: `heading`, `paragraph`, `line` (one line of a text scrape, white space kept) or `chrome` (page number,
            running head, navigation).
        char_span: `[start, end)` in the decoded text, for text sources.
    """

    text: str
    kind: Literal["heading", "paragraph", "line", "chrome"] = "paragraph"
    page_no: int | None = None
    bbox: BBox | None = None
    char_span: tuple[int, int] | None = None


Block = TextBlock | Table


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document or page could not be read, and what to do."""

    failure_class: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class PageTransform:
    """How a straightened page lies on the page as it came in; everything in points.

    Attributes:
        matrix: 3 by 3 homography in row-major order from the straightened page to the page.
        width_pt: width of the straightened page; `height_pt` likewise.
        turn_deg: clockwise angle of the text on the page: 0, 90, 180 or 270.
        skew_deg: skew that was taken out, counter-clockwise positive.
        bend: shifts `(dx, dy)` that go before the homography, at the nodes of a regular mesh over the straightened page,
            bilinear between them; empty for a flat page.
    """

    matrix: tuple[float, ...]
    width_pt: float
    height_pt: float
    turn_deg: int = 0
    skew_deg: float = 0.0
    bend: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PageResult:
    """How one page ended. `status` is `ok` or `failed`; text and HTML sources have one page."""

    page_no: int
    kind: str
    status: Literal["ok", "failed"]
    failure: Failure | None = None
    width_pt: float | None = None
    height_pt: float | None = None
    transform: PageTransform | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a paged source as intake delivers it.

    Attributes:
        page_no: from 1.
        width_pt: width after the page's own rotation; `height_pt` likewise.
        turn_deg: clockwise angle in which the text runs although the page's rotation says otherwise: 0, 90, 180 or 270.
            Words and rulings are in the frame in which it is upright, and width and height are that frame's.
        words: in no particular order; no word spans a ruling that passes through a gap of it.
        rulings: unmerged, as drawn.
        picture_share: share of the page that its largest picture covers, 0 to 1.
        failure: why the page could not be read; words and rulings are then empty.
    """

    page_no: int
    width_pt: float
    height_pt: float
    words: tuple[Word, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    picture_share: float = 0.0
    failure: Failure | None = None
    turn_deg: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """An identified input."""

    path: str
    relative_path: str
    sha256: str
    size_bytes: int
    kind: SourceKind
    declared_kind: str


@dataclass(frozen=True, slots=True)
class CellRef:
    """A cell of a canonical matrix of a document."""

    document: str
    table: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know.

    Attributes:
        rule: the equation or condition (`row_total`, `no_schema`, `second_candidate` ...).
        kind: `source` only where text and place are certain; `reading` where a reading is at fault; else `undecided`.
        severity: `error` for a contradiction in the figures; `note` for everything else.
        left: left side of a failed equation; `right` its right side.
    """

    rule: str
    kind: Literal["source", "reading", "undecided"]
    severity: Literal["error", "note"]
    message: str
    cells: tuple[CellRef, ...] = ()
    left: Number | None = None
    right: Number | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What intake and grid deliver for one document: blocks in reading order, and how each page ended."""

    source: Source
    blocks: tuple[Block, ...]
    pages: tuple[PageResult, ...]
    title: str | None = None
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell of a canonical matrix; see the output contract in `docs/contract.md`.

    Attributes:
        ruled: true for a cell of a table that was recovered by its rulings alone; no part of the contract.
    """

    value: Number | None
    text: str
    state: State
    confidence: float
    review: bool
    origin: Origin
    page_no: int | None = None
    bbox: BBox | None = None
    char_span: tuple[int, int] | None = None
    reason: str | None = None
    quad: Quad | None = None
    readings: tuple[Candidate, ...] = ()
    ruled: bool = False

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.state is State.PRINTED):
            raise ValueError(f"a value belongs to a printed cell alone: {self}")
        if self.state in (State.UNREADABLE, State.MISSING) and not self.review:
            raise ValueError(f"an unreadable or missing cell is always to be reviewed: {self}")


@dataclass(frozen=True, slots=True)
class LaneMatch:
    """How a row or column of the schema was found.

    Attributes:
        key: identifier of the row or column.
        label: the printed label, or None where the report has none.
        similarity: 0 to 1; `margin` is the score lost when this pair is forbidden.
        certain: true where the label or an unbroken count vouches for the place.
        reason: why not, in words.
    """

    key: str
    label: str | None
    similarity: float
    margin: float
    certain: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table in its own rows and columns: `cells[i][j]` belongs to `rows[i]`, `columns[j]`."""

    table: str
    schema: str
    variant: str
    unit: str | None
    rows: tuple[LaneMatch, ...]
    columns: tuple[LaneMatch, ...]
    cells: tuple[tuple[MatrixCell, ...], ...]
    score: float
    margin: float
    page_no: int | None = None


@dataclass(frozen=True, slots=True)
class Equation:
    """`sum(left) = sum(right)`, or at most that, in every row (`over` = rows) or every column of a table.

    Attributes:
        left: keys of the lanes summed, patterns already expanded; `right` likewise.
        totals: keys whose blank makes the equation not evaluable.
        blank_details: `zero` counts blank details as 0; `some` does so unless all are blank; `stop` does not evaluate an
            equation with a blank detail.
        relation: `equal`, or `at_most`: a part is not more than its whole.
        severity: `error`, or `note` where honest documents may break it; a note changes and flags nothing.
    """

    rule: str
    over: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    totals: tuple[str, ...]
    blank_details: str = "zero"
    relation: Literal["equal", "at_most"] = "equal"
    severity: Literal["error", "note"] = "error"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a report says of itself; None where it does not say."""

    issuer: str | None = None
    year: int | None = None
    region_code: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """Everything that is known of one input when it is done."""

    document_id: str
    source: Source
    facts: DocumentFacts
    status: Literal["accepted", "review", "failed"]
    failure: Failure | None
    reading: Reading | None
    matrices: tuple[Matrix, ...] = ()
    findings: tuple[Finding, ...] = ()
    absent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    families: tuple[str, ...] = field(default=())
