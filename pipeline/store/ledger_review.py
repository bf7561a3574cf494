"""What the review page does with the ledger: the queue, corrections, and leases on tables.

Every function that writes is one transaction. `matrices.json` follows with `corrected.republish`.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import EXIT_BUSY, EXIT_USAGE, GoujiError
from pipeline.store.corrections import in_force, load_corrections
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cell_of, select_cells
from pipeline.store.ledger_rows import Action, CellRow, Lease, Value, now, plain, stored
from pipeline.store.ledger_status import MAYBE, TO_REVIEW
from pipeline.store.ledger_write import add_event

LEASE_S = 15 * 60.0


class StaleCellError(GoujiError):
    """The cell was changed since the person saw it; `current` is what it is now."""

    exit_code = EXIT_BUSY

    def __init__(self, current: CellRow) -> None:
        super().__init__("Someone changed this cell meanwhile.", "Look at both values, and decide.")
        self.current = current


class LeaseError(GoujiError):
    """Another person works on this table; `lease` says who and until when."""

    exit_code = EXIT_BUSY

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"{lease.reviewer} works on this table.", "Take another, or take it over.")
        self.lease = lease


class UnknownCellError(GoujiError):
    """There is no such cell, or no such correction to undo."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """What a person says of a cell.

    Attributes:
        version: of the cell that they had before them.
        action: `confirm`, `value`, `printed_so` or `unreadable`.
        value: the number, only where `state` is `printed`; `text` is what was typed.
        seconds: how long they looked.
    """

    document: str
    table: str
    row: str
    column: str
    version: int
    action: Action
    value: Value
    text: str
    state: str
    reviewer: str
    reason: str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.state == "printed"):
            raise ValueError(f"a value belongs to a printed cell alone: {self}")


def queue(
    ledger: Ledger,
    limit: int = 100,
    offset: int = 0,
    issuer: str | None = None,
    year: int | None = None,
    table: str | None = None,
    document: str | None = None,
    most_confidence: float = 1.0,
) -> list[CellRow]:
    """Returns cells that a person should look at, by document, table and place; older versions of documents left out."""
    conditions = [MAYBE, "d.superseded = 0", f"({TO_REVIEW})", "c.confidence <= ?"]
    given: list[object] = [most_confidence]
    for column, wanted in (("d.issuer", issuer), ("d.year", year), ("t.key", table), ("d.id", document)):
        if wanted is not None:
            conditions.append(f"{column} = ?")
            given.append(wanted)
    where = "JOIN documents d ON d.id = t.document_id WHERE " + " AND ".join(conditions)
    order = ' ORDER BY d.id, t.position, c.row, c."column" LIMIT ? OFFSET ?'
    return select_cells(ledger, where + order, [*given, limit, offset])


def correct(ledger: Ledger, new: NewCorrection) -> CellRow:
    """Adds a correction; returns the cell as it is then.

    Raises:
        StaleCellError: the cell is not of the version that the person saw.
        UnknownCellError: there is no such cell.
    """
    return correct_all(ledger, [new])[0]


def correct_all(ledger: Ledger, news: Sequence[NewCorrection]) -> list[CellRow]:
    """Adds corrections of one table that are one act of a person, all or none; they carry the same time.

    Raises:
        StaleCellError: a cell is not of the version that the person saw.
        UnknownCellError: there is no such cell.
    """
    at = now()
    with ledger.unit() as db:
        cells = []
        for new in news:
            cell = _current(ledger, new.document, new.table, new.row, new.column)
            if cell.version != new.version:
                raise StaleCellError(cell)
            _append(db, cell, new.action, None, new.value, new.text, new.state, new.reviewer, new.reason, new.seconds, at)
            cells.append(cell)
        _point(db, cells)
    return [_current(ledger, new.document, new.table, new.row, new.column) for new in news]


def undo(ledger: Ledger, correction: int, version: int, reviewer: str, reason: str | None = None) -> CellRow:
    """Takes a correction back (or, of an undo, brings it back), by adding one more; returns the cell as it is then.

    Raises:
        StaleCellError: the cell is not of `version`. UnknownCellError: no such correction.
    """
    return undo_all(ledger, [(correction, version)], reviewer, reason)[0]


def undo_all(ledger: Ledger, said: Sequence[tuple[int, int]], reviewer: str, reason: str | None = None) -> list[CellRow]:
    """Takes the corrections of one act back, all or none; each is given with the version that its cell should have.

    Raises:
        StaleCellError: a cell is not of its version. UnknownCellError: no such correction.
    """
    at = now()
    with ledger.unit() as db:
        cells = []
        for correction, version in said:
            row = db.execute("SELECT * FROM corrections WHERE id = ?", (correction,)).fetchone()
            if row is None:
                raise UnknownCellError(f"There is no correction {correction}.", "Load the page again.")
            cell = _current(ledger, row["document_id"], row["table_key"], row["row_key"], row["column_key"])
            if cell.version != version:
                raise StaleCellError(cell)
            machine = (cell.machine_value, cell.machine_text, cell.machine_state)
            _append(db, cell, "undo", correction, *machine, reviewer, reason, None, at)
            cells.append(cell)
        _point(db, cells)
    return [_current(ledger, c.document_id, c.table, c.row_key, c.column_key) for c in cells]


def take_lease(
    ledger: Ledger, document: str, table: str, reviewer: str, seconds: float = LEASE_S, takeover: bool = False
) -> Lease:
    """Takes a table for a person; their own lease is renewed.

    Raises:
        LeaseError: another person has it, and `takeover` is false. A takeover is logged.
    """
    with ledger.unit() as db:
        held = _lease(db, document, table)
        if held is not None and held.reviewer != reviewer:
            if not takeover:
                raise LeaseError(held)
            add_event(db, "lease_taken_over", f"from {held.reviewer}", document, table, reviewer)
        token = held.token if held is not None and held.reviewer == reviewer else secrets.token_urlsafe(16)
        at = time.time()
        lease = Lease(document, table, reviewer, token, at, at + seconds)
        row = (document, table, plain(reviewer), token, at, at + seconds)
        db.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?)", row)
    return lease


def renew_lease(ledger: Ledger, document: str, table: str, token: str, seconds: float = LEASE_S) -> Lease | None:
    """Prolongs a lease (the heartbeat); None where it was lost."""
    with ledger.unit() as db:
        held = _lease(db, document, table)
        if held is None or not secrets.compare_digest(held.token, token):
            return None
        at = time.time()
        db.execute(
            "UPDATE leases SET acquired_at = ?, expires_at = ? WHERE document_id = ? AND table_key = ?",
            (at, at + seconds, document, table),
        )
    return Lease(document, table, held.reviewer, token, at, at + seconds)


def release_lease(ledger: Ledger, document: str, table: str, token: str) -> bool:
    """Gives a table back; false where it was lost before."""
    with ledger.unit() as db:
        query = "DELETE FROM leases WHERE document_id = ? AND table_key = ? AND token = ?"
        return db.execute(query, (document, table, token)).rowcount > 0


def lease_of(ledger: Ledger, document: str, table: str) -> Lease | None:
    """Returns who works on a table, or None."""
    return _lease(ledger.connection, document, table)


def set_review_state(ledger: Ledger, document: str, state: str, who: str, reason: str = "") -> None:
    """Marks a document `open`, `done` or `sent_back`; one that was sent back is read anew by the next run."""
    with ledger.unit() as db:
        db.execute("UPDATE documents SET review_state = ?, review_version = review_version + 1 WHERE id = ?", (state, document))
        add_event(db, f"document_{state}", reason, document, None, who)


def _current(ledger: Ledger, document: str, table: str, row: str, column: str) -> CellRow:
    cell = cell_of(ledger, document, table, row, column)
    if cell is None:
        raise UnknownCellError(f"There is no cell {table}.{row}.{column} in {document}.", "Load the page again.")
    return cell


def _append(
    db: sqlite3.Connection, cell: CellRow, action: Action, undoes: int | None, value: Value, text: str, state: str,
    reviewer: str, reason: str | None, seconds: float | None, at: str,
) -> None:  # fmt: skip
    """Adds one row."""
    names = (
        "document_id, table_key, row_key, column_key, action, undoes, value, text, state, before_value, before_state, "
        "machine_value, machine_state, reviewer, reason, seconds, cell_version, created_at"
    )
    row = (
        cell.document_id, cell.table, cell.row_key, cell.column_key, action, undoes, stored(value), plain(text), state,
        stored(cell.value), cell.state, stored(cell.machine_value), cell.machine_state,
        plain(reviewer), plain(reason), seconds, cell.version, at,
    )  # fmt: skip
    db.execute(f"INSERT INTO corrections ({names}) VALUES ({', '.join('?' * 18)})", row)


def _point(db: sqlite3.Connection, cells: Sequence[CellRow]) -> None:
    """Points cells of one document, to which something was just added, at what is then in force."""
    if not cells:
        return
    document = cells[0].document_id
    holding = in_force(load_corrections(db, document))
    for cell in cells:
        holds = holding[cell.table, cell.row_key, cell.column_key]
        number = None if holds is None else holds.id
        db.execute("UPDATE cells SET correction_id = ?, version = version + 1 WHERE id = ?", (number, cell.id))
    db.execute("UPDATE documents SET review_version = review_version + 1 WHERE id = ?", (document,))


def _lease(db: sqlite3.Connection, document: str, table: str) -> Lease | None:
    """Returns the lease that holds now; a clock that was set back does not make it last longer."""
    row = db.execute("SELECT * FROM leases WHERE document_id = ? AND table_key = ?", (document, table)).fetchone()
    if row is None or not row["acquired_at"] <= time.time() < row["expires_at"]:
        return None
    return Lease(*(row[name] for name in ("document_id", "table_key", "reviewer", "token", "acquired_at", "expires_at")))
