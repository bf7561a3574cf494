"""Equations that do not hold: a reading is at fault, or the print is, or nobody can tell.

A cell that was read from pixels is repaired only where one of its own readings proposed the new value, all equations that it
stands in close, all other explanations together are next to nothing, the located cells are determined, and they are few.
Otherwise the cells that may be misread are flagged. What a text layer or a web page says is never changed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from pipeline.check.beliefs import Belief, Option, Place, Proposal, beliefs
from pipeline.check.cells import Cells, by_place, repaired_cell, with_cells, with_flags
from pipeline.check.company import is_misread, outvoted
from pipeline.check.equalities import equalities, places_of
from pipeline.check.equations import Instance, check_instance, check_matrix, instances
from pipeline.check.laws import Unlisted
from pipeline.check.limits import Limits as Limits
from pipeline.check.misplaced import misplaced, read_alone
from pipeline.check.moved import moved
from pipeline.check.problem import make_problem
from pipeline.check.unequal import suspects
from pipeline.domain import CellRef, Equation, Finding, Matrix, MatrixCell, Origin

Verdict = Literal["source", "reading", "undecided"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A cell whose value was taken from another of its readings; `probability` is that of the new value."""

    place: Place
    before: MatrixCell
    proposal: Proposal
    probability: float


@dataclass(frozen=True, slots=True)
class Settled:
    """A matrix after its equations were asked.

    Attributes:
        matrix: with repaired and flagged cells.
        findings: of the equations as they stand after the repairs, and a note for each repair.
        repairs: what was changed.
        wrong: probability that a cell was misread, for those that an explanation of a failed equation names.
    """

    matrix: Matrix
    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...] = ()
    wrong: Mapping[Place, float] = field(default_factory=dict)


def settle(
    matrix: Matrix,
    equations: Sequence[Equation],
    proposals: Mapping[Place, Sequence[Proposal]] | None = None,
    *,
    sure: Mapping[Place, float] | None = None,
    common: Mapping[Place, Unlisted] | None = None,
    kinds: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Settled:
    """Checks the equations of a matrix, and settles those that fail as far as its readings allow.

    Args:
        matrix: as read.
        equations: of its table.
        proposals: readings of cells, the present one first.
        sure: calibrated probability, 0 to 1, that the reading of a cell is right; from its readings where not given.
        common: odds of mistakes that two readers make together, of cells on which they agree.
        kinds: kind of each column (`count`, `signed`, `decimal`).
        limits: when an explanation is believed.
    """
    findings = tuple(check_matrix(matrix, equations))
    from_pixels = any(c.origin is Origin.OCR for line in matrix.cells for c in line)
    if not from_pixels or all(f.severity == "note" for f in findings):
        return Settled(matrix, findings)
    known = beliefs(matrix, proposals or {}, sure, kinds, common)
    return _Case(matrix, equations, known, kinds or {}, limits or Limits()).settled()


class _Case:
    """One table with a failed equation."""

    def __init__(
        self,
        matrix: Matrix,
        equations: Sequence[Equation],
        known: Mapping[Place, Belief],
        kinds: Mapping[str, str],
        limits: Limits,
    ) -> None:
        # Here numpy and the solver come in: a table whose equations hold does without them.
        from pipeline.check.posterior import weigh_up

        self._matrix, self._equations, self._limits = matrix, equations, limits
        self._hard = [e for e in equations if e.severity == "error"]
        self._beliefs = known
        lanes = ([m.key for m in matrix.rows], [m.key for m in matrix.columns])
        every = list(instances(matrix, self._hard))
        self._usable = equalities(every, self._beliefs)
        self._problem = make_problem(every, self._beliefs, kinds, lanes)
        most, work, seconds = limits.most_changes, limits.work, limits.seconds
        self._posterior = weigh_up(self._problem, limits.gap, limits.rivals, most, work, seconds, limits.verdict_gap)
        self._doubt = 1.0 - limits.decide
        self._in_company = is_misread(self._posterior.faulty)

    def settled(self) -> Settled:
        """Repairs, flags and judges."""
        repairs = self._closing(self._proposed())
        repaired = with_cells(self._matrix, {r.place: repaired_cell(r.before, r.proposal, r.probability) for r in repairs})
        flagged = self._flagged(repaired, {r.place for r in repairs})
        cells = by_place(flagged)
        findings = [self._judged(f, cells) if f.severity == "error" else f for f in check_matrix(flagged, self._equations)]
        return Settled(flagged, (*findings, *(_note(flagged, r) for r in repairs)), repairs, self._posterior.wrong)

    def _proposed(self) -> list[Repair]:
        """The changes of the best explanation that a reading proposed, nearly certain, determined and few."""
        best, cells = self._posterior.best, by_place(self._matrix)
        if best is None or not best.determined or len(best.changes) > self._limits.most_changes:
            return []
        found = []
        for place, (option, share) in self._options().items():
            vouching = sum(place in e.signs and not e.idle for e in self._problem.equalities)
            if share >= self._limits.repair and (vouching >= 2 or option.odds >= self._limits.one_equation):
                found.append(Repair(place, cells[place], option.proposal, share))
        return found

    def _options(self) -> dict[Place, tuple[Option, float]]:
        """The changes of the best explanation that a reading of the very cell proposed, with their probabilities."""
        found: dict[Place, tuple[Option, float]] = {}
        for change in self._posterior.best.changes if self._posterior.best is not None else ():
            places = self._problem.members[change.unknown]
            belief = self._beliefs[places[0]]
            value = belief.value + Fraction(change.amount, self._problem.scale)
            option = next((o for o in belief.options if o.value == value), None)
            if len(places) == 1 and option is not None:
                found[places[0]] = (option, self._posterior.repaired.get(change.unknown, 0.0))
        return found

    def _closing(self, repairs: list[Repair]) -> tuple[Repair, ...]:
        """Those repairs after which every equation that touches them closes; the others are dropped, and so on."""
        evaluable = {_key(e.instance) for e in self._problem.equalities if not e.idle}
        while repairs:
            changed = with_cells(self._matrix, {r.place: repaired_cell(r.before, r.proposal, r.probability) for r in repairs})
            outcomes = [(i, check_instance(i)) for i in instances(changed, self._hard)]
            opened = {
                p
                for i, outcome in outcomes
                if isinstance(outcome, Finding) or (outcome == "blank" and _key(i) in evaluable)
                for p in places_of(i)
            }
            kept = [r for r in repairs if r.place not in opened]
            if len(kept) == len(repairs):
                break
            repairs = kept
        return tuple(repairs)

    def _flagged(self, matrix: Matrix, repaired: set[Place]) -> Matrix:
        """Flags the cells that may be misread; where the search is not exhaustive, all that a failed equation leaves suspect."""
        doubtful = {p for p, share in self._posterior.wrong.items() if share > self._doubt} - repaired
        if self._posterior.unseen > self._doubt:
            doubtful |= suspects(matrix, self._hard)
        proposed = {p: option.value for p, (option, _) in self._options().items()}
        doubtful |= (self._misplaced() | moved(matrix, self._hard, self._beliefs, proposed)) - repaired
        outcomes = [(i, check_instance(i)) for i in instances(matrix, self._hard)]
        failed = [i for i, outcome in outcomes if isinstance(outcome, Finding)]
        vouched = {p for i, outcome in outcomes if outcome == "ok" for p in places_of(i)}
        while True:
            cells = by_place(with_flags(matrix, doubtful))
            more = set(doubtful)
            for instance in failed:
                if self._verdict(_key(instance), cells) != "source":
                    more |= self._in_doubt(instance, vouched)
                    # Nothing but the company that it is in speaks against the readings of such a one.
                    is_print = self._in_company and self._faulty(_key(instance)) <= self._doubt
                    if is_print and not any(cells[p].review for p in places_of(instance)):
                        more |= outvoted(places_of(instance), self._usable)
            if more == doubtful:
                hints = {p: option.proposal.text for p, (option, _) in self._options().items()}
                return with_flags(matrix, doubtful, hints)
            doubtful = more

    def _in_doubt(self, instance: Instance, vouched: set[Place]) -> set[Place]:
        """The cells of a failed equation that may be misread."""
        places = places_of(instance)
        # Nothing vouches for these: one equation cannot tell its cells apart, and explains one mistake as well as two.
        unvouched = [p for p in places if p not in vouched]
        count = {p: sum(p in e.signs for e in self._problem.equalities if not e.idle) for p in unvouched}
        alone = {p for p in unvouched if count[p] < 2 or 1.0 - self._beliefs[p].keep > self._doubt}
        if self._posterior.unseen <= self._doubt and all(self._beliefs[p].is_known for p in places):
            # All ways to misread them have been weighed, so that they need not all be asked for.
            return self._likeliest(places)
        return alone | self._likeliest(places) if _key(instance) in self._located() else set(places)

    def _likeliest(self, places: Sequence[Place]) -> set[Place]:
        """The cells, one at least, that explain an equation by a misreading: the others together are hardly at fault."""
        shares = {p: self._posterior.wrong.get(p, 0.0) for p in places}
        found: set[Place] = set()
        while shares and (not found or sum(shares.values()) > self._doubt):
            found.add(max(shares, key=lambda p: shares[p]))
            shares = {p: share for p, share in shares.items() if p not in found}
        return found

    def _misplaced(self) -> set[Place]:
        unknowns = [c.unknown for c in self._posterior.best.changes] if self._posterior.best is not None else []
        members = self._problem.members
        together = [members[n] for n in unknowns if n in self._problem.pairs or len(members[n]) == 1]
        either = [members[n] for n in unknowns if n not in self._problem.pairs and len(members[n]) > 1]
        return misplaced(by_place(self._matrix), self._usable, self._beliefs, together, either)

    def _located(self) -> set[tuple[str, frozenset[Place]]]:
        """The equations that the best explanation closes by changes of cells, and does not leave open."""
        best = self._posterior.best
        if best is None:
            return set()
        return {_key(e.instance) for n, e in enumerate(self._problem.equalities) if n not in best.broken}

    def _verdict(self, key: tuple[str, frozenset[Place]], cells: Cells) -> Verdict:
        """Whose fault a failed equation is, where that is certain."""
        share = self._faulty(key)
        if self._posterior.unseen > self._doubt:
            return "undecided"
        if share >= self._limits.decide:
            return "reading"
        # Beside a misreading the rates of those that nobody can see are too low.
        is_unsure = self._in_company or read_alone(key[1], self._usable, self._beliefs)
        return "source" if share <= self._doubt and not is_unsure and not any(cells[p].review for p in key[1]) else "undecided"

    def _faulty(self, key: tuple[str, frozenset[Place]]) -> float:
        """Probability that a cell of an equation was misread; one half where nothing was found of it."""
        judged = zip(self._problem.equalities, self._posterior.faulty, strict=False)
        return next((share for e, share in judged if _key(e.instance) == key), 0.5)

    def _judged(self, finding: Finding, cells: Cells) -> Finding:
        return replace(finding, kind=self._verdict((finding.rule, frozenset((c.row, c.column) for c in finding.cells)), cells))


def _key(instance: Instance) -> tuple[str, frozenset[Place]]:
    return instance.rule, frozenset(places_of(instance))


def _note(matrix: Matrix, repair: Repair) -> Finding:
    row, column = repair.place
    message = (
        f"{matrix.table} {row} {column}: read as {repair.before.text!r}, taken as {repair.proposal.text!r}, its reading with a "
        f"probability of {math.exp(repair.proposal.log_prob):.3f}: only so the sums that it stands in close"
    )
    return Finding("repair", "reading", "note", message, (CellRef("", matrix.table, row, column),))
