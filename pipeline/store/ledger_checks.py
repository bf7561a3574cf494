"""Cards that measure: blind samples of accepted cells, planted cells whose value is known, and blind second entries."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.domain import Number
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cell_of, select_cells
from pipeline.store.ledger_open import ledger_errors
from pipeline.store.ledger_rows import CellRow, Value, loaded, now, plain, stored

Kind = Literal["sample", "planted", "second"]
_TRIES = 400
_ALIVE = (
    "JOIN tables t ON t.document_id = k.document_id AND t.key = k.table_key "
    "JOIN documents d ON d.id = k.document_id AND d.superseded = 0"
)


@dataclass(frozen=True, slots=True)
class Check:
    """A card that measures.

    Attributes:
        value: what the answer is compared with; `state` likewise.
        shown: of a planted cell, the wrong number that the card shows.
        first_reviewer: of a second entry, who made the first; they never get it.
    """

    id: int
    kind: Kind
    document: str
    table: str
    row: str
    column: str
    value: Value
    state: str
    shown: Value
    confidence: float | None
    first_reviewer: str | None
    drawn_for: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """An answered card that measures.

    Attributes:
        answer: what the person said; `answer_state` likewise.
        settled: value and state that a later correction gave the cell, or None where there is none.
    """

    check: Check
    reviewer: str
    answer: Value
    answer_state: str
    agrees: bool
    settled: tuple[Value, str] | None


def open_check(ledger: Ledger, reviewer: str) -> Check | None:
    """Returns the card that was drawn for a person and is not answered yet; one whose cell is gone is passed over."""
    query = (
        f"SELECT k.* FROM checks k {_ALIVE} LEFT JOIN check_answers a ON a.check_id = k.id "
        "WHERE k.drawn_for = ? AND a.check_id IS NULL ORDER BY k.id"
    )
    with ledger_errors(ledger.path):
        rows = ledger.connection.execute(query, (reviewer,)).fetchall()
    for row in rows:
        if cell_of(ledger, row["document_id"], row["table_key"], row["row_key"], row["column_key"]) is not None:
            return _to_check(row)
    return None


def check_named(ledger: Ledger, number: int) -> Check | None:
    """Returns a card that is not answered yet, or None."""
    with ledger_errors(ledger.path):
        row = ledger.connection.execute(
            "SELECT k.* FROM checks k LEFT JOIN check_answers a ON a.check_id = k.id WHERE k.id = ? AND a.check_id IS NULL",
            (number,),
        ).fetchone()
    return None if row is None else _to_check(row)


def draw_sample(ledger: Ledger, reviewer: str, chance: random.Random) -> Check | None:
    """Draws one of the accepted cells, each as likely as the other, that nobody corrected and that was not drawn before."""
    cell = _draw(ledger, chance, "c.review = 0 AND c.correction_id IS NULL AND c.state IN ('printed', 'blank', 'dash')")
    return None if cell is None else _keep(ledger, "sample", cell, reviewer)


def draw_planted(ledger: Ledger, reviewer: str, chance: random.Random) -> Check | None:
    """Draws a cell whose number is certain (of a text layer or web page, free of doubt), to be shown with a wrong one."""
    certain = "c.state = 'printed' AND c.origin IN ('text_layer', 'html', 'scrape')"
    cell = _draw(ledger, chance, f"c.review = 0 AND c.correction_id IS NULL AND {certain}")
    if cell is None or cell.value is None:
        return None
    return _keep(ledger, "planted", cell, reviewer, shown=misread(cell.value, chance))


def draw_second(ledger: Ledger, reviewer: str, share: float, chance: random.Random) -> Check | None:
    """Draws a correction by somebody else for a blind second entry, as long as fewer than `share` of theirs were drawn."""
    if share <= 0:
        return None
    with ledger_errors(ledger.path):
        db = ledger.connection
        others = db.execute("SELECT count(*) FROM cells WHERE correction_id IS NOT NULL").fetchone()[0]
        drawn = db.execute("SELECT count(*) FROM checks WHERE kind = 'second'").fetchone()[0]
        if drawn >= share * others:
            return None
        rows = db.execute(
            "SELECT c.id FROM cells c JOIN corrections k ON k.id = c.correction_id "
            "JOIN tables t ON t.id = c.table_id JOIN documents d ON d.id = t.document_id AND d.superseded = 0 "
            "WHERE k.reviewer <> ? AND NOT EXISTS (SELECT 1 FROM checks x WHERE x.correction_id = k.id) "
            "ORDER BY k.id DESC LIMIT 200",
            (reviewer,),
        ).fetchall()
    if not rows:
        return None
    cell = select_cells(ledger, "WHERE c.id = ?", [chance.choice(rows)[0]])[0]
    assert cell.correction is not None
    return _keep(ledger, "second", cell, reviewer, first=cell.correction.reviewer, correction=cell.correction.id)


def misread(value: Number, chance: random.Random) -> Number:
    """Returns a number that a recogniser could have read instead: one digit taken for one of like shape."""
    alike = {"0": "68", "1": "74", "2": "7", "3": "8", "4": "9", "5": "6", "6": "8", "7": "1", "8": "3", "9": "4"}
    text = str(value)
    places = [i for i, char in enumerate(text) if char in alike]
    place = chance.choice(places)
    changed = text[:place] + chance.choice(alike[text[place]]) + text[place + 1 :]
    return type(value)(changed)


def answer_check(ledger: Ledger, check: Check, reviewer: str, value: Value, text: str, state: str, seconds: float | None) -> bool:
    """Keeps the answer to a card that measures; returns whether it agrees."""
    agrees = (value, state) == (check.value, check.state)
    row = (check.id, plain(reviewer), stored(value), plain(text), state, int(agrees), seconds, now())
    with ledger.unit() as db:
        names = "check_id, reviewer, value, text, state, agrees, seconds, created_at"
        db.execute(f"INSERT OR IGNORE INTO check_answers ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return agrees


def results(ledger: Ledger, kind: Kind) -> list[CheckResult]:
    """Returns the answered cards of a kind, oldest first, with what later became of their cells."""
    query = (
        "SELECT k.*, a.reviewer, a.value AS answer, a.state AS answer_state, a.agrees, c.id AS later, "
        "c.value AS later_value, c.state AS later_state FROM check_answers a JOIN checks k ON k.id = a.check_id "
        "LEFT JOIN corrections c ON c.id = (SELECT max(x.id) FROM corrections x WHERE x.document_id = k.document_id "
        "AND x.table_key = k.table_key AND x.row_key = k.row_key AND x.column_key = k.column_key "
        "AND x.created_at > a.created_at AND x.action <> 'undo') WHERE k.kind = ? ORDER BY k.id"
    )
    with ledger_errors(ledger.path):
        rows = ledger.connection.execute(query, (kind,)).fetchall()
    return [_to_result(row) for row in rows]


def answered(ledger: Ledger, reviewer: str) -> tuple[int, dict[str, int]]:
    """Returns how many corrections a person made, and how many cards of each measuring kind they answered."""
    with ledger_errors(ledger.path):
        db = ledger.connection
        query = "SELECT count(*) FROM corrections WHERE reviewer = ? AND action <> 'undo'"
        said = db.execute(query, (reviewer,)).fetchone()[0]
        rows = db.execute(
            "SELECT k.kind, count(*) FROM check_answers a JOIN checks k ON k.id = a.check_id WHERE a.reviewer = ? GROUP BY 1",
            (reviewer,),
        ).fetchall()
    return int(said), {row[0]: int(row[1]) for row in rows}


def _draw(ledger: Ledger, chance: random.Random, condition: str) -> CellRow | None:
    """Draws cells by number until one fits: each that fits is as likely as the other, and no list of them is made."""
    with ledger_errors(ledger.path):
        db = ledger.connection
        least, most = db.execute("SELECT min(id), max(id) FROM cells").fetchone()
        if least is None:
            return None
        query = (
            f"SELECT c.id FROM cells c JOIN tables t ON t.id = c.table_id JOIN documents d ON d.id = t.document_id "
            f"WHERE c.id = ? AND d.superseded = 0 AND d.review_state <> 'sent_back' AND {condition}"
        )
        for _ in range(_TRIES):
            row = db.execute(query, (chance.randint(least, most),)).fetchone()
            if row is None:
                continue
            cell = select_cells(ledger, "WHERE c.id = ?", [row[0]])[0]
            place = (cell.document_id, cell.table, cell.row_key, cell.column_key)
            known = "SELECT 1 FROM checks WHERE document_id = ? AND table_key = ? AND row_key = ? AND column_key = ?"
            if db.execute(known, place).fetchone() is None:
                return cell
    return None


def _keep(
    ledger: Ledger,
    kind: Kind,
    cell: CellRow,
    reviewer: str,
    shown: Value = None,
    first: str | None = None,
    correction: int | None = None,
) -> Check:
    names = (
        "kind, document_id, table_key, row_key, column_key, value, state, shown, confidence, first_reviewer, correction_id, "
        "drawn_for, drawn_at"
    )
    row = (
        kind, cell.document_id, cell.table, cell.row_key, cell.column_key, stored(cell.value), cell.state, stored(shown),
        cell.confidence, plain(first), correction, plain(reviewer), now(),
    )  # fmt: skip
    with ledger.unit() as db:
        number = db.execute(f"INSERT INTO checks ({names}) VALUES ({', '.join('?' * 13)})", row).lastrowid
    assert number is not None
    return Check(
        number, kind, cell.document_id, cell.table, cell.row_key, cell.column_key, cell.value, cell.state, shown,
        cell.confidence, first, reviewer,
    )  # fmt: skip


def _to_check(row: sqlite3.Row) -> Check:
    return Check(
        row["id"], row["kind"], row["document_id"], row["table_key"], row["row_key"], row["column_key"], loaded(row["value"]),
        row["state"], loaded(row["shown"]), row["confidence"], row["first_reviewer"], row["drawn_for"],
    )  # fmt: skip


def _to_result(row: sqlite3.Row) -> CheckResult:
    settled: Any = None if row["later"] is None else (loaded(row["later_value"]), row["later_state"])
    return CheckResult(_to_check(row), row["reviewer"], loaded(row["answer"]), row["answer_state"], bool(row["agrees"]), settled)
