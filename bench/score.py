"""What is right, silently wrong, flagged: the measures of the project, for one document at a time.

A cell is *exact* where value and truth agree; a truth of None asks for a blank or a dash. Whatever is not exact is *flagged*
where a person is told (review flag, absent or unread table, failed document) and *silent* where nobody is. A cell that the
document does not have is silent too, unless flagged. A cell that its own print has lost (dropped by a scrape) has truth None:
`missing` with a review flag, as the contract wants, counts as flagged and not as exact, so those cells are also counted in
`lost`. Equations that touch such a cell, or one whose place the print leaves open (the rest of a row that lost a value and closed
up), are neither asked for nor held against the reader: nobody can say from that print whether they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Json = dict[str, Any]
Place = tuple[str, str, str]  # table, row, column
Equation = tuple[str, str, str]  # rule, table, row or column
NOT_RESULTS = ("new", "carried_in", "total_results", "carried_out")
COLUMN_RULES = ("column_balance", "result_sum")
RULES = ("row_total", "litigation_total", *COLUMN_RULES)
Kind = Literal["silent", "flagged", "review", "missed", "false", "absent"]


@dataclass
class Tally:
    """Counts over cells and findings; `a + b` adds them."""

    documents: int = 0
    crashed: int = 0
    cells: int = 0
    exact: int = 0
    nonzero: int = 0
    nonzero_exact: int = 0
    lost: int = 0
    silent: int = 0
    flagged: int = 0
    review: int = 0
    missed: int = 0
    false: int = 0
    absent_missed: int = 0
    absent_false: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True)
class Note:
    """One thing worth looking at: `kind` says which count it belongs to, `reason` what the program said of it."""

    kind: Kind
    place: str
    message: str
    reason: str = ""


@dataclass
class Score:
    """The tally of one document and its notes."""

    tally: Tally = field(default_factory=lambda: Tally(documents=1))
    notes: list[Note] = field(default_factory=list)

    def note(self, kind: Kind, place: object, message: str, reason: str = "") -> None:
        """Keeps a note; a tuple is joined with dots."""
        self.notes.append(Note(kind, ".".join(place) if isinstance(place, tuple) else str(place), message, reason))


def score_document(doc: Json | None, truth: Json, lost: Collection[Place] = (), unplaced: Collection[Place] = ()) -> Score:
    """Compares the contract of one document with its truth.

    Args:
        doc: the content of `matrices.json`; None where the reader crashed.
        truth: a truth file.
        lost: cells that the print of this document has lost.
        unplaced: cells whose place its print leaves open.
    """
    score = Score()
    matrices = {m["table"]: m for m in doc["matrices"]} if doc else {}
    for name, table in truth["tables"].items():
        _score_table(score, doc, name, table, matrices.get(name), frozenset(lost))
    for name, matrix in matrices.items():
        for place, cell in _cells(name, matrix):
            if not _has(truth["tables"].get(name), place) and not cell["review"]:
                score.tally.silent += 1
                score.note("silent", place, f"invented {cell['value']!r}")
    if doc is not None:
        _score_findings(score, doc, truth, frozenset(lost) | frozenset(unplaced))
        _score_absent(score, doc, truth)
    return score


def _cells(name: str, matrix: Json) -> Iterator[tuple[Place, Json]]:
    for row, cells in zip(matrix["rows"], matrix["cells"], strict=True):
        for column, cell in zip(matrix["columns"], cells, strict=True):
            yield (name, row, column), cell


def _has(table: Json | None, place: Place) -> bool:
    return table is not None and place[1] in table["rows"] and place[2] in table["columns"]


def _score_table(score: Score, doc: Json | None, name: str, table: Json, matrix: Json | None, lost: frozenset[Place]) -> None:
    got = dict(_cells(name, matrix)) if matrix else {}
    told = _is_told(doc, name, matrix)
    for row, values in zip(table["rows"], table["values"], strict=True):
        for column, want in zip(table["columns"], values, strict=True):
            place = (name, row, column)
            score.tally.cells += 1
            score.tally.nonzero += bool(want)
            score.tally.lost += place in lost
            if place in got:
                _score_cell(score, place, want, got[place])
                continue
            score.tally.flagged += told
            score.tally.silent += not told
            score.note("flagged" if told else "silent", place, f"{want!r}>absent")


def _is_told(doc: Json | None, name: str, matrix: Json | None) -> bool:
    """True where a person is told that cells of this table are not there."""
    if doc is None or doc["status"] == "failed" or name in (*doc.get("absent", ()), *doc.get("unread", ())):
        return True
    return matrix is not None and doc["status"] == "review"


def _score_cell(score: Score, place: Place, want: float | None, cell: Json) -> None:
    tally, reason = score.tally, f"{cell['state']}: {cell['reason']}"
    tally.review += bool(cell["review"])
    if same_number(cell["value"], want) and (want is not None or cell["state"] in ("blank", "dash")):
        tally.exact += 1
        tally.nonzero_exact += bool(want)
        if cell["review"]:
            score.note("review", place, f"{want!r}", reason)
        return
    tally.flagged += bool(cell["review"])
    tally.silent += not cell["review"]
    score.note("flagged" if cell["review"] else "silent", place, f"{want!r}>{cell['value']!r}", reason)


def same_number(got: float | None, want: float | None) -> bool:
    """True for two values that are one: amounts of some truth files are computed, 4.56 as 4.5600000000000005."""
    if got is None or want is None:
        return got is None and want is None
    return abs(float(got) - float(want)) < 1e-9


def failed_equations(tables: Json) -> dict[Equation, frozenset[Place]]:
    """Returns each equation that the values break, with the cells that it reads. Blank details count as 0; see the contract."""
    failed: dict[Equation, frozenset[Place]] = {}
    for name, check in (("requests", _failed_requests), ("litigation", _failed_litigation)):
        if name in tables:
            failed.update(check(tables[name]))
    return failed


def _failed_requests(table: Json) -> Iterator[tuple[Equation, frozenset[Place]]]:
    columns = table["columns"]
    at = {row: dict(zip(columns, values, strict=True)) for row, values in zip(table["rows"], table["values"], strict=True)}
    results = [row for row in at if row not in NOT_RESULTS]
    for row, cells in at.items():
        *details, total = cells.values()
        if total is not None and any(v is not None for v in details) and sum(v or 0 for v in details) != total:
            yield ("row_total", "requests", row), frozenset(("requests", row, c) for c in columns)
    for column in columns:
        lane = {row: at[row][column] for row in at}
        if lane["total_results"] is None:
            continue
        if lane["new"] is not None and lane["new"] + (lane["carried_in"] or 0) != lane["total_results"] + (
            lane["carried_out"] or 0
        ):
            yield ("column_balance", "requests", column), frozenset(("requests", row, column) for row in NOT_RESULTS)
        if sum(lane[row] or 0 for row in results) != lane["total_results"]:
            yield ("result_sum", "requests", column), frozenset(("requests", row, column) for row in (*results, "total_results"))


def _failed_litigation(table: Json) -> Iterator[tuple[Equation, frozenset[Place]]]:
    for row, values in zip(table["rows"], table["values"], strict=True):
        if None not in values and sum(values[:4]) != values[4]:
            yield ("litigation_total", "litigation", row), frozenset(("litigation", row, c) for c in table["columns"])


def _score_findings(score: Score, doc: Json, truth: Json, lost: frozenset[Place]) -> None:
    wanted = failed_equations(truth["tables"])
    got: dict[Equation, str] = {}
    for finding in doc["findings"]:
        if finding["severity"] == "error" and finding["rule"] in RULES:
            got.update(dict.fromkeys(_equations_of(finding, wanted), finding["message"]))
    for equation in sorted(set(wanted) - set(got)):
        if not wanted[equation] & lost:
            score.tally.missed += 1
            score.note("missed", equation, "no finding of severity error")
    for equation in sorted(set(got) - set(wanted)):
        if not _touches_lost(equation, lost):
            score.tally.false += 1
            score.note("false", equation, got[equation])


def _equations_of(finding: Json, wanted: dict[Equation, frozenset[Place]]) -> set[Equation]:
    """Returns the wanted equations that a finding names; else the one that its cells have in common."""
    lane = "column" if finding["rule"] in COLUMN_RULES else "row"
    named = {(finding["rule"], c["table"], c[lane]) for c in finding["cells"]}
    return named & set(wanted) or {min(named, default=(finding["rule"], "?", "?"))}


def _touches_lost(equation: Equation, lost: frozenset[Place]) -> bool:
    rule, table, lane = equation
    if rule not in COLUMN_RULES:
        return any((table, lane) == place[:2] for place in lost)
    return any((table, lane) == (place[0], place[2]) and _has_part(rule, place[1]) for place in lost)


def _has_part(rule: str, row: str) -> bool:
    """True for the rows that an equation over columns reads."""
    return row == "total_results" or (row in NOT_RESULTS) == (rule == "column_balance")


def _score_absent(score: Score, doc: Json, truth: Json) -> None:
    """Compares the tables reported absent where the truth lists them."""
    if "absent" not in truth:
        return
    want, got = set(truth["absent"]), set(doc.get("absent", ()))
    score.tally.absent_missed += len(want - got)
    score.tally.absent_false += len(got - want)
    for name in sorted(want ^ got):
        score.note("absent", name, "not reported absent" if name in want else "wrongly reported absent")
