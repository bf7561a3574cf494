"""Reports of unusual structure or with unusual figures, as web pages and texts: what comes out wrong without a flag.

python -m bench.variant_run [NAME ...] [--reports N] [--style html|pipes|tabs|lines|spaces]
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bench.tables import format_table
from bench.variant_forms import CLOSE, OPEN
from bench.variant_print import print_paper, scan_paper
from bench.variant_sheets import Grid, Paper, Place, make_paper
from bench.variants import STRUCTURES, VARIANTS, WEB_ONLY
from fixtures.gen.html_table import Dress, table_html
from fixtures.gen.report import sample_report
from pipeline.config import DEFAULT
from pipeline.domain import DocumentResult, Source, SourceKind
from pipeline.run.document import finish, process, process_bytes

HIDING = "<style>.ycxx{display:none} table{border-collapse:collapse}</style>"
PRINTS = ("pdf", "scan")
STYLES = ("html", "pipes", "tabs", "lines", "spaces", *PRINTS)


@dataclass
class Verdict:
    """What came out of one document."""

    cells: int = 0
    exact: int = 0
    review: int = 0
    missing: int = 0
    silent: list[str] = field(default_factory=list)


def papers(name: str, count: int, first_seed: int = 7000) -> Iterator[Paper]:
    """Yields reports of every form with one variant."""
    forms = (("2021", "2021"), ("2019", "2019"), ("2021", "2019"), ("2019", "2021"))
    sizes = ("county", "dense", "city", "township")
    for k in range(count):
        art20, requests = forms[k % 4]
        zero = "zero" if k % 5 else "blank_all"
        seed = first_seed + k
        report = sample_report(seed, art20_variant=art20, requests_variant=requests, magnitude=sizes[k // 2 % 4], zero_style=zero)
        layout = ("one", "separate", "one", "five", "captions")[k % 5]
        # Where header and body are divided differently, a further column would stand below another name.
        layout = "one" if layout == "five" and name in STRUCTURES else layout
        paper = make_paper(report, layout, "flat" if k % 7 == 6 else "official")
        if name != "none":
            VARIANTS[name](paper, Random(f"{seed}/{name}"))
        yield paper


def web_page(paper: Paper, seed: int) -> str:
    """The report as a web page."""
    rng = Random(f"{seed}/dress")
    dress = Dress(markup=rng.choice(("plain", "p", "mso")), group=rng.choice(("spans", "spans", "blank")), art20_layout="one")
    parts = [f"<h1>{paper.report.title}</h1>"]
    for item in paper.items:
        if isinstance(item, str):
            parts.append(item if item.startswith(OPEN) else f"<p>{item}</p>")
            continue
        parts += [line if line.startswith(OPEN) else f"<p>{line}</p>" for line in item.above]
        table = table_html(item.sheet(), dress, rng)
        if item.beside:
            table = f"<table><tr><td>{table}</td><td>{table_html(item.beside.sheet(), dress, rng)}</td></tr></table>"
        parts.append(table)
    head = f"<head><meta charset='utf-8'><title>{paper.report.title}</title>{HIDING}</head>"
    text = f"<html>{head}<body>{''.join(parts)}</body></html>"
    text = re.sub(r"&amp;(?=#|nbsp)", "&", text.replace(OPEN, "<").replace(CLOSE, ">"))
    return paper.page(text)


def plain_text(paper: Paper, style: str) -> str:
    """The report as a scrape: merged cells once, then nothing."""
    lines = [paper.report.title]
    for item in paper.items:
        if isinstance(item, str):
            lines.append(item)
        else:
            for grid in [item, item.beside] if item.beside else [item]:
                lines += [*grid.above, *_rows(grid, style)]
    return "\n".join(lines)


def _rows(grid: Grid, style: str) -> Iterator[str]:
    for r in range(grid.n_rows):
        boxes = sorted((b for b in grid.boxes if b.row == r), key=lambda b: b.column)
        texts = [b.text.replace("\n", " ") for b in boxes]
        if style in ("pipes", "tabs"):
            filled = {b.column: t for b, t in zip(boxes, texts, strict=True)}
            wide = [filled.get(c, "") for c in range(grid.n_columns)]
            yield "| " + " | ".join(wide) + " |" if style == "pipes" else "\t".join(wide)
        elif style == "lines":
            yield from texts
        else:
            yield " ".join(t for t in texts if t)


def read(paper: Paper, style: str, seed: int) -> DocumentResult:
    """Runs the pipeline on the report in a style."""
    if style in PRINTS:
        return _read_file((print_paper if style == "pdf" else scan_paper)(paper, seed))
    if style != "html":
        return process_bytes("a.txt", plain_text(paper, style).encode())
    from pipeline.intake.html import read_html

    data = web_page(paper, seed).encode()
    source = Source("a.html", "a.html", hashlib.sha256(data).hexdigest(), len(data), SourceKind.HTML, "html")
    return finish(source, read_html(source, data, DEFAULT), DEFAULT)


def _read_file(data: bytes) -> DocumentResult:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(data)
        return process(path, path.name, DEFAULT)


def judge(paper: Paper, result: DocumentResult) -> Verdict:
    """Compares with what the print says."""
    truth = paper.truth()
    verdict = Verdict()
    seen: set[Place] = set()
    for matrix in result.matrices:
        for i, row in enumerate(matrix.rows):
            for j, column in enumerate(matrix.columns):
                place, cell = (matrix.table, row.key, column.key), matrix.cells[i][j]
                seen.add(place)
                verdict.cells += 1
                allowed = truth.get(place, set())
                right = cell.value in allowed and place not in paper.lost
                verdict.exact += right
                verdict.review += cell.review
                forgiven = cell.value is None and None in paper.either.get(place, ())
                if not cell.review and not right and not forgiven:
                    said = "lost" if place in paper.lost else sorted(map(str, allowed))
                    verdict.silent.append(f"{'.'.join(place)}: {cell.value} ({cell.text!r}) for {said}")
    verdict.missing = len(truth.keys() - seen)
    named = {m.table for m in result.matrices} | {*result.absent, *result.unread}
    verdict.silent += [f"{table}: no word that it was not found" for table in sorted({p[0] for p in truth} - named)]
    return verdict


def run(name: str, count: int, style: str) -> tuple[Verdict, list[tuple[int, str]]]:
    """Reads every report of a variant."""
    whole, silent = Verdict(), []
    for k, paper in enumerate(papers(name, count)):
        verdict = judge(paper, read(paper, style, k))
        for key in ("cells", "exact", "review", "missing"):
            setattr(whole, key, getattr(whole, key) + getattr(verdict, key))
        whole.silent += verdict.silent
        silent += [(k, s) for s in verdict.silent]
    return whole, silent


def main() -> None:
    """Reads the arguments, runs, and prints a line for each variant."""
    parser = argparse.ArgumentParser(description="Reports of unusual structure or with unusual figures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--reports", type=int, default=8)
    parser.add_argument("--style", choices=STYLES, default="html")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.names or ["none", *VARIANTS]:
        if arguments.style != "html" and name in WEB_ONLY:
            continue
        verdict, silent = run(name, arguments.reports, arguments.style)
        cells = max(verdict.cells, 1)
        rows.append([
            name, str(verdict.cells), f"{100 * verdict.exact / cells:.1f}%", str(len(verdict.silent)),
            f"{100 * verdict.review / cells:.1f}%", str(verdict.missing),
        ])  # fmt: skip
        if verdict.silent:
            print(name, len(silent), silent[:2], silent[-1:], flush=True)
    print(format_table(["variant", "cells", "exact", "silent", "review", "missing"], rows))


if __name__ == "__main__":
    main()
