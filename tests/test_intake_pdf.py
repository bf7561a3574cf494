"""PDF → pages: words, rulings, turned text, junk, what is no PDF at all."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.config import DEFAULT, Limits
from pipeline.domain import BBox, Ruling
from pipeline.errors import DamagedError, EncryptedError, FileAccessError, TooLargeError
from pipeline.intake import pdf_pdfium
from pipeline.intake.pdf import iter_pages
from pipeline.intake.pdf_chars import Char, drop_doubles, plain_text, turn_of
from pipeline.intake.pdf_quality import judge_text
from pipeline.intake.pdf_rulings import Painted, is_white, paths_to_rulings
from pipeline.intake.pdf_words import chars_to_words

PAGE = BBox(0, 0, 595, 842)


def make_pdf(path: Path, draw, pages: int = 1, **options) -> Path:
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=1, **options)
    for number in range(pages):
        draw(canvas, number)
        canvas.showPage()
    canvas.save()
    return path


def read(path: Path, config=DEFAULT):
    return list(iter_pages(path, config))


def chars_of(text: str, x: float, top: float = 100.0, size: float = 10.0, advance: float = 5.0) -> list[Char]:
    return [Char(c, x + k * advance, top, x + (k + 1) * advance, top + size, 0) for k, c in enumerate(text)]


# --- words


def test_a_word_ends_at_a_blank_and_at_a_gap():
    chars = [*chars_of("12 34", 0), *chars_of("56", 40)]
    assert [w.text for w in chars_to_words(chars, [], 1, DEFAULT.pdf)] == ["12", "34", "56"]


def test_a_ruling_in_a_gap_parts_numbers_that_nearly_touch():
    chars = [*chars_of("82,097", 0), *chars_of("82,097", 31.5)]
    fence = [Ruling(30.7, 90, 30.7, 120, 1)]
    assert [w.text for w in chars_to_words(chars, [], 1, DEFAULT.pdf)] == ["82,09782,097"]
    assert [w.text for w in chars_to_words(chars, fence, 1, DEFAULT.pdf)] == ["82,097", "82,097"]


def test_a_ruling_through_a_word_does_not_cut_it():
    chars = chars_of("获取信息", 0, advance=10)
    assert [w.text for w in chars_to_words(chars, [Ruling(20, 90, 20, 120, 1)], 1, DEFAULT.pdf)] == ["获取信息"]


def test_a_raised_digit_is_no_digit_of_the_number():
    chars = [*chars_of("100", 0), *chars_of("1", 15, top=100, size=6, advance=3)]
    assert [w.text for w in chars_to_words(chars, [], 1, DEFAULT.pdf)] == ["100", "1"]


def test_characters_drawn_in_another_order_still_make_words():
    chars = chars_of("1234", 0)
    assert [w.text for w in chars_to_words([chars[0], chars[2], chars[1], chars[3]], [], 1, DEFAULT.pdf)] == ["1234"]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_characters_make_turned_words(turn):
    dx, dy = {90: (0, 5), 180: (-5, 0), 270: (0, -5)}[turn]
    chars = [Char(c, 100 + k * dx, 100 + k * dy, 105 + k * dx, 105 + k * dy, turn) for k, c in enumerate("abc")]
    (word,) = chars_to_words(chars, [], 1, DEFAULT.pdf)
    assert (word.text, word.upright) == ("abc", False)


def test_fake_bold_is_read_once_and_doubled_digits_twice():
    chars = chars_of("110", 0)
    bold = [c._replace(x0=c.x0 + 0.3, x1=c.x1 + 0.3) for c in chars]
    assert [c.text for c in drop_doubles([*chars, *bold])] == ["1", "1", "0"]


def test_radicals_ligatures_and_controls_become_plain():
    assert plain_text("⾏") == "行"
    assert plain_text("⻓") == "长"
    assert plain_text("ﬁ") == "fi"
    assert plain_text("\u200b") == ""
    assert plain_text("①") == "①"


def test_directions():
    assert [turn_of(*d) for d in ((1, 0), (0, -1), (-1, 0), (0, 1), (1, 1))] == [0, 90, 180, 270, None]


# --- rulings


def test_thin_boxes_are_lines_and_boxes_have_four_sides():
    thin = Painted([(10, 20), (200, 20), (200, 20.5), (10, 20.5), (10, 20)], True, False, True)
    box = Painted([(10, 30), (60, 30), (60, 50), (10, 50), (10, 30)], True, True, False)
    rulings = paths_to_rulings([thin, box], PAGE, 1, DEFAULT.pdf)
    assert rulings[0] == Ruling(10, 20.25, 200, 20.25, 1)
    assert sum(r.is_vertical for r in rulings[1:]) == 2 and len(rulings) == 5


def test_white_and_backgrounds_draw_nothing():
    assert is_white((1, 1, 1)) and is_white((0, 0, 0, 0)) and is_white(1) and not is_white((0.9, 0.9, 0.9))
    assert not is_white(None)
    corners = [(0, 0), (595, 0), (595, 842), (0, 842), (0, 0)]
    assert paths_to_rulings([Painted(corners, True, False, True)], PAGE, 1, DEFAULT.pdf) == []
    assert paths_to_rulings([Painted(corners, True, False, False)], PAGE, 1, DEFAULT.pdf) == []


# --- the text layer


@pytest.mark.parametrize(
    "text",
    [
        "本年新收政府信息公开申请数量21件",
        "The annual report of 2023",
        "1,234 5,678 9,012 - -",
        "本報告依據政府資訊公開法編製，收到申請",
    ],
)
def test_plausible_text(text):
    assert judge_text(list(text), 0.2) is None


@pytest.mark.parametrize(
    "glyphs",
    [
        ["(cid:17)"] * 20 + list("abc"),
        ["\ue012"] * 30,
        list("ÕþÎñÐÅÏ¢¹«¿ªÄê¶È±¨¸æ"),
        list("侾俻倁倊倐偂偆偗偩傒傫傼僁僴"),
        list("!#$%&'()*+!#$%&'()*+<>"),
    ],
)
def test_junk_text(glyphs):
    assert judge_text(glyphs, 0.2)


def test_dots_of_a_table_of_contents_are_no_junk():
    assert judge_text(list("一、主要职能" + "…" * 60 + "3"), 0.2) is None


# --- pages


def draw_chinese(canvas: Canvas, number: int) -> None:
    registerFont(UnicodeCIDFont("STSong-Light"))
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(60, 700, f"第{number}页 行政许可决定数量")
    canvas.line(60, 690, 300, 690)


def test_words_and_rulings_from_the_top_left(tmp_path):
    (page,) = read(make_pdf(tmp_path / "a.pdf", draw_chinese))
    words = {w.text: w.bbox for w in page.words}
    assert set(words) == {"第0页", "行政许可决定数量"}
    assert 128 < words["第0页"].top < 134 and 140 < words["第0页"].bottom < 146
    assert page.rulings == (Ruling(60, 152, 300, 152, 1),)


def test_both_readers_agree(tmp_path):
    path = make_pdf(tmp_path / "a.pdf", draw_chinese, pages=2)
    for one, other in zip(read(path), pdf_pdfium.iter_pages(path, 2, DEFAULT), strict=True):
        assert [w.text for w in one.words] == [w.text for w in other.words]
        assert [(round(r.x0), round(r.top)) for r in one.rulings] == [(round(r.x0), round(r.top)) for r in other.rulings]


def test_the_origin_is_that_of_the_visible_page(tmp_path):
    def draw(canvas, _):
        canvas.setCropBox((50, 100, 550, 800))
        canvas.drawString(60, 700, "visible words here")
        canvas.drawString(60, 820, "outside of the crop box")

    (page,) = read(make_pdf(tmp_path / "a.pdf", draw))
    assert (page.width_pt, page.height_pt) == (500, 700)
    assert "outside" not in [w.text for w in page.words]
    assert abs(next(w for w in page.words if w.text == "visible").bbox.x0 - 10) < 1


@pytest.mark.parametrize(("angle", "turn"), [(90, 270), (-90, 90), (180, 180)])
def test_a_page_of_turned_text_is_read_upright(tmp_path, angle, turn):
    def draw(canvas, _):
        canvas.translate(300, 420)
        canvas.rotate(angle)
        canvas.drawString(0, 0, "first line of the page")
        canvas.drawString(0, -20, "second line of the page")

    (page,) = read(make_pdf(tmp_path / "a.pdf", draw))
    assert page.turn_deg == turn
    ordered = sorted(page.words, key=lambda w: (round(w.bbox.top / 10), w.bbox.x0))
    assert [w.text for w in ordered][:2] == ["first", "line"]


def test_a_picture_without_text_needs_ocr(tmp_path):
    from PIL import Image

    picture = tmp_path / "p.png"
    Image.new("L", (60, 80), 200).save(picture)

    def draw(canvas, number):
        canvas.drawImage(str(picture), 0, 0, 595, 842)
        if number:
            canvas.drawString(60, 700, "a page with some text of its own on it")

    first, second = read(make_pdf(tmp_path / "a.pdf", draw, pages=2))
    assert first.failure is not None and first.failure.failure_class == "needs_ocr"
    assert second.failure is None and second.picture_share > 0.9


def test_a_broken_page_leaves_the_others(tmp_path):
    path = make_pdf(tmp_path / "a.pdf", draw_chinese, pages=3, pageCompression=0)
    data = path.read_bytes()
    at = data.index(b"/MediaBox", data.index(b"/MediaBox") + 9)
    path.write_bytes(data[:at] + data[at:].replace(b"[ 0 0 595 842 ]", b"[ 0 /A 595 84 ]", 1))
    pages = read(path)
    assert len(pages) == 3
    assert [p.failure is None for p in pages].count(True) >= 2


# --- documents that cannot be read


def test_nothing_is_told_of_single_tokens(tmp_path, caplog):
    caplog.set_level(logging.DEBUG, "pdfminer.psparser")
    (page,) = read(make_pdf(tmp_path / "a.pdf", lambda canvas, _: canvas.drawString(60, 700, "12345")))
    assert [w.text for w in page.words] == ["12345"]
    assert not [record for record in caplog.records if record.name == "pdfminer.psparser"]


def test_encrypted(tmp_path):
    locked = make_pdf(tmp_path / "a.pdf", draw_chinese, encrypt=StandardEncryption("secret"))
    with pytest.raises(EncryptedError):
        read(locked)
    plain = StandardEncryption("", ownerPassword="x")
    empty = make_pdf(tmp_path / "b.pdf", lambda c, _: c.drawString(60, 700, "open to all readers"), encrypt=plain)
    assert [w.text for w in read(empty)[0].words] == ["open", "to", "all", "readers"]


def test_cut_off_and_missing(tmp_path):
    path = make_pdf(tmp_path / "a.pdf", draw_chinese, pages=3)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(DamagedError):
        read(path)
    with pytest.raises(FileAccessError):
        read(tmp_path / "gone.pdf")


def test_limits(tmp_path):
    path = make_pdf(tmp_path / "a.pdf", draw_chinese, pages=3)
    with pytest.raises(TooLargeError):
        read(path, replace(DEFAULT, limits=Limits(pdf_pages=2)))
    pages = read(path, replace(DEFAULT, limits=Limits(page_chars=5)))
    assert [p.failure.failure_class for p in pages if p.failure] == ["too_large"] * 3
