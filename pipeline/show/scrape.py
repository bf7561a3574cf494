"""A text scrape with what became a cell coloured: a hue for each table, a shade for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain import Block, Matrix, Table, TextBlock
from pipeline.store.webpage import esc

_HUES = (210, 140, 28, 285, 180, 340, 60, 250)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch `[start, end)` of the text that a matrix took for a cell."""

    start: int
    end: int
    color: str
    tip: str
    short: str
    flagged: bool


def matrices_to_marks(matrices: Sequence[Matrix]) -> list[Mark]:
    """Returns the marks of all cells with a place in the text, in order; of two that overlap the first stays."""
    marks = [mark for number, matrix in enumerate(matrices) for mark in _matrix_marks(matrix, _HUES[number % len(_HUES)])]
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def blocks_to_html(blocks: Sequence[Block], marks: Sequence[Mark]) -> str:
    """Returns the text of all blocks in order with `marks` drawn in."""
    rest = list(marks)
    lines = []
    for text, kind, span in _stretches(blocks):
        if span is None or len(text) != span[1] - span[0]:
            lines.append(f'<span class="{kind}">{esc(text)}</span>')
            continue
        here = [mark for mark in rest if mark.start < span[1] or mark.start == mark.end == span[1]]
        here = [mark for mark in here if mark.end >= span[0]]
        lines.append(f'<span class="{kind}">{_marked(text, span[0], here)}</span>')
        while rest and rest[0].end <= span[1]:
            rest.pop(0)
    return '<pre class="source">' + "\n".join(lines) + "</pre>"


def legend(matrices: Sequence[Matrix]) -> str:
    """Returns which colour is which table."""
    keys = (
        f'<span class="key" style="background:hsl({_HUES[number % len(_HUES)]} 75% 80%)"></span>{esc(matrix.table)} '
        for number, matrix in enumerate(matrices)
    )
    return f'<p class="soft">{"".join(keys)}</p>'


def _matrix_marks(matrix: Matrix, hue: int) -> Iterator[Mark]:
    for number, (row, cells) in enumerate(zip(matrix.rows, matrix.cells, strict=True)):
        color = f"hsl({hue} 75% {86 if number % 2 else 76}%)"
        for column, cell in zip(matrix.columns, cells, strict=True):
            if cell.char_span is not None:
                held = cell.state if cell.value is None else f"= {cell.value}"
                reason = f" — review: {cell.reason}" if cell.review else ""
                tip = f"{matrix.table} · {row.key} · {column.key} {held} (confidence {cell.confidence:.4f}){reason}"
                yield Mark(*cell.char_span, color, tip, f"{row.key}·{column.key}", cell.review)


def _stretches(blocks: Sequence[Block]) -> Iterator[tuple[str, str, tuple[int, int] | None]]:
    """Yields `(text, kind, span)` of each piece of text in order; a table gives its cells."""
    for block in blocks:
        if isinstance(block, TextBlock):
            yield block.text, block.kind, block.char_span
        elif isinstance(block, Table):
            for cell in block.cells:
                yield cell.text, "line", cell.char_span


def _marked(text: str, start: int, marks: Sequence[Mark]) -> str:
    """Returns `text`, which begins at `start`, with the marks drawn in; a mark may reach over its ends."""
    parts, at = [], 0
    for mark in marks:
        first, last = max(0, mark.start - start), min(len(text), mark.end - start)
        if first < at or first > len(text):
            continue
        parts.append(esc(text[at:first]))
        kind = ' class="flag"' if mark.flagged else ""
        inner = esc(text[first:last]) or "▯"
        style = f'style="background:{mark.color}" title="{esc(mark.tip)}"'
        parts.append(f"<mark{kind} {style}>{inner}<sub>{esc(mark.short)}</sub></mark>")
        at = max(at, last)
    return "".join(parts) + esc(text[at:])
