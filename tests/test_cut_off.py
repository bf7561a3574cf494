"""A cell that runs into the edge of its picture is doubted, unless a line closes it there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.domain import BBox, Origin, Ruling, Table, TableCell
from pipeline.raster import Transform
from pipeline.run.cut_off import CUT_OFF, UNDER_SEAL, PageRim, flag_cut_off

WIDTH_PT, HEIGHT_PT, DPI = 400.0, 300.0, 144.0


def rim(turn_deg: float = 0.0, rulings: tuple[Ruling, ...] = (), sealed: npt.NDArray[np.float32] | None = None) -> PageRim:
    """A page of twice as many pixels as points, skewed about its left top corner."""
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    matrix = (c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0)
    size = (round(WIDTH_PT * DPI / 72), round(HEIGHT_PT * DPI / 72))
    return PageRim(Transform(tuple(map(float, matrix)), *size), DPI, size, rulings, sealed)


def table(*boxes: tuple[float, float, float, float], text: str = "") -> Table:
    cells = tuple(TableCell(k, 0, 1, 1, text, 1, BBox(*b)) for k, b in enumerate(boxes))
    return Table(cells, len(cells), 1, 1, None, Origin.OCR, "rulings")


def doubts(found: object) -> list[str | None]:
    assert isinstance(found, Table)
    return [c.doubt for c in found.cells]


@pytest.mark.parametrize("text", ["", "49", "-"])
@pytest.mark.parametrize(
    "box",
    [(300, 100, WIDTH_PT, 120), (0, 100, 90, 120), (100, 280, 200, HEIGHT_PT), (100, 1, 200, 30)],
    ids=["right", "left", "bottom", "top"],
)
def test_cells_at_the_edge_are_doubted(box: tuple[float, float, float, float], text: str) -> None:
    assert doubts(flag_cut_off(table(box, (100, 100, 200, 120), text=text), {1: rim()})) == [CUT_OFF, None]


def test_a_line_at_the_edge_closes_a_cell() -> None:
    frame = Ruling(WIDTH_PT - 1, 90, WIDTH_PT - 1, 200, 1)
    assert doubts(flag_cut_off(table((300, 100, WIDTH_PT, 120)), {1: rim(rulings=(frame,))})) == [None]
    short = Ruling(WIDTH_PT - 1, 90, WIDTH_PT - 1, 105, 1)
    assert doubts(flag_cut_off(table((300, 100, WIDTH_PT, 120)), {1: rim(rulings=(short,))})) == [CUT_OFF]


def test_the_edge_is_that_of_the_picture_however_it_was_skewed() -> None:
    # Turned by 2 degrees, the lower left of the page lies beyond the picture.
    box = (5, 270, 60, 285)
    assert doubts(flag_cut_off(table(box), {1: rim(2.0)})) == [CUT_OFF]
    assert doubts(flag_cut_off(table(box), {1: rim()})) == [None]


def test_labels_and_other_pages_stay() -> None:
    assert doubts(flag_cut_off(table((300, 100, WIDTH_PT, 120), text="总计"), {1: rim()})) == [None]
    assert doubts(flag_cut_off(table((300, 100, WIDTH_PT, 120)), {2: rim()})) == [None]


def test_a_seal_beside_an_open_side_may_hide_the_rest() -> None:
    sealed = np.zeros((100, 134), dtype=np.float32)
    sealed[33:40, 70:80] = 0.3
    box = (150, 100, 205, 120)
    assert doubts(flag_cut_off(table(box), {1: rim(sealed=sealed)})) == [UNDER_SEAL]
    closing = Ruling(205, 90, 205, 130, 1)
    assert doubts(flag_cut_off(table(box), {1: rim(rulings=(closing,), sealed=sealed)})) == [None]
