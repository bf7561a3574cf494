"""What the shape of print and the probabilities of its readings say, without a network."""

import math

import numpy as np
import pytest

from pipeline.domain import Candidate
from pipeline.ocr import lattice
from pipeline.ocr.decode import Decoder
from pipeline.ocr.engine import LineReading
from pipeline.ocr.lattice import beam, sparse
from pipeline.ocr.numbers import folded_text, is_number
from pipeline.ocr.second import agreed, wants_second_look
from pipeline.ocr.strokes import corrected, ink_height, is_letter_spaced, lone_stroke, with_shape
from pipeline.ocr.sureness import doubt, is_sure


def paper(height, width):
    return np.full((height, width), 250, dtype=np.uint8)


def flat():
    crop = paper(12, 40)
    crop[5:8, 6:34] = 20
    return crop


def upright():
    crop = paper(40, 16)
    crop[6:34, 7:10] = 20
    return crop


def slanted():
    crop = paper(40, 30)
    for y in range(6, 34):
        x = 22 - y // 2
        crop[y, x : x + 3] = 20
    return crop


def seven():
    crop = slanted()
    crop[6:9, 6:22] = 20
    return crop


def one():
    crop = upright()
    crop[31:34, 4:13] = 20
    return crop


def test_lone_strokes_are_told_by_shape():
    assert lone_stroke(flat()) == "flat"
    assert lone_stroke(slanted()) == "slanted"
    assert lone_stroke(upright()) == "upright"
    for other in (seven(), one(), paper(20, 20), np.zeros((0, 0), dtype=np.uint8), np.hstack([upright(), upright()])):
        assert lone_stroke(other) is None


def test_a_small_bar_may_be_a_one_and_a_long_line_is_no_dash():
    assert lone_stroke(upright()[::4, ::2]) is None
    ruling = paper(12, 900)
    ruling[5:7, 6:890] = 20
    assert lone_stroke(ruling) is None


def test_faint_print_beside_a_dark_bar_makes_it_a_letter():
    crop = paper(40, 40)
    crop[6:10, 6:34] = 20
    crop[10:34, 20:23] = 200
    assert lone_stroke(crop) is None


def test_shape_overrules_the_recogniser():
    seen = LineReading((Candidate("1", -0.01), Candidate("/", -5.0)), (Candidate("1", -0.01),))
    slash = corrected(seen, "slanted")
    assert slash.text == "/"
    assert slash.numeric[0] == Candidate("/", math.log(0.95))
    assert slash.numeric[1].text == "1"
    assert corrected(seen, None) is seen
    assert is_sure(seen)
    assert not is_sure(corrected(seen, "upright"))
    assert not is_sure(corrected(LineReading((Candidate("山", -0.1),)), "flat"))


def test_a_line_below_and_faint_print_make_a_figure_doubtful():
    seen = LineReading((Candidate("1", -0.01),), (Candidate("1", -0.01),))
    clean = one()
    underlined = np.vstack([clean, paper(12, 16)])
    underlined[42:44, 2:14] = 20
    assert is_sure(with_shape([seen], [clean])[0])
    assert not is_sure(with_shape([seen], [underlined])[0])
    assert not is_sure(with_shape([seen], [(250 - (250 - clean.astype(int)) // 8).astype(np.uint8)])[0])


def test_a_second_look_never_makes_a_figure_surer():
    first, same = reading(("17", 0.95), ("11", 0.02)), reading(("17", 0.99))
    other, weak = reading(("11", 0.9)), reading(("17", 0.7), ("11", 0.3))
    assert wants_second_look(first)
    assert not wants_second_look(reading(("17", 0.999)))
    assert is_sure(agreed(first, same))
    assert agreed(first, same).numeric[0].log_prob <= first.numeric[0].log_prob
    assert not is_sure(agreed(first, other))
    assert not is_sure(agreed(first, weak))
    assert not is_sure(agreed(first, LineReading((Candidate("", 0.0),))))


def test_even_gaps_belong_to_one_number():
    def figures(*lefts):
        crop = paper(30, 120)
        for left in lefts:
            crop[5:25, left : left + 8] = 20
        return crop

    assert is_letter_spaced(figures(10, 30, 50, 70))
    assert not is_letter_spaced(figures(10, 30, 90))
    assert not is_letter_spaced(figures(10))
    broken = figures(10, 30, 50, 70)
    broken[:, 33:35] = broken[:, 73:75] = 250
    assert is_letter_spaced(broken)
    assert not is_letter_spaced(figures(10, 20, 50, 60))
    assert ink_height(figures(10)) == 20
    assert ink_height(paper(9, 9)) == 0


NUMBERS = ["0", "12", "1,234", "2,345,678.5", "-5", "增3", "12.5%", "251000元", "(5)", "-", "/", "无", "3.2万元"]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "1,23", "1.", "12-3", "元", "--", "1 2", "增", "/5", "无0"])
def test_other_texts(text):
    assert not is_number(text)


def test_lookalikes_are_folded_into_figures():
    assert folded_text("１O〇") == "100"
    assert folded_text("—") == folded_text("一") == "-"
    assert folded_text("件") is None


def test_the_search_sums_over_all_ways_to_spread_a_text():
    # Two columns, blank 0.4 and `a` 0.6 in each: `a` comes as a-, -a and aa; the empty text as --.
    found = dict(beam([[(0, 0.4), (1, 0.6)]] * 2, 5))
    assert math.exp(found[(1,)]) == pytest.approx(0.84)
    assert math.exp(found[()]) == pytest.approx(0.16)
    # A character twice needs a blank between.
    found = dict(beam([[(1, 1.0)], [(0, 0.3), (1, 0.7)], [(1, 1.0)]], 5))
    assert math.exp(found[(1, 1)]) == pytest.approx(0.3)
    assert math.exp(found[(1,)]) == pytest.approx(0.7)


def test_new_prefixes_that_cannot_be_kept_are_left_out_and_change_no_reading(monkeypatch):
    rng = np.random.default_rng(5)
    crowded = [[(0, 0.02), *((k, float(p)) for k, p in enumerate(rng.dirichlet(np.full(24, 0.6)), 1))] for _ in range(12)]
    steps = [[(0, 0.7), (3, 0.3)], *crowded, [(0, 1.0)], *crowded[::-1]]
    grown, made = lattice._grown, []
    monkeypatch.setattr(lattice, "_grown", lambda *args: made.append(grown(*args)) or made[-1])
    found = beam(steps, 6)
    few = sum(len(inked) for _, inked in made)
    made.clear()
    monkeypatch.setattr(lattice, "_CROWD", math.inf)
    assert beam(steps, 6) == found and len(found) == 6
    assert few < 0.4 * sum(len(inked) for _, inked in made)


def test_the_numeric_readings_keep_the_mass_of_lookalikes_and_nothing_else():
    decoder = Decoder(["0", "O", "件", " "], readings=3)
    lattice = sparse(np.array([[[0.02, 0.5, 0.3, 0.1799, 0.0001]]], dtype=np.float32))[0]
    reading = decoder.read(lattice)
    assert reading.text == "0"
    assert [c.text for c in reading.numeric] == ["0"]
    assert math.exp(reading.numeric[0].log_prob) == pytest.approx(0.8, abs=1e-3)
    label = sparse(np.array([[[0.0, 0.0, 0.0, 1.0, 0.0]]], dtype=np.float32))[0]
    assert decoder.read(label).numeric == ()


def test_a_space_parts_numbers_unless_the_figures_stand_apart_evenly():
    decoder = Decoder(["1", "2", " "], readings=3)
    steps = [[(1, 1.0)], [(3, 1.0)], [(2, 1.0)]]
    assert decoder.read(steps).numeric == ()
    assert decoder.read(steps, lambda: True).numeric[0].text == "12"


def reading(*numeric, free=None, height=20):
    made = tuple(Candidate(text, math.log(p)) for text, p in numeric)
    return LineReading((Candidate(free or made[0].text, -0.01),), made, height)


def test_what_is_sure():
    assert is_sure(reading(("12", 0.99)))
    assert is_sure(reading(("0", 0.99), free="O"))
    assert is_sure(reading(("175", 0.99), free="1 7 5"))
    assert "probability of 0.80" in doubt(reading(("12", 0.8)))
    assert "or '17'" in doubt(reading(("11", 0.91), ("17", 0.08)))
    assert "comma" in doubt(reading(("9.727", 0.999)))
    assert "freely" in doubt(reading(("12", 0.95), free="12件"))
    assert "ruling" in doubt(reading(("194", 0.95), free="|94"))
    assert "pixels" in doubt(reading(("12", 0.999), height=7))
    assert not is_sure(reading(("12", 0.95), height=10))
    assert is_sure(reading(("12", 0.995), height=10))
    assert is_sure(reading(("-", 0.95), height=3))
    assert doubt(LineReading((Candidate("", 0.0),))) == "not a figure"


def test_blank_columns_need_no_look_at_their_other_classes() -> None:
    rng = np.random.default_rng(3)
    table = rng.dirichlet(np.full(1500, 0.0005), 40).astype(np.float32)
    table[::2] *= 5e-5
    table[::2, 0] = 1.0 - table[::2, 1:].sum(axis=1)
    steps = sparse(table[None])[0]
    assert [list(step) for step in steps] == [
        [(k, v) for k, v in enumerate(row) if v > 1e-4] for row in table.astype(float).tolist()
    ]
    assert any(len(step) == 1 and step[0][0] == 0 for step in steps)
