"""What comes next: the first open cell of the most useful table, and now and then a card that measures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config import Review
from pipeline.review.balance import broken_equations, doubt_order
from pipeline.review.cards import Subject, find_subject, why_json
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of, tables_of
from pipeline.store.ledger_checks import Check, answered, draw_planted, draw_sample, draw_second, open_check
from pipeline.store.ledger_queue import Filters, Work, disputed_cells
from pipeline.store.ledger_rows import CellRow, TableRow

Json = dict[str, Any]
Place = tuple[str, str, str, str]
"""Document, table, row and column of a cell."""


@dataclass(frozen=True, slots=True)
class Next:
    """A card to show, and why."""

    subject: Subject
    why: list[Json]


def next_card(
    ledger: Ledger,
    reviewer: str,
    filters: Filters,
    settings: Review,
    chance: random.Random,
    works: Sequence[Work],
    after: Place | None = None,
) -> Next | None:
    """Returns the next card of a person, or None where nothing is left.

    Args:
        ledger: open.
        reviewer: who asks; tables that another one holds are left to them.
        filters: what part of the work.
        settings: shares of the cards that measure.
        chance: draws them.
        works: what there is to do, from `worklist`.
        after: the cell just dealt with or passed over: the next of its table goes first, then that table's document.
    """
    measured = _measuring(ledger, reviewer, settings, chance)
    if measured is not None:
        subject = find_subject(ledger, measured.document, measured.table, measured.row, measured.column, measured)
        if subject is not None:
            return Next(subject, why_json(subject))
    free = [w for w in works if w.holder in (None, reviewer)]
    if after is not None:
        here = [w for w in free if w.document == after[0]]
        here.sort(key=lambda w: w.table != after[1])
        free = [*here, *(w for w in free if w.document != after[0])]
    for work in free:
        found = _first_of(ledger, work, reviewer, filters, after)
        if found is not None:
            return found
    # What was passed over comes again at the end.
    return None if after is None else next_card(ledger, reviewer, filters, settings, chance, works)


def _first_of(ledger: Ledger, work: Work, reviewer: str, filters: Filters, after: Place | None) -> Next | None:
    """Returns the first card of a table, or None where it has none for this person."""
    table = next((t for t in tables_of(ledger, work.document) if t.key == work.table), None)
    if table is None:
        return None
    cells = cells_of(ledger, work.document, work.table)
    cell, source = _choose(ledger, table, cells, work, reviewer, filters, after)
    if cell is None:
        return None
    subject = find_subject(ledger, work.document, work.table, cell.row_key, cell.column_key)
    return None if subject is None else Next(subject, why_json(subject, source))


def _choose(
    ledger: Ledger, table: TableRow, cells: list[CellRow], work: Work, reviewer: str, filters: Filters, after: Place | None
) -> tuple[CellRow | None, str]:
    here = None if after is None or after[:2] != (work.document, work.table) else after[2:]
    if work.disputed:
        by_place = {(c.row_key, c.column_key): c for c in cells}
        for row in disputed_cells(ledger, work.document):
            place = (str(row["row_key"]), str(row["column_key"]))
            mine = row["kind"] == "second" and reviewer in (row["reviewer"], row["first_reviewer"])
            if row["table_key"] == work.table and place != here and not mine and place in by_place:
                return by_place[place], "disputed"
    open_cells = [c for c in cells if c.machine_review and c.correction is None and c.confidence <= filters.most_confidence]
    ordered = doubt_order(table, cells, open_cells)
    if here is not None:
        ordered = _beyond(ordered, cells, here)
    if ordered:
        return ordered[0], ""
    return (None, "") if open_cells else (_of_broken(table, cells, here), "still")


def _beyond(ordered: list[CellRow], cells: list[CellRow], here: tuple[str, str]) -> list[CellRow]:
    """Returns the cells that come after one that was passed over; after one that was answered, all."""
    passed = next((i for i, c in enumerate(ordered) if (c.row_key, c.column_key) == here), None)
    return ordered if passed is None else ordered[passed + 1 :]


def _of_broken(table: TableRow, cells: list[CellRow], here: tuple[str, str] | None) -> CellRow | None:
    """Returns the likeliest culprit of an equation that is out of balance without a reason: a table is not done before."""
    places = {place for b in broken_equations(table, cells) if not b.reason for place in b.cells}
    wanted = [c for c in cells if (c.row_key, c.column_key) in places]
    ordered = doubt_order(table, cells, wanted)
    rest = [c for c in ordered if (c.row_key, c.column_key) != here]
    return next(iter(rest or ordered), None)


def _measuring(ledger: Ledger, reviewer: str, settings: Review, chance: random.Random) -> Check | None:
    """Returns the measuring card that is due: one begun, else one of the kind that lags behind its share."""
    begun = open_check(ledger, reviewer)
    if begun is not None:
        return begun
    said, done = answered(ledger, reviewer)
    cards = said + sum(done.values())
    for kind, share in (("sample", settings.sample_share), ("planted", settings.planted_share)):
        # The first comes when half of its distance is over.
        if share > 0 and cards and cards * share >= done.get(kind, 0) + 0.5:
            draw = draw_sample if kind == "sample" else draw_planted
            found = draw(ledger, reviewer, chance)
            if found is not None:
                return found
    if settings.second_share > 0 and cards % 3 == 2:
        return draw_second(ledger, reviewer, settings.second_share, chance)
    return None


def walk(ledger: Ledger, document: str, table: str, row: str, column: str, step: int) -> Place | None:
    """Returns the cell before or after one in its table, row by row; None beyond its ends."""
    cells = cells_of(ledger, document, table)
    at = next((i for i, c in enumerate(cells) if (c.row_key, c.column_key) == (row, column)), None)
    if at is None or not 0 <= at + step < len(cells):
        return None
    cell = cells[at + step]
    return document, table, cell.row_key, cell.column_key
