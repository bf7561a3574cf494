"""Tables that the machine did not find, as people typed them, and what people said of tables as a whole.

A person says of a whole table that it is not printed, or that the one taken is the right one: such a correction names the
row and the column `*`. A table of which people typed cells and which the machine has not is laid out from its schema, all
other cells `missing`; so it outlives every new reading. Everything here is told by corrections alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.canon.schema import TableSchema, load_schemas
from pipeline.domain import LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.store.contract import Json, matrix_to_json
from pipeline.store.corrections import CellKey
from pipeline.store.ledger_rows import CorrectionRow

WHOLE = "*"
NOT_PRINTED, SETTLED = "not_printed", "second_settled"
_WHY = "the table was not found; a person is to say what it holds"
Holding = Mapping[CellKey, CorrectionRow | None]


def schemas_of(table: str, family: str | None = None) -> list[TableSchema]:
    """Returns the schemas of a table by its key, newest format first; of a family where one is given."""
    found = [t for s in load_schemas() for t in s.tables if t.table == table and family in (None, t.family)]
    return sorted(found, key=lambda t: t.variant, reverse=True)


def schema_of_keys(table: str, places: Iterable[tuple[str, str]], like: Iterable[tuple[str, str]] = ()) -> TableSchema | None:
    """Returns the schema of a table that has all the places, or None.

    Args:
        table: key.
        places: rows and columns of which something was said.
        like: family and variant of the other tables of the document: where several fit, the one that most of them have.
    """
    wanted, others = list(places), list(like)
    fits = [t for t in schemas_of(table) if all(_has(t, row, column) for row, column in wanted)]
    return max(fits, key=lambda t: others.count((t.family, t.variant)), default=None)


def _has(table: TableSchema, row: str, column: str) -> bool:
    return any(lane.key == row for lane in table.rows) and any(lane.key == column for lane in table.columns)


def laid_out(table: TableSchema) -> Matrix:
    """Returns a table without a cell that was read: each is `missing`, and to be looked at."""
    cell = MatrixCell(None, "", State.MISSING, 0.0, True, Origin.REVIEW, reason=_WHY)
    rows = tuple(LaneMatch(lane.key, lane.label or None, 0.0, 0.0, True) for lane in table.rows)
    columns = tuple(LaneMatch(lane.key, lane.label or None, 0.0, 0.0, True) for lane in table.columns)
    cells = tuple(tuple(cell for _ in columns) for _ in rows)
    return Matrix(table.table, table.family, table.variant, None, rows, columns, cells, 0.0, 0.0, None)


def typed_tables(present: Iterable[str], holding: Holding, like: Iterable[tuple[str, str]]) -> list[Matrix]:
    """Returns the tables that people typed and the machine has not, laid out."""
    known = set(present)
    places: dict[str, list[tuple[str, str]]] = {}
    for (table, row, column), said in holding.items():
        if table not in known and row != WHOLE and said is not None:
            places.setdefault(table, []).append((row, column))
    others = list(like)
    found = [schema_of_keys(table, cells, others) for table, cells in sorted(places.items())]
    return [laid_out(schema) for schema in found if schema is not None]


def add_typed_tables(data: Json, holding: Holding) -> None:
    """Puts tables that people typed into the object of `matrices.json`; they are no longer absent."""
    matrices = data["matrices"]
    like = [(m["schema"], m["variant"]) for m in matrices]
    for matrix in typed_tables([m["table"] for m in matrices], holding, like):
        put_table(data, matrix)


def put_table(data: Json, matrix: Matrix) -> None:
    """Adds a table to the object of `matrices.json`, unless it is there."""
    if all(m["table"] != matrix.table for m in data["matrices"]):
        data["matrices"].append(matrix_to_json(matrix))
    for name in ("absent", "unread"):
        data[name] = [table for table in data[name] if table != matrix.table]


def settle_tables(data: Json, holding: Holding) -> bool:
    """Puts in what people said of whole tables; returns whether they said anything.

    A table that is not printed leaves `absent` and `unread`, and a note `not_printed` stands for it, or `review_differs` where
    a new reading has found it; where a table stands twice and the right one was taken, the note `second_candidate` becomes
    `second_settled`.
    """
    present = {matrix["table"] for matrix in data["matrices"]}
    said = {table: one for (table, row, _), one in holding.items() if row == WHOLE and one is not None}
    for table, one in sorted(said.items()):
        if one.action == "printed_so":
            for name in ("absent", "unread"):
                data[name] = [key for key in data[name] if key != table]
            if table in present:
                message = f"{table} was found, but {one.reviewer} said that it is not printed"
                data["findings"].append(_note("review_differs", "reading", message))
            else:
                message = f"{table} is not printed, as {one.reviewer} says"
                data["findings"].append(_note(NOT_PRINTED, "source", message))
        else:
            data["findings"] = [_settled(f, table, one.reviewer) for f in data["findings"]]
    return bool(said)


def _note(rule: str, kind: str, message: str) -> Json:
    return {"rule": rule, "kind": kind, "severity": "note", "cells": [], "left": None, "right": None, "message": message}


def _settled(finding: Json, table: str, reviewer: str) -> Json:
    if finding["rule"] != "second_candidate" or not any(c["table"] == table for c in finding["cells"]):
        return finding
    changed: dict[str, Any] = {"rule": SETTLED, "kind": "source"}
    return {**finding, **changed, "message": f"{finding['message']}; the one taken is right, as {reviewer} says"}
