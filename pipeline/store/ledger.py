"""The ledger of a folder of results, `OUT/ledger.sqlite`: runs, inputs, documents and what became of them.

One process writes results (it holds `OUT/.run.lock`); the review page writes corrections and leases beside it. All SQL of
Gouji is in this package. `ledger_review` holds what the review page needs, `ledger_status` what is counted.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.domain import DocumentResult
from pipeline.errors import InputMissingError
from pipeline.store import ledger_write
from pipeline.store.ledger_open import LEDGER, WAIT_S, connect, ledger_errors, transaction
from pipeline.store.ledger_rows import DocumentRow, InputRow, Outcome, RunRow, now, paths_to_json, to_json

_DOCUMENT = """
SELECT d.*, s.sha256, s.size_bytes, r.version AS program, r.code, r.config_hash
FROM documents d JOIN sources s ON s.id = d.source_id JOIN runs r ON r.id = d.run_id
"""
_COPIES = 100


class Ledger:
    """An open ledger; a context manager. Every method may raise LedgerError, BusyError or OutputError.

    Args:
        out: folder of results.
        wait_s: seconds to wait for another process that writes.
        readonly: changes nothing; the ledger must be there.

    Raises:
        InputMissingError: `readonly`, and there is no ledger.
    """

    def __init__(self, out: Path, wait_s: float = WAIT_S, readonly: bool = False) -> None:
        self.out, self.path = out, out / LEDGER
        if readonly and not self.path.is_file():
            raise InputMissingError(f"{out}: no ledger", "Run `gouji ingest INPUT --out DIR` first, then give that DIR.")
        self.connection: sqlite3.Connection = connect(self.path, wait_s, readonly)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()

    @contextlib.contextmanager
    def unit(self) -> Iterator[sqlite3.Connection]:
        """One transaction: what is done inside is kept together, or not at all. Not to be nested."""
        with ledger_errors(self.path), transaction(self.connection):
            yield self.connection

    # --- runs

    def begin_run(
        self,
        command: str,
        version: str,
        code: str,
        config_hash: str,
        config: object,
        workers: int,
        inputs: Sequence[InputRow],
    ) -> int:
        """Notes a run and what it was given; what a killed run had in hand is queued again.

        Returns:
            The number of the run.
        """
        with self.unit() as db:
            _reap(db)
            row = ("running", command, now(), version, code, config_hash, to_json(config), workers, len(inputs))
            names = "state, command, started_at, version, code, config_hash, config, workers, inputs"
            run = db.execute(f"INSERT INTO runs ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
            assert run is not None
            db.executemany(
                "INSERT INTO inputs (place, name, members, state, run_id) VALUES (?, ?, ?, 'queued', ?) ON CONFLICT (place) "
                "DO UPDATE SET name = excluded.name, members = excluded.members, state = 'queued', attempts = 0, "
                "lease_until = NULL, run_id = excluded.run_id",
                ((i.place, i.name, paths_to_json(i.members), run) for i in inputs),
            )
        return run

    def end_run(self, run: int, state: str, duration_s: float) -> None:
        """Notes how a run ended: `done`, `interrupted` or `failed`; what it had in hand is queued again."""
        with self.unit() as db:
            db.execute("UPDATE inputs SET state = 'queued', lease_until = NULL WHERE state = 'running'")
            db.execute("UPDATE runs SET state = ?, ended_at = ?, duration_s = ? WHERE id = ?", (state, now(), duration_s, run))

    def runs(self, limit: int = 20) -> list[RunRow]:
        """Returns the last runs, newest first."""
        with ledger_errors(self.path):
            rows = self.connection.execute("SELECT * FROM runs ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
        names = RunRow.__dataclass_fields__
        return [RunRow(**{name: row[name] for name in names}) for row in rows]

    # --- inputs

    def start(self, places: Iterable[str], lease_s: float) -> None:
        """Notes that inputs are being read, for at most `lease_s` seconds."""
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + lease_s))
        with self.unit() as db:
            query = "UPDATE inputs SET state = 'running', attempts = attempts + 1, lease_until = ? WHERE place = ?"
            db.executemany(query, ((until, place) for place in places))

    def seen(self, items: Iterable[tuple[InputRow, str]]) -> None:
        """Notes that inputs are documents that are known: they were done before, moved, or given twice."""
        with self.unit() as db:
            for item, document in items:
                ledger_write.point_input(db, item, document, None)
                db.execute(
                    "UPDATE documents SET place = ?, members = ?, superseded = 0 WHERE id = ?",
                    (item.place, paths_to_json(item.members), document),
                )

    def previous(self, place: str) -> str | None:
        """Returns the document that an input was when it was last read, or None."""
        with ledger_errors(self.path):
            row = self.connection.execute("SELECT document_id FROM inputs WHERE place = ?", (place,)).fetchone()
        return None if row is None else row[0]

    def knows_size(self, size_bytes: int) -> bool:
        """True where some source has this size: only then can an input be a known one."""
        with ledger_errors(self.path):
            query = "SELECT 1 FROM sources WHERE size_bytes = ? LIMIT 1"
            return self.connection.execute(query, (size_bytes,)).fetchone() is not None

    # --- documents

    def record(
        self, db: sqlite3.Connection, item: InputRow, result: DocumentResult, facts: str, outcome: Outcome, run: int
    ) -> None:
        """Writes one document: its source, pages, tables, cells, readings and findings, in place of what was there.

        Corrections stay, and those in force are attached to the new cells.

        Args:
            db: of `unit`, so that the result files can be put in place in the same transaction.
            item: where it was read from.
            result: what was read; the blocks of its reading are not needed.
            facts: what a manifest said, as JSON.
            outcome: how it went.
            run: number of the run.
        """
        ledger_write.write_document(db, item, result, facts, outcome, run)

    def document(self, document: str) -> DocumentRow | None:
        """Returns one document, or None."""
        with ledger_errors(self.path):
            row = self.connection.execute(_DOCUMENT + "WHERE d.id = ?", (document,)).fetchone()
        return None if row is None else _to_document(row)

    def documents(self, superseded: bool = False, status: str | None = None, limit: int = -1) -> Iterator[DocumentRow]:
        """Yields the documents by id.

        Args:
            superseded: also those of which a newer version is there.
            status: only those of this status.
            limit: no more than the first so many.
        """
        with ledger_errors(self.path):
            where = "WHERE (? OR d.superseded = 0) AND (? IS NULL OR d.status = ?) ORDER BY d.id LIMIT ?"
            for row in self.connection.execute(_DOCUMENT + where, (superseded, status, status, limit)):
                yield _to_document(row)

    def named(self, wanted: str) -> list[DocumentRow]:
        """Returns the documents with this id, or else those whose id has this stem, older versions left out."""
        with ledger_errors(self.path):
            rows = self.connection.execute(_DOCUMENT + "WHERE d.id = ?", (wanted,)).fetchall()
            if not rows:
                # `~` and 8 digits follow the stem.
                query = "WHERE substr(d.id, 1, length(d.id) - 9) = ? AND d.superseded = 0 ORDER BY d.id"
                rows = self.connection.execute(_DOCUMENT + query, (wanted,)).fetchall()
        return [_to_document(row) for row in rows]

    def alike(self, document: str) -> str | None:
        """Returns the name of another document with the same content, the first of several; None where there is none."""
        with ledger_errors(self.path):
            # One error page may have been saved ten thousand times: no more than some of them are looked at each time.
            query = (
                "SELECT name FROM (SELECT o.id, o.name FROM documents d "
                "JOIN sources s ON s.id = d.source_id AND s.size_bytes > 0 "
                "JOIN documents o ON o.source_id = d.source_id AND o.id <> d.id AND o.superseded = 0 "
                "WHERE d.id = ? LIMIT ?) ORDER BY id LIMIT 1"
            )
            row = self.connection.execute(query, (document, _COPIES)).fetchone()
        return None if row is None else str(row[0])

    def superseded(self) -> frozenset[str]:
        """Returns the ids of the documents of which a newer version is there."""
        with ledger_errors(self.path):
            return frozenset(r[0] for r in self.connection.execute("SELECT id FROM documents WHERE superseded = 1"))

    def event(
        self, kind: str, detail: str, document: str | None = None, table: str | None = None, who: str | None = None
    ) -> None:
        """Adds to the log of events."""
        with self.unit() as db:
            ledger_write.add_event(db, kind, detail, document, table, who)


def superseded_in(out: Path) -> frozenset[str]:
    """Returns the ids of the documents in `out` of which a newer version is there; none where `out` has no ledger."""
    if not (out / LEDGER).is_file():
        return frozenset()
    with Ledger(out, readonly=True) as ledger:
        return ledger.superseded()


def _reap(db: sqlite3.Connection) -> None:
    """Queues again what a run that is no more had in hand; only one run can be at work in a folder."""
    left = db.execute("SELECT count(*) FROM inputs WHERE state = 'running'").fetchone()[0]
    runs = db.execute("UPDATE runs SET state = 'killed', ended_at = ? WHERE state = 'running'", (now(),)).rowcount
    if runs:
        ledger_write.add_event(
            db, "run_killed", f"a run ended without a word; {left} inputs that it had in hand are queued again"
        )
    db.execute("UPDATE inputs SET state = 'queued', lease_until = NULL WHERE state = 'running'")


def _to_document(row: sqlite3.Row) -> DocumentRow:
    """Returns a row of `documents` with its source and run."""
    changed: dict[str, Any] = {
        "members": tuple(json.loads(row["members"])),
        "absent": tuple(json.loads(row["absent"])),
        "unread": tuple(json.loads(row["unread"])),
        "sizes": tuple((name, size) for name, size in json.loads(row["sizes"])),
        "superseded": bool(row["superseded"]),
    }
    return DocumentRow(**{name: changed[name] if name in changed else row[name] for name in DocumentRow.__dataclass_fields__})
