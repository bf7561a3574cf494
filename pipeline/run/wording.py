"""Schemas and states in words, for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from pipeline.canon.schema import Lane, Schema, TableSchema
from pipeline.domain import Equation
from pipeline.store.ledger_status import Status


def schema_lines(schema: Schema) -> Iterator[str]:
    """Yields one line for the family and one for each of its tables."""
    yield f"{schema.family}  {schema.title}"
    for table in schema.table_ids:
        variants = schema.variants_of(table)
        sizes = ", ".join(f"{t.variant or 'one format'}: {len(t.rows)} x {len(t.columns)}" for t in variants)
        yield f"  {table:<12} {variants[0].title}  ({sizes})"


def table_lines(table: TableSchema) -> Iterator[str]:
    """Yields what a schema says of one table in one variant."""
    yield f"{table.family} {table.table} {table.variant}  {table.title}"
    for name, lanes in (("row", table.rows), ("column", table.columns)):
        yield from (_lane_line(name, lane) for lane in lanes)
    yield from (_equation_line(equation) for equation in table.equations)


def _lane_line(name: str, lane: Lane) -> str:
    """One row or column with its label, aliases and kind."""
    also = f"  (also {', '.join(lane.aliases)})" if lane.aliases else ""
    return f"  {name:<6} {lane.key:<20} {lane.kind:<8} {lane.label}{also}"


def _equation_line(equation: Equation) -> str:
    """What must hold, where, and whether honest documents may break it."""
    sign = "=" if equation.relation == "equal" else "<="
    note = "  (a note)" if equation.severity == "note" else ""
    sums = f"{' + '.join(equation.left)} {sign} {' + '.join(equation.right)}"
    return f"  {equation.rule}: in each of the {equation.over}, {sums}{note}"


def status_lines(status: Status) -> Iterator[str]:
    """Yields what `gouji status` prints."""
    yield f"inputs     {_counted(status.inputs)}"
    older = f"; {status.superseded} older versions beside them" if status.superseded else ""
    yield f"documents  {_counted(status.documents)}{older}"
    yield f"pages      {_counted(status.pages)}"
    for name, counts in (("failures", status.failures), ("of pages", status.page_failures), ("findings", status.findings)):
        if counts:
            yield f"{name:<10} {_counted(counts)}"
    share = f" ({100 * status.review / status.cells:.2f} %)" if status.cells else ""
    yield f"cells      {status.cells}; {status.corrected} corrected by people"
    yield f"to review  {status.review} cells{share} in {status.review_tables} tables; {status.review_documents} documents"
    if status.documents_per_minute is not None:
        rate = f"{status.documents_per_minute:g} documents a minute in the last run"
        yield f"speed      {rate}; {status.seconds:.0f} s of reading in all"
    for run in status.runs:
        took = "" if run.duration_s is None else f", {run.duration_s:.1f} s"
        yield f"run {run.id:<6} {run.started_at}  {run.command} {run.state}, {run.inputs} inputs, {run.workers} workers{took}"


def status_to_json(status: Status) -> str:
    """Returns what `gouji status --json` prints."""
    return json.dumps(asdict(status), ensure_ascii=False, indent=1)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items()) or "none"
