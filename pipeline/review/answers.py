"""What a person says, put into the ledger and into `matrices.json` at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.canon.values import parse_value
from pipeline.domain import State
from pipeline.errors import GoujiError
from pipeline.review.balance import broken_equations
from pipeline.review.labels import lane_labels
from pipeline.review.problems import Problem
from pipeline.store.corrected import republish
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cell_of, cells_of, tables_of
from pipeline.store.ledger_checks import Check, answer_check
from pipeline.store.ledger_queue import recent, set_broken, undo_stacks
from pipeline.store.ledger_review import (
    LeaseError,
    NewCorrection,
    StaleCellError,
    UnknownCellError,
    correct,
    correct_all,
    lease_of,
    undo_all,
)
from pipeline.store.ledger_rows import Action, CellRow, CorrectionRow, Value

Json = dict[str, Any]
Said = Literal["value", "printed_so", "unreadable"]
_STATES = ("printed", "blank", "dash")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered for a cell: `printed` with a text, or `blank`, `dash`."""

    state: str
    text: str

    def value(self) -> Value:
        """Returns the number that was typed, or None for a blank or dash.

        Raises:
            Problem: the text is no number.
        """
        if self.state != "printed":
            return None
        parsed = parse_value(self.text)
        if parsed.state is not State.PRINTED or parsed.unit:
            advice = "Type digits, B for a blank, or U where it is unreadable."
            raise Problem("invalid", f"“{self.text}” is not a number.", advice)
        return parsed.value


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a card.

    Attributes:
        version: of the cell that the person had before them.
        lease: token that proves that they hold the table.
    """

    document: str
    table: str
    row: str
    column: str
    version: int
    said: Said
    entry: Entry
    lease: str
    seconds: float | None = None
    reason: str | None = None


def save(ledger: Ledger, answer: Answer, reviewer: str) -> Json:
    """Appends a correction; exports follow at once.

    Raises:
        Problem: `lease` (held by another, or lost), `stale` (changed meanwhile), `unknown` cell, `invalid` entry.
    """
    require_lease(ledger, answer.document, answer.table, answer.lease, reviewer)
    cell = _cell(ledger, answer.document, answer.table, answer.row, answer.column)
    new = correction_of(answer, cell, reviewer)
    try:
        after = correct(ledger, new)
    except StaleCellError as error:
        raise stale(error.current, new.value, new.state) from error
    except UnknownCellError as error:
        raise Problem("unknown", error.message, error.advice) from error
    return saved_json(ledger, after, follow(ledger, answer.document, [answer.table]))


def save_row(ledger: Ledger, answers: Sequence[Answer], reviewer: str) -> Json:
    """Appends the corrections of a row as one act, which one undo takes back.

    Raises:
        Problem: as `save` does; then nothing was written.
    """
    news = []
    for answer in answers:
        require_lease(ledger, answer.document, answer.table, answer.lease, reviewer)
        cell = _cell(ledger, answer.document, answer.table, answer.row, answer.column)
        new = correction_of(answer, cell, reviewer)
        if cell.version != answer.version:
            raise stale(cell, new.value, new.state)
        news.append(new)
    try:
        done = correct_all(ledger, news)
    except StaleCellError as error:
        mine = next(n for n in news if (n.row, n.column) == (error.current.row_key, error.current.column_key))
        raise stale(error.current, mine.value, mine.state) from error
    warning = follow(ledger, answers[0].document, [answers[0].table])
    return {"saved": [place_json(cell) for cell in done], "warning": warning}


def save_check(ledger: Ledger, check: Check, entry: Entry, said: Said, reviewer: str, seconds: float | None) -> Json:
    """Keeps the answer to a card that measures; it changes no cell. One that is not as expected is told.

    Raises:
        Problem: the card is another person's.
    """
    if check.drawn_for != reviewer:
        raise Problem("unknown", "This card is another person's.", "Go on with the next one.")
    state = "unreadable" if said == "unreadable" else entry.state
    value = None if state == "unreadable" else entry.value()
    agrees = answer_check(ledger, check, reviewer, value, entry.text, state, seconds)
    told = None
    if check.kind == "planted" and not agrees:
        told = {"value": check.value, "state": check.state}
    return {"check": check.kind, "agrees": agrees if check.kind == "planted" else None, "was": told}


def take_back(ledger: Ledger, reviewer: str, lasts: Sequence[CorrectionRow], redo: bool = False) -> Json:
    """Takes an act of a person back, or brings back what they took back last.

    Args:
        ledger: open.
        reviewer: who asks.
        lasts: the corrections of the act, from `last_act`.
        redo: brings back.

    Raises:
        Problem: `stale`: a cell was changed by somebody else since.
    """
    held = lease_of(ledger, lasts[-1].document_id, lasts[-1].table)
    if held is not None and held.reviewer != reviewer:
        raise lease_problem(held.reviewer, held.expires_at)
    said = [(last.id, _still_mine(ledger, last, reviewer, redo).version) for last in lasts]
    try:
        after = undo_all(ledger, said, reviewer)
    except StaleCellError as error:
        raise stale(error.current, lasts[-1].value, lasts[-1].state) from error
    warning = follow(ledger, lasts[-1].document_id, [lasts[-1].table])
    return {**saved_json(ledger, after[0], warning), "cells": len(after)}


def last_act(ledger: Ledger, reviewer: str, redo: bool) -> list[CorrectionRow]:
    """Returns the corrections (or undos) of a person's last act: they carry the same time; a row or table is one act.

    Raises:
        Problem: `nothing` to undo or redo.
    """
    said = recent(ledger, reviewer)
    known = {one.id: one for one in said}
    undoable, redoable = undo_stacks(said)
    stack = [known[number] for number in (redoable if redo else undoable)]
    if not stack:
        raise Problem("nothing", f"There is nothing to {'redo' if redo else 'undo'}.")
    act = (stack[-1].created_at, stack[-1].document_id, stack[-1].table)
    same = [one for one in stack if (one.created_at, one.document_id, one.table) == act]
    return same[::-1] if redo else same


def _still_mine(ledger: Ledger, last: CorrectionRow, reviewer: str, redo: bool) -> CellRow:
    """Returns the cell of a correction; raises Problem where somebody else has said something of it since."""
    cell = cell_of(ledger, last.document_id, last.table, last.row, last.column)
    if cell is None:
        raise Problem("unknown", "The cell is no longer there: its document was read anew.", "Look at the document.")
    if not redo and (cell.correction is None or cell.correction.id != last.id):
        raise stale(cell, last.value, last.state)
    if redo and cell.correction is not None and cell.correction.reviewer != reviewer:
        raise stale(cell, last.value, last.state)
    return cell


def follow(ledger: Ledger, document: str, tables: Sequence[str]) -> str | None:
    """Brings `matrices.json` and the count of broken equations up to date; returns what went wrong, or None.

    The correction itself is safe in the ledger: the next one, or `gouji reprocess`, writes the file again.
    """
    for table in tables:
        note_balance(ledger, document, table)
    try:
        republish(ledger, document)
    except GoujiError as error:
        return f"{error.message} {error.advice}"
    return None


def note_balance(ledger: Ledger, document: str, table: str) -> int:
    """Keeps how many equations of a table are out of balance without a reason, once a person has worked on it."""
    row = next((t for t in tables_of(ledger, document) if t.key == table), None)
    if row is None:
        return 0
    cells = cells_of(ledger, document, table)
    touched = any(c.correction is not None for c in cells)
    count = sum(not b.reason for b in broken_equations(row, cells)) if touched else 0
    set_broken(ledger, document, table, count)
    return count


def require_lease(ledger: Ledger, document: str, table: str, token: str, reviewer: str) -> None:
    """Raises Problem where a person does not hold a table."""
    held = lease_of(ledger, document, table)
    if held is not None and held.reviewer != reviewer:
        raise lease_problem(held.reviewer, held.expires_at)
    if held is None or held.token != token:
        raise Problem("lease", "Your hold on this table has ended.", "Load the card again.", {"holder": None})


def lease_problem(holder: str, until: float) -> Problem:
    """Returns the problem that another person holds a table."""
    detail = {"holder": holder, "until": until}
    return Problem("lease", f"{holder} works on this table.", "Take another, or take it over.", detail)


def lease_error(error: LeaseError) -> Problem:
    """Returns the problem for an error of the ledger."""
    return lease_problem(error.lease.reviewer, error.lease.expires_at)


def stale(current: CellRow, value: Value, state: str) -> Problem:
    """Returns the problem that a cell was changed meanwhile, with both values."""
    by = None if current.correction is None else current.correction.reviewer
    detail = {
        "theirs": {"value": current.value, "state": current.state, "reviewer": by, "version": current.version},
        "yours": {"value": value, "state": state},
    }
    return Problem("stale", "Someone changed this cell meanwhile.", "Look at both values, and decide.", detail)


def saved_json(ledger: Ledger, cell: CellRow, warning: str | None) -> Json:
    """Returns what a change did."""
    table = next(t for t in tables_of(ledger, cell.document_id) if t.key == cell.table)
    row, column = lane_labels(table, "rows")[cell.row_key][0], lane_labels(table, "columns")[cell.column_key][0]
    return {"saved": {**place_json(cell), "row_label": row, "column_label": column}, "warning": warning}


def place_json(cell: CellRow) -> Json:
    """Returns a cell with what holds in it now."""
    return {
        "document": cell.document_id, "table": cell.table, "row": cell.row_key, "column": cell.column_key,
        "version": cell.version, "value": cell.value, "state": cell.state,
        "action": None if cell.correction is None else cell.correction.action,
    }  # fmt: skip


def _cell(ledger: Ledger, document: str, table: str, row: str, column: str) -> CellRow:
    cell = cell_of(ledger, document, table, row, column)
    if cell is None:
        raise Problem("unknown", "There is no such cell.", "Go to the queue.")
    return cell


def correction_of(answer: Answer, cell: CellRow, reviewer: str) -> NewCorrection:
    """Returns what an answer says of a cell; one that says what the machine read is a confirmation."""
    if answer.said == "unreadable":
        value, state, text = None, "unreadable", cell.machine_text
    elif answer.entry.state not in _STATES:
        raise Problem("invalid", "A cell is a number, blank or a dash.", "Use the page.")
    else:
        value, state, text = answer.entry.value(), answer.entry.state, answer.entry.text
    same = (value, state) == (cell.machine_value, cell.machine_state)
    action: Action = answer.said if answer.said != "value" else "confirm" if same else "value"
    return NewCorrection(
        answer.document, answer.table, answer.row, answer.column, answer.version, action, value, text, state, reviewer,
        answer.reason, answer.seconds,
    )  # fmt: skip
