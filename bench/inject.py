"""`python -m bench.inject`: reading errors put into true tables, and what localisation makes of them.

True tables come from the truth files of the seeds and from the generator, some of them printed wrong on purpose; up to five
mistakes of reading are put into each. A cell that was read wrong is *repaired rightly* (the printed value, no flag), *flagged*,
or *missed* (wrong and not flagged: in an equation that fails, or where all sums hold); *repaired wrongly* is a number taken from
another reading that is not what is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cases import ROOT
from bench.inject_reader import KINDS, Read, misread, read_rightly, read_wrongly
from bench.inject_tally import ALL_KINDS, TARGET, Record, Tally, append_record, read_records
from bench.pages import put_into
from fixtures.gen.figures import MAGNITUDES, Number
from fixtures.gen.report import sample_report
from fixtures.gen.twins import SEEDS
from pipeline.canon.schema import TableSchema, load_schemas
from pipeline.canon.values import parse_value
from pipeline.check.beliefs import Place, Proposal
from pipeline.check.misreading import common_mistakes
from pipeline.check.settle import Settled, settle
from pipeline.domain import Finding, LaneMatch, Matrix, MatrixCell, Origin, State
from pipeline.run.settling import load_rates

FIRST_SEED = {"tuning": 100_000, "reporting": 800_000}
MOST_WRONG = 5
ZEROS = ("zero",) * 7 + ("blank_details", "blank_zero_details", "dash_em")


@dataclass(frozen=True)
class Printed:
    """A table as it is printed."""

    table: TableSchema
    texts: tuple[tuple[str, ...], ...]
    mistakes: int


@dataclass(frozen=True)
class Outcome:
    """One table: what was injected where, what was read, what came out, in how many seconds."""

    printed: Printed
    injected: Mapping[Place, str]
    before: Matrix
    settled: Settled
    processor: float
    wall: float


def tables(first: int, count: int) -> Iterator[tuple[int, Printed]]:
    """`count` printed tables with the seeds of their draws."""
    schemas = {(t.table, t.variant): t for s in load_schemas() for t in s.tables}
    for seed in range(first, first + count):
        rng = random.Random(f"{seed}/table")
        draw = rng.random()
        if draw < 0.08:
            yield seed, _budget(schemas[("three_public", "shanghai")], rng)
        elif draw < 0.16:
            yield seed, _seed_table(schemas, rng)
        else:
            yield seed, _generated(schemas, seed, "litigation" if draw < 0.32 else "requests", rng)


def _generated(schemas: Mapping[tuple[str, str], TableSchema], seed: int, table: str, rng: random.Random) -> Printed:
    variant, magnitude = rng.choice(("2019", "2021")), rng.choice(tuple(MAGNITUDES))
    mistakes = rng.choices((0, 1, 2, 3), (80, 12, 5, 3))[0]
    zeros = rng.choice(ZEROS)
    # What is wrong in print breaks equations of this table or of its neighbour; a table of blanks has room for few mistakes.
    for count in range(mistakes, -1, -1):
        try:
            report = sample_report(seed, requests_variant=variant, magnitude=magnitude, zero_style=zeros, n_mistakes=count)
            break
        except ValueError:
            continue
    wrong = sum(e[1] == table for e in report.source_errors)
    return Printed(schemas[(table, variant if table == "requests" else "2019")], report.texts[table], wrong)


def _seed_table(schemas: Mapping[tuple[str, str], TableSchema], rng: random.Random) -> Printed:
    name = rng.choice(SEEDS)
    truth = json.loads((ROOT / "fixtures" / "truth" / f"{name}.truth.json").read_text(encoding="utf8"))
    content = truth["tables"]["requests"]
    variant = "2021" if "other_1" in content["rows"] else "2019"
    texts = tuple(tuple(_written(v) for v in row) for row in content["values"])
    return Printed(schemas[("requests", variant)], texts, len(truth.get("source_errors", ())))


def _budget(table: TableSchema, rng: random.Random) -> Printed:
    """Hundredths, and now and then a table in units of ten million."""
    top = rng.choice((100, 10_000, 2_000_000_000))
    abroad, reception, purchase, running, agency = (rng.randrange(top) for _ in range(5))
    vehicles = purchase + running
    cents = (abroad + reception + vehicles, abroad, reception, vehicles, purchase, running, agency)
    return Printed(table, (tuple(f"{c // 100}.{c % 100:02}" for c in cents),), 0)


def _written(value: Number | None) -> str:
    return "" if value is None else str(value)


def inject(printed: Printed, n_errors: int, kinds: Sequence[str], rng: random.Random) -> tuple[Matrix, dict[Place, str]]:
    """Reads a table with at most `n_errors` mistakes; a shift or an exchange counts as one and spoils several cells."""
    texts = [list(row) for row in printed.texts]
    reads = [[read_rightly(t, rng) for t in row] for row in texts]
    spoilt: dict[tuple[int, int], str] = {}
    summed = _summed(printed.table)
    for _ in range(n_errors):
        for _ in range(60):
            kind = rng.choice(kinds)
            changed = _spoil(texts, kind, summed, rng)
            # A shift may spoil a whole row, but then it is the only mistake.
            few = not spoilt or len(spoilt) + len(changed) <= MOST_WRONG
            if changed and few and not spoilt.keys() & changed.keys():
                break
        else:
            break
        for place, read in changed.items():
            reads[place[0]][place[1]] = read
            spoilt[place] = kind
    t = printed.table
    found = {
        (t.rows[i].key, t.columns[j].key): kind
        for (i, j), kind in spoilt.items()
        if _value(reads[i][j].text) != _value(texts[i][j])
    }
    return _matrix(t, reads), found


def _summed(table: TableSchema) -> frozenset[tuple[int, int]]:
    """Cells that stand in an equation."""
    keys = {(e.over, k) for e in table.equations for k in (*e.left, *e.right)}
    return frozenset(
        (i, j)
        for i, r in enumerate(table.rows)
        for j, c in enumerate(table.columns)
        if ("rows", c.key) in keys or ("columns", r.key) in keys
    )


def _spoil(
    texts: list[list[str]], kind: str, summed: frozenset[tuple[int, int]], rng: random.Random
) -> dict[tuple[int, int], Read]:
    """The cells that one mistake changes, as they are then read; empty where it cannot be made here."""
    i = rng.randrange(len(texts))
    row = texts[i]
    j = rng.randrange(len(row))
    if kind in KINDS:
        # A lone 0 is read wrong less often than others are, but there are many.
        wrong = misread(row[j], kind, rng) if (i, j) in summed and (row[j] != "0" or rng.random() < 0.2) else None
        return {(i, j): read_wrongly(row[j], wrong, rng)} if wrong not in (None, row[j]) else {}
    if kind == "neighbours":
        moved = {j: row[j + 1], j + 1: row[j]} if j + 1 < len(row) else {}
    else:
        start = rng.randrange(max(1, len(row) - 2))
        moved = dict(enumerate(["", *row[start:-1]], start))
    changed = {(i, k): read_rightly(t, rng) for k, t in moved.items() if _value(t) != _value(row[k])}
    return changed if changed.keys() <= summed else {}


def _value(text: str) -> Number:
    return parse_value(text).value or 0


def _matrix(table: TableSchema, reads: Sequence[Sequence[Read]]) -> Matrix:
    rows = tuple(LaneMatch(r.key, r.label, 1.0, 1.0, True) for r in table.rows)
    columns = tuple(LaneMatch(c.key, c.label, 1.0, 1.0, True) for c in table.columns)
    cells = tuple(tuple(map(_cell, line)) for line in reads)
    return Matrix(table.table, table.family, table.variant, None, rows, columns, cells, 1.0, 1.0, 1)


def _cell(read: Read) -> MatrixCell:
    value = parse_value(read.text)
    return MatrixCell(value.value, read.text, value.state, 0.99, read.doubt is not None or value.state is State.UNREADABLE,
                      Origin.OCR, 1, reason=read.doubt, readings=read.readings)  # fmt: skip


def proposals(matrix: Matrix) -> dict[Place, tuple[Proposal, ...]]:
    """What the recogniser proposes for each cell, as the runner gives it to the check."""
    found = {}
    for r, line in zip(matrix.rows, matrix.cells, strict=True):
        for c, cell in zip(matrix.columns, line, strict=True):
            parsed = [(parse_value(x.text), x) for x in cell.readings]
            found[(r.key, c.key)] = tuple(
                Proposal(v.value, x.log_prob, x.text) for v, x in parsed if v.state is not State.UNREADABLE
            )
    return found


def run(seed: int, printed: Printed, kinds: Sequence[str] = ALL_KINDS, n_errors: int | None = None) -> Outcome:
    """Injects and settles one table."""
    rng = random.Random(f"{seed}/errors")
    count = rng.randint(0 if printed.mistakes else 1, 5) if n_errors is None else n_errors
    matrix, injected = inject(printed, count, kinds, rng)
    column_kinds = {c.key: c.kind for c in printed.table.columns}
    start, begun = time.process_time(), time.perf_counter()
    common = common_mistakes(matrix, load_rates())
    settled = settle(matrix, printed.table.equations, proposals(matrix), common=common, kinds=column_kinds)
    return Outcome(printed, injected, matrix, settled, time.process_time() - start, time.perf_counter() - begun)


def record(seed: int, outcome: Outcome) -> Record:
    """Counts one table: what became of its cells, and of the verdicts on its equations."""
    fates: Counter[tuple[str, str]] = Counter()
    verdicts: Counter[str] = Counter()
    false_flags = right_cells = 0
    bad = []
    repaired = {r.place for r in outcome.settled.repairs}
    failing = {(c.row, c.column) for f in outcome.settled.findings if f.severity == "error" for c in f.cells}
    for place, text, before, after in _cells(outcome):
        right = (after.value or 0) == _value(text)
        kind = outcome.injected.get(place)
        if place in repaired and not right:
            fates[(kind or "read rightly", "repaired wrongly")] += 1
            bad.append(f"{seed} {outcome.before.table} {place}: {text!r} -> {before.text!r} -> {after.text!r}")
        if kind is not None:
            fates[(kind, "cells")] += 1
            fates[(kind, _fate(right, after, place in repaired, place in failing))] += 1
        else:
            right_cells += 1
            false_flags += after.review and not before.review
    for finding in outcome.settled.findings:
        if finding.severity == "error":
            verdicts[_verdict(finding, outcome)] += 1
    found = tuple((kind, fate, n) for (kind, fate), n in sorted(fates.items()))
    return Record(seed, found, dict(sorted(verdicts.items())), false_flags, right_cells, len(outcome.injected),
                  round(outcome.processor, 4), round(outcome.wall, 4), round(os.getloadavg()[0], 1), tuple(bad))  # fmt: skip


def _cells(outcome: Outcome) -> Iterator[tuple[Place, str, MatrixCell, MatrixCell]]:
    t = outcome.printed.table
    for i, row in enumerate(t.rows):
        for j, column in enumerate(t.columns):
            before, after = outcome.before.cells[i][j], outcome.settled.matrix.cells[i][j]
            yield (row.key, column.key), outcome.printed.texts[i][j], before, after


def _fate(right: bool, after: MatrixCell, repaired: bool, failing: bool) -> str:
    if after.review:
        return "flagged"
    if right:
        return "repaired rightly" if repaired else "right by chance"
    return "missed" if failing or repaired else "unseen"


def _verdict(finding: Finding, outcome: Outcome) -> str:
    """Whether what a finding says of a failed equation is so."""
    places = {(c.row, c.column) for c in finding.cells}
    misread_cells = bool(places & outcome.injected.keys())
    truth = "reading" if misread_cells else "source"
    return finding.kind if finding.kind == "undecided" else f"{finding.kind}, {'right' if finding.kind == truth else 'wrong'}"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs tables, one after another, and prints what became of them; returns 1 where a cell was repaired wrongly."""
    parser = argparse.ArgumentParser(prog="python -m bench.inject", description=__doc__)
    parser.add_argument("--set", choices=tuple(FIRST_SEED), default="reporting")
    parser.add_argument("--count", type=int, default=5000, help="tables")
    parser.add_argument("--from", dest="start", type=int, default=0, help="number of the first table")
    parser.add_argument("--list", type=int, default=20, help="wrong repairs that are listed")
    parser.add_argument("--keep", type=Path, help="file with a line for each table; what is in it is not run again")
    parser.add_argument("--merge", type=Path, nargs="*", default=[], help="further such files, of other parts of the run")
    parser.add_argument("--only", action="store_true", help="run nothing: print what the files hold")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {TARGET.relative_to(ROOT)}")
    options = parser.parse_args(argv)
    kept = {
        r.seed: r for path in (options.keep, *options.merge) if path is not None and path.exists() for r in read_records(path)
    }
    first = FIRST_SEED[options.set] + options.start
    wanted = [] if options.only else [n for n in range(first, first + options.count) if n not in kept]
    for seed in wanted:
        kept[seed] = record(seed, run(seed, next(tables(seed, 1))[1]))
        if options.keep is not None:
            append_record(options.keep, kept[seed])
    tally = Tally(kept[seed] for seed in sorted(kept))
    text = tally.report()
    print(text)
    print("\n".join(tally.bad[: options.list]))
    if options.write:
        put_into(TARGET, "inject", text)
    return int(bool(tally.bad))


if __name__ == "__main__":
    raise SystemExit(main())
