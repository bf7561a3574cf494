"""A blank cell is blank only where its pixels are; what was not read is flagged."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bench.damage import FONTS
from pipeline.domain import BBox, Origin, Table, TableCell, TextBlock
from pipeline.ocr.words import BADLY_READ
from pipeline.raster import Gray, Sheet, TextLine, Transform
from pipeline.run import blanks
from pipeline.run.blanks import NARROW, SEALED, UNREAD, PagePrint, flag_unread_blanks, page_print

DPI = 200.0
LEVEL = 200.0
BOX = BBox(36.0, 36.0, 108.0, 57.6)  # in pixels: 100 to 300, 100 to 160
FONT = next((p for p in FONTS if Path(p).exists()), None)


def paper() -> Gray:
    noise = np.random.default_rng(4).normal(0, 3, (260, 400))
    return np.clip(250 + noise, 0, 255).astype(np.uint8)


def printed(text: str, size: int, ink: int = 30, blur: float = 0.7) -> Gray:
    """Prints a text in the middle of the cell."""
    page = paper()
    if FONT is None:
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size / 30, 2)
        place = (200 - width // 2, 130 + height // 2)
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, size / 30, ink, 2, cv2.LINE_AA)
    else:
        image = Image.fromarray(page)
        ImageDraw.Draw(image).text((200, 130), text, font=ImageFont.truetype(FONT, size), fill=ink, anchor="mm")
        page = np.array(image, dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(page, (0, 0), blur), dtype=np.uint8)


def shown(
    gray: Gray,
    level: float = LEVEL,
    rulings: Gray | None = None,
    seal: Gray | None = None,
    lines: Sequence[TextLine] = (),
) -> PagePrint:
    height, width = gray.shape
    sheet = Sheet(1, gray, DPI, Transform((1, 0, 0, 0, 1, 0, 0, 0, 1), width, height), seal=seal)
    contrast = np.asarray(cv2.subtract(np.full_like(gray, 250), gray), dtype=np.uint8)
    return page_print(sheet, contrast, level, np.zeros_like(gray) if rulings is None else rulings, lines)


def cell(text: str = "", box: BBox | None = BOX, doubt: str | None = None, row: int = 0, page_no: int = 1) -> TableCell:
    return TableCell(row, 0, 1, 1, text, page_no, box, certain=doubt is None, doubt=doubt)


def checked(page: PagePrint, *cells: TableCell) -> tuple[TableCell, ...]:
    table = Table(cells, len(cells), 1, 1, BOX, Origin.OCR, "rulings", pages=(1,))
    done = flag_unread_blanks(table, {1: page})
    assert isinstance(done, Table)
    return done.cells


def is_flagged(page: PagePrint, box: BBox = BOX) -> bool:
    return not checked(page, cell(box=box))[0].certain


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("0", 25), ("1", 25), ("7", 25), ("—", 25), ("12", 25), ("/", 25), ("一", 25), ("-", 34), ("1", 44), ("1,234", 34)),
        *(("—", 34), ("——", 30), ("-", 25)),
    ],
)
def test_print_in_a_blank_cell_is_flagged(text: str, size: int) -> None:
    (done,) = checked(shown(printed(text, size)), cell())
    assert not done.certain and done.doubt == UNREAD and done.text == ""


def test_pale_and_blurred_print_is_flagged() -> None:
    assert is_flagged(shown(printed("1", 28, ink=110)))
    assert is_flagged(shown(printed("0", 28, blur=1.6)))
    # On a page of pale print, paler still.
    assert is_flagged(shown(printed("1", 28, ink=180), 80.0))


def test_white_space_is_blank_too() -> None:
    (done,) = checked(shown(printed("3", 30)), cell(" \n"))
    assert not done.certain


def test_an_empty_cell_stays_blank() -> None:
    assert checked(shown(paper()), cell()) == (cell(),)


@pytest.mark.parametrize("is_known", [True, False])
def test_the_frame_of_a_cell_that_touches_no_other_is_no_print(is_known: bool) -> None:
    """Tables of separate boxes: what the reader of rulings does not know of, may still be a figure."""
    page, mask = paper(), np.zeros((260, 400), dtype=np.uint8)
    small = BBox(36.0, 36.0, 90.0, 57.6)
    cv2.rectangle(page, (102, 102), (248, 158), 30, 2)
    cv2.rectangle(mask, (102, 102), (248, 158), 255, 3)
    assert is_flagged(shown(page, rulings=mask if is_known else None), small) is not is_known


def test_specks_and_stains_of_paper_are_no_print() -> None:
    gray = paper()
    rng = np.random.default_rng(1)
    for x, y in zip(rng.integers(110, 290, 12), rng.integers(108, 150, 12), strict=True):
        gray[y : y + 2, x : x + 2] = 40
    gray[120:140, 150:220] -= 40
    assert not is_flagged(shown(gray))


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("off", [-2, 0, 9])
@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
def test_the_rest_of_a_ruling_at_an_edge_is_no_print(side: str, off: int, is_known: bool) -> None:
    gray = paper()
    x0, top, x1, bottom = 100, 100, 300, 160
    spots = {
        "left": np.s_[top:bottom, x0 + off : x0 + off + 4],
        "top": np.s_[top + off : top + off + 4, x0:x1],
        "right": np.s_[top:bottom, x1 - off - 4 : x1 - off],
        "bottom": np.s_[bottom - off - 4 : bottom - off, x0:x1],
    }
    gray[spots[side]] = 30
    rulings = np.where((gray < 100) & is_known, np.uint8(255), np.uint8(0))
    assert not is_flagged(shown(gray, rulings=rulings))


@pytest.mark.parametrize("text", ["0", "-"])
def test_print_beside_the_rest_of_a_ruling_is_flagged(text: str) -> None:
    gray = printed(text, 34)
    gray[100:107, 100:300] = 30
    assert is_flagged(shown(gray))


def test_print_that_touches_a_ruling_is_flagged() -> None:
    gray = printed("0", 34)
    rulings = np.zeros_like(gray)
    rulings[138:142, 40:360] = 255
    gray[rulings > 0] = 30
    assert is_flagged(shown(gray, rulings=rulings), BBox(36, 36, 108, 51))


def test_print_that_was_taken_for_a_ruling_is_flagged() -> None:
    gray = printed("—", 28)
    assert is_flagged(shown(gray, rulings=np.where(gray < 200, np.uint8(255), np.uint8(0))))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_blank_under_a_seal_is_flagged(share: float) -> None:
    seal = np.zeros((260, 400), np.uint8)
    seal[120:150, 150 : 150 + round(90 * share)] = 255
    elsewhere = cell(box=BBox(108, 60, 140, 90))
    under, beside = checked(shown(paper(), seal=seal), cell(), elsewhere)
    assert under.doubt == (SEALED if share else None)
    assert beside == elsewhere


def test_a_blank_beside_a_label_that_was_badly_read_is_flagged() -> None:
    label, other = cell("备注丿", doubt="hardly read"), cell("备注", row=1)
    found = checked(shown(paper()), label, cell(box=BBox(108, 36, 130, 57)), other, cell(row=1))
    assert [c.certain for c in found] == [False, False, True, True]


def test_labels_and_cells_with_a_doubt_stay_as_they_are() -> None:
    cells = (cell("备注"), cell("", doubt="cut by the page break"), cell("", None), cell("", page_no=2))
    assert checked(shown(printed("8", 30)), *cells) == cells


def test_a_figure_with_more_print_than_was_read_is_flagged_and_a_label_is_not() -> None:
    page = shown(printed("1 234", 34), lines=[TextLine(((215, 105, 290, 155),))])
    assert checked(page, cell("234"))[0].doubt == UNREAD
    assert checked(page, cell("备注")) == (cell("备注"),)


def test_a_blank_with_print_is_flagged_even_if_it_was_read() -> None:
    page = shown(printed("8", 30), lines=[TextLine(((110, 105, 290, 155),))])
    assert not checked(page, cell())[0].certain


def test_text_and_tables_of_other_pages_stay_as_they_are() -> None:
    table = Table((cell(),), 1, 1, 1, BOX, Origin.OCR, "rulings")
    assert flag_unread_blanks(table, {}) == table
    text = TextBlock("第一条", page_no=1, bbox=BOX)
    assert flag_unread_blanks(text, {1: shown(printed("8", 30))}) == text


def test_a_cell_beyond_the_picture_or_without_room_is_blank() -> None:
    page = shown(printed("8", 30))
    for box in (BBox(500, 500, 600, 520), BBox(-40, -40, -2, -10), BBox(70, 45, 71, 46), BBox(50, 40, 50, 60)):
        assert not is_flagged(page, box)
    seal = np.full((260, 400), 255, np.uint8)
    assert not is_flagged(shown(paper(), seal=seal), BBox(500, 500, 600, 520))


def test_a_cell_that_reaches_over_the_rim_is_looked_at() -> None:
    page = shown(printed("8", 30))
    assert is_flagged(page, BBox(-20, 36, 108, 57.6)) and is_flagged(page, BBox(36, 36, 400, 400))


def test_only_the_cell_with_print_is_flagged() -> None:
    elsewhere = cell(box=BBox(108, 60, 140, 90))
    found = checked(shown(printed("5", 30)), cell(), elsewhere)
    assert [c.certain for c in found] == [False, True]


def test_a_sign_that_was_left_out_of_its_figure_is_flagged() -> None:
    gray = printed("20", 30)
    gray[129:132, 160:170] = 30
    figure = TextLine(((178, 112, 222, 148),))
    (done,) = checked(shown(gray, lines=[figure]), cell("20"))
    assert not done.certain and done.doubt == UNREAD and done.text == "20"


def test_a_figure_that_was_read_whole_is_not_flagged() -> None:
    figure = TextLine(((160, 105, 240, 155),))
    assert checked(shown(printed("-20", 30), lines=[figure]), cell("-20")) == (cell("-20"),)


def test_a_blank_without_room_for_a_figure_is_flagged() -> None:
    narrow, wide, filled = BBox(100, 100, 110, 124), BBox(120, 100, 136, 124), BBox(100, 130, 110, 150)
    done = checked(shown(paper()), cell(box=narrow), cell(box=wide), cell("7", box=filled))
    assert [c.doubt for c in done] == [NARROW, None, None]


@pytest.mark.parametrize(
    ("text", "rows", "flagged"), [("三\n2\n本\n年\n度", 5, False), ("三\n2\n本\n年\n度", 1, True), ("丿三本年度", 5, True)]
)
def test_a_bad_letter_of_an_upright_group_label_is_no_figure_of_its_first_row(text: str, rows: int, flagged: bool) -> None:
    label = replace(cell(text, doubt="only 5 pixels high", box=BBox(20, 90, 30, 130)), row_span=rows)
    assert (checked(shown(paper()), label, cell())[1].doubt is not None) == flagged


@pytest.mark.parametrize("reading, bad, flagged", [("alignment", 3, True), ("alignment", 2, False), ("rulings", 3, False)])
def test_blanks_of_a_table_that_could_hardly_be_read_are_flagged(reading: str, bad: int, flagged: bool) -> None:
    """On a ruined page whole figures are lost, or stand in another column."""
    labels = [cell("标签", doubt=BADLY_READ if k < bad else None, row=k) for k in range(10)]
    block = Table((*labels, cell(row=11)), 12, 2, 1, BOX, Origin.OCR, reading, pages=(1,))
    done = flag_unread_blanks(block, {1: shown(paper())})
    assert isinstance(done, Table)
    assert (done.cells[-1].doubt == BADLY_READ) == flagged


# --- pages that fade


def faded(text: str, ink: int, others: int) -> PagePrint:
    """A figure in the cell that nobody read, below six runs of print that were read, all of a darkness (`others`)."""
    page = printed(text, 34, ink)
    lines = []
    for k in range(6):
        x = 20 + 60 * k
        cv2.putText(page, "28", (x, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, others, 2, cv2.LINE_AA)
        lines.append(TextLine(((x, 15, x + 42, 45),), None))
    return shown(page, lines=lines)


@pytest.mark.parametrize("ink", [225, 210])
def test_pale_print_is_no_blank_where_the_print_that_was_read_is_pale_too(ink: int) -> None:
    (done,) = checked(faded("46", ink, 200), cell())
    assert (done.certain, done.doubt) == (False, UNREAD)


def test_what_is_as_pale_on_a_page_of_dark_print_is_none() -> None:
    (done,) = checked(faded("46", 225, 30), cell())
    assert done.certain


def test_paper_is_blank_where_print_is_pale() -> None:
    (done,) = checked(faded("", 30, 200), cell())
    assert done.certain


@pytest.mark.parametrize("size", [18, 22])
@pytest.mark.parametrize("text", ["8", "12", "305"])
def test_print_that_a_line_runs_through_is_seen_in_the_cells_beside_it(text: str, size: int) -> None:
    """A line where there is none, drawn through a figure, parts its cell: neither half is a figure, and neither is blank."""
    gray, mask = printed(text, size), np.zeros((260, 400), dtype=np.uint8)
    for y in (100, 130, 160):
        cv2.line(gray, (90, y), (310, y), 40, 2)
        cv2.line(mask, (90, y), (310, y), 255, 4)
    page = shown(gray, rulings=mask)
    assert is_flagged(page, BBox(36.0, 36.0, 108.0, 46.8)) or is_flagged(page, BBox(36.0, 46.8, 108.0, 57.6))


def test_ragged_lines_are_no_print_beside_them() -> None:
    gray, mask = paper(), np.zeros((260, 400), dtype=np.uint8)
    rng = np.random.default_rng(2)
    for y in (100, 160):
        cv2.line(gray, (90, y), (310, y), 40, 3)
        cv2.line(mask, (90, y), (310, y), 255, 3)
        for x in rng.integers(95, 300, 14):
            cv2.line(gray, (int(x), y - 3), (int(x) + 6, y + 3), 40, 2)
    assert not is_flagged(shown(gray, rulings=mask))


def test_small_print_far_paler_than_the_headings_is_print():
    gray = printed("0", 25, ink=165)
    # Figures like it that were read, in other cells; the headings of the page are as dark as LEVEL.
    like = [(10, 10), (10, 60), (10, 200), (330, 10), (330, 200)]
    for x, y in like:
        gray[y : y + 30, x : x + 40] = gray[115:145, 180:220]
    assert not is_flagged(shown(gray))
    assert is_flagged(shown(gray, lines=[TextLine(((x, y, x + 40, y + 30),)) for x, y in like]))
    # Clean paper stays blank.
    clean = gray.copy()
    clean[100:160, 100:300] = 250
    assert not is_flagged(shown(clean, lines=[TextLine(((x, y, x + 40, y + 30),)) for x, y in like]))


@pytest.mark.parametrize("is_ruled", [False, True])
def test_pieces_are_looked_for_again_only_where_a_page_has_rulings(is_ruled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    found = blanks._pieces
    monkeypatch.setattr(blanks, "_pieces", lambda *args: looks.append(1) or found(*args))  # type: ignore[func-returns-value]
    contrast = np.zeros((200, 200), np.uint8)
    contrast[50:70, 50:60] = 200
    rulings = np.zeros_like(contrast)
    if is_ruled:
        rulings[100] = 255
    sheet = Sheet(1, np.asarray(255 - contrast), 100.0, Transform((1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), 200, 200))
    shown = page_print(sheet, contrast, 200.0, rulings, [])
    assert len(looks) == 1 + is_ruled
    assert shown.centers.tolist() == [[pytest.approx(39.24), pytest.approx(42.84)]] * 2
