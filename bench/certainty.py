"""Fits the numbers of `models/certainty.toml` to scans with tuning seeds, and measures them on scans with reporting seeds.

`python -m bench.certainty fit` writes the file; `python -m bench.certainty measure` prints how probable and how right cells are.
"""

from __future__ import annotations

import argparse
import math
import pickle
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.stats import beta

from bench.cases import Case
from bench.scans import scan_cases
from models import CERTAINTY
from pipeline.canon.schema import load_schemas
from pipeline.canon.values import parse_value
from pipeline.check.confidence import Calibration, Evidence, closed_equations, evidence_of, probability
from pipeline.check.narrative import check_narrative
from pipeline.config import DEFAULT
from pipeline.domain import Candidate, Number, Origin, State
from pipeline.ocr.agreement import Weights, joint_list
from pipeline.run.document import process

_PRIORS = Calibration(
    base=1.0, blank=6.0, reading=0.6, agreed=2.0, alone=0.0, doubted=-1.0, closed_once=2.0, closed_twice=4.0, told=2.0,
    threshold=0.99,
)  # fmt: skip
_FITTED = ("base", "blank", "reading", "agreed", "alone", "doubted", "closed_once", "closed_twice", "told")
_STIFFNESS = 0.5
_BINS = (0.0, 0.5, 0.9, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0001)


@dataclass(frozen=True)
class Example:
    """A cell with what was read, what is printed, and whether it would be shown to a person."""

    profile: str
    document: str
    place: tuple[str, str, str]
    truth: Number | None
    value: Number | None
    readings: tuple[Candidate, ...]
    evidence: Evidence
    confidence: float
    review: bool
    reason: str | None

    @property
    def right(self) -> bool:
        return self.value == self.truth

    @property
    def is_about_reading(self) -> bool:
        """False where its place is in doubt: no reading can settle that."""
        return not self.review or self.evidence.doubted


def collect(cases: Iterable[Case]) -> list[Example]:
    """Reads cases; returns every cell that was read from pixels and that the document has."""
    equations = {(t.family, t.table, t.variant): t.equations for s in load_schemas() for t in s.tables}
    found: list[Example] = []
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / case.file_name
            path.write_bytes(case.data)
            result = process(path, case.file_name, DEFAULT)
        told = check_narrative(result.reading.blocks, result.matrices, result.facts).vouched if result.reading else frozenset()
        for matrix in result.matrices:
            truth = case.truth["tables"].get(matrix.table)
            closed = closed_equations(matrix, equations[matrix.schema, matrix.table, matrix.variant])
            for row, line in zip(matrix.rows, matrix.cells, strict=True):
                for column, cell in zip(matrix.columns, line, strict=True):
                    known = truth and row.key in truth["rows"] and column.key in truth["columns"]
                    if not known or cell.origin is not Origin.OCR or cell.state in (State.MISSING, State.UNREADABLE):
                        continue
                    printed = truth["values"][truth["rows"].index(row.key)][truth["columns"].index(column.key)]
                    place = (matrix.table, row.key, column.key)
                    evidence = evidence_of(cell, closed[row.key, column.key], place in told)
                    found.append(Example(case.kind.split()[1], case.name, place, printed, cell.value, cell.readings, evidence,
                                         cell.confidence, cell.review, cell.reason))  # fmt: skip
    return found


def fit_pool(examples: Sequence[Example]) -> Weights:
    """Fits the weights of the pool to the readings of both readers: the largest likelihood of what is printed."""
    rows = [(e.readings, e.truth) for e in examples if e.readings and e.is_about_reading and any(c.said for c in e.readings)]

    def loss(x: Any) -> float:
        weights = Weights(float(np.exp(x[0])), float(np.exp(x[1])), float(np.exp(x[2])))
        total = 0.0
        for readings, truth in rows:
            pooled, other = joint_list(_lists(readings)[0], _lists(readings)[1], weights)
            share = sum(math.exp(c.log_prob) for c in pooled if parse_value(c.text).value == truth)
            total -= math.log(max(share or other, 1e-12))
        return total / len(rows) + 0.001 * float(np.sum((x[:2] - np.log(0.7)) ** 2))

    done = minimize(loss, np.log([0.7, 0.7, 1e-4]), method="Nelder-Mead", options={"maxiter": 120})
    first, second, left = (float(v) for v in np.exp(done.x))
    return Weights(round(first, 3), round(second, 3), float(f"{left:.2g}"))


def _lists(readings: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Returns what each reader said."""
    said = [(c.text, dict(c.said)) for c in readings]
    return tuple([Candidate(t, s[name]) for t, s in said if name in s] for name in ("lines", "figures"))  # type: ignore[return-value]


def fit_calibration(examples: Sequence[Example]) -> Calibration:
    """Fits the coefficients by penalised likelihood: where errors are few, they stay near what is known beforehand."""
    rows = [e for e in examples if e.is_about_reading]
    prior = np.array([getattr(_PRIORS, name) for name in _FITTED])
    features = np.array([_features(e.evidence) for e in rows])
    right = np.array([e.right for e in rows])

    def loss(x: Any) -> float:
        odds = features @ x
        return float(np.logaddexp(0, np.where(right, -odds, odds)).sum() + _STIFFNESS * np.sum((x - prior) ** 2))

    bounds = [(None, None), (None, None), (0.0, 2.0), (0.0, 6.0), (-3.0, 3.0), (-6.0, 0.0), (0.0, 4.0), (0.0, 7.0), (0.0, 4.0)]
    done = minimize(loss, prior, method="L-BFGS-B", bounds=bounds)
    fitted = dict(zip(_FITTED, (round(float(v), 3) for v in done.x), strict=True))
    return replace(_PRIORS, **fitted)


def _features(e: Evidence) -> list[float]:
    read = not e.is_blank
    return [read, e.is_blank, e.reading, read and e.agreed, read and not e.agreed, e.doubted, e.closed == 1, e.closed > 1, e.told]


def curve(examples: Sequence[Example], calibration: Calibration) -> list[tuple[float, float, int, int, float]]:
    """Returns for thresholds: review share, wrong and all unflagged cells, and the upper bound of their error rate at 95 %."""
    chance = [(probability(e.evidence, calibration), e) for e in examples]
    rows = []
    for threshold in (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998):
        free = [e for p, e in chance if e.is_about_reading and p >= threshold]
        wrong = sum(not e.right for e in free)
        bound = float(beta.ppf(0.95, wrong + 1, len(free) - wrong)) if free else 1.0
        rows.append((threshold, 1 - len(free) / len(examples), wrong, len(free), bound))
    return rows


def calibration_error(examples: Sequence[Example], chance: Sequence[float]) -> tuple[float, list[tuple[float, float, int]]]:
    """Returns the expected calibration error, and for each bin mean probability, share right, and number of cells."""
    p, right = np.array(chance), np.array([e.right for e in examples])
    bins, error = [], 0.0
    for low, high in zip(_BINS, _BINS[1:], strict=False):
        inside = (p >= low) & (p < high)
        if inside.any():
            bins.append((float(p[inside].mean()), float(right[inside].mean()), int(inside.sum())))
            error += float(abs(p[inside].mean() - right[inside].mean()) * inside.mean())
    return error, bins


def write(pool: Weights, calibration: Calibration, examples: int, documents: int) -> None:
    """Writes the file of fitted numbers."""
    lines = [
        "# Fitted to generated scans with tuning seeds (`python -m bench.certainty fit`); see docs/certainty.md.",
        f"# {examples} cells of {documents} documents.",
        "version = 1",
    ]
    for name, section in (("pool", pool), ("confidence", calibration)):
        lines += ["", f"[{name}]", *(f"{key} = {value}" for key, value in asdict(section).items())]
    CERTAINTY.write_text("\n".join(lines) + "\n", encoding="utf8")


def report(examples: Sequence[Example], calibration: Calibration) -> str:
    """Returns the reliability table, the expected calibration error and the review-burden curve."""
    chosen = [e for e in examples if e.is_about_reading]
    error, bins = calibration_error(chosen, [probability(e.evidence, calibration) for e in chosen])
    lines = [f"cells {len(examples)}, of documents {len({e.document for e in examples})}; expected calibration error {error:.5f}"]
    lines += ["| mean probability | share right | cells |", "|---|---|---|"]
    lines += [f"| {p:.4f} | {r:.4f} | {n} |" for p, r, n in bins]
    lines += ["", "| threshold | review | wrong unflagged | unflagged | at most, with 95 % |", "|---|---|---|---|---|"]
    lines += [f"| {t} | {100 * s:.2f} % | {w} | {n} | {b:.1e} |" for t, s, w, n, b in curve(examples, calibration)]
    return "\n".join(lines)


def main() -> None:
    """Collects, fits, writes and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.certainty", description=__doc__)
    parser.add_argument("action", choices=("collect", "fit", "measure"))
    parser.add_argument("--scans", type=int, default=0, help="generated reports for each profile")
    parser.add_argument("--profiles", default="", help="comma-separated; all where empty")
    parser.add_argument("--keep", type=Path, help="file that collected cells are kept in, or are read from")
    arguments = parser.parse_args()
    chosen = "reporting" if arguments.action == "measure" else "tuning"
    if arguments.keep and arguments.keep.exists():
        examples = pickle.loads(arguments.keep.read_bytes())
    else:
        profiles = [p for p in arguments.profiles.split(",") if p]
        examples = collect(scan_cases(chosen, arguments.scans, profiles))
        if arguments.keep:
            arguments.keep.write_bytes(pickle.dumps(examples))
    if arguments.action == "fit":
        calibration = fit_calibration(examples)
        write(fit_pool(examples), calibration, len(examples), len({e.document for e in examples}))
        print(report(examples, calibration))
    elif arguments.action == "measure":
        from pipeline.run.settling import load_calibration

        print(report(examples, load_calibration()))


if __name__ == "__main__":
    main()
