"""Opening the ledger: SQLite in WAL mode, its migrations, and its errors in words."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from pipeline.errors import BusyError, GoujiError, LedgerError, OutputError
from pipeline.store.files import output_errors

LEDGER = "ledger.sqlite"
WAIT_S = 30.0
# Above this a look at every page takes too long for each start.
_CHECKED_BYTES = 64 * 1024 * 1024
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")
_DENIED = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")


def connect(path: Path, wait_s: float = WAIT_S, readonly: bool = False) -> sqlite3.Connection:
    """Opens the ledger `path`, made where it is missing, and brings it to the newest version.

    Args:
        path: the file.
        wait_s: seconds to wait for a writer in another process.
        readonly: neither makes nor changes anything.

    Raises:
        LedgerError: damaged, no ledger, or made by a newer version of Gouji.
        BusyError: another process holds it for longer than `wait_s`.
        OutputError: it cannot be written.
    """
    with ledger_errors(path):
        uri = f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
        with contextlib.ExitStack() as undo:
            connection = sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None, check_same_thread=False)
            undo.callback(connection.close)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            if not readonly:
                connection.execute("PRAGMA journal_mode = WAL")
                # Whole after a power cut; the last transactions may be gone, and those documents are read again.
                connection.execute("PRAGMA synchronous = NORMAL")
            _require_sound(connection, path)
            _migrate(connection, path, readonly)
            undo.pop_all()
        return connection


@contextlib.contextmanager
def ledger_errors(path: Path) -> Iterator[None]:
    """Turns an error of SQLite into one of ours, with advice."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(path, error) from error


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: what is done inside is kept together, or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    with contextlib.ExitStack() as undo:
        undo.callback(_roll_back, connection)
        yield
        connection.execute("COMMIT")
        undo.pop_all()


def _roll_back(connection: sqlite3.Connection) -> None:
    # SQLite may have done it already, as it does where the disk is full.
    with contextlib.suppress(sqlite3.Error):
        connection.execute("ROLLBACK")


def migrations() -> list[tuple[int, str, str]]:
    """Returns number, name and text of every migration, in order."""
    folder = resources.files("pipeline.store") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [(int(f.name[:4]), f.name, f.read_text(encoding="utf-8")) for f in files]


def _migrate(connection: sqlite3.Connection, path: Path, readonly: bool) -> None:
    """Applies what is missing, each migration in one transaction."""
    known = migrations()
    newest = known[-1][0]
    at = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if at > newest:
        raise LedgerError(f"{path} was made by a newer version of Gouji.", "Use that version, or give another folder with --out.")
    if at < newest and readonly:
        raise LedgerError(f"{path} was made by an older version of Gouji.", "Run `gouji ingest` or `gouji reprocess` on it once.")
    for number, name, text in known:
        if number <= at:
            continue
        with transaction(connection):
            # Another process may have been faster.
            if int(connection.execute("PRAGMA user_version").fetchone()[0]) >= number:
                continue
            for statement in statements(text):
                connection.execute(statement)
            connection.execute(
                "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT, sha256 TEXT) STRICT"
            )
            digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, name, digest))
            connection.execute(f"PRAGMA user_version = {number}")


def statements(text: str) -> Iterator[str]:
    """Yields the statements of an SQL script; those of a trigger stay together."""
    pending = ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _require_sound(connection: sqlite3.Connection, path: Path) -> None:
    """Raises LedgerError where a ledger of moderate size is damaged; larger ones are found so when the place is used."""
    if path.stat().st_size > _CHECKED_BYTES:
        return
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise _damaged(path, said)


def _damaged(path: Path, detail: object) -> LedgerError:
    return LedgerError(
        f"{path} is damaged: {detail}.",
        "Move it away (with ledger.sqlite-wal and -shm) and run the same command: everything is read again. "
        "Corrections by people are in it alone: take them from a backup, or try `sqlite3 ledger.sqlite .recover`.",
    )


def _in_words(path: Path, error: sqlite3.Error) -> GoujiError:
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(_DAMAGED):
        return _damaged(path, error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(f"{path} is locked by another program.", "Close it there (an open `sqlite3`, a backup), and run again.")
    if name.startswith(_DENIED):
        with output_errors(path), path.open("ab"):
            pass
        advice = "Check that the disk has space, that the folder may be written, and that no limit of file sizes is set."
        return OutputError(f"{path} cannot be written: {error}.", advice)
    return LedgerError(f"{path}: {error} ({name or type(error).__name__}).", "This is a fault of Gouji: report it.")
