"""The bench's output: one row a kind of input, and the list of what is worth looking at."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from bench.reading import Outcome
from bench.score import Note, Tally

CELL_KINDS = ("silent", "flagged", "review")
KIND_ORDER = ("silent", "false", "missed", "absent", "flagged", "review")

HEADER = ("input", "docs", "cells", "exact", "exact of print", "non-zero exact", "silent", "flagged", "review",
          "findings missed", "false", "absent wrong", "crash", "ms/doc median", "max")  # fmt: skip


def accuracy_rows(outcomes: Sequence[Outcome], key: Callable[[Outcome], str], total: str = "") -> list[list[str]]:
    """Returns one row for each value of `key`, in order of appearance, and a total under the name `total`."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    rows = [_row(name, members) for name, members in groups.items()]
    return [*rows, _row(total, outcomes)] if total and outcomes else rows


def _row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    t = sum((o.score.tally for o in outcomes), Tally())
    ms = [1000 * o.seconds for o in outcomes]
    readable, exact = readable_cells(outcomes)
    return [
        name, str(t.documents), str(t.cells), share(t.exact, t.cells), share(exact, readable),
        share(t.nonzero_exact, t.nonzero), str(t.silent), str(t.flagged), share(t.review, t.cells), str(t.missed), str(t.false),
        str(t.absent_missed + t.absent_false), str(t.crashed), f"{statistics.median(ms):.1f}", f"{max(ms):.0f}",
    ]  # fmt: skip


def readable_cells(outcomes: Iterable[Outcome]) -> tuple[int, int]:
    """Returns the number of cells that print still holds and places, and how many of them are exact."""
    cells = exact = 0
    for o in outcomes:
        open_places = {".".join(p) for p in o.case.lost | o.case.unplaced}
        wrong = {n.place for n in o.score.notes if n.kind in ("silent", "flagged") and not n.message.startswith("invented")}
        inside = o.score.tally.cells - sum(_is_in(o, p) for p in o.case.lost | o.case.unplaced)
        cells += inside
        exact += inside - len(wrong - open_places)
    return cells, exact


def _is_in(outcome: Outcome, place: tuple[str, str, str]) -> bool:
    return place[0] in outcome.case.truth["tables"]


def share(part: int, whole: int) -> str:
    """Returns a percentage with three decimals, never rounded up to 100; a dash for a share of nothing."""
    if not whole:
        return "-"
    return "100%" if part == whole else f"{min(100 * part / whole, 99.999):.3f}%"


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a plain table that is Markdown too; numbers stand right."""
    lines = [list(header), *([str(c) for c in row] for row in rows)]
    widths = [max(_width(line[j]) for line in lines) for j in range(len(header))]
    out = [
        "| " + " | ".join(_pad(c, w, j == 0) for j, (c, w) in enumerate(zip(line, widths, strict=True))) + " |" for line in lines
    ]
    out.insert(1, "|" + "|".join("-" * (w + 1) + ("-" if j == 0 else ":") for j, w in enumerate(widths)) + "|")
    return "\n".join(out)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, left: bool) -> str:
    fill = " " * (width - _width(text))
    return text + fill if left else fill + text


def error_lines(outcomes: Sequence[Outcome], kinds: Sequence[str], per_document: int) -> list[str]:
    """Returns the notes of each document that has any of these kinds; cells of one row with one reason share a line.

    A cell is written `truth` where it was read right, `truth>read` where not.
    """
    lines = []
    for o in outcomes:
        notes = [n for n in o.score.notes if n.kind in kinds]
        if not notes and not o.crash:
            continue
        counts = ", ".join(f"{v} {k}" for k in kinds if (v := sum(n.kind == k for n in notes)))
        lines.append(f"== {o.case.name}: {counts} [{o.case.kind}, {o.case.detail}; lost in print: {len(o.case.lost)}]")
        grouped = list(_group_notes(notes))
        lines += grouped[:per_document]
        lines += [f"   ... {len(grouped) - per_document} more lines"] if len(grouped) > per_document else []
        lines += ["   CRASH", *("   " + x for x in o.crash.splitlines())] if o.crash else []
    return lines


def _group_notes(notes: Sequence[Note]) -> Iterator[str]:
    def lane(note: Note) -> tuple[str, str, str]:
        return note.kind, note.place.rpartition(".")[0] if note.kind in CELL_KINDS else note.place, note.reason

    for (kind, place, reason), members in groupby(sorted(notes, key=lambda n: KIND_ORDER.index(n.kind)), key=lane):
        cells = list(members)
        columns = f".{cells[0].place.rpartition('.')[2]}" if len(cells) == 1 and kind in CELL_KINDS else ""
        yield f"   {kind:8s} {place}{columns}: {' '.join(c.message for c in cells)}" + (f"  -- {reason}" if reason else "")


def reason_rows(outcomes: Sequence[Outcome], most: int = 30) -> list[list[str]]:
    """Returns the reasons for which cells are to be reviewed, the most frequent first, with figures and names left out."""
    counts: dict[str, list[int]] = {}
    for o in outcomes:
        for note in o.score.notes:
            if note.reason and note.kind in ("review", "flagged"):
                entry = counts.setdefault(re.sub(r"-?\d+(\.\d+)?", "#", note.reason)[:100], [0, 0, 0])
                entry[0] += 1
                entry[1] += note.kind == "review"
                entry[2] += note.place in {".".join(p) for p in o.case.lost}
    ranked = sorted(counts.items(), key=lambda kv: -kv[1][0])[:most]
    return [[reason, *map(str, numbers)] for reason, numbers in ranked]
