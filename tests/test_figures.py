import math
from pathlib import Path

import cv2
import numpy as np
import pytest

import models
from models.training import fonts, samples, texts
from pipeline.config import Ocr
from pipeline.errors import ConfigError
from pipeline.ocr import figures
from pipeline.ocr.figure_crops import HEIGHT, MAX_WIDTH, MIN_WIDTH, bucket, is_too_wide, scaled
from pipeline.ocr.figure_signs import CLASSES, OTHER, SIGNS
from pipeline.ocr.figures import FigureReader, load_figure_reader
from pipeline.ocr.numbers import is_number
from pipeline.ocr.runtime import listed_in

CROPS = Path(__file__).parent / "crops" / "figures"
NUMBERS = sorted((CROPS / "numbers").glob("*.png"))
OTHERS = sorted((CROPS / "others").glob("*.png"))
NAMES = {"dash": "-", "slash": "/", "none": "无"}


def load(path):
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)


def truth(path):
    name = path.stem.split("_")[0]
    return NAMES.get(name, name)


@pytest.fixture(scope="module")
def reader():
    return load_figure_reader(Ocr(threads=1))


def paper(height=40, width=50, value=250):
    rng = np.random.default_rng(1)
    return np.clip(rng.normal(value, 2, (height, width)), 0, 255).astype(np.uint8)


def test_there_are_crops_of_every_kind():
    assert len(NUMBERS) >= 12 and len(OTHERS) >= 6


@pytest.mark.parametrize("path", NUMBERS, ids=lambda p: p.stem)
def test_it_reads_numbers(reader, path):
    best = reader.read([load(path)])[0][0]
    assert best.text == truth(path)
    assert math.exp(best.log_prob) > 0.5


@pytest.mark.parametrize("path", OTHERS, ids=lambda p: p.stem)
def test_print_that_is_no_number_is_rejected(reader, path):
    assert reader.read([load(path)])[0][0].text == OTHER


def test_a_ruling_a_pen_stroke_and_a_blot_are_no_numbers(reader):
    bar, curve, blot = paper(50, 21), paper(), paper(40, 40)
    bar[9:41, 9:12] = 30
    points = np.array([(5, 8), (16, 30), (22, 12), (30, 33), (44, 6)], dtype=np.int32)
    cv2.polylines(curve, [points], False, 40, 2, cv2.LINE_AA)
    cv2.ellipse(blot, (20, 20), (9, 7), 20, 0, 360, 60, -1)
    assert [r[0].text for r in reader.read([bar, cv2.GaussianBlur(curve, (0, 0), 0.8), cv2.GaussianBlur(blot, (0, 0), 2)])] == [
        "?"
    ] * 3


def test_nothing_is_read_as_nothing(reader):
    specks = paper()
    specks[12, 9] = specks[30, 33] = 120
    blanks = [paper(), np.full((30, 20), 255, np.uint8), np.zeros((0, 0), np.uint8), np.full((1, 1), 255, np.uint8), specks]
    assert [r[0].text for r in reader.read(blanks)] == [""] * len(blanks)


def test_half_a_figure_is_no_figure(reader):
    whole = load(next(p for p in NUMBERS if truth(p) == "0"))
    assert reader.read([whole])[0][0].text == "0"
    half = whole.copy()
    half[:, : whole.shape[1] // 2] = 250
    assert reader.read([half])[0][0].text != "0"


def test_a_crop_is_read_alike_alone_and_among_others(reader):
    crops = [load(p) for p in (*NUMBERS, *OTHERS)] + [paper()]
    together = reader.read(crops)
    backward = reader.read(crops[::-1])[::-1]
    for crop, first, second in zip(crops, together, backward, strict=True):
        alone = reader.read([crop])[0]
        for other in (second, alone):
            assert first[0].text == other[0].text
            assert first[0].log_prob == pytest.approx(other[0].log_prob, abs=1e-4)


def test_the_same_crops_give_the_same_bits(reader):
    crops = [load(p) for p in NUMBERS]
    assert reader.read(crops) == reader.read(crops) == load_figure_reader(Ocr(threads=1)).read(crops)


def test_both_runtimes_agree(reader):
    crops = [load(p) for p in (*NUMBERS, *OTHERS)]
    other = load_figure_reader(Ocr(threads=1, runtime="onnxruntime"))
    assert [r[0].text for r in reader.read(crops)] == [r[0].text for r in other.read(crops)]


def test_readings_are_probabilities_best_first(reader):
    for readings in reader.read([load(p) for p in (*NUMBERS, *OTHERS)]):
        values = [c.log_prob for c in readings]
        assert values == sorted(values, reverse=True)
        assert sum(math.exp(v) for v in values) <= 1 + 1e-4
        assert len({c.text for c in readings}) == len(readings)
        assert all(c.text in ("", OTHER) or is_number(c.text) for c in readings)


def test_no_crops_no_readings(reader):
    assert reader.read([]) == []


def test_a_line_of_text_is_no_number_and_costs_nothing():
    def never(batch):
        raise AssertionError("the network was asked")

    assert FigureReader(never, 5).read([paper(20, 20 * MAX_WIDTH // HEIGHT + 1)])[0][0].text == OTHER


def fake(*columns):
    """A network that always gives `columns`: each maps signs to probabilities, `_` is the blank."""
    table = np.zeros((len(columns), CLASSES), dtype=np.float32)
    for row, column in zip(table, columns, strict=True):
        for sign, value in column.items():
            row[0 if sign == "_" else (SIGNS + OTHER).index(sign) + 1] = value
    return lambda batch: np.repeat(table[None], len(batch), axis=0)


@pytest.mark.parametrize(
    ("columns", "text", "probability"),
    [
        (({"_": 1.0}, {"_": 1.0}), "", 1.0),
        (({"1": 0.6, "_": 0.4}, {"1": 0.5, "_": 0.5}), "1", 0.8),
        (({"1": 1.0}, {"_": 1.0}, {"1": 1.0}), "11", 1.0),
        (({"1": 1.0}, {"_": 1.0}, {"_": 1.0}, {"_": 1.0}, {"1": 1.0}), "11", 1.0),
        (({"-": 1.0}, {"_": 1.0}, {"-": 1.0}), "-", 1.0),
        (({"?": 0.5, "5": 0.5}, {"_": 1.0}, {"?": 0.8, "3": 0.2}), "?", 0.9),
        (({",": 1.0}, {"5": 1.0}), "?", 1.0),
        (({"1": 1.0}, {"2": 1.0}, {",": 1.0}, {"5": 1.0}), "?", 1.0),
    ],
)
def test_probabilities_are_summed_over_paths(columns, text, probability):
    best = FigureReader(fake(*columns), 5).read([paper()])[0][0]
    assert best.text == text
    assert math.exp(best.log_prob) == pytest.approx(probability, abs=1e-6)


def test_crops_are_scaled_to_ink_on_nothing():
    crop = paper(20, 10)
    crop[5:15, 4:6] = 20
    small = scaled(crop)
    assert small.shape == (HEIGHT, 16) and small[16, 8] > 240 and small[2, 2] < 10
    pale = paper(20, 10)
    pale[5:15, 4:6] = 240
    assert scaled(pale).max() < 60, "dirt stays faint"
    assert bucket(1) == MIN_WIDTH and bucket(33) == 48
    assert is_too_wide(paper(10, 200)) and not is_too_wide(paper(10, 100))


def test_the_weights_are_those_of_the_manifest_and_know_the_alphabet():
    path = models.model_path("figures")
    assert path.stat().st_size < 2_000_000
    assert "".join(listed_in(path)) == SIGNS + OTHER


def test_weights_of_another_alphabet_are_refused(monkeypatch):
    monkeypatch.setattr(figures, "load_network", lambda *_: (lambda batch: np.zeros((1, 4, 7), np.float32), None))
    with pytest.raises(ConfigError, match="7 classes"):
        load_figure_reader.__wrapped__(Ocr())  # past its cache


def test_training_texts_are_labelled_in_the_alphabet():
    rng = np.random.default_rng(4)
    numbers = [texts.draw_number(rng) for _ in range(400)]
    assert all(is_number(line.label.lstrip("+")) for line in numbers)
    assert {c for line in numbers for c in line.label} >= set("0123456789.,-+%()万元增减")
    others = [texts.draw_other(rng) for _ in range(400)]
    assert all(set(line.label) <= set(SIGNS + OTHER) for line in others)
    assert not any(is_number(line.label) and line.text not in ("无", "元") for line in others)
    assert {texts.draw_sign(rng).label for _ in range(50)} == {"-", "/", "无"}


def test_training_draws_the_same_sample_again_for_the_same_seed():
    families = [fonts.Family((str(path),), 1.0, True) for path in fonts_here()[:1]]
    if not families:
        pytest.skip("no Chinese font is installed")
    first, second = (samples.draw_sample(families, np.random.default_rng(7)) for _ in range(2))
    assert first.label == second.label and np.array_equal(first.pixels, second.pixels)
    assert first.pixels.shape[0] == HEIGHT


def fonts_here():
    return [p for folder in fonts.FOLDERS for p in sorted(Path(folder).rglob("wqy-zenhei.ttc"))]


def test_held_out_fonts_are_not_trained_on(tmp_path):
    for name in ("uming.ttc", "ukai.ttc", "NotoSerifCJK-Regular.ttc", "wqy-zenhei.ttc"):
        (tmp_path / name).touch()
    assert [face for f in fonts.find_families([str(tmp_path)]) for face in f.faces] == [str(tmp_path / "wqy-zenhei.ttc")]
