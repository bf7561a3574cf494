"""Reports with a variant as PDF, and as scans of that print."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bench import scanner
from bench.degrade import PRINT_DPI, print_pages
from bench.picture import Picture, encode_pages
from bench.variant_sheets import Paper
from fixtures.gen.looks import Look
from fixtures.gen.render_pdf import print_flow
from fixtures.gen.sheets import Sheet

SCAN_DPI = 200.0
LOOKS = (
    Look("reportlab", "stsong", table_pt=8.0, margin_pt=45.0, header="stacked"),
    Look("reportlab", "wqy", border="frame_thick", table_pt=7.5, margin_pt=45.0, header="vertical", cut_ruling=False),
    Look("reportlab", "uming", border="none", table_pt=8.0, margin_pt=40.0, number_align="right"),
    Look("reportlab", "microhei", border="three_line", table_pt=8.0, margin_pt=45.0, header="stacked"),
)
_RULED = 2


def print_paper(paper: Paper, number: int) -> bytes:
    """Prints a report as PDF in one of a few looks; tables that stand beside another are printed below it."""
    look = LOOKS[number % (_RULED if paper.ruled else len(LOOKS))]
    flow: list[str | Sheet] = []
    for item in paper.items:
        if isinstance(item, str):
            flow.append(item)
            continue
        for grid in [item, item.beside] if item.beside else [item]:
            flow += [*(line for line in grid.above if line), grid.sheet()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        print_flow(paper.report, flow, look, path)
        return path.read_bytes()


def scan_paper(paper: Paper, number: int) -> bytes:
    """Scans the print of a report at 200 dpi, a little askew."""
    pages = []
    for k, page in enumerate(print_pages(print_paper(paper, number))):
        rng = np.random.default_rng([number, k])
        seen = scanner.scan(page, PRINT_DPI, SCAN_DPI, float(rng.uniform(-0.7, 0.7)), 0.4)
        pages.append(Picture(np.asarray(scanner.add_noise(seen, 3, rng), dtype=np.uint8), SCAN_DPI, quality=85))
    return encode_pages(pages, "pdf")
