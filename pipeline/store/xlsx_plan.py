"""What an XLSX export will hold, found in a first pass: sheets, their columns and whether the rows fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import OutputError

Json = dict[str, Any]
TableKey = tuple[str, str]

SHEET_ROWS = 1_048_576
HEADER_ROWS = 2
NAME_CHARS = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


@dataclass(slots=True)
class TablePlan:
    """One sheet: columns of all variants in order of appearance, with their most frequent labels."""

    labels: dict[str, Counter[str]] = field(default_factory=dict)
    n_rows: int = 0

    def label(self, column: str) -> str:
        """Returns the most frequent label of a column; of two as frequent the one that sorts first."""
        counts = self.labels[column]
        return min(counts, key=lambda label: (-counts[label], label)) if counts else ""


@dataclass(slots=True)
class Plan:
    """All sheets of a workbook."""

    tables: dict[TableKey, TablePlan] = field(default_factory=dict)
    n_documents: int = 0
    n_cells: int = 0
    n_findings: int = 0


def plan_workbook(results: Iterable[Json]) -> Plan:
    """Returns the plan for `results`.

    Raises:
        OutputError: a sheet would need more rows than XLSX has; nothing is ever cut off.
    """
    plan = Plan()
    for result in results:
        plan.n_documents += 1
        plan.n_findings += len(result["findings"])
        for matrix in result["matrices"]:
            _add_matrix(plan, matrix)
    counts = {f"{table} ({schema})": sheet.n_rows for (schema, table), sheet in plan.tables.items()}
    counts |= {"documents": plan.n_documents, "findings": plan.n_findings, "provenance": plan.n_cells}
    for name, rows in counts.items():
        if rows + HEADER_ROWS > SHEET_ROWS:
            raise OutputError(
                f"sheet {name}: {rows:,} rows do not fit into the {SHEET_ROWS:,} rows of an XLSX sheet",
                "Export CSV or Parquet instead, or fewer documents.",
            )
    return plan


def sheet_names(tables: Iterable[TableKey], taken: Iterable[str]) -> dict[TableKey, str]:
    """Returns a valid, unique sheet name for each table: its identifier, with the schema where two share it."""
    keys = list(tables)
    shared = Counter(table for _, table in keys)
    used = {name.lower() for name in taken} | {"history"}
    out: dict[TableKey, str] = {}
    for schema, table in keys:
        wanted = f"{table} {schema}" if shared[table] > 1 else table
        base = wanted.translate(_FORBIDDEN).strip("'") or "table"
        name, number = base[:NAME_CHARS], 1
        while name.lower() in used:
            number += 1
            name = f"{base[: NAME_CHARS - len(str(number)) - 1]}~{number}"
        used.add(name.lower())
        out[schema, table] = name
    return out


def _add_matrix(plan: Plan, matrix: Json) -> None:
    """Counts one matrix in."""
    sheet = plan.tables.setdefault((matrix["schema"], matrix["table"]), TablePlan())
    sheet.n_rows += len(matrix["rows"])
    plan.n_cells += len(matrix["rows"]) * len(matrix["columns"])
    for column, label in zip(matrix["columns"], matrix["column_labels"], strict=True):
        counts = sheet.labels.setdefault(column, Counter())
        if label:
            counts[label] += 1
