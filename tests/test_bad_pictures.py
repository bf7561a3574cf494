"""Pictures that hold no report end with a reason and without a single invented figure."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.config import DEFAULT
from pipeline.domain import DocumentResult
from pipeline.errors import DamagedError
from pipeline.intake.whole import require_whole_png
from pipeline.run.document import process

SCANS = Path(__file__).resolve().parents[1] / "fixtures" / "scans"


def run(path: Path) -> DocumentResult:
    return process(path, path.name, DEFAULT)


def assert_nothing_invented(result: DocumentResult) -> None:
    assert result.matrices == ()
    if result.status == "failed":
        assert result.failure is not None
        assert result.failure.failure_class != "internal", result.failure.message
        assert len(result.failure.message) > 10 and len(result.failure.advice) > 10


def blank() -> Image.Image:
    return Image.new("L", (1654, 2339), 255)


def gray_paper() -> Image.Image:
    """An empty page as a scanner sees it: grain, a falling light and a dark edge."""
    rng = np.random.default_rng(1)
    page = 235 + rng.normal(0, 4, (2339, 1654)) - np.linspace(0, 25, 1654)[None, :]
    page[:, -30:] = 60
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(2).integers(0, 256, (1754, 1240, 3), dtype=np.uint8))


def salt() -> Image.Image:
    """Black and white dust, as of a fax without a page."""
    return Image.fromarray(((np.random.default_rng(3).random((2339, 1654)) > 0.02) * 255).astype(np.uint8))


def scenery() -> Image.Image:
    """A photo with no page in it: sky, hills and a house with windows."""
    image = Image.new("RGB", (1600, 1200), (140, 180, 225))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 800), (500, 420), (900, 760), (1300, 500), (1600, 780), (1600, 1200), (0, 1200)], fill=(70, 110, 60))
    draw.rectangle((640, 620, 1000, 980), fill=(190, 170, 140), outline=(60, 50, 40), width=8)
    for x in range(680, 960, 90):
        for y in range(660, 900, 90):
            draw.rectangle((x, y, x + 55, y + 60), fill=(40, 50, 70))
    pixels = np.asarray(image).astype(np.float32) + np.random.default_rng(4).normal(0, 6, (1200, 1600, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def black() -> Image.Image:
    return Image.new("RGB", (1240, 1754), (3, 3, 3))


@pytest.mark.parametrize("make", [blank, gray_paper, noise, salt, scenery, black], ids=lambda make: make.__name__)
def test_a_picture_without_a_report_gives_no_figures(tmp_path, make):
    path = tmp_path / "page.png"
    make().save(path, dpi=(200, 200))
    assert_nothing_invented(run(path))


def test_an_empty_grid_gives_no_figures(tmp_path):
    """A ruled form in which nothing was written."""
    image = blank()
    draw = ImageDraw.Draw(image)
    for i in range(11):
        draw.line((200, 300 + i * 60, 1450, 300 + i * 60), fill=0, width=3)
        draw.line((200 + i * 125, 300, 200 + i * 125, 900), fill=0, width=3)
    image.save(tmp_path / "form.png", dpi=(200, 200))
    assert_nothing_invented(run(tmp_path / "form.png"))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95])
def test_a_photo_that_is_cut_off(tmp_path, share):
    data = (SCANS / "photo.jpg").read_bytes()
    path = tmp_path / "photo.jpg"
    path.write_bytes(data[: int(len(data) * share)])
    result = run(path)
    assert (result.status, result.failure and result.failure.failure_class) == ("failed", "damaged")


@pytest.mark.parametrize(("size", "failure_class"), [((1, 1), "empty"), ((40_000, 40_000), "too_large"), ((0, 0), "damaged")])
def test_declared_sizes(tmp_path, size, failure_class):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(data)
    result = run(tmp_path / "a.png")
    assert result.status == "failed" and result.failure is not None
    assert result.failure.failure_class == failure_class


def test_an_animation_and_a_tiff_of_a_thousand_pages(tmp_path):
    frames = [Image.new("L", (300, 400), i) for i in (20, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    result = run(tmp_path / "a.gif")
    assert result.failure is not None and result.failure.failure_class == "unsupported"
    page = Image.new("1", (300, 400), 1)
    page.save(tmp_path / "a.tif", compression="group4", save_all=True, append_images=[page] * 999)
    result = run(tmp_path / "a.tif")
    assert result.failure is not None and result.failure.failure_class == "too_large"


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "RGBA", "LA"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (8, 8), (130, 33)])
def test_whole_pngs_are_whole(tmp_path, mode, size):
    Image.effect_noise((size[0] + 1, size[1] + 1), 50).crop((0, 0, *size)).convert(mode).save(tmp_path / "a.png")
    require_whole_png(tmp_path / "a.png")


@pytest.mark.parametrize("interlaced", [0, 1])
def test_a_png_with_a_row_too_few_is_cut_off(tmp_path, interlaced):
    """The rows of an interlaced PNG stand in seven passes; of 20 by 9 gray pixels these are so many bytes."""
    needed = 9 * 21 if not interlaced else sum(rows * (1 + columns) for columns, rows in
                                              ((3, 2), (2, 2), (5, 1), (5, 3), (10, 2), (10, 5), (20, 4)))  # fmt: skip

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 20, 9, 8, 0, 0, 0, interlaced))
    path = tmp_path / "a.png"
    path.write_bytes(head + chunk(b"IDAT", zlib.compress(bytes(needed))) + chunk(b"IEND", b""))
    require_whole_png(path)
    path.write_bytes(head + chunk(b"IDAT", zlib.compress(bytes(needed - 1))) + chunk(b"IEND", b""))
    with pytest.raises(DamagedError):
        require_whole_png(path)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_scan_cut_off_within_its_pdf_is_damaged(tmp_path, share):
    """The picture of a page ends early, the PDF around it does not."""
    data = (SCANS / "low-100.pdf").read_bytes()
    start = data.index(b"\xff\xd8\xff")
    end = data.index(b"endstream", start)
    cut = start + int((end - start) * share)
    (tmp_path / "a.pdf").write_bytes(data[:cut] + b"\n" * (end - cut) + data[end:])
    result = run(tmp_path / "a.pdf")
    assert result.status != "accepted"
    pages = result.reading.pages if result.reading is not None else ()
    failures = [p.failure for p in pages if p.failure] + ([result.failure] if result.failure else [])
    assert [f.failure_class for f in failures] == ["damaged"]
    assert "cut off" in failures[0].message
