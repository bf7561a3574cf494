import math
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config import Ocr
from pipeline.domain import Candidate
from pipeline.ocr.batches import batches
from pipeline.ocr.engine import LineReading, load_engine
from pipeline.ocr.quick import is_large, roomy, settled

CROPS = Path(__file__).parent / "crops"


def crops():
    files = sorted(CROPS.glob("*.png"))
    return [unicodedata.normalize("NFC", f.stem) for f in files], [np.asarray(Image.open(f).convert("L")) for f in files]


def reading(texts, numeric=()):
    found = [tuple(Candidate(text, math.log(p)) for text, p in pairs) for pairs in (texts, numeric)]
    return LineReading(found[0], found[1])


def test_a_sure_figure_keeps_its_probability_and_forgets_what_else_looked_like_it():
    taken = settled(reading([("O", 0.6), ("0", 0.396)], [("0", 0.996), ("6", 0.001)]))
    assert taken == reading([("0", 0.996)], [("0", 0.996), ("6", 0.001)])


@pytest.mark.parametrize(
    "seen",
    [
        reading([("70", 0.99)], [("70", 0.99)]),
        reading([("-", 0.999)], [("-", 0.999)]),
        reading([("第7", 0.5), ("7", 0.4)], [("7", 0.999)]),
        reading([("94", 0.98), ("|94", 0.01)], [("94", 0.999)]),
        reading([("公开", 0.7)]),
        reading([("受理申请70件", 0.85)]),
        reading([("行政许可", 0.5), ("行政许町", 0.45)]),
        reading([("+509", 0.999)]),
        reading([("70件", 0.999)]),
        reading([("", 1.0)]),
        reading([("〇", 0.95)]),
    ],
)
def test_what_is_not_sure_is_left_to_the_full_network(seen):
    assert settled(seen) is None


def test_text_is_taken_where_only_the_width_of_a_bracket_is_in_doubt():
    taken = settled(reading([("(七)总计", 0.55), ("（七）总计", 0.3), ("(七) 总计", 0.1)]))
    assert taken is not None
    assert taken.text == "(七)总计"
    assert taken.numeric == ()


def test_a_quick_look_changes_no_reading_of_clear_print():
    named, pictures = crops()
    with_it, without = (load_engine(Ocr(quick=quick)) for quick in (True, False))
    for name, one, other in zip(named, with_it.read(pictures), without.read(pictures), strict=True):
        assert [c.text for c in one.numeric[:1]] == [c.text for c in other.numeric[:1]], name
        assert one.numeric or one.text == other.text, name


def test_most_clear_figures_need_no_full_network(monkeypatch):
    engine = load_engine(Ocr())
    named, pictures = crops()
    figures = [p for name, p in zip(named, pictures, strict=True) if name[0].isdigit() and name.isascii() and is_large(p)]
    seen = []
    network = engine._network
    monkeypatch.setattr(engine, "_network", lambda batch: seen.append(len(batch)) or network(batch))
    engine.read(figures)
    assert sum(seen) <= len(figures) / 2


def test_small_print_is_read_by_the_full_network_at_once():
    low = np.full((14, 20), 255, dtype=np.uint8)
    low[3:11, 6:12] = 0
    assert not is_large(low)
    assert is_large(np.kron(low, np.ones((3, 3), np.uint8)))


def test_batches_have_few_shapes_and_hold_each_crop_once():
    widths = {k: (48, 96, 640)[k % 3] for k in range(200)}
    found = list(batches(widths, 1024))
    assert sorted(k for _, chunk in found for k in chunk) == list(widths)
    assert {len(chunk) for _, chunk in found} <= {1, 2, 4, 8, 16, 32, 64}
    assert all(width * len(chunk) <= 1024 for width, chunk in found)
    assert all(widths[k] == width for width, chunk in found for k in chunk)


def test_the_widths_of_a_quick_look_are_few_and_never_too_narrow():
    assert all(width <= roomy(width) <= 1.25 * width + 16 for width in range(48, 3201))
    assert len({roomy(width) for width in range(48, 3201)}) < 40
