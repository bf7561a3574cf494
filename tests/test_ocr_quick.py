import math
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models import model_path
from pipeline.config import Ocr
from pipeline.domain import Candidate
from pipeline.ocr.batches import batches
from pipeline.ocr.columns import in_parts, whole
from pipeline.ocr.engine import LineReading, load_engine
from pipeline.ocr.prepare import as_batch, scaled
from pipeline.ocr.quick import is_large, roomy, settled
from pipeline.ocr.runtime import load_network

CROPS = Path(__file__).parent / "crops"


def crops():
    files = sorted(CROPS.glob("*.png"))
    return [unicodedata.normalize("NFC", f.stem) for f in files], [np.asarray(Image.open(f).convert("L")) for f in files]


def paper(height, width):
    return np.full((height, width), 250, dtype=np.uint8)


def dash():
    crop = paper(16, 24)
    crop[7:9, 6:16] = 20
    return crop


def reading(texts, numeric=()):
    found = [tuple(Candidate(text, math.log(p)) for text, p in pairs) for pairs in (texts, numeric)]
    return LineReading(found[0], found[1])


def test_a_sure_figure_keeps_its_probability_and_forgets_what_else_looked_like_it():
    taken = settled(reading([("O", 0.6), ("0", 0.396)], [("0", 0.996), ("6", 0.001)]), paper(20, 12))
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
    assert settled(seen, paper(20, 12)) is None


def test_a_dash_is_taken_where_its_shape_is_that_of_a_dash():
    seen = reading([("-", 0.97), ("1", 0.02)], [("-", 0.97), ("1", 0.02)])
    assert is_large(dash())
    assert settled(seen, dash()) == reading([("-", 0.9)])
    assert settled(seen, paper(16, 24)) is None
    assert settled(reading([("-", 0.85)], [("-", 0.85)]), dash()) is None
    assert settled(reading([("1", 0.99)], [("1", 0.99)]), dash()) is None


def test_dashes_need_no_full_network(monkeypatch):
    engine, full = load_engine(Ocr()), load_engine(Ocr(quick=False))
    monkeypatch.setattr(engine, "_full", lambda batches: iter([pytest.fail("asked") for _ in batches]))
    (one,), (other,) = engine.read([dash()]), full.read([dash()])
    assert one.numeric[0] == other.numeric[0]
    assert one.text == other.text


def test_text_is_taken_where_only_the_width_of_a_bracket_is_in_doubt():
    taken = settled(reading([("(七)总计", 0.55), ("（七）总计", 0.3), ("(七) 总计", 0.1)]), paper(20, 60))
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
    full = engine._full
    monkeypatch.setattr(engine, "_full", lambda made: full(seen.append(len(batch)) or batch for batch in made))
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


class Parts:
    """A network of 3 classes in two parts: each pixel column of a crop is a column, its first row the scores of its classes."""

    def __init__(self):
        self.asked = 0

    def body(self, batch):
        scores = batch[:, :, 0, :].transpose(0, 2, 1)
        lead = scores[:, :, :1] - scores[:, :, 1:].max(axis=2, keepdims=True)
        return np.concatenate([scores, lead], axis=2)

    def last(self, columns):
        self.asked += len(columns)
        mass = np.exp(columns)
        return mass / mass.sum(axis=1, keepdims=True)

    def all(self, batch):
        return self.last(batch[:, :, 0, :].transpose(0, 2, 1).reshape(-1, 3)).reshape(len(batch), -1, 3)


def test_the_last_layer_is_asked_for_columns_that_may_hold_ink_alone():
    parts = Parts()
    made = [np.zeros((n, 3, 1, width), dtype=np.float32) for n, width in ((2, 40), (1, 100), (3, 64))]
    rng = np.random.default_rng(0)
    inked = 0
    for batch in made:
        ink = rng.random((len(batch), batch.shape[3])) < 0.5
        batch[:, 0, 0] = np.where(ink, 0.0, 12.0)
        batch[:, 1, 0] = rng.random(ink.shape)
        inked += int(ink.sum())
    found, expected = list(in_parts(parts.body, parts.last)(iter(made))), list(whole(Parts().all)(iter(made)))
    assert parts.asked < inked + 64 < sum(len(b) * b.shape[3] for b in made)
    assert [len(lattice) for lattice in found] == [40, 40, 100, 64, 64, 64]
    for one, other in zip(found, expected, strict=True):
        for step, full in zip(one, other, strict=True):
            assert [kind for kind, _ in step] == [kind for kind, _ in full]
            assert [p for _, p in step] == pytest.approx([p for _, p in full], abs=1e-5)


def test_nothing_to_look_at_has_no_lattices():
    parts = Parts()
    assert list(in_parts(parts.body, parts.last)(iter([]))) == []
    blank = np.zeros((1, 3, 1, 8), dtype=np.float32)
    blank[:, 0] = 20.0
    assert list(in_parts(parts.body, parts.last)([blank])) == [[[(0, pytest.approx(1.0, abs=1e-8))]] * 8]
    assert parts.asked == 0


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_no_ink_is_taken_for_paper(runtime):
    parts = [load_network(model_path(name), runtime, 1)[0] for name in ("recognise_quick", "recognise_quick_last")]
    passed = paper_columns = 0
    for picture in crops()[1]:
        batch = as_batch([scaled(picture)], roomy(scaled(picture).shape[1]))
        columns = np.array(parts[0](batch))[0]
        blank = parts[1](np.ascontiguousarray(columns[:, :-1]))[:, 0]
        is_paper = columns[:, -1] > 10.5
        assert (blank[is_paper] > 0.997).all()
        passed, paper_columns = passed + int(is_paper.sum()), paper_columns + int((blank > 0.9999).sum())
    assert passed > 0.7 * paper_columns
