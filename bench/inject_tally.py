"""What became of the tables of `bench.inject`: one line a table, so that a run can stop, go on and be merged; and their sums."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.cases import ROOT
from bench.inject_reader import KINDS
from bench.tables import format_table

MOVES = ("neighbours", "shift")
ALL_KINDS = (*KINDS, *MOVES)
TARGET = ROOT / "bench" / "CERTAINTY.md"
_FATES = ("cells", "located", "repaired rightly", "repaired wrongly", "flagged", "missed", "missed, sums hold")
_GROUPS = {"0": (0, 0), "1": (1, 1), "2 or 3": (2, 3), "4 or 5": (4, 5), "6 or 7 (a shift)": (6, 999)}


@dataclass(frozen=True)
class Record:
    """One table.

    Attributes:
        seed: of its draws.
        kinds: `(kind of mistake, what became of the cell, how many)`.
        verdicts: of its failed equations, and whether they are so.
        false_flags: cells that were read rightly and are flagged for an equation; `right_cells`: all that were.
        wrong: cells that were read wrong.
        processor: seconds of processor time that settling took; `wall` as a clock saw them.
        load: of the machine, in processes that want to run.
        bad: wrong repairs, in words.
    """

    seed: int
    kinds: tuple[tuple[str, str, int], ...]
    verdicts: Mapping[str, int]
    false_flags: int
    right_cells: int
    wrong: int
    processor: float
    wall: float
    load: float
    bad: tuple[str, ...]


def append_record(path: Path, record: Record) -> None:
    """Adds a line to a file of records, so that nothing is lost where the run is stopped."""
    with path.open("a", encoding="utf8") as file:
        file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def read_records(path: Path) -> Iterator[Record]:
    """Yields the tables of a file of records; a line that was cut off by the end of a run is left out."""
    for line in path.read_text(encoding="utf8").splitlines():
        try:
            content = json.loads(line)
        except json.JSONDecodeError:
            continue
        kinds = tuple((kind, fate, n) for kind, fate, n in content.pop("kinds"))
        yield Record(kinds=kinds, bad=tuple(content.pop("bad")), **content)


class Tally:
    """Sums of what became of cells and of verdicts.

    Args:
        records: of all tables, each once.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = tuple(records)
        self.bad = [line for r in self._records for line in r.bad]

    def report(self) -> str:
        """Returns all tables as text for a page of results."""
        records = self._records
        right, flagged = sum(r.right_cells for r in records), sum(r.false_flags for r in records)
        loads = sorted(r.load for r in records)
        verdicts: Counter[str] = Counter()
        for r in records:
            verdicts.update(r.verdicts)
        parts = [
            f"{len(records):,} tables, seeds {records[0].seed} to {records[-1].seed}." if records else "No table.",
            format_table(("mistake", *_FATES), self.kind_rows()),
            format_table(("wrong cells in the table", "tables", *_FATES), self.number_rows()),
            f"Of {right:,} cells read rightly {flagged:,} are flagged for an equation.",
            format_table(("failed equations are", "count"), [[name, f"{n:,}"] for name, n in sorted(verdicts.items())]),
        ]
        if records:
            low, high = loads[len(loads) // 20], loads[-1 - len(loads) // 20]
            busy = f" {low:.0f} to {high:.0f} processes wanted to run at the same time, so the clock tells of them, too."
            parts.append("Seconds of localisation with its rivals, in one process." + busy * (high > 4))
            header = ("wrong cells", "processor: median", "p95", "largest", "clock: median", "p95", "largest")
            parts.append(format_table(header, self.time_rows()))
        return "\n\n".join(parts)

    def kind_rows(self) -> list[list[str]]:
        """One row for each kind of mistake, one for cells that were read rightly, and all."""
        fates = _counted(self._records)
        kinds = [*[k for k in ALL_KINDS if fates[(k, "cells")]], "read rightly"]
        return [*([k, *_shown(fates, [k])] for k in kinds), ["all", *_shown(fates, kinds)]]

    def number_rows(self) -> list[list[str]]:
        """One row for each number of wrong cells in a table."""
        rows = []
        for name, some in self._groups():
            fates = _counted(some)
            rows.append([name, f"{len(some):,}", *_shown(fates, [*ALL_KINDS, "read rightly"])])
        return rows

    def time_rows(self) -> list[list[str]]:
        """Median, 95th percentile and largest time, of the processor and by the clock, by the number of wrong cells."""
        rows = []
        for name, some in [*self._groups(), ("all", self._records)]:
            times = [part for values in ([r.processor for r in some], [r.wall for r in some]) for part in _quantiles(values)]
            rows.append([name, *times])
        return rows

    def _groups(self) -> list[tuple[str, tuple[Record, ...]]]:
        groups = [(name, tuple(r for r in self._records if low <= r.wrong <= high)) for name, (low, high) in _GROUPS.items()]
        return [(name, some) for name, some in groups if some]


def _counted(records: Sequence[Record]) -> Counter[tuple[str, str]]:
    fates: Counter[tuple[str, str]] = Counter()
    for r in records:
        for kind, fate, n in r.kinds:
            fates[(kind, fate)] += n
    return fates


def _shown(fates: Mapping[tuple[str, str], int], kinds: Sequence[str]) -> list[str]:
    def count(fate: str) -> int:
        return sum(fates.get((kind, fate), 0) for kind in kinds)

    right, wrong, flagged = count("repaired rightly"), count("repaired wrongly"), count("flagged")
    return [f"{n:,}" for n in (count("cells"), right + flagged, right, wrong, flagged, count("missed"), count("unseen"))]


def _quantiles(values: Sequence[float]) -> list[str]:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return [f"{statistics.median(ordered):.3f}", f"{p95:.3f}", f"{ordered[-1]:.2f}"]
