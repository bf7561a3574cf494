"""Scans with damages that no profile of `degrade` has: what leaves them wrong and without a flag is a silent error.

    python -m bench.hostile [NAME ...] [--reports N]

Each damage is done to whole pages of tuning reports at 300 dpi, which are then scanned at 200 dpi with a little skew. None of
them was used to fit anything; those that were found to be silent have their guards since (`bench/SCANS.md`).
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator

import numpy as np

from bench import scanner
from bench.cases import Case, hongze_cases, pdf_cases
from bench.degrade import PRINT_DPI, print_pages
from bench.hostile_marks import MARKS, Damage
from bench.hostile_sheets import SHEETS
from bench.picture import Picture, encode_pages
from bench.reading import read_case
from bench.tables import format_table

SCAN_DPI = 200.0
DAMAGES: dict[str, Damage] = {d.__name__: d for d in (*MARKS, *SHEETS)}


def damaged_pages(data: bytes, damage: Damage, seed: int) -> Iterator[Picture]:
    """Yields the pages of a PDF, damaged and scanned; the same seed gives the same pictures."""
    for k, page in enumerate(print_pages(data)):
        rng = np.random.default_rng([seed, zlib.crc32(damage.__name__.encode()), k])
        seen = scanner.scan(damage(page, rng), PRINT_DPI, SCAN_DPI, float(rng.uniform(-0.7, 0.7)), 0.4)
        yield Picture(np.asarray(scanner.add_noise(seen, 3, rng), dtype=np.uint8), SCAN_DPI, quality=85)


def hostile_cases(name: str, reports: int) -> Iterator[Case]:
    """Yields the first tuning reports, and the real one where it is there, with one damage."""
    printed = [*list(pdf_cases("tuning", 24))[2::4], *hongze_cases()]
    for seed, item in enumerate(printed[:reports]):
        pages = list(damaged_pages(item.data, DAMAGES[name], seed))
        data = encode_pages(pages, "pdf")
        yield Case(name, f"{item.name}-{name}", f"{item.name}.pdf", data, item.truth, pages=len(pages))


def main() -> None:
    """Reads the arguments, runs, and prints a line for each damage."""
    parser = argparse.ArgumentParser(description="Scans with damages that the profiles lack.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DAMAGES)}; default: all")
    parser.add_argument("--reports", type=int, default=2, help="reports for each (default 2)")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(DAMAGES))
    if unknown:
        parser.error(f"no damage is named {', '.join(unknown)}")
    rows = []
    for name in arguments.names or DAMAGES:
        tallies = [read_case(case).score.tally for case in hostile_cases(name, arguments.reports)]
        cells, exact, silent, review = (sum(getattr(t, key) for t in tallies) for key in ("cells", "exact", "silent", "review"))
        rows.append([name, str(cells), f"{100 * exact / cells:.1f}%", str(silent), f"{100 * review / cells:.1f}%"])
        print(" ".join(rows[-1]), flush=True)
    print(format_table(["damage", "cells", "exact", "silent", "review"], rows))


if __name__ == "__main__":
    main()
