"""Pictures become rasters: colours, depth, orientation and resolution as a person sees them; bad ones end with a reason."""

from __future__ import annotations

import io
import resource
import struct
import zlib

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from pipeline.config import DEFAULT, Config, Scan
from pipeline.errors import DamagedError, DocumentError, EmptyDocumentError, TooLargeError, UnsupportedFormatError
from pipeline.intake.image import count_frames, iter_image_rasters
from pipeline.intake.pictures import group_pictures, group_sha256, iter_group_rasters
from pipeline.intake.raster_pdf import iter_pdf_rasters, rasterise_page
from pipeline.intake.resolution import choose_dpi

SMALL = Config(scan=Scan(max_page_pixels=100_000, max_pages=5))


def page(width: int = 827, height: int = 1169, mode: str = "RGB") -> Image.Image:
    """A white page with a black bar at the top left and a red one at the bottom right."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 300, 90), fill="black")
    draw.rectangle((width - 200, height - 90, width - 40, height - 40), fill=(200, 20, 20))
    return image.convert(mode)


def put(folder, image: Image.Image, name: str, **options):
    image.save(folder / name, **options)
    return folder / name


def read(path, config: Config = DEFAULT):
    return list(iter_image_rasters(path, config))


def assert_upright(pixels, lossy: bool = False) -> None:
    """The bars are where `page` draws them."""
    height, width = pixels.shape[:2]
    near = 30 if lossy else 8
    assert pixels[int(height * 0.05), int(width * 0.15)].max() <= near
    assert pixels[int(height * 0.5), int(width * 0.5)].min() >= 255 - near
    red = pixels[int(height * 0.945), int(width * 0.85)].astype(int)
    assert red[0] - red[1] > 120 or abs(red[0] - red[1]) <= near  # gray formats have no red


# --- kinds of pictures


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.png", "RGB", {}), ("a.png", "L", {}), ("a.png", "P", {}), ("a.png", "1", {}), ("a.png", "RGBA", {}),
        ("a.png", "LA", {}),
        ("a.jpg", "RGB", {"quality": 90}), ("a.jpg", "L", {}), ("a.jpg", "CMYK", {}), ("a.jpg", "RGB", {"progressive": True}),
        ("a.tif", "RGB", {}), ("a.tif", "CMYK", {}), ("a.tif", "1", {"compression": "group4"}),
        ("a.tif", "L", {"compression": "tiff_lzw"}),
        ("a.tif", "RGB", {"compression": "jpeg"}), ("a.tif", "YCbCr", {}), ("a.bmp", "RGB", {}), ("a.bmp", "1", {}),
        ("a.webp", "RGB", {"lossless": True}), ("a.gif", "P", {}), ("a.jp2", "RGB", {}),
    ],
)  # fmt: skip
def test_every_kind_of_picture(tmp_path, name, mode, options):
    (raster,) = read(put(tmp_path, page(mode=mode), name, **options))
    assert raster.pixels.shape == (1169, 827, 3)
    assert raster.pixels.dtype == np.uint8
    assert_upright(raster.pixels, lossy=True)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits(tmp_path, name):
    gray = np.asarray(page(mode="L")).astype(np.uint16) * 257
    (raster,) = read(put(tmp_path, Image.fromarray(gray), name))
    assert np.array_equal(raster.pixels[:, :, 0], (gray // 257).astype(np.uint8))


def test_twelve_bits_in_sixteen(tmp_path):
    gray = np.asarray(page(mode="L")).astype(np.uint16) * 16 + 15
    (raster,) = read(put(tmp_path, Image.fromarray(gray), "a.tif"))
    assert_upright(raster.pixels)


@pytest.mark.parametrize("full", [1.0, 255.0, 65535.0])
def test_floating_point(tmp_path, full):
    gray = np.asarray(page(mode="L")).astype(np.float32) / 255.0 * full
    (raster,) = read(put(tmp_path, Image.fromarray(gray), "a.tif"))
    assert_upright(raster.pixels)


def test_transparency_is_white_paper(tmp_path):
    image = Image.new("RGBA", (300, 400), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((100, 100, 200, 150), fill=(0, 0, 0, 255))
    (raster,) = read(put(tmp_path, image, "a.png"))
    assert raster.pixels[10, 10].tolist() == [255, 255, 255]
    assert raster.pixels[120, 150].tolist() == [0, 0, 0]
    palette = Image.new("P", (300, 400), 3)
    palette.putpalette(list(range(0, 12)))
    (raster,) = read(put(tmp_path, palette, "b.png", transparency=3))
    assert raster.pixels.min() == 255


def test_inks_of_a_jpeg_without_its_marker_are_not_inverted(tmp_path):
    data = io.BytesIO()
    page(mode="CMYK").save(data, "JPEG", quality=95)
    marked = data.getvalue()
    start = marked.index(b"\xff\xee")
    length = struct.unpack(">H", marked[start + 2 : start + 4])[0]
    (tmp_path / "marked.jpg").write_bytes(marked)
    (raster,) = read(tmp_path / "marked.jpg")
    assert_upright(raster.pixels, lossy=True)
    (tmp_path / "bare.jpg").write_bytes(marked[:start] + marked[start + 2 + length :])
    (raster,) = read(tmp_path / "bare.jpg")
    assert raster.pixels[500, 400].min() > 225


# --- orientation


TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp"])
def test_exif_orientation(tmp_path, name, orientation):
    turn = TURNS[orientation]
    image = page() if turn is None else page().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    (raster,) = read(put(tmp_path, image, name, exif=exif))
    assert raster.pixels.shape == (1169, 827, 3)
    assert_upright(raster.pixels, lossy=True)


def test_broken_exif_is_no_reason_to_fail(tmp_path):
    for exif in (b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00" + bytes(range(40)), b"Exif\x00\x00MM"):
        (raster,) = read(put(tmp_path, page(), "a.jpg", exif=exif))
        assert_upright(raster.pixels, lossy=True)


# --- resolution


@pytest.mark.parametrize(
    ("width", "height", "declared", "expected"),
    [
        (1654, 2339, 200, 200), (1654, 2339, None, 200), (3024, 4032, 72, 365.7), (1240, 1754, 96, 149.9), (2480, 3508, 300, 300),
        (7016, 9933, 600, 600), (1240, 1754, 5, 149.9), (1080, 2400, 72, 130.6), (1600, 300, 72, 72), (1600, 300, None, 193.5),
        (4032, 3024, None, 365.7), (827, 1169, 100, 100), (9933, 14043, 600, 600), (200, 300, None, 50),
    ],
)  # fmt: skip
def test_resolution_is_that_of_paper(width, height, declared, expected):
    assert choose_dpi(width, height, declared) == pytest.approx(expected, abs=0.5)


def test_resolution_of_the_file(tmp_path):
    for name in ("a.png", "a.jpg", "a.tif", "a.bmp"):
        (raster,) = read(put(tmp_path, page(1240, 1754), name, dpi=(150, 150)))
        assert raster.dpi == pytest.approx(150, abs=0.1)
    (raster,) = read(put(tmp_path, page(1654, 2339), "b.png"))
    assert raster.dpi == pytest.approx(200, abs=0.1)
    assert raster.width_pt == pytest.approx(595, abs=1)


@pytest.mark.parametrize("down", [98, 196])
def test_fax_pixels_are_made_square(tmp_path, down):
    image = page(1728, round(11.69 * down), mode="L").convert("1")
    (raster,) = read(put(tmp_path, image, "a.tif", compression="group4", dpi=(204, down)))
    assert raster.dpi == pytest.approx(204, abs=0.1)
    assert raster.height_pt == pytest.approx(11.69 * 72, rel=0.01)


def test_fax_that_lies_on_its_side(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = page(1728, 1146).transpose(Image.Transpose.ROTATE_90)
    (raster,) = read(put(tmp_path, image, "a.png", exif=exif, dpi=(98, 204)))
    assert raster.dpi == pytest.approx(204, abs=0.1)
    assert raster.pixels.shape == (2386, 1728, 3)


# --- pages of a TIFF


def test_pages_of_a_tiff(tmp_path):
    pages = [page(500 + i, 700) for i in range(4)]
    path = put(tmp_path, pages[0], "a.tif", save_all=True, append_images=pages[1:])
    rasters = read(path)
    assert [(r.page_no, r.pixels.shape[1]) for r in rasters] == [(1, 500), (2, 501), (3, 502), (4, 503)]
    assert count_frames(path, DEFAULT) == 4


def test_previews_in_a_tiff_are_no_pages(tmp_path):
    preview = page(120, 200)
    preview.encoderinfo = {"tiffinfo": {254: 1}}
    path = put(tmp_path, page(), "a.tif", save_all=True, append_images=[preview])
    assert [r.pixels.shape[1] for r in read(path)] == [827]


def test_a_tiff_of_a_thousand_pages(tmp_path):
    blank = Image.new("1", (300, 400), 1)
    path = put(tmp_path, blank, "a.tif", compression="group4", save_all=True, append_images=[blank] * 999)
    with pytest.raises(TooLargeError, match="400 pages"):
        next(iter_image_rasters(path, DEFAULT))


# --- pictures that are refused


def declared_png(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(40_000, 40_000), (9_000, 9_000), (2**31 - 1, 1000)])
def test_a_declared_size_beyond_the_cap_is_refused_unread(tmp_path, size):
    path = tmp_path / "a.png"
    path.write_bytes(declared_png(*size))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLargeError):
        read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (1, 5000), (99, 300)])
def test_too_small_to_be_a_page(tmp_path, size):
    with pytest.raises(EmptyDocumentError, match="too few"):
        read(put(tmp_path, Image.new("L", size, 255), "a.png"))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.bmp", "a.webp", "a.jp2"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_a_picture_that_is_cut_off(tmp_path, name, share):
    rng = np.random.default_rng(1)
    noisy = Image.fromarray(rng.integers(0, 255, (400, 300, 3), dtype=np.uint8))
    path = put(tmp_path, noisy, name)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DamagedError) as caught:
        read(path)
    assert caught.value.advice


def test_zero_size(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(declared_png(0, 0))
    with pytest.raises((DamagedError, EmptyDocumentError)):
        read(path)


def test_animations_are_refused(tmp_path):
    frames = [page(300, 400, "P"), page(301, 400, "P").rotate(180)]
    for name in ("a.gif", "a.webp", "a.png"):
        first = frames[0] if name == "a.gif" else frames[0].convert("RGB")
        second = frames[1].convert(first.mode).resize(first.size)
        with pytest.raises(UnsupportedFormatError, match="animation"):
            read(put(tmp_path, first, name, save_all=True, append_images=[second]))


def test_the_preview_of_a_phone_picture_is_left_out(tmp_path):
    path = put(tmp_path, page(), "a.jpg", format="MPO", save_all=True, append_images=[page(400, 600)])
    assert [r.pixels.shape[1] for r in read(path)] == [827]


def test_a_large_jpeg_is_decoded_smaller(tmp_path):
    path = put(tmp_path, page(), "a.jpg", dpi=(100, 100))
    (raster,) = read(path, Config(scan=Scan(max_page_pixels=300_000)))
    assert raster.pixels.shape[0] * raster.pixels.shape[1] <= 300_000
    assert raster.width_pt == pytest.approx(827 * 0.72, rel=0.01)
    assert_upright(raster.pixels, lossy=True)
    with pytest.raises(TooLargeError):
        read(put(tmp_path, page(), "a.png"), SMALL)
    with pytest.raises(TooLargeError):
        read(put(tmp_path, page(), "b.jpg", progressive=True), SMALL)


def test_a_jpeg_finer_than_needed_is_decoded_at_half_its_size(tmp_path):
    path = put(tmp_path, page(4962, 7016), "a.jpg", dpi=(600, 600))
    (raster,) = read(path)
    assert raster.pixels.shape == (3508, 2481, 3)
    assert raster.dpi == pytest.approx(300)
    (raster,) = read(put(tmp_path, page(3024, 4032), "b.jpg"))
    assert raster.pixels.shape == (4032, 3024, 3)


def test_any_bytes_end_as_pages_or_as_a_reason(tmp_path):
    rng = np.random.default_rng(7)
    for name in ("a.png", "a.jpg", "a.tif", "a.gif", "a.bmp", "a.webp", "a.jp2"):
        image = page(300, 400, "P" if name == "a.gif" else "RGB")
        whole = put(tmp_path, image, name, dpi=(100, 100)).read_bytes()
        for _ in range(40):
            data = bytearray(whole)
            for place in rng.integers(0, min(len(data), 600), 4):
                data[place] = int(rng.integers(0, 256))
            (tmp_path / name).write_bytes(bytes(data))
            try:
                assert all(r.pixels.ndim == 3 and r.dpi > 0 for r in read(tmp_path / name))
            except DocumentError as error:
                assert error.message and error.advice


# --- groups of pictures


def test_pictures_of_a_folder_that_are_one_report(tmp_path):
    def paths(folder, *names):
        return [tmp_path / folder / name for name in names]

    report = paths("a", "IMG_0010.jpg", "IMG_0002.jpg", "IMG_0009.png")
    assert group_pictures(report) == [(report[1], report[2], report[0])]
    assert group_pictures(report, apart=[tmp_path / "a"]) == [(p,) for p in report]
    for names in (("a.jpg", "b.jpg"), ("x-1.jpg",), ("x-1.jpg", "y-2.jpg"), ("x-1.jpg", "x-01.jpg"), ("x-1.jpg", "x-2.pdf")):
        assert group_pictures(paths("b", *names)) == [(p,) for p in paths("b", *names)]
    other = paths("c", "第1页.png", "第2页.png")
    text = tmp_path / "d.txt"
    assert group_pictures([text, *other, *report]) == [(text,), tuple(other), (report[1], report[2], report[0])]
    assert group_sha256(["ab", "cd"]) == group_sha256(["abcd"]) != group_sha256(["cd", "ab"])


def test_pages_of_a_group(tmp_path):
    first = put(tmp_path, page(500, 700), "1.png")
    second = put(tmp_path, page(501, 700), "2.tif", save_all=True, append_images=[page(502, 700)])
    rasters = list(iter_group_rasters([first, second], DEFAULT))
    assert [(r.page_no, r.pixels.shape[1]) for r in rasters] == [(1, 500), (2, 501), (3, 502)]
    with pytest.raises(TooLargeError):
        list(iter_group_rasters([second, second], Config(scan=Scan(max_pages=3))))


# --- pages of a PDF


def picture_pdf(folder, image: Image.Image, name: str = "a.pdf", **options):
    return put(folder, image, name, **options)


@pytest.mark.parametrize("dpi", [100.0, 150.0, 200.0, 300.0])
def test_a_scan_is_taken_in_its_own_pixels(tmp_path, dpi):
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(0, 2, (1403, 1001), dtype=np.uint8) * 255).convert("1")
    raster = rasterise_page(picture_pdf(tmp_path, image, resolution=dpi), 1, DEFAULT)
    assert raster.dpi == pytest.approx(dpi, rel=0.002)
    assert np.array_equal(raster.pixels[:, :, 0], np.asarray(image.convert("L")))


@pytest.mark.parametrize("points", [1654.0, 120.0, 595.0])
def test_a_page_that_is_no_paper_has_the_resolution_of_paper(tmp_path, points):
    path = picture_pdf(tmp_path, page(1654, 2339, "L"), resolution=1654 * 72 / points)
    raster = rasterise_page(path, 1, DEFAULT)
    assert raster.pixels.shape == (2339, 1654, 3)
    assert raster.dpi == pytest.approx(200, rel=0.002)


def test_a_fax_in_a_pdf_has_square_pixels(tmp_path):
    path = picture_pdf(tmp_path, page(1728, 1146, "L").convert("1"), dpi=(204, 98))
    raster = rasterise_page(path, 1, DEFAULT)
    assert raster.dpi == pytest.approx(204, rel=0.002)
    assert raster.pixels.shape[0] == pytest.approx(2386, abs=2)


def test_print_is_drawn_at_the_resolution_of_the_configuration(tmp_path):
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.rect(100, 700, 50, 50, fill=1)
    canvas.showPage()
    canvas.rect(100, 700, 50, 50, fill=1)
    canvas.showPage()
    canvas.save()
    document = pypdfium2.PdfDocument(path.read_bytes())
    document[1].set_rotation(90)
    document.save(path)
    document.close()
    upright, turned = iter_pdf_rasters(path, [1, 2], Config(scan=Scan(dpi=72)))
    assert upright.pixels.shape == (842, 595, 3) and turned.pixels.shape == (595, 842, 3)
    assert upright.pixels[842 - 725, 125].max() == 0
    assert turned.pixels[125, 725].max() == 0
    assert (upright.dpi, upright.page_no, turned.page_no) == (72, 1, 2)


def test_layers_and_strips_of_a_scan(tmp_path):
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(595.28, 841.89))
    strip = ImageReader(Image.new("L", (1654, 234), 200))
    for i in range(10):
        canvas.drawImage(strip, 0, i * 84.189, 595.28, 84.189)
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (827, 1169), 200)), 0, 0, 595.28, 841.89)
    canvas.drawImage(ImageReader(Image.new("L", (2480, 3508), 100)), 0, 0, 595.28, 841.89)
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (4960, 7016), 100)), 0, 0, 595.28, 841.89)
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (300, 300), 100)), 0, 0, 72, 72)
    canvas.save()
    found = list(iter_pdf_rasters(path, [1, 2, 3, 4], DEFAULT))
    assert [round(r.dpi) for r in found] == [200, 300, 300, 200]


def test_a_page_of_absurd_width(tmp_path):
    from fixtures import make_bad

    path = tmp_path / "a.pdf"
    path.write_bytes(make_bad.text_pdf().replace(b"0 0 595 842", b"0 0 2147483647 842"))
    with pytest.raises(DocumentError):
        rasterise_page(path, 1, DEFAULT)
    with pytest.raises(DamagedError):
        rasterise_page(tmp_path / "gone.pdf", 1, DEFAULT)
    path.write_bytes(make_bad.text_pdf())
    with pytest.raises(DamagedError):
        rasterise_page(path, 99, DEFAULT)
