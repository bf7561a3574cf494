import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config import Ocr
from pipeline.domain import Candidate
from pipeline.ocr.engine import LineReading, load_engine
from pipeline.ocr.narrowed import is_wide, likelier, narrowed, wants_full_width

CROPS = Path(__file__).parent / "crops"


def crop_of(text):
    for path in sorted(CROPS.glob("*.png")):
        if unicodedata.normalize("NFC", path.stem).split("~")[0] == text:
            return np.asarray(Image.open(path).convert("L"))
    raise LookupError(text)


def reading(text, log_prob, numeric=()):
    return LineReading((Candidate(text, log_prob),), tuple(Candidate(t, log_prob) for t in numeric))


@pytest.fixture
def engine():
    return load_engine(Ocr(quick=False))


@pytest.fixture
def widths(engine, monkeypatch):
    """The widths of all batches that the recogniser is given, in pixels."""
    seen = []
    full = engine._full
    monkeypatch.setattr(engine, "_full", lambda made: full(seen.append(batch.shape[3]) or batch for batch in made))
    return seen


def test_a_line_of_text_is_read_once_at_two_thirds_of_its_width(engine, widths):
    word = crop_of("行政处罚")
    line = np.hstack([word, word, word])
    full = 48 * line.shape[1] / line.shape[0]
    found = engine.read([line])[0]
    assert found.text.replace(" ", "") == "行政处罚" * 3
    assert len(widths) == 1
    assert widths[0] <= 0.67 * full + 16


def test_a_number_is_read_at_its_full_width_however_wide_it_is(engine, widths):
    figure = crop_of("7")
    line = np.hstack([figure] * 9)
    found = engine.read([line])[0]
    assert found.numeric[0].text == "7" * 9
    assert max(widths) >= 48 * line.shape[1] / line.shape[0]


def test_what_is_as_wide_as_a_figure_is_not_narrowed():
    assert not is_wide(np.zeros((20, 50), dtype=np.uint8))
    assert is_wide(np.zeros((20, 51), dtype=np.uint8))
    assert not is_wide(np.zeros((0, 7), dtype=np.uint8))
    assert narrowed(np.zeros((48, 300), dtype=np.uint8)).shape == (48, 200)


def test_figures_and_doubtful_text_are_read_again_and_the_likelier_text_is_taken():
    assert wants_full_width(reading("1,234,567", 0.0, ("1,234,567",)))
    assert wants_full_width(reading("41 700", 0.0))
    assert wants_full_width(reading("", 0.0))
    assert wants_full_width(reading("行政处罚", -0.8))
    assert not wants_full_width(reading("行政处罚", -0.1))
    unsure, sure = reading("行政外罚", -0.8), reading("行政处罚", -0.1)
    assert likelier(sure, unsure) is sure
    assert likelier(unsure, sure) is sure
    assert likelier(unsure, None) is unsure
    # A number is never that of the narrowed crop.
    figure = reading("12345", -0.5, ("12345",))
    assert likelier(figure, reading("12345", -0.1, ("12345",))) is figure
