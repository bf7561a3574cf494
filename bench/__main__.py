"""`python -m bench`: accuracy by kind of input, then speed; see `--help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench import cases
from bench.reading import Outcome, read_case
from bench.tables import HEADER, accuracy_rows, error_lines, format_table, reason_rows

KINDS = ("seeds", "twins", "text", "html", "pdf", "hongze", "scans", "speed", "baselines")
TIMED = ("speed", "baselines")
NOTES = ("silent", "flagged", "review", "missed", "false", "absent")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the bench; returns 1 where a silent error or a crash was seen."""
    options = _parse(argv)
    chosen = options.only.split(",") if options.only else [k for k in KINDS if k not in TIMED or not options.list_errors]
    outcomes: list[Outcome] = []
    for case in _cases(chosen, options):
        if options.match in f"{case.kind} {case.name}":
            outcome = read_case(case)
            # Scans are large, and made again in no time.
            outcomes.append(outcome if options.dump else replace(outcome, case=replace(case, data=b"")))
            _progress(len(outcomes), case.name)
    report = [_report(outcomes)] if outcomes else []
    if report:
        print("\n" + report[0])
    if options.dump:
        _dump(outcomes, Path(options.dump))
    if options.list_errors:
        kinds = options.list_errors.split(",") if options.list_errors != "all" else NOTES
        print("\n" + "\n".join(error_lines(outcomes, kinds, options.lines)))
        print("\n" + format_table(("reason for review", "cells", "right", "lost in print"), reason_rows(outcomes)))
    if "speed" in chosen:
        from bench.speed import speed_report

        report.append(speed_report())
        print("\n" + report[-1])
    if "baselines" in chosen:
        report.append(_baselines(options))
        print("\n" + report[-1])
    if options.write:
        _write(report, options.set)
    return int(any(o.crash or o.score.tally.silent for o in outcomes))


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Accuracy and speed of Gouji.")
    parser.add_argument("--set", choices=("tuning", "reporting"), default="reporting", help="seeds and strengths of damage")
    parser.add_argument("--only", default="", help=f"comma-separated kinds of {', '.join(KINDS)}; all by default")
    parser.add_argument("--count", type=int, default=0, help="mangled texts (default: 560 reporting, 196 tuning)")
    parser.add_argument("--pdfs", type=int, default=64, help="generated PDFs")
    parser.add_argument("--scans", type=int, default=0, help="reports for each profile of scans (default: 4 reporting, 3 tuning)")
    parser.add_argument("--profiles", default="", help="comma-separated profiles of scans; all by default")
    parser.add_argument("--peer-pages", type=int, default=1, help="table pages for each profile that other readers read too")
    parser.add_argument("--match", default="", help="only cases whose kind and name contain this")
    parser.add_argument("--list-errors", nargs="?", const="all", default="", metavar="KINDS",
                        help=f"print notes ({', '.join(NOTES)}; all by default) and the reasons for review")  # fmt: skip
    parser.add_argument("--lines", type=int, default=12, help="notes printed for each document")
    parser.add_argument("--dump", default="", metavar="FOLDER", help="write each input with notes, and what was read of it")
    parser.add_argument("--write", action="store_true", help="write the tables to bench/RESULTS.md")
    return parser.parse_args(argv)


def _cases(chosen: Sequence[str], options: argparse.Namespace) -> Iterator[cases.Case]:
    first = cases.FIRST_SEED[options.set]
    count = options.count or {"tuning": 196, "reporting": 560}[options.set]
    makers: dict[str, Callable[[], Iterator[cases.Case]]] = {
        "seeds": cases.seed_cases,
        "twins": lambda: cases.twin_cases(first, 10),
        "text": lambda: cases.text_cases(options.set, count),
        "html": lambda: cases.html_cases(options.set, options.pdfs),
        "pdf": lambda: cases.pdf_cases(options.set, options.pdfs),
        "hongze": cases.hongze_cases,
        "scans": lambda: _scan_cases(options),
    }
    for kind, make in makers.items():
        if kind in chosen:
            yield from make()


def _scan_cases(options: argparse.Namespace) -> Iterator[cases.Case]:
    from bench.scans import scan_cases

    return scan_cases(options.set, options.scans, _profiles(options))


def _profiles(options: argparse.Namespace) -> tuple[str, ...]:
    return tuple(filter(None, options.profiles.split(",")))


def _baselines(options: argparse.Namespace) -> str:
    from bench.baselines import baseline_report
    from bench.speed import worker_table

    return "\n\n".join((baseline_report(options.set, _profiles(options), options.peer_pages), worker_table(options.set)))


def _report(outcomes: list[Outcome]) -> str:
    scans = [o for o in outcomes if o.case.kind.startswith("scan ")]
    others = [o for o in outcomes if not o.case.kind.startswith("scan ")]
    parts = [_report_of_files(others)] if others else []
    if scans:
        from bench import scans as table

        parts.append(format_table(table.HEADER, table.scan_rows(scans)))
    return "\n\n".join(parts)


def _report_of_files(outcomes: list[Outcome]) -> str:
    parts = [format_table(HEADER, accuracy_rows(outcomes, lambda o: o.case.kind, "ALL"))]
    generated = [o for o in outcomes if o.case.detail]
    if generated:
        rows = accuracy_rows(generated, lambda o: f"{o.case.kind.split()[0]}: {o.case.detail}")
        parts.append(format_table(("strength or make", *HEADER[1:]), rows))
    return "\n\n".join(parts)


def _write(report: list[str], chosen: str) -> None:
    """Keeps the tables beside the program that made them."""
    measures = Path(__file__).with_name("MEASURES.md").read_text(encoding="utf8")
    head = f"# Results of `python -m bench --set {chosen}`\n\n{measures}"
    Path(__file__).with_name("RESULTS.md").write_text("\n\n".join([head.rstrip(), *report]) + "\n", encoding="utf8")


def _progress(done: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} {name:60s}", end="", file=sys.stderr, flush=True)


def _dump(outcomes: list[Outcome], folder: Path) -> None:
    """Writes the inputs that have notes, for a look by eye."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    for o in outcomes:
        if o.score.notes or o.crash:
            (folder / o.case.name).with_suffix(Path(o.case.file_name).suffix).write_bytes(o.case.data)
            notes = {"notes": [vars(n) for n in o.score.notes], "crash": o.crash, "truth": o.case.truth, "read": o.document}
            (folder / f"{o.case.name}.json").write_text(json.dumps(notes, ensure_ascii=False, indent=1), encoding="utf8")


if __name__ == "__main__":
    sys.exit(main())
