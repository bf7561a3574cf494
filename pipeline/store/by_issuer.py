"""The results of a folder in the order of their issuers and years, however many there are."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.errors import InputMissingError
from pipeline.store.files import MATRICES, read_json
from pipeline.store.jsontext import clean_text
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_open import LEDGER, ledger_errors

Key = Callable[[str | None, str | None], str | None]

_TABLE = """
CREATE TABLE results (issuer TEXT, year INTEGER, document BLOB, PRIMARY KEY (issuer, year, document)) STRICT, WITHOUT ROWID
"""
_FACTS = "SELECT issuer, region_code, CASE superseded WHEN 0 THEN year END FROM documents WHERE id = ?"
_NEIGHBOURS = """
SELECT issuer, document FROM results r WHERE EXISTS (
    SELECT 1 FROM results o
    WHERE o.issuer = r.issuer AND o.year BETWEEN r.year - 1 AND r.year + 1 AND o.document <> r.document
) ORDER BY issuer, year, document
"""


def results_by_issuer(out: Path, key: Key) -> Iterator[tuple[str, Path]]:
    """Yields the results of which the folder has another one of the same issuer on the same year, or the one before or after.

    They come sorted by issuer, year and document. What is sorted waits in a file that SQLite removes by itself, so that no
    memory is taken for each document. Issuer and year are those of the ledger; of a result that it does not know, or in a
    folder without one, those of its file. Older versions of documents, and results that cannot be read, are left out.

    Args:
        out: folder of results.
        key: what identifies an issuer, of name and region code; None where they do not.

    Yields:
        The key and the folder of the result.

    Raises:
        OutputError: there is no room to sort them. LedgerError: the ledger is damaged.
    """
    with ledger_errors(out / LEDGER), contextlib.closing(sqlite3.connect("", isolation_level=None)) as order:
        order.execute(_TABLE)
        order.execute("BEGIN")
        order.executemany("INSERT INTO results VALUES (?, ?, ?)", _found(out, key))
        for issuer, name in order.execute(_NEIGHBOURS):
            yield issuer, out / os.fsdecode(name)


def _found(out: Path, key: Key) -> Iterator[tuple[str, int, bytes]]:
    """Yields key, year and folder of the results that have an issuer and a year."""
    with contextlib.ExitStack() as stack:
        ledger = stack.enter_context(Ledger(out, readonly=True)) if (out / LEDGER).is_file() else None
        try:
            entries = stack.enter_context(os.scandir(out))
        except OSError:
            return
        for entry in entries:
            issuer, region_code, year = _facts(ledger, entry)
            known = None if year is None else key(issuer, region_code)
            if known is not None and year is not None:
                yield known, year, os.fsencode(entry.name)


def _facts(ledger: Ledger | None, entry: os.DirEntry[str]) -> tuple[str | None, str | None, int | None]:
    """Returns issuer, region code and year of a result; the year is None for what is none, or an older version."""
    if ledger is not None:
        row = ledger.connection.execute(_FACTS, (clean_text(entry.name),)).fetchone()
        if row is not None:
            return row[0], row[1], row[2]
    path = Path(entry.path, MATRICES)
    if not path.is_file():
        return None, None, None
    try:
        document = read_json(path)["document"]
        return document["issuer"], document.get("region_code"), document["year"]
    except (InputMissingError, KeyError, TypeError):
        return None, None, None
