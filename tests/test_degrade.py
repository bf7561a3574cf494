"""The scans of the bench: every profile draws what it says, and the same seed draws the same."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from bench.degrade import NAMES, OFFICE, PROFILES, degrade_pdf
from bench.picture import Picture, encode_pages
from bench.scans import twin_print
from fixtures.gen.twins import SEEDS


@pytest.fixture(scope="module")
def small_pdf() -> bytes:
    """Two pages of 2.5 by 3 inches with a ruled table."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(180, 216), invariant=1)
    for _ in range(2):
        canvas.grid([20, 65, 110, 160], [30, 60, 90, 120, 150, 180])
        canvas.drawString(25, 70, "12345")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("chosen", ["tuning", "reporting"])
@pytest.mark.parametrize("profile", NAMES)
def test_a_profile_is_the_same_for_the_same_seed(small_pdf, profile, chosen):
    pages = degrade_pdf(small_pdf, profile, 5, chosen)
    again = degrade_pdf(small_pdf, profile, 5, chosen)
    other = degrade_pdf(small_pdf, profile, 6, chosen)
    assert len(pages) == 2
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(pages, again, strict=True))
    assert not all(np.array_equal(a.pixels, b.pixels) for a, b in zip(pages, other, strict=True))
    gray = pages[0].pixels if pages[0].pixels.ndim == 2 else pages[0].pixels.min(axis=2)
    assert gray.min() < 110 and (profile == "photo" or np.median(gray) > 200)


def test_reporting_is_never_milder_than_tuning():
    assert set(OFFICE["tuning"]) == set(OFFICE["reporting"])
    for name in NAMES:
        tuning, reporting = PROFILES[name]["tuning"], PROFILES[name]["reporting"]
        assert set(tuning) == set(reporting)
        assert name in ("clean_300", "office_200", "office_150") or tuning != reporting


def test_files_of_pages(small_pdf):
    fax = degrade_pdf(small_pdf, "fax", 1, "tuning")
    tiff = Image.open(io.BytesIO(encode_pages(fax, "tif")))
    assert (tiff.mode, tiff.n_frames, tiff.info["compression"]) == ("1", 2, "group4")
    assert tiff.info["dpi"] == (204, 196)
    assert encode_pages(fax, "pdf") == encode_pages(fax, "pdf")
    gray = Picture(np.full((300, 200), 200, np.uint8), 100)
    assert Image.open(io.BytesIO(gray.encode("png"))).size == (200, 300)
    assert Image.open(io.BytesIO(gray.encode("jpg"))).info["dpi"] == (100, 100)
    with pytest.raises(ValueError, match="do not fit"):
        encode_pages([gray, gray], "png")


@pytest.mark.parametrize("name", SEEDS)
def test_a_printed_twin_has_the_figures_of_its_truth(name):
    pypdfium2 = pytest.importorskip("pypdfium2")
    try:
        twin = twin_print(name, 1000, "tuning")
    except OSError as error:
        pytest.skip(f"no font to print with: {error}")
    document = pypdfium2.PdfDocument(twin.data)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    values = [v for table in twin.truth["tables"].values() for row in table["values"] for v in row if v is not None]
    assert len(values) > 70  # most of one seed is printed blank
    assert all((f"{v:.2f}".rstrip("0").rstrip(".") if isinstance(v, float) else str(v)) in text for v in values)
