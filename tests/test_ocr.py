import math
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config import Ocr
from pipeline.errors import ConfigError
from pipeline.ocr.engine import load_engine

CROPS = Path(__file__).parent / "crops"
DASHES = set("-—–−一－")


def crops():
    """The crops with the text that their names give."""
    files = sorted(CROPS.glob("*.png"))
    named = [unicodedata.normalize("NFC", f.stem).split("~")[0].replace("slash", "/") for f in files]
    return named, [np.asarray(Image.open(f).convert("L")) for f in files]


def plain(text):
    """Full-width signs as plain ones, and all dashes as one."""
    folded = unicodedata.normalize("NFKC", text)
    return "-" if folded and set(folded) <= DASHES else folded


def best(reading):
    return reading.numeric[0].text if reading.numeric else reading.text


@pytest.fixture(scope="module")
def engine():
    return load_engine(Ocr())


@pytest.fixture(scope="module")
def readings(engine):
    return engine.read(crops()[1])


def test_print_is_read_as_it_stands(readings):
    named, _ = crops()
    assert len(named) >= 25
    assert [plain(best(r)) for r in readings] == [plain(text) for text in named]


def test_lone_signs_never_vanish_and_are_what_they_are(readings):
    named, _ = crops()
    lone = [(text, r) for text, r in zip(named, readings, strict=True) if len(text) == 1]
    assert {"0", "1", "7", "一", "—", "/", "无"} <= {text for text, _ in lone}
    for text, reading in lone:
        assert reading.text
        assert reading.numeric, text
        assert reading.numeric[0].log_prob > math.log(0.9), (text, reading)


def test_full_width_figures_are_one_number(readings):
    named, _ = crops()
    wide = [(t, r) for t, r in zip(named, readings, strict=True) if len(t) > 1 and set(t) <= set("０１２３４５６７８９")]
    assert wide
    for text, reading in wide:
        assert reading.numeric[0].text == unicodedata.normalize("NFKC", text)


def test_readings_are_sorted_and_their_probabilities_sum_to_one_at_most(readings):
    for reading in readings:
        for list_ in (reading.candidates, reading.numeric):
            values = [c.log_prob for c in list_]
            assert values == sorted(values, reverse=True)
            assert sum(math.exp(v) for v in values) <= 1 + 1e-6
            assert len({c.text for c in list_}) == len(list_)


def test_a_reading_does_not_depend_on_the_other_crops(engine, readings):
    _, pictures = crops()
    assert [engine.read([c])[0] for c in pictures] == readings
    assert engine.read(pictures[::-1])[::-1] == readings
    assert engine.read([*pictures, *pictures]) == [*readings, *readings]


def test_both_runtimes_and_any_number_of_threads_read_the_same():
    _, pictures = crops()
    first = load_engine(Ocr(runtime="openvino", threads=1)).read(pictures)
    for config in (Ocr(runtime="onnxruntime", threads=1), Ocr(runtime="openvino", threads=2)):
        second = load_engine(config).read(pictures)
        for a, b in zip(first, second, strict=True):
            assert a.text == b.text
            assert [c.text for c in a.numeric[:1]] == [c.text for c in b.numeric[:1]]
            assert abs(a.candidates[0].log_prob - b.candidates[0].log_prob) < 1e-3
            there = {c.text: c.log_prob for c in b.numeric}
            assert all(abs(c.log_prob - there.get(c.text, c.log_prob)) < 1e-3 for c in a.numeric)


def test_the_engine_is_loaded_once(engine):
    assert load_engine(Ocr()) is engine


def test_odd_crops_are_read_without_a_crash(engine):
    blank = np.full((30, 40), 255, dtype=np.uint8)
    shapes = [(0, 0), (0, 7), (1, 1), (1, 4000), (4000, 1), (300, 2)]
    odd = [np.full(shape, 255, dtype=np.uint8) for shape in shapes]
    black = [np.zeros(shape, dtype=np.uint8) for shape in shapes]
    noise = np.random.default_rng(0).integers(0, 255, (60, 900), dtype=np.uint8)
    readings = engine.read([blank, *odd, *black, noise])
    assert len(readings) == 14
    assert readings[0].text == ""
    assert readings[0].numeric == ()
    assert engine.read([]) == []


def test_a_line_that_is_too_wide_is_cut_at_a_gap_and_joined(engine):
    named, pictures = crops()
    word = pictures[named.index("行政处罚")]
    line = np.hstack([word] * 40)
    assert engine.read([line])[0].text.replace(" ", "") == "行政处罚" * 40


def test_a_larger_model_can_be_named_and_a_missing_one_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"inference\.onnx"):
        load_engine(Ocr(model_dir=str(tmp_path)))
    (tmp_path / "inference.onnx").write_bytes(b"not a network")
    for runtime in ("openvino", "onnxruntime"):
        with pytest.raises(ConfigError, match="cannot be used"):
            load_engine(Ocr(model_dir=str(tmp_path), runtime=runtime))


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ConfigError) as refused:
        load_engine(Ocr(engine="guess"))
    assert "ppocr, paddleocr" in refused.value.advice
    with pytest.raises(ConfigError, match="no runtime called"):
        load_engine(Ocr(runtime="guess"))
