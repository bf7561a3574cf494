"""Crops of tuning scans, as the recogniser gets them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.cases import FIRST_SEED, pdf_cases
from bench.degrade import degrade_pdf
from bench.picture import encode_pages
from pipeline.config import DEFAULT
from pipeline.intake.raster_pdf import iter_pdf_rasters
from pipeline.ocr.narrowed import is_wide, narrowed
from pipeline.ocr.prepare import as_batch, bucket, pieces, scaled
from pipeline.raster import Gray
from pipeline.run.scan import look_at_raster

_PROFILES = ("office_200", "clean_300", "fax", "jpeg", "office_150", "low_100")
_PDFS = 2
_CONFIG = replace(DEFAULT, ocr=replace(DEFAULT.ocr, quick=False, threads=1))


def draw_inputs(count: int, seed: int) -> Iterator[npt.NDArray[np.float32]]:
    """Yields about `count` inputs of the recogniser, shape (1, 3, 48, width): figures at full width, lines of text narrowed.

    Args:
        count: of all profiles together.
        seed: of the choice among the crops.
    """
    rng = np.random.default_rng(seed)
    prints = list(islice(pdf_cases("tuning", 500), len(_PROFILES) * _PDFS))
    for k, profile in enumerate(_PROFILES):
        found = [crop for case in prints[k :: len(_PROFILES)] for crop in _crops(case.data, profile)]
        chosen = rng.choice(len(found), min(len(found), count // len(_PROFILES)), replace=False)
        for index in sorted(chosen.tolist()):
            piece = scaled(pieces(found[index])[0])
            ready = narrowed(piece) if is_wide(found[index]) else piece
            yield as_batch([ready], bucket(ready.shape[1]))


def _crops(data: bytes, profile: str) -> Iterator[Gray]:
    """Yields the crops of a PDF, printed and scanned."""
    pages = degrade_pdf(data, profile, FIRST_SEED["tuning"], "tuning")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.pdf"
        path.write_bytes(encode_pages(pages, "pdf"))
        for raster in iter_pdf_rasters(path, range(1, len(pages) + 1), _CONFIG):
            yield from (crop for crop in look_at_raster(raster, _CONFIG).crops if crop.size)
