"""Parts of the review page: places on turned pages, lines of texts, drawn cells, and the labelled set of answers."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from review_helpers import COLUMNS, ROWS, Person, answer_body, app_of, box, make_out, place_of, true_value

from pipeline.config import DEFAULT
from pipeline.domain import BBox
from pipeline.errors import InputMissingError
from pipeline.review.pictures import Pictures, Place
from pipeline.review.places import Spot, spot_of, turn_of, turned_json
from pipeline.review.sources import lines_around
from pipeline.review.training import export_training
from pipeline.review.words import Words, choose_language
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_cells import cells_of

LEVEL = ((10.0, 20.0), (30.0, 20.0), (30.0, 28.0), (10.0, 28.0))


def turned(quad, steps):
    """The corners of a cell on a page of 100 by 200 that was turned clockwise by quarter turns."""
    width, height = 100.0, 200.0
    for _ in range(steps):
        quad = tuple((height - y, x) for x, y in quad)
        width, height = height, width
    return quad, width, height


@pytest.mark.parametrize("steps", range(4))
def test_a_turned_page_is_shown_upright(steps):
    quad, width, height = turned(LEVEL, steps)
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    spot = Spot(1, BBox(min(xs), min(ys), max(xs), max(ys)), quad)
    assert turn_of(quad) == (360 - 90 * steps) % 360
    shown = turned_json(spot, width, height)
    assert (shown["width"], shown["height"]) == (100.0, 200.0)
    assert shown["bbox"] == [10.0, 20.0, 30.0, 28.0] and tuple(shown["quad"]) == LEVEL


def test_the_picture_of_a_page_is_turned_like_its_places(tmp_path):
    pixels = np.full((200, 100, 3), 255, np.uint8)
    pixels[20:28, 10:30] = 0
    for steps in range(4):
        path = tmp_path / f"{steps}.png"
        Image.fromarray(np.ascontiguousarray(np.rot90(pixels, -steps))).save(path, dpi=(72, 72))
        quad, _, _ = turned(LEVEL, steps)
        drawn = Pictures(DEFAULT).page(f"k{steps}", (path,), "image", 1, turn_of(quad))
        back = np.asarray(Image.open(io.BytesIO(drawn)).convert("L"))
        assert back.shape == (200, 100) and back[24, 20] < 60 and back[100, 50] > 200


def test_a_crop_shows_the_cell_upright_however_the_page_is_turned(tmp_path):
    pixels = np.full((400, 300, 3), 255, np.uint8)
    pixels[100:120, 100:110] = (200, 0, 0)  # the left end of the cell
    pixels[100:120, 110:160] = (0, 0, 200)
    quad, box_ = ((100.0, 100.0), (160.0, 100.0), (160.0, 120.0), (100.0, 120.0)), BBox(100, 100, 160, 120)
    for steps in (0, 1):
        corners, width, _ = quad, 300.0, None
        path = tmp_path / f"{steps}.png"
        Image.fromarray(np.ascontiguousarray(np.rot90(pixels, -steps))).save(path, dpi=(72, 72))
        if steps:
            corners, width = tuple((400.0 - y, x) for x, y in quad), 400.0
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            box_ = BBox(min(xs), min(ys), max(xs), max(ys))
        data = Pictures(DEFAULT).cell(f"c{steps}", (path,), "image", Place(1, width, box_, corners))
        cell = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
        assert cell.shape[1] > 2 * cell.shape[0]
        middle = cell[cell.shape[0] // 2]
        assert middle[6][0] > middle[6][2] and middle[-6][2] > middle[-6][0]


def test_a_cell_without_a_place_is_looked_for_between_its_neighbours(tmp_path):
    from dataclasses import replace

    out, ids = make_out(tmp_path, (1,))
    with Ledger(out, readonly=True) as ledger:
        cells = cells_of(ledger, ids[0])
    wanted = next(c for c in cells if (c.row_key, c.column_key) == ("denied_1", "business"))
    lost = replace(wanted, bbox=None, page_no=None)
    rest = [lost if c.id == lost.id else c for c in cells]
    spot = spot_of(lost, rest)
    assert spot is not None and spot.guess and spot.bbox == box("denied_1", "business")
    row = [replace(c, bbox=None) if c.row_key == "denied_1" else c for c in rest]
    assert spot_of(lost, row) is not None
    assert spot_of(lost, [replace(c, bbox=None) for c in cells]) is None


def test_lines_around_leave_blank_ones_out_and_cut_long_ones():
    text = "a\n\n\nb 12\n\nc\n"
    lines = lines_around(text, (6, 8))
    assert [(line.number, line.text) for line in lines] == [(1, "a"), (4, "b 12"), (6, "c")]
    assert text[6:8] == lines[1].text[slice(*lines[1].mark)] == "12"
    long = "x" * 5000 + "77" + "y" * 5000
    only = lines_around(long, (5000, 5002))[0]
    assert only.text[slice(*only.mark)] == "77" and len(only.text) < 600
    assert lines_around("", (0, 0)) == [] or lines_around("", (5, 9))[0].text == ""
    assert lines_around("ab", (2, 2))[0].mark == (2, 2)


def test_answers_become_a_labelled_set(tmp_path):
    out, _ = make_out(tmp_path, (5,), "予以公开")
    person = Person(app_of(out), "甲")
    with pytest.raises(InputMissingError):
        export_training(out, DEFAULT)
    shown = person.next()
    for number in range(6):
        cell = shown["card"]["cell"]
        said = "unreadable" if number == 2 else "value"
        person.post("/api/answer", answer_body(shown, str(true_value(cell["row"], cell["column"])), said))
        shown = person.next(place_of(shown))
    files = export_training(out, DEFAULT)
    folder = out / "export" / "training"
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf8").splitlines()]
    assert len(labels) == 6 and {p.name for p in files} >= {"labels.jsonl", "report.json", "report.md"}
    wrong = [one for one in labels if one["right"] is False and one["kind"] == "image"]
    assert [(one["read"]["value"], one["label"]["value"]) for one in wrong] == [(18, 10)]
    picture = Image.open(folder / wrong[0]["picture"])
    assert picture.width > picture.height
    assert next(one for one in labels if one["kind"] == "text")["picture"] is None
    report = json.loads((folder / "report.json").read_text(encoding="utf8"))
    assert (report["cells"], report["judged"], report["wrong"]["hits"]) == (6, 5, 2)
    assert report["wrong_without_a_flag"] == 0 and report["silent_error_rate"]["of"] == 0
    assert sum(b["cells"] for b in report["calibration"]) == 5
    assert "6 cells were answered" in (folder / "report.md").read_text(encoding="utf8")


def test_the_command_line(tmp_path, capsys):
    from pipeline.cli import main

    assert main(["review", "--out", str(tmp_path), "--no-browser"]) == 3
    assert "gouji ingest" in capsys.readouterr().err
    out, _ = make_out(tmp_path / "made", (2,))
    assert main(["review", "--out", str(out), "--host", "192.0.2.1", "--no-browser"]) == 2
    assert main(["review", "--out", str(out), "--host", "0.0.0.0", "--token", "t" * 32, "--no-browser"]) == 2
    assert "--token" in capsys.readouterr().err
    assert main(["export", "--out", str(out), "--format", "training"]) == 3
    person = Person(app_of(out), "甲")
    person.post("/api/answer", answer_body(person.next(), "10"))
    assert main(["export", "--out", str(out), "--format", "training", "--to", str(tmp_path / "set")]) == 0
    assert (tmp_path / "set" / "labels.jsonl").is_file()


def test_languages():
    assert choose_language(None, None, "zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert choose_language(None, None, "de-DE,en;q=0.5") == "en"
    assert choose_language("zh", "en", "en") == "zh" and choose_language("xx", "zh", "en") == "zh"
    assert Words("zh")("left") == "剩余" and Words("xx")("left") == "left"
    assert Words("en").named("table", "something_new") == "something_new"


def test_reasons_in_chinese():
    from pipeline.review.reasons import _KNOWN, in_language

    said = "read as '7'; readings and sums leave a doubt of 1.2 %"
    assert in_language(said, "zh") == "读作 '7'；读数与合计仍留有 1.2 % 的疑问" and in_language(said, "en") == said
    assert in_language("7 values where the table has 15 columns", "zh") == "本行有 7 个数值，而表有 15 列"
    assert in_language("'、1' is no number", "zh") == "'、1' 不是数字"
    assert in_language("something new; its label is lost", "zh") == "something new；行标签缺失"
    assert all(in_language(pattern, "zh") == chinese for pattern, chinese in _KNOWN if "(" not in pattern)


def test_the_sample_table_is_what_the_tests_think():
    for row in ROWS:
        assert sum(true_value(row, c) for c in COLUMNS if c != "total") == true_value(row, "total")
