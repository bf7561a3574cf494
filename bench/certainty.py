"""Fits the numbers of `models/certainty.toml` to scans with tuning seeds, and measures them on scans with reporting seeds.

`python -m bench.certainty fit` writes the file but for its section `misreading`, which `rates` prints: mistakes of two readers
are so rare that this is fitted to sets of reports too whose figures are no longer reported (`collect --set seen_12 --scans 15
--keep FILE`, then `rates --keep FILES`). `measure` prints how probable and how right cells are, by profile, with bounds by cell
and by document; `--draw bench --write` puts that into `bench/CERTAINTY.md` with its pictures.
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

from bench.cases import ROOT, Case
from bench.charts import draw_burden, draw_reliability
from bench.inject_tally import TARGET
from bench.pages import put_into
from bench.scans import scan_cases
from bench.score import same_number
from bench.tables import format_table
from fixtures.gen.profiles import SEEN_SETS
from models import CERTAINTY
from pipeline.canon.schema import load_schemas
from pipeline.canon.values import parse_value
from pipeline.check.beliefs import exact
from pipeline.check.cells import UNEQUAL
from pipeline.check.confidence import Calibration, Evidence, closed_equations, evidence_of, probability
from pipeline.check.laws import cut, slip
from pipeline.check.likeness import digits
from pipeline.check.misreading import Rates, surer_doubt
from pipeline.check.narrative import check_narrative
from pipeline.config import DEFAULT
from pipeline.domain import Candidate, Number, Origin, State
from pipeline.ocr.agreement import Weights, joint_list
from pipeline.run.document import process
from pipeline.run.settling import load_calibration

_PRIORS = Calibration(
    base=1.0, blank=6.0, reading=0.6, agreed=2.0, alone=0.0, doubted=-1.0, closed_once=2.0, closed_twice=4.0, told=2.0,
    threshold=0.99,
)  # fmt: skip
_FITTED = ("base", "blank", "reading", "agreed", "alone", "doubted", "closed_once", "closed_twice", "told")
_STIFFNESS = 0.5
_SHARE_OF_ROW = 0.05
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
        return same_number(self.value, self.truth)

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


def fit_misreading(examples: Sequence[Example]) -> Rates:
    """Fits how often two readers that agree are wrong together: half an event more than was seen (Jeffreys, 1946).

    Slips count against the doubt that the surer reader leaves, cuts against the figures. Displaced figures come by rows, so they
    count against the documents: one that has any has a row of them, a twentieth of its figures. Blanks and dashes count by
    themselves: nothing else is known of how one of them can be a figure.
    """
    doubts, kinds, moved, documents = [], [], set(), set()
    blanks, dashes = [], []
    for e in examples:
        if e.evidence.is_blank and is_placed(e.reason, e.review):
            blanks.append(not e.right)
        taken = next((c for c in e.readings if parse_value(c.text).value == e.value), None)
        if not e.evidence.agreed or e.evidence.doubted or taken is None or not is_placed(e.reason, e.review):
            continue
        if e.value is None:
            dashes.append(not e.right)
            continue
        doubts.append(surer_doubt(taken))
        documents.add(e.document)
        if not e.right:
            printed, read = (digits(abs(exact(v))) for v in (e.truth, e.value))
            kinds.append("cut" if cut(printed, read) else "slip" if slip(printed, read) else "displaced")
            moved |= {e.document} if kinds[-1] == "displaced" else set()
    slips, cuts = ((kinds.count(kind) + 0.5) for kind in ("slip", "cut"))
    displaced = (len(moved) + 0.5) / (len(documents) + 1) * _SHARE_OF_ROW
    blank, dash = ((sum(some) + 0.5) / (len(some) + 1) for some in (blanks, dashes))
    return Rates(*(float(f"{v:.2g}") for v in (slips / sum(doubts), cuts / (len(doubts) + 1), displaced, blank, dash)))


def is_placed(reason: str | None, review: bool) -> bool:
    """False where a cell is asked for because of its place: what stands there says nothing of readers."""
    return not review or (reason or "").startswith(("read as ", UNEQUAL))


def curve(examples: Sequence[Example], calibration: Calibration) -> list[tuple[float, float, int, int, float]]:
    """Returns for thresholds: review share, wrong and all unflagged cells, and the upper bound of their error rate at 95 %."""
    chance = [(probability(e.evidence, calibration), e) for e in examples]
    rows = []
    for threshold in (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998):
        free = [e for p, e in chance if e.is_about_reading and p >= threshold]
        wrong = sum(not e.right for e in free)
        rows.append((threshold, 1 - len(free) / len(examples), wrong, len(free), at_most(wrong, len(free))))
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


def write(pool: Weights, calibration: Calibration, examples: int, documents: int, path: Path = CERTAINTY) -> None:
    """Writes the file of fitted numbers; its last section, the rates with their comment, is fitted to more and stays."""
    rates = path.read_text(encoding="utf8").rpartition("\n\n")[2]
    lines = [
        "# Fitted to generated scans with tuning seeds (`python -m bench.certainty fit`); see docs/certainty.md.",
        f"# {examples} cells of {documents} documents.",
        "version = 1",
    ]
    for name, section in (("pool", pool), ("confidence", calibration)):
        lines += ["", f"[{name}]", *(f"{key} = {value}" for key, value in asdict(section).items())]
    path.write_text("\n".join([*lines, "", rates]), encoding="utf8")


def report(examples: Sequence[Example], calibration: Calibration) -> str:
    """Returns what left without a flag and was wrong, the reliability table and the review-burden curve."""
    chosen = [e for e in examples if e.is_about_reading]
    error, bins = calibration_error(chosen, [probability(e.evidence, calibration) for e in chosen])
    documents = len({e.document for e in examples})
    parts = [f"{len(examples):,} cells of {documents} documents. Expected calibration error {error:.5f}."]
    header = ("profile", "documents", "cells", "exact", "to be reviewed", "unflagged", "silent", "at most, by cell",
              "non-zero unflagged", "silent", "at most", "documents with a silent one", "at most, by document")  # fmt: skip
    parts.append(format_table(header, silent_rows(examples)))
    names = ("mean probability", "share right", "cells")
    parts.append(format_table(names, [[f"{p:.5f}", f"{right:.5f}", f"{n:,}"] for p, right, n in bins]))
    rows = [[f"{t}", f"{100 * s:.2f} %", f"{w}", f"{n:,}", f"{bound:.1e}"] for t, s, w, n, bound in curve(examples, calibration)]
    parts.append(format_table(("threshold", "to be reviewed", "silent", "unflagged", "at most, by cell"), rows))
    return "\n\n".join(parts)


def silent_rows(examples: Sequence[Example]) -> list[list[str]]:
    """Returns, by profile and in all, what left without a flag and was wrong; bounds hold with 95 % confidence.

    Cells of one document are not independent: the bound by document counts documents with a silent error.
    """
    groups: dict[str, list[Example]] = {}
    for e in examples:
        groups.setdefault(e.profile, []).append(e)
    return [_silent_row(name, some) for name, some in [*sorted(groups.items()), ("all", list(examples))]]


def _silent_row(name: str, examples: Sequence[Example]) -> list[str]:
    free = [e for e in examples if not e.review]
    filled = [e for e in free if e.truth or e.value]
    documents = {e.document for e in examples}
    silent, silent_filled = (sum(not e.right for e in some) for some in (free, filled))
    bad = len({e.document for e in free if not e.right})
    n = len(examples)
    return [
        name, f"{len(documents)}", f"{n:,}", f"{100 * sum(e.right for e in examples) / n:.2f} %",
        f"{100 * (n - len(free)) / n:.2f} %", f"{len(free):,}", f"{silent}", f"{at_most(silent, len(free)):.1e}",
        f"{len(filled):,}", f"{silent_filled}", f"{at_most(silent_filled, len(filled)):.1e}",
        f"{bad}", f"{at_most(bad, len(documents)):.1e}",
    ]  # fmt: skip


def at_most(wrong: int, count: int) -> float:
    """Returns the upper bound of a rate at 95 % confidence (Clopper and Pearson, 1934)."""
    return float(beta.ppf(0.95, wrong + 1, count - wrong)) if count > wrong else 1.0


def draw(examples: Sequence[Example], calibration: Calibration, folder: Path) -> None:
    """Writes `review-burden.png` and `reliability.png`; bounds hold with 95 % confidence, by cell."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for name in sorted({e.profile for e in examples}):
        # Most rates are 0, and what they may be at most tells more.
        rows = curve([e for e in examples if e.profile == name], calibration)
        curves[f"{name}, at most"] = [(share, bound) for _, share, _, _, bound in rows]
    rows = curve(examples, calibration)
    curves["all, at most"] = [(share, bound) for _, share, _, _, bound in rows]
    curves["all, measured"] = [(share, wrong / n if n else 0.0) for _, share, wrong, n, _ in rows]
    draw_burden(folder / "review-burden.png", curves)
    chosen = [e for e in examples if e.is_about_reading]
    error, bins = calibration_error(chosen, [probability(e.evidence, calibration) for e in chosen])
    bounds = [at_most(round((1 - right) * n), n) for _, right, n in bins]
    draw_reliability(folder / "reliability.png", bins, bounds, error)


def main() -> None:
    """Collects, fits, writes and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.certainty", description=__doc__)
    parser.add_argument("action", choices=("collect", "fit", "rates", "measure"))
    sets = ("tuning", *SEEN_SETS, "reporting")
    parser.add_argument("--set", choices=sets, help="seeds (default: reporting to measure, else tuning)")
    parser.add_argument("--scans", type=int, default=0, help="generated reports for each profile")
    parser.add_argument("--profiles", default="", help="comma-separated; all where empty")
    parser.add_argument("--keep", type=Path, nargs="*", default=[], help="collected cells: read from these files, else written")
    parser.add_argument("--draw", type=Path, metavar="DIR", help="folder for review-burden.png and reliability.png")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {TARGET.relative_to(ROOT)}")
    arguments = parser.parse_args()
    given = [path for path in arguments.keep if path.exists()]
    chosen = arguments.set or ("reporting" if arguments.action == "measure" else "tuning")
    if arguments.action in ("fit", "rates") and chosen == "reporting":
        parser.error("numbers are fitted to tuning seeds, and to sets whose figures are no longer reported")
    if given:
        examples = [e for path in given for e in pickle.loads(path.read_bytes())]
    else:
        profiles = [p for p in arguments.profiles.split(",") if p]
        examples = collect(scan_cases(chosen, arguments.scans, profiles))
        for path in arguments.keep[:1]:
            path.write_bytes(pickle.dumps(examples))
    calibration = load_calibration()
    if arguments.action == "fit":
        calibration = fit_calibration(examples)
        write(fit_pool(examples), calibration, len(examples), len({e.document for e in examples}))
    if arguments.action == "rates":
        print(asdict(fit_misreading(examples)))
        return
    if arguments.action == "collect":
        return
    text = report(examples, calibration)
    print(text)
    if arguments.draw is not None:
        draw(examples, calibration, arguments.draw)
    if arguments.write:
        put_into(TARGET, f"calibration {chosen}", text)


if __name__ == "__main__":
    main()
