"""Records: runs of label tokens with the value tokens that follow them; what a row of a table is in any source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from pipeline.canon.labels import canonical
from pipeline.canon.tokens import Token, lines_to_tokens
from pipeline.canon.values import is_value, parse_value
from pipeline.domain import Block, Origin, Table, TableCell, TextBlock

_SUFFIX, _PROSE = 4, 120


@dataclass(frozen=True)
class Record:
    """Labels, then values.

    Attributes:
        labels: the label tokens since the last value before it; its own label comes last.
        items: numbers, dashes and blanks in printed order.
        doubt: why it may not be one whole printed row, or None.
        split: true where it was cut from a longer run and so has lost its own label.
        usual: the size that this record should have by the records around it, 0 where they do not say.
        may_trim: true where blanks at its end may be wanting: it is the last row of a table in a stream.
    """

    labels: tuple[Token, ...]
    items: tuple[Token, ...]
    doubt: str | None = None
    split: bool = False
    usual: int = 0
    may_trim: bool = False

    @cached_property
    def filled(self) -> tuple[int, ...]:
        """Indices of the items that are a number or a dash."""
        return tuple(k for k, t in enumerate(self.items) if t.is_filled)

    @property
    def is_filled(self) -> bool:
        """True where at least one item is a number or a dash."""
        return bool(self.filled)

    @property
    def table(self) -> int:
        """Index of the recovered table it stands in, or -1."""
        tokens = self.items or self.labels
        return tokens[0].table if tokens else -1

    @cached_property
    def size(self) -> int:
        """Number of delimited cells of its printed row, in a stream of cells the labels and values together."""
        if self.items and self.items[0].line_size:
            return self.items[0].line_size
        return sum(t.delimited for t in self.labels) + len(self.items)

    @cached_property
    def own_texts(self) -> tuple[str, ...]:
        """The last one to four labels joined, the last alone first: a label may be split over lines; prose is no part."""
        texts = []
        joined = ""
        for token in reversed(self.labels[-_SUFFIX:]):
            if len(token.text) > _PROSE:
                break
            joined = token.text + joined
            texts.append(joined)
        return tuple(texts)

    @cached_property
    def own_names(self) -> tuple[str, ...]:
        """`own_texts`, each in the one way that stands for all ways to print it."""
        return tuple([canonical(text) for text in self.own_texts])


def blocks_to_records(blocks: Sequence[Block], origin: Origin) -> list[Record]:
    """Turns the blocks of a document into records in reading order."""
    records: list[Record] = []
    lines: list[TextBlock] = []
    line_no = 0
    table_no = 0
    for block in blocks:
        if isinstance(block, TextBlock):
            lines.append(block)
            continue
        records += group_tokens(lines_to_tokens(lines, origin, line_no))
        line_no += len(lines)
        lines = []
        records += table_to_records(block, table_no, line_no)
        line_no += block.n_rows
        table_no += 1
    records += group_tokens(lines_to_tokens(lines, origin, line_no))
    return records


def group_tokens(tokens: Iterable[Token]) -> list[Record]:
    """Groups tokens into records.

    A record ends where a label follows values, and at the end of a printed row that had values. Blanks in front of a
    row's first label are no values.
    """
    records: list[Record] = []
    labels: list[Token] = []
    items: list[Token] = []
    line = -1

    def flush() -> None:
        if labels or items:
            records.append(Record(tuple(labels), tuple(items)))
        labels.clear()
        items.clear()

    for token in _rows_in_order(tokens):
        if line >= 0 and token.line != line and items:
            flush()
        line = token.line
        if token.is_item or _is_unreadable(token, labels, items):
            items.append(token)
        elif items and not labels and not any(t.is_filled for t in items) and items[0].line == token.line:
            items.clear()
            labels.append(token)
        else:
            if items:
                flush()
            labels.append(token)
    flush()
    return records


def _rows_in_order(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yields the tokens with the labels of each printed row in front of its numbers.

    A whole number in front of the label is the row's serial number and left out, also where more blank cells stand behind
    the label than in front; else a label behind all numbers of its row is put in front.
    """
    for line, group in groupby(tokens, key=lambda t: t.line):
        row = list(group)
        labels = [k for k, t in enumerate(row) if not t.is_item]
        filled = [k for k, t in enumerate(row) if t.is_item and t.is_filled]
        if line >= 0 and labels and filled and filled[0] < labels[0]:
            behind = len(row) - 1 - labels[-1]
            serial = filled[0] + 1 == labels[0] and isinstance(row[filled[0]].value.value, int)
            if filled[-1] < labels[0] and not (serial and behind > labels[0]):
                row = [*row[labels[0] :], *row[: labels[0]]]
            elif serial:
                del row[filled[0]]
        yield from row


def _is_unreadable(token: Token, labels: Sequence[Token], items: Sequence[Token]) -> bool:
    """True for a text among the numbers of a printed row that has its label already: a value that cannot be read."""
    in_row = token.line >= 0 and token.delimited and any(t.line == token.line for t in labels)
    return in_row and any(t.is_filled and t.line == token.line for t in items)


def table_to_records(table: Table, index: int, first_line: int) -> list[Record]:
    """Turns a recovered table into records, a printed row at a time.

    A number that spans several rows stands in each of them, with a doubt; a label that does so stands in the first. What
    makes the grid as a whole doubtful makes each of its cells so.
    """
    rows: list[list[Token]] = [[] for _ in range(table.n_rows)]
    grid_doubt = table.doubts[0] if table.doubts else None
    ruled = table.reading == "rulings"
    for cell in table.cells:
        if table.origin is Origin.OCR and cell.row_span > 1 and is_value(cell.text) and _is_before_labels(table, cell):
            continue
        token = Token(
            cell.text,
            parse_value(cell.text),
            table.origin,
            delimited=True,
            line=first_line + cell.row,
            table=index,
            column=cell.column,
            column_end=cell.column + cell.column_span,
            page_no=cell.page_no,
            bbox=cell.bbox,
            char_span=cell.char_span,
            doubt=grid_doubt if cell.certain else cell.doubt or "the grid is uncertain here",
            quad=cell.quad,
            readings=cell.readings,
            ruled=ruled,
        )
        rows[cell.row].append(token)
        if cell.row_span > 1 and cell.text.strip() and is_value(cell.text):
            shared = token._replace(doubt="one number for several rows")
            rows[cell.row][-1] = shared
            for row in range(cell.row + 1, min(cell.row + cell.row_span, table.n_rows)):
                rows[row].append(shared._replace(line=first_line + row))
    records: list[Record] = []
    for tokens in rows:
        tokens.sort(key=lambda t: t.column)
        records += group_tokens(tokens)
    return records


def _is_before_labels(table: Table, cell: TableCell) -> bool:
    """True for a cell of several rows in front of the labels and values of each that has values: it is no value of them.

    A stroke beside a table, or a letter of an upright heading alone on its page, may be read as a dash or a digit. Where it is a
    value of a table whose labels stand in the middle, the rows are then one value short, which is seen.
    """
    labelled = 0
    for row in range(cell.row, min(cell.row + cell.row_span, table.n_rows)):
        behind = [c for c in table.cells if c.row <= row < c.row + c.row_span and c.column >= cell.column + cell.column_span]
        labels = [c.column for c in behind if c.text.strip() and not is_value(c.text)]
        values = [c.column for c in behind if c.text.strip() and is_value(c.text)]
        if values and not (labels and min(labels) < min(values)):
            return False
        labelled += bool(values)
    return labelled > 1
