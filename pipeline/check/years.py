"""Reports of one issuer on two years, one after the other: what was carried over, and what is in force.

Both reports are right by themselves; what disagrees between them is told, and nothing in either is changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pipeline.check.issuers import issuer_key
from pipeline.check.years_schema import YearRule, year_rules
from pipeline.domain import CellRef, Finding, Number

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class YearCell:
    """A cell.

    Attributes:
        value: its number, None where none is printed.
        sure: false where it is to be reviewed, or its probability is below the threshold.
        chance: probability, 0 to 1, that its value is what is printed; 1 for text that was not read from pixels.
    """

    value: Number | None
    sure: bool
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class YearMatrix:
    """A table of a report: `cells[i][j]` belongs to `rows[i]` and `columns[j]`."""

    schema: str
    table: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[YearCell, ...], ...]

    def at(self, row: str, column: str) -> YearCell | None:
        """Returns a cell; None where this variant of the table has no such row or column."""
        if row not in self.rows or column not in self.columns:
            return None
        return self.cells[self.rows.index(row)][self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class YearReport:
    """What is compared of one document."""

    document: str
    issuer: str | None
    region_code: str | None
    year: int | None
    matrices: tuple[YearMatrix, ...]


def compare_years(
    reports: Sequence[YearReport], rules: Mapping[str, Sequence[YearRule]] | None = None, least: float = 0.995
) -> tuple[Finding, ...]:
    """Compares the reports of each issuer on years that follow one another.

    Two reports of one issuer on one year are not compared with anything, since it is not known which counts; a note
    says so. A document without tables is none of them.

    Args:
        reports: of all documents, in any order.
        rules: by family; those of the schema files where None.
        least: probability, 0 to 1, that all cells of a failed rule must have together for it to be the documents' own.

    Returns:
        Findings, sorted by issuer, year, rule and place. One that fails is an `error`, for a soft rule a `note`; it is
        `source` where no cell in it is in doubt, alone or with the others (one of the two documents is then wrong), else
        `undecided`.
    """
    keyed = ((issuer_key(r.issuer, r.region_code), r) for r in reports)
    told = [(key, r.year, r.document, r) for key, r in keyed if key is not None and r.year is not None]
    ordered = sorted(told, key=lambda item: item[:3])
    return tuple(compare_in_order(((key, report) for key, _, _, report in ordered), rules, least))


def compare_in_order(
    reports: Iterable[tuple[str, YearReport]], rules: Mapping[str, Sequence[YearRule]] | None = None, least: float = 0.995
) -> Iterator[Finding]:
    """Compares reports as `compare_years` does, and holds no more than those of two years of one issuer at a time.

    Args:
        reports: each with its `issuer_key`, sorted by key, year and document.
        rules: see `compare_years`.
        least: see `compare_years`.
    """
    known = year_rules() if rules is None else rules
    with_tables = ((key, report) for key, report in reports if report.matrices)
    for key, of_issuer in groupby(with_tables, key=lambda item: item[0]):
        last: YearReport | None = None
        for year, of_year in groupby((report for _, report in of_issuer), key=lambda report: report.year):
            this, others = _first(of_year)
            if others:
                yield _several(key, year, [this.document, *others])
            elif last is not None and last.year is not None and year == last.year + 1:
                yield from _pair(last, this, known, least)
            last = None if others else this


def _first(reports: Iterator[YearReport]) -> tuple[YearReport, list[str]]:
    """Returns the first of some reports, and of the others their names alone."""
    first = next(reports)
    return first, [report.document for report in reports]


def _several(key: str, year: int | None, documents: Sequence[str]) -> Finding:
    names = ", ".join(documents)
    message = f"{len(documents)} reports of {key} on {year}, so none is compared with other years: {names}"
    return Finding("same_year", "undecided", "note", message)


def _pair(last: YearReport, this: YearReport, rules: Mapping[str, Sequence[YearRule]], least: float) -> Iterator[Finding]:
    """Yields what disagrees between two reports."""
    before = {(m.schema, m.table): m for m in last.matrices}
    for matrix in this.matrices:
        earlier = before.get((matrix.schema, matrix.table))
        for rule in rules.get(matrix.schema, ()):
            if earlier is None or rule.table != matrix.table:
                continue
            lanes = matrix.rows if rule.over == "rows" else matrix.columns
            for lane in lanes:
                finding = _compared(rule, lane, (last, earlier), (this, matrix), least)
                if finding is not None:
                    yield finding


Side = tuple[YearReport, YearMatrix]


def _compared(rule: YearRule, lane: str, last: Side, this: Side, least: float) -> Finding | None:
    """The finding of one rule in one row or column; None where it holds, or a cell is blank or not there."""
    refs: list[CellRef] = []
    cells: list[YearCell] = []
    sums: list[Number] = []
    for (report, matrix), terms in ((last, rule.last), (this, rule.this)):
        total: Number = 0
        for sign, key in terms:
            row, column = (lane, key) if rule.over == "rows" else (key, lane)
            cell = matrix.at(row, column)
            if cell is None or cell.value is None:
                return None
            total += sign * cell.value
            cells.append(cell)
            refs.append(CellRef(report.document, matrix.table, row, column))
        sums.append(total)
    if abs(sums[0] - sums[1]) <= _TOLERANCE:
        return None
    certain = all(c.sure for c in cells) and math.prod(c.chance for c in cells) >= least
    kind: Literal["source", "undecided"] = "source" if certain else "undecided"
    severity: Literal["error", "note"] = "note" if rule.soft else "error"
    message = (
        f"{rule.rule} in {lane}: {_terms(rule.last)} of {last[0].year} is {sums[0]}, "
        f"{_terms(rule.this)} of {this[0].year} is {sums[1]}"
    )
    return Finding(rule.rule, kind, severity, message, tuple(refs), sums[0], sums[1])


def _terms(terms: Sequence[tuple[int, str]]) -> str:
    """`in_force - issued + repealed`."""
    text = " ".join(f"{'-' if sign < 0 else '+'} {key}" for sign, key in terms)
    return text.removeprefix("+ ")
