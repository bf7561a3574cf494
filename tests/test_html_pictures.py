"""Tables that a web page shows as pictures are read in their place; what cannot be had is said, and nothing is fetched."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from pipeline.config import DEFAULT
from pipeline.domain import DocumentResult, Origin
from pipeline.errors import DocumentError
from pipeline.intake.discover import Input
from pipeline.intake.html import open_page
from pipeline.intake.html_pictures import find_picture, may_hold_table
from pipeline.intake.raster_pdf import rasterise_page
from pipeline.run.batch import plan_run, read_input

ROOT = Path(__file__).resolve().parents[1]
SCAN = ROOT / "fixtures" / "scans" / "office-150.pdf"
TRUTH = json.loads(SCAN.with_suffix(".truth.json").read_text(encoding="utf8"))["tables"]
TITLE = "丰乐街道办事处2020年政府信息公开工作年度报告"
TEXT = "<p>" + "全年受理的申请均已按时答复，主动公开的内容见下表。" * 3 + "</p>"
DATA = "<table border=1><tr><td>栏目</td><td>访问量</td></tr><tr><td>要闻</td><td>3</td></tr></table>"


@cache
def picture(what: str) -> bytes:
    """The reconsideration table, or one whole page, as a PNG."""
    number, box = {"litigation": (2, (70, 640, 1160, 920)), "first": (1, None), "second": (2, None)}[what]
    image = Image.fromarray(rasterise_page(SCAN, number, DEFAULT).pixels).convert("L")
    kept = io.BytesIO()
    (image.crop(box) if box else image).save(kept, "PNG")
    return kept.getvalue()


def embedded(what: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture(what)).decode()}"


def read(folder: Path, body: str, name: str = "page.html") -> DocumentResult:
    path = folder / name
    path.write_text(f"<html><head><title>{TITLE}</title></head><body>{body}</body></html>", encoding="utf8")
    return read_input(Input(path, name), DEFAULT)


def exact(result: DocumentResult) -> set[str]:
    return {m.table for m in result.matrices if [[c.value for c in row] for row in m.cells] == TRUTH[m.table]["values"]}


def rules(result: DocumentResult) -> dict[str, str]:
    return {f.rule: f.message for f in result.findings}


@pytest.mark.parametrize("where", ["embedded", "beside"])
def test_a_table_as_a_picture_is_read_in_its_place(tmp_path, where):
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "表 4.png").write_bytes(picture("litigation"))
    address = embedded("litigation") if where == "embedded" else f"page_files/{quote('表 4.png')}?v=2"
    heading = "<h2>四、行政复议、行政诉讼情况</h2>"
    result = read(tmp_path, f"<h1>{TITLE}</h1>{TEXT}{DATA}{heading}<p><img src='{address}'></p><p>以上。</p>")
    assert result.status != "failed" and exact(result) == {"litigation"}
    (matrix,) = result.matrices
    assert all(c.origin is Origin.OCR and c.page_no == 2 and c.bbox for row in matrix.cells for c in row)
    assert result.reading is not None
    assert [(p.page_no, p.kind) for p in result.reading.pages] == [(1, "html"), (2, "image")]
    kinds = [type(b).__name__ if not hasattr(b, "origin") else str(b.origin) for b in result.reading.blocks]
    assert kinds.index("html") < kinds.index("ocr") < len(kinds) - 1
    assert "pictures_read" in rules(result) and "pictures_lost" not in rules(result)
    assert (result.facts.year, result.facts.issuer) == (2020, "丰乐街道办事处")


def test_a_page_of_nothing_but_pictures_is_read_like_a_scan(tmp_path):
    (tmp_path / "2.png").write_bytes(picture("second"))
    result = read(tmp_path, f"<img src='{embedded('first')}'><br><img src='blank.gif' data-src='2.png'>")
    assert exact(result) == set(TRUTH)
    requests = next(m for m in result.matrices if m.table == "requests")
    assert {c.page_no for row in requests.cells for c in row} == {2, 3}


def test_what_cannot_be_found_is_said(tmp_path):
    images = "<img src='https://example.invalid/t1.png'><img src='t2.png'><img src='/upload/t3.png'><img src='../t4.png'>"
    (tmp_path / "in").mkdir()
    (tmp_path / "t4.png").write_bytes(picture("litigation"))
    without = read(tmp_path / "in", f"<h1>{TITLE}</h1>{TEXT}{images}")
    assert without.status == "review" and without.matrices == ()
    for name in ("example.invalid/t1.png is on the network", "t2.png is not beside", "/upload/t3.png is not", "../t4.png is not"):
        assert name in rules(without)["pictures"]
    beside = read(tmp_path / "in", f"<h1>{TITLE}</h1>{TEXT}{DATA}{images}")
    assert "4 picture(s)" in rules(beside)["pictures_lost"]
    nothing = read(tmp_path / "in", images)
    assert nothing.failure is not None and nothing.failure.failure_class == "needs_ocr"
    assert "example.invalid" in nothing.failure.message


def test_a_picture_that_is_broken_is_a_failed_page(tmp_path):
    (tmp_path / "t.png").write_bytes(picture("litigation")[:5000])
    result = read(tmp_path, f"<h1>{TITLE}</h1>{TEXT}{DATA}<img src=t.png>")
    assert result.status == "review" and result.reading is not None
    assert [(p.page_no, p.failure and p.failure.failure_class) for p in result.reading.pages] == [(1, None), (2, "damaged")]


def test_pictures_that_a_browser_saved_with_a_page_are_no_reports_of_their_own(tmp_path):
    (tmp_path / "page_files").mkdir()
    for name in ("page_files/1.png", "page_files/2.png", "page_files/frame.html", "page.html", "other.png"):
        (tmp_path / name).write_bytes(b"x")
    plan = plan_run([str(tmp_path)], tmp_path / "out", None)
    assert sorted(i.relative_path for i in plan.inputs) == ["other.png", "page.html", "page_files/frame.html"]
    assert any("saved with a web page" in note for note in plan.notes)


def test_the_same_picture_twice_is_read_once(tmp_path):
    (tmp_path / "t.png").write_bytes(picture("litigation"))
    result = read(tmp_path, f"<h1>{TITLE}</h1>{TEXT}<img src=t.png>{TEXT}<img src=t.png>")
    assert result.reading is not None and len(result.reading.pages) == 2 and len(result.matrices) == 1


def test_small_pictures_and_those_of_the_navigation_are_left_alone(tmp_path):
    Image.new("RGB", (250, 90), "white").save(tmp_path / "logo2.png")
    result = read(tmp_path, f"<nav><img src=away.png></nav><h1>{TITLE}</h1>{TEXT}{DATA}<img src=logo2.png>")
    assert not {"pictures", "pictures_lost", "pictures_read"} & set(rules(result))
    assert result.reading is not None and len(result.reading.pages) == 1
    assert not may_hold_table(tmp_path / "logo2.png")


def test_a_picture_of_something_else_adds_nothing(tmp_path):
    Image.effect_noise((600, 400), 60).save(tmp_path / "photo.png")
    with_it, alone = (read(tmp_path, f"<h1>{TITLE}</h1>{TEXT}{DATA}{i}") for i in ("<img src=photo.png>", ""))
    assert (with_it.matrices, with_it.status, with_it.findings) == (alone.matrices, alone.status, alone.findings)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/hostname", "//example.invalid/a.png", "C:\\a.png", "data:image/png;base64,@@@", "data:text/html,<p>", "data:",
     "\0.png", "a" * 5000, "http://[::1", "", "#", "?x", ".", "..%2f..%2fetc%2fhostname", "javascript:alert(1)"],
)  # fmt: skip
def test_addresses_that_lead_nowhere(tmp_path, address):
    with pytest.raises(DocumentError) as refused:
        find_picture([address], tmp_path / "page.html", tmp_path / "scratch", DEFAULT)
    assert refused.value.message and refused.value.advice


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out.png").write_bytes(picture("litigation"))
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "out.png")
    with pytest.raises(DocumentError, match="not beside"):
        find_picture(["a.png"], tmp_path / "in" / "page.html", tmp_path / "scratch", DEFAULT)


def test_pictures_of_a_page_are_listed_in_order():
    text = f"<p>甲</p><img src=a.png>{DATA}<img src=b.png><svg></svg><footer><img src=c.png></footer>"
    page = open_page(text.encode(), DEFAULT)
    assert [(p.before, p.addresses) for p in page.pictures] == [(1, ("a.png",)), (2, ("b.png",)), (2, ())]
