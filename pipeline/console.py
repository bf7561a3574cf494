"""What the commands print: progress, the table of a run, schemas in words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.canon.schema import Lane, Schema, TableSchema
from pipeline.run.batch import Summary

# More rows than this nobody reads; failures are always listed.
_MAX_ROWS = 200
_STYLES = {"accepted": "green", "review": "yellow", "failed": "red"}


class IngestConsole:
    """Shows a run: a bar while it goes on (on a terminal), then a table, the failures, and where the results lie."""

    def __init__(self, total: int, out: Path, quiet: bool = False) -> None:
        from rich.console import Console

        self._out, self._quiet, self._total = out, quiet, total
        wide = None if sys.stdout.isatty() else 160
        self._console = Console(width=wide, highlight=False, markup=False)
        self._errors = Console(stderr=True, highlight=False, markup=False, width=wide)
        self._rows: list[Summary] = []
        self._failures: list[Summary] = []
        self._counts: Counter[str] = Counter()
        self._cells = self._review = self._errors_found = 0
        self._bar: Any = None
        self._task: Any = None

    @property
    def failed(self) -> int:
        """Number of inputs that could not be read."""
        return self._counts["failed"]

    def __enter__(self) -> IngestConsole:
        if sys.stderr.isatty() and not self._quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
            self._bar = Progress(*columns, console=self._errors, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total)
        return self

    def note(self, sentence: str) -> None:
        """Says what was passed over."""
        self._errors.print(f"note: {printable(sentence)}")

    def start(self, name: str) -> None:
        """Says what is being read."""
        if self._bar is not None:
            self._bar.update(self._task, description=printable(name)[-60:])

    def finish(self, summary: Summary) -> None:
        """Counts one input."""
        self._counts[summary.status] += 1
        self._cells += summary.cells
        self._review += summary.review
        self._errors_found += summary.errors
        if len(self._rows) < _MAX_ROWS:
            self._rows.append(summary)
        if summary.failure is not None:
            self._failures.append(summary)
        if summary.repeats is not None:
            self.note(f"{summary.source} has the name and the bytes of {summary.repeats}: kept once")
        if self._bar is not None:
            self._bar.advance(self._task)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
        if kind is None or kind is KeyboardInterrupt:
            self._print_end()

    def _print_end(self) -> None:
        """Prints the table, the failures and the totals."""
        if self._rows and not self._quiet:
            self._console.print(self._table())
            hidden = sum(self._counts.values()) - len(self._rows)
            if hidden:
                self._console.print(f"... and {hidden} more")
        for summary in self._failures:
            failure = summary.failure
            assert failure is not None
            text = f"failed: {summary.source} ({failure.failure_class}): {failure.message} {failure.advice}"
            self._console.print(printable(text))
        counts = ", ".join(f"{self._counts[s]} {s}" for s in _STYLES if self._counts[s]) or "nothing read"
        share = f"{100 * self._review / self._cells:.2f} %" if self._cells else "none"
        self._console.print(
            f"{counts}; {self._cells} cells, {self._review} to review ({share}), {self._errors_found} findings. "
            f"Results: {self._out}/"
        )

    def _table(self) -> Any:
        """One row a document."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("document", "issuer", "year"):
            table.add_column(name, overflow="fold", max_width=44)
        for name in ("tables", "absent", "cells", "review", "findings"):
            table.add_column(name, justify="right")
        table.add_column("status")
        for s in self._rows:
            counts = (len(s.tables), len(s.absent), s.cells, s.review, s.errors)
            row = (s.source, s.issuer or "-", str(s.year or "-"), *map(str, counts))
            status = f"{s.status} ({s.failure.failure_class})" if s.failure is not None else s.status
            cells = [Text(printable(x)) for x in row]
            table.add_row(*cells, Text(status, style=_STYLES[s.status]))
        return table


def printable(text: str) -> str:
    """Returns text that a terminal can show: control characters and bytes that are no text are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


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
    for equation in table.equations:
        yield f"  {equation.rule}: in each of the {equation.over}, {' + '.join(equation.left)} = {' + '.join(equation.right)}"


def _lane_line(name: str, lane: Lane) -> str:
    """One row or column with its label, aliases and kind."""
    also = f"  (also {', '.join(lane.aliases)})" if lane.aliases else ""
    return f"  {name:<6} {lane.key:<20} {lane.kind:<8} {lane.label}{also}"
