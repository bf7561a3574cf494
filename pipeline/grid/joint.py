"""The columns of a table without rulings that goes on over pages, from the lines of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.grid.align import rule_ends, turned_heads
from pipeline.grid.columns import lines_to_lanes
from pipeline.grid.conform import conform
from pipeline.grid.lanes import Lane
from pipeline.grid.pieces import Piece
from pipeline.grid.runs import Run
from pipeline.grid.unruled import run_to_piece

_FIRST_PIECES = 3


def in_joint_columns(chain: Sequence[Piece], lower: Piece) -> list[Piece] | None:
    """Returns all pieces in common columns, or None where their text does not go together.

    Their lines are read as if they stood on one page: what is blank on one page is filled on another. The columns must
    be as many as those of the piece with most figures. The columns of a long table are settled by its first three
    pieces; later ones take them over.

    Args:
        chain: pieces of one table, found by alignment.
        lower: a piece on the page after it, found by alignment.
    """
    pieces = [*chain[:_FIRST_PIECES], lower]
    lanes = _joint_lanes(pieces)
    if lanes is None:
        return None
    read = [_read(p, lanes) for p in pieces]
    if len(chain) > _FIRST_PIECES:
        read = [*chain, read[-1]]
    found = [p for p in read if p is not None]
    if len(found) < len(read):
        return None
    conformed = [conform(p, found[0]) for p in found]
    together = [p for p in conformed if p is not None]
    return together if len(together) == len(read) else None


def _read(piece: Piece, lanes: Sequence[Lane]) -> Piece | None:
    return run_to_piece(piece.run, piece.page_no, lanes) if piece.run is not None else None


def _joint_lanes(pieces: Sequence[Piece]) -> list[Lane] | None:
    runs = [p.run for p in pieces if p.run is not None]
    if len(runs) < len(pieces):
        return None
    lines = [*runs[0].lines, *(line for run in runs[1:] for line in run.lines[_repeated_lines(runs[0], run) :])]
    heads = [h for run in runs for h in turned_heads(run.turned, run.lines)]
    lanes = lines_to_lanes(lines, rule_ends([r for run in runs for r in run.rules]), heads)
    richest = max(runs, key=lambda run: sum(line.n_values for line in run.lines))
    alone = lines_to_lanes(richest.lines, rule_ends(richest.rules), turned_heads(richest.turned, richest.lines))
    if _figures(lanes) < _figures(alone) or len(lanes) < 2:
        return None
    return _with_finer_labels(lanes, alone)


def _repeated_lines(first: Run, run: Run) -> int:
    """Counts the leading lines without figures that both runs begin with: the head, printed again."""
    pairs = enumerate(zip(first.lines, run.lines, strict=False))
    return next((k for k, (a, b) in pairs if b.n_values or a.text != b.text), min(len(first.lines), len(run.lines)))


def _with_finer_labels(lanes: list[Lane], alone: list[Lane]) -> list[Lane]:
    """Takes the columns of labels of the largest piece where it shows more of them than all pieces together."""
    first, own = _first_figures(lanes), _first_figures(alone)
    if not first < own or first == len(lanes) or alone[own - 1].x1 >= lanes[first].x0:
        return lanes
    return [*alone[:own], *lanes[first:]]


def _first_figures(lanes: Sequence[Lane]) -> int:
    return next((k for k, lane in enumerate(lanes) if lane.figures), len(lanes))


def _figures(lanes: Sequence[Lane]) -> int:
    return sum(lane.figures for lane in lanes)
