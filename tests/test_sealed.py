"""Figures under seals are read twice, with the seal taken out in two ways; only what is read alike both ways may be cleared."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from bench import damage
from pipeline.domain import Candidate
from pipeline.layout.seal import without_seals
from pipeline.layout.through_seal import seen_through
from pipeline.ocr.engine import LineReading
from pipeline.raster import Gray, Raster, Rgb, Sheet, TextLine, Transform
from pipeline.run.sealed import SEALED, read_sealed

DPI = 200
HEIGHT, WIDTH = 700, 700
LEVEL = Transform((1, 0, 0, 0, 1, 0, 0, 0, 1), WIDTH, HEIGHT)
LINE, CELL = TextLine(((300, 330, 380, 360),), 0), (270, 315, 420, 375)


def page(sealed: bool = True) -> Rgb:
    rgb = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    cv2.putText(rgb, "2718", (300, 358), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (30, 30, 30), 2, cv2.LINE_AA)
    if sealed:
        rgb = damage.press(rgb, damage.round_seal(DPI, 20), 220, 260, damage.RED, 0.8, np.random.default_rng(4))
    stored = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    return np.ascontiguousarray(cv2.imdecode(stored, 1)[:, :, ::-1])


def reading(text: str, share: float, *readers: str) -> LineReading:
    said = tuple((name, math.log(0.99)) for name in readers or ("lines", "figures"))
    candidate = Candidate(text, math.log(share), said)
    return LineReading((candidate,), (candidate,))


def looked(first: LineReading, again: LineReading, lines: Sequence[TextLine] = (LINE,)) -> tuple[LineReading, str | None]:
    """What is taken, and the doubt, where the second look gives `again`."""
    pixels = page()
    gray, seal = without_seals(pixels, DPI)
    assert seal is not None
    sheet = Sheet(1, gray, DPI, LEVEL, seal=seal)

    def read(crops: Sequence[Gray]) -> list[LineReading]:
        return [again for _ in crops]

    readings, doubts = read_sealed([first] * len(lines), Raster(1, pixels, DPI), sheet, np.zeros_like(gray), lines, [CELL], read)
    return readings[0], doubts[0]


def test_what_both_looks_read_alike_can_be_cleared() -> None:
    taken, doubt = looked(reading("2718", 0.999), reading("2718", 0.995))
    assert taken == reading("2718", 0.999) and doubt == "read as '2718' under a seal or a pen stroke"


def test_two_clear_figures_that_differ_stay_in_doubt() -> None:
    assert looked(reading("2718", 0.99), reading("2713", 0.99)) == (reading("2718", 0.99), SEALED)


def test_two_unclear_figures_stay_in_doubt() -> None:
    assert looked(reading("2718", 0.5), reading("2718", 0.5)) == (reading("2718", 0.5), SEALED)


@pytest.mark.parametrize(
    "first, again, text",
    [
        (reading("2718", 0.97), reading("2718", 0.999), "2718"),
        (reading("2718", 0.999, "lines"), reading("2718", 0.999), "2718"),
        (reading("2718", 0.999), reading("271", 0.3), "2718"),
        (reading("2713", 0.4), reading("2718", 0.999), "2718"),
        (LineReading((Candidate("、1", -1.0),), ()), reading("1", 0.999), "1"),
    ],
    ids=["not sure", "one reader", "second unclear", "first unclear", "no number at first"],
)
def test_what_one_look_alone_reads_clearly_needs_several_sums(first: LineReading, again: LineReading, text: str) -> None:
    taken, doubt = looked(first, again)
    assert taken.numeric[0].text == text and math.exp(taken.numeric[0].log_prob) <= 0.8 + 1e-9
    assert doubt == f"read as {text!r} under a seal or a pen stroke"


def test_a_figure_with_other_print_in_its_cell_is_not_looked_at_again() -> None:
    other = TextLine(((300, 362, 310, 370),), 0)
    assert looked(reading("2718", 0.99), reading("2718", 0.99), (LINE, other))[1] == SEALED


@pytest.mark.parametrize("sealed", [True, False])
def test_print_under_a_seal_is_seen_and_the_seal_is_not(sealed: bool) -> None:
    bare = seen_through(Raster(1, page(False), DPI), LEVEL, CELL) < 128
    seen = seen_through(Raster(1, page(sealed), DPI), LEVEL, CELL) < 128
    near = cv2.dilate(bare.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert (seen & bare).sum() > 0.85 * bare.sum() and (seen & ~near).sum() < 10


def test_a_piece_at_the_edge_of_the_raster_has_paper_beyond() -> None:
    moved = Transform((1, 0, -20, 0, 1, 0, 0, 0, 1), WIDTH, HEIGHT)
    piece = seen_through(Raster(1, page(), DPI), moved, (0, 330, 60, 350))
    assert piece.shape == (20, 60) and (piece[:, :15] == 255).all()
    assert seen_through(Raster(1, page(), DPI), LEVEL, (5, 5, 5, 9)).size == 0
