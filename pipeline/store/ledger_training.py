"""What people said, as a labelled set: the reading, what the cell really holds, and where its picture is."""

from __future__ import annotations

from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import select_cells
from pipeline.store.ledger_open import ledger_errors
from pipeline.store.ledger_rows import CellRow


def corrected_cells(ledger: Ledger) -> list[CellRow]:
    """Returns the cells whose content a person said, documents of which a newer version is there left out."""
    where = "JOIN documents d ON d.id = t.document_id AND d.superseded = 0 WHERE c.correction_id IS NOT NULL"
    return select_cells(ledger, where + ' ORDER BY d.id, t.position, c.row, c."column"')


def judged_cells(ledger: Ledger) -> list[tuple[float, bool]]:
    """Returns confidence and whether the machine was right, of every cell that a person judged or sampled."""
    query = (
        "SELECT c.confidence, (c.value IS k.value AND c.state = k.state) FROM cells c "
        "JOIN corrections k ON k.id = c.correction_id WHERE k.state IN ('printed', 'blank', 'dash') "
        "UNION ALL SELECT s.confidence, (a.agrees = 1) FROM check_answers a JOIN checks s ON s.id = a.check_id "
        "WHERE s.kind = 'sample' AND s.confidence IS NOT NULL AND NOT EXISTS (SELECT 1 FROM corrections x "
        "WHERE x.document_id = s.document_id AND x.table_key = s.table_key AND x.row_key = s.row_key "
        "AND x.column_key = s.column_key)"
    )
    with ledger_errors(ledger.path):
        return [(float(row[0]), bool(row[1])) for row in ledger.connection.execute(query)]


def reviewer_counts(ledger: Ledger) -> dict[str, dict[str, int]]:
    """Returns how many answers of each kind every person gave."""
    with ledger_errors(ledger.path):
        rows = ledger.connection.execute("SELECT reviewer, action, count(*) FROM corrections GROUP BY 1, 2 ORDER BY 1, 2")
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row[0], {})[row[1]] = int(row[2])
    return found
