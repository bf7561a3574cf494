"""Which rows and columns are doubtful where the lines of a table leave areas that are no rectangles."""

from pipeline.grid.fill import Filled, _open_lanes
from pipeline.grid.lattice import CellBox

LABELS = [CellBox(r, 0, r + 1, 1) for r in range(3)]
FIGURES = [CellBox(r, c, r + 1, c + 1) for r in range(3) for c in (1, 2)]


def open_lanes(*irregular: CellBox, figures_below: bool = False) -> tuple[set[int], set[int]] | None:
    """Returns the doubtful rows and columns of a table of three rows and what lies below it; None where all is doubtful."""
    boxes = [*LABELS, *FIGURES, *irregular]
    texts = ["label"] * 3 + ["7"] * 6 + (["5"] if figures_below else [""]) * len(irregular)
    lanes = _open_lanes(Filled(tuple(boxes), ((),) * len(boxes), frozenset(), frozenset(irregular)), texts)
    return None if lanes is None else (set(lanes.rows), set(lanes.columns))


def test_what_a_page_break_leaves_below_all_figures_makes_its_own_row_doubtful_alone() -> None:
    assert open_lanes(CellBox(3, 1, 4, 3)) == ({3}, set())


def test_figures_in_such_an_area_make_all_doubtful() -> None:
    assert open_lanes(CellBox(3, 1, 4, 3), figures_below=True) is None


def test_an_area_beside_figures_makes_all_doubtful() -> None:
    assert open_lanes(CellBox(2, 1, 4, 3)) is None
    assert open_lanes() == (set(), set())
