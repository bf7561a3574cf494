"""What `gouji ingest` and `reprocess` print: progress, the table of a run, one line of JSON for each thing that happens."""

from __future__ import annotations

import json
import sys
import time
from bisect import insort
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.domain import Failure
from pipeline.run.summary import Summary

# More rows than this nobody reads; failures are always listed.
_MAX_ROWS = 200
_MAX_NOTES = 20
_STYLES = {"accepted": "green", "review": "yellow", "failed": "red"}


class IngestConsole:
    """Shows a run: a bar while it goes on (on a terminal), then a table, the failures, and where the results lie.

    Args:
        total: number of inputs.
        out: folder of results.
        quiet: prints only failures and the last line.
        json_log: writes what happens as lines of JSON to standard error, and no bar.
    """

    def __init__(self, total: int, out: Path, quiet: bool = False, json_log: bool = False) -> None:
        from rich.console import Console

        self._out, self._quiet, self._total, self._json = out, quiet, total, json_log
        wide = None if sys.stdout.isatty() else 160
        self._console = Console(width=wide, highlight=False, markup=False)
        self._errors = Console(stderr=True, highlight=False, markup=False, width=wide)
        # The first of the plan, whatever order they are done in.
        self._rows: list[Summary] = []
        self._failures: list[tuple[int, str]] = []
        self._counts: Counter[str] = Counter()
        self._cells = self._review = self._errors_found = self._before = self._alike = 0
        self._began = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    @property
    def failed(self) -> int:
        """Number of inputs that could not be read."""
        return self._counts["failed"]

    def __enter__(self) -> IngestConsole:
        if sys.stderr.isatty() and not self._quiet and not self._json:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}", markup=False),
                TimeRemainingColumn(elapsed_when_finished=True),
                TextColumn("{task.description}", markup=False),
            )
            self._bar = Progress(*columns, console=self._errors, transient=True, speed_estimate_period=120)
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total, rate="")
        self._log("begin", inputs=self._total, out=str(self._out))
        return self

    def note(self, sentence: str) -> None:
        """Says what was passed over."""
        if self._json:
            self._log("note", message=sentence)
        else:
            self._errors.print(f"note: {printable(sentence)}")

    def start(self, name: str) -> None:
        """Says what is being read."""
        self._log("start", source=name)
        if self._bar is not None:
            self._bar.update(self._task, description=printable(name)[-60:])

    def compare(self) -> None:
        """Says that all is read and the years are compared, which takes a minute for a hundred thousand reports."""
        if self._bar is not None:
            self._bar.update(self._task, description="across.json")

    def finish(self, summary: Summary) -> None:
        """Counts one input."""
        self._counts[summary.status] += 1
        self._cells += summary.cells
        self._review += summary.review
        self._errors_found += summary.errors
        self._before += summary.before and summary.repeats is None
        insort(self._rows, summary, key=lambda s: s.number)
        del self._rows[_MAX_ROWS:]
        if summary.failure is not None:
            self._failures.append((summary.number, _failed(summary.source, summary.failure)))
        self._log_summary(summary)
        if summary.repeats is not None:
            self.note(f"{summary.source} has the name and the bytes of {summary.repeats}: kept once")
        if summary.alike is not None:
            self._alike += 1
            if self._alike <= _MAX_NOTES:
                self.note(f"{summary.source} has the bytes of {summary.alike} under another name: both are kept")
        if self._bar is not None:
            read = sum(self._counts.values()) - self._before
            rate = 60 * read / max(1.0, time.monotonic() - self._began)
            self._bar.update(self._task, advance=1, rate=f"{rate:.0f}/min" if read else "")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
        seconds = round(time.monotonic() - self._began, 3)
        if self._alike > _MAX_NOTES:
            self.note(f"{self._alike} inputs in all have the bytes of another document under another name")
        self._log("end", seconds=seconds, counts=dict(self._counts), error=None if kind is None else kind.__name__)
        if kind is None or kind is KeyboardInterrupt:
            self._print_end()

    def _log(self, event: str, **what: Any) -> None:
        """Writes one line of JSON."""
        if self._json:
            line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **what}
            print(json.dumps(line, ensure_ascii=True), file=sys.stderr, flush=True)

    def _log_summary(self, s: Summary) -> None:
        failure = None if s.failure is None else {"class": s.failure.failure_class, "message": s.failure.message}
        self._log(
            "done", source=s.source, document=s.document_id, status=s.status, cells=s.cells, review=s.review, findings=s.errors,
            failure=failure, seconds=round(s.seconds, 3), before=s.before,
        )  # fmt: skip

    def _print_end(self) -> None:
        """Prints the table, the failures and the totals."""
        if self._rows and not self._quiet:
            self._console.print(self._table())
            hidden = sum(self._counts.values()) - len(self._rows)
            if hidden:
                self._console.print(f"... and {hidden} more")
        for _, text in sorted(self._failures):
            self._console.print(text)
        counts = ", ".join(f"{self._counts[s]} {s}" for s in _STYLES if self._counts[s]) or "nothing read"
        share = f"{100 * self._review / self._cells:.2f} %" if self._cells else "none"
        before = f"; {self._before} of them done before (--again reads them anew)" if self._before else ""
        self._console.print(
            f"{counts}{before}; {self._cells} cells, {self._review} to review ({share}), {self._errors_found} findings. "
            f"Results: {self._out}/"
        )
        if self._counts["review"]:
            self._console.print(f"What is in doubt, beside its source: make review OUT={self._out}")

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
            status += ", done before" if s.before else ""
            cells = [Text(printable(x)) for x in row]
            table.add_row(*cells, Text(status, style=_STYLES[s.status]))
        return table


def _failed(source: str, failure: Failure) -> str:
    return printable(f"failed: {source} ({failure.failure_class}): {failure.message} {failure.advice}")


def printable(text: str) -> str:
    """Returns text that a terminal can show: control characters and bytes that are no text are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)
