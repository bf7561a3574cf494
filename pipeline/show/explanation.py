"""Why a cell holds what it holds, in words: what was read, what vouches for it, what speaks against it, flagged or not."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.check.beliefs import is_reading_doubt
from pipeline.check.confidence import Calibration, evidence_of, probability
from pipeline.check.equations import Instance, check_instance, instances
from pipeline.check.narrative import NarrativeCheck, StatedFigure, check_narrative
from pipeline.domain import BBox, DocumentResult, Equation, Finding, LaneMatch, Matrix, MatrixCell, Origin, Quad, State
from pipeline.show.arithmetic import fault, held_out, sides

Place = tuple[str, str, str]
"""`table, row, column`."""

_READERS = {"lines": "first reader (PP-OCR)", "figures": "second reader (our network for figures)"}
_READINGS_SHOWN = 4
_STATES = {
    State.BLANK: "blank: nothing is printed there (a blank is not a 0)",
    State.DASH: "a dash alone, which is no number",
    State.UNREADABLE: "unreadable: there is print that could not be read as a number",
    State.MISSING: "missing: the source has lost this cell",
}
_SOURCES = {
    Origin.TEXT_LAYER: "the text layer of the PDF",
    Origin.HTML: "a cell of the web page",
    Origin.SCRAPE: "the text",
    Origin.REVIEW: "a person's answer",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one cell.

    Attributes:
        labels: of its row and its column as printed, or their identifiers.
        verdict: whether it is to be reviewed, and why, in one sentence.
        sections: headings with their sentences.
        page_no: page of the cell, from 1; `bbox` and `quad` its place there in points; None where there is none.
    """

    place: Place
    labels: tuple[str, str]
    review: bool
    verdict: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    page_no: int | None = None
    bbox: BBox | None = None
    quad: Quad | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a document beside its cells."""

    narrative: NarrativeCheck
    findings: Sequence[Finding]
    calibration: Calibration


def explain(result: DocumentResult) -> dict[Place, Explanation]:
    """Explains every cell of every matrix of a document, in order."""
    from pipeline.canon.schema import load_schemas
    from pipeline.run.settling import load_calibration

    equations = {(t.family, t.table, t.variant): t.equations for schema in load_schemas() for t in schema.tables}
    blocks = result.reading.blocks if result.reading else ()
    told = check_narrative(blocks, result.matrices, result.facts)
    known = _Known(told, result.findings, load_calibration())
    found: dict[Place, Explanation] = {}
    for matrix in result.matrices:
        found |= _explain_matrix(matrix, equations.get((matrix.schema, matrix.table, matrix.variant), ()), known)
    return found


def _explain_matrix(matrix: Matrix, equations: Sequence[Equation], known: _Known) -> dict[Place, Explanation]:
    over: defaultdict[tuple[str, str], list[Instance]] = defaultdict(list)
    for instance in instances(matrix, equations):
        for lanes in dict.fromkeys((ref.row, ref.column) for ref, _ in (*instance.left, *instance.right)):
            over[lanes].append(instance)
    found = {}
    for row, line in zip(matrix.rows, matrix.cells, strict=True):
        for column, cell in zip(matrix.columns, line, strict=True):
            place = (matrix.table, row.key, column.key)
            found[place] = _Teller(place, row, column, cell, over[row.key, column.key], known).told()
    return found


class _Teller:
    """Tells of one cell."""

    def __init__(
        self, place: Place, row: LaneMatch, column: LaneMatch, cell: MatrixCell, over: Sequence[Instance], known: _Known
    ) -> None:
        self._place, self._cell, self._known = place, cell, known
        self._lanes: Mapping[str, LaneMatch] = {"row": row, "column": column}
        self._outcomes = [(instance, check_instance(instance)) for instance in over]
        self._figures = [f for f in known.narrative.figures if f.cells == (place,)]
        closed = sum(outcome == "ok" and i.severity == "error" for i, outcome in self._outcomes)
        self._evidence = evidence_of(cell, closed, place in known.narrative.vouched)

    def told(self) -> Explanation:
        cell = self._cell
        sections = {
            "What it holds": [self._held()],
            "What was read": list(self._read()),
            "What vouches for it": list(self._vouches()) or ["Nothing beyond its reading."],
            "What speaks against it": list(self._against()) or ["Nothing."],
            "Flagged or not": list(self._judgement()),
        }
        labels = tuple(" ".join((lane.label or lane.key).split()) for lane in self._lanes.values())
        verdict = f"To be reviewed: {cell.reason or 'no reason given'}." if cell.review else "Needs no review."
        told = tuple((heading, tuple(lines)) for heading, lines in sections.items())
        return Explanation(self._place, (labels[0], labels[1]), cell.review, verdict, told, cell.page_no, cell.bbox, cell.quad)

    def _held(self) -> str:
        cell = self._cell
        where = f" on page {cell.page_no}" if cell.page_no else ""
        if cell.char_span:
            where = f" at characters {cell.char_span[0]} to {cell.char_span[1]}"
        if cell.value is None:
            raw = f"; its raw text is {cell.text!r}" if cell.text.strip() else ""
            return f"{_STATES[cell.state]}{where}{raw}".capitalize() + "."
        return f"The number {held_out(cell.value)}, from {cell.text!r}{where}."

    def _read(self) -> Iterator[str]:
        cell = self._cell
        if cell.origin is not Origin.OCR:
            source = _SOURCES[cell.origin]
            yield f"Its characters come from {source} and were not guessed; only its row and column could be wrong."
            return
        readers = list(dict.fromkeys(name for c in cell.readings for name, _ in c.said))
        for name in readers:
            said = [(c.text, log_prob) for c in cell.readings for reader, log_prob in c.said if reader == name]
            yield f"The {_READERS.get(name, name)} says {_listed(said)}."
        if len(readers) == 1:
            yield "No other reader named a text, or was asked."
        if cell.readings:
            both = "Together" if len(readers) > 1 else "As a list"
            yield f"{both}: {_listed([(c.text, c.log_prob) for c in cell.readings])}."
        elif cell.state is State.BLANK:
            yield "No print was found in its pixels, so no reader was asked."
        else:
            yield "No list of readings was kept."

    def _vouches(self) -> Iterator[str]:
        for instance, outcome in self._outcomes:
            if outcome == "ok":
                yield f"{instance.rule} closes in {instance.lane}: {sides(instance)}."
        if self._cell.origin is Origin.OCR and self._evidence.agreed:
            yield "Both readers find the text that was taken the most probable."
        for figure in self._told():
            if self._place in self._known.narrative.vouched:
                yield f"The text of the report says the same{_page(figure)}: {figure.quote!r}."
        for name, lane in self._lanes.items():
            if lane.certain and lane.label:
                yield f"Its {name} bears the label {' '.join(lane.label.split())!r} (similarity {lane.similarity:.2f})."
            elif lane.certain:
                yield f"Its {name} has no label, but the count of its fellows leaves no other place."

    def _against(self) -> Iterator[str]:
        if self._cell.review:
            yield f"In doubt: {self._cell.reason or 'no reason given'}."
        for instance, outcome in self._outcomes:
            if isinstance(outcome, Finding):
                yield f"{instance.rule} does not close in {instance.lane}: {sides(instance)}. {fault(self._kind(outcome))}"
            elif outcome == "blank":
                yield f"{instance.rule} in {instance.lane} cannot be asked: it lacks a number that it needs."
        if not self._outcomes:
            yield "No equation stands over this cell: only its reading and its place can vouch for it."
        if self._cell.origin is Origin.OCR and self._cell.readings and not self._evidence.agreed:
            yield "The two readers do not agree, or only one named a text."
        for name, lane in self._lanes.items():
            if not lane.certain:
                yield f"Its {name} is not certain: {lane.reason or 'no reason given'}."
        if self._place in self._known.narrative.contradicted:
            quotes = ", ".join(f"{f.quote!r}{_page(f)}" for f in self._figures)
            yield f"The text of the report gives another number: {quotes}."

    def _told(self) -> Sequence[StatedFigure]:
        return [f for f in self._figures if f.value == self._cell.value]

    def _kind(self, outcome: Finding) -> str:
        """The verdict that was passed on a failed equation, whose cells tell it from others of its rule."""
        refs = {(ref.row, ref.column) for ref in outcome.cells}
        for finding in self._known.findings:
            same = finding.rule == outcome.rule and {c.table for c in finding.cells} == {self._place[0]}
            if same and {(c.row, c.column) for c in finding.cells} == refs:
                return finding.kind
        return outcome.kind

    def _judgement(self) -> Iterator[str]:
        cell, calibration = self._cell, self._known.calibration
        if cell.review and cell.origin is Origin.OCR and is_reading_doubt(cell):
            yield "Flagged: readers, equations and text together leave too much doubt about what is printed."
        elif cell.review:
            yield "Flagged: it is in doubt for a reason that neither readers nor sums can settle."
        elif cell.origin is not Origin.OCR:
            yield "Not flagged: text and place are certain."
        elif cell.reason and "taken as" in cell.reason:
            yield f"Not flagged, though the value was taken from another of its readings: {cell.reason}."
        else:
            yield "Not flagged: " + (f"a doubt was cleared ({cell.reason})." if cell.reason else "nothing about it is in doubt.")
        yield f"The probability that it is right is {_share(cell.confidence)}" + (
            f"; a cell of a scan needs {calibration.threshold:g} to go without review." if cell.origin is Origin.OCR else "."
        )
        if cell.origin is Origin.OCR and cell.state in (State.PRINTED, State.BLANK, State.DASH):
            share = _share(probability(self._evidence, calibration))
            yield f"Readers, print, equations and text by themselves give {share}; its place is judged on top of that."


def _listed(readings: Sequence[tuple[str, float]]) -> str:
    """Readings with their probabilities, best first; what is next to impossible is left out."""
    best = sorted(readings, key=lambda pair: -pair[1])[:_READINGS_SHOWN]
    shares = [(text, math.exp(log_prob)) for text, log_prob in best]
    return ", ".join(f"{text!r} {_share(share)}" for n, (text, share) in enumerate(shares) if n == 0 or share >= 5e-5)


def _share(share: float) -> str:
    """A probability with four decimals, which are never rounded up to certainty."""
    return "above 0.9999" if share > 0.99995 else f"{share:.4f}"


def _page(figure: StatedFigure) -> str:
    return f" on page {figure.page_no}" if figure.page_no else ""
