"""Strokes of a pen in the margin, read as letters, do not part a table from its rest on the next page."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.domain import BBox, Candidate, Table, TableCell, Word
from pipeline.grid.page import order_items, page_to_pieces
from pipeline.grid.pieces import Piece
from pipeline.grid.seam import repeated_header
from pipeline.grid.stitch import Item, stitch
from pipeline.run.assemble import body_bottoms
from tests.test_grid import word
from tests.test_grid_seam import PDF, page

HEIGHTS = {1: 842.0, 2: 842.0}


def parts(*extra: Word, below: Word | None = None) -> list[Item]:
    first = page(1, [["A", "名称", "合计", "其中"], ["1", "甲", "10", "3"]], 740, extra=[below] if below else [])
    second = page(2, [["2", "乙", "20", "4"]], 60, extra=list(extra))
    return [i for p in (first, second) for i in order_items(p, page_to_pieces(p, PDF))]


def joined(items: list[Item], pictures: dict[int, float]) -> int:
    blocks = stitch(items, body_bottoms(items, HEIGHTS, pictures), pictures)
    return len([b for b in blocks if isinstance(b, Table)])


@pytest.mark.parametrize("mark", [word("へ", 30, 70, page_no=2), word("2力", 300, 30, page_no=2), word("N", 300, 40, page_no=2)])
def test_a_mark_beside_or_above_the_rest_of_a_table(mark: Word) -> None:
    assert joined(parts(mark), HEIGHTS) == 1
    assert joined(parts(mark), {}) == 2


def test_a_stroke_at_the_foot_leaves_no_room_for_another_row() -> None:
    items = parts(below=word("心 要", 200, 815))
    assert body_bottoms(items, HEIGHTS, HEIGHTS)[1] < body_bottoms(items, HEIGHTS)[1]
    assert joined(items, HEIGHTS) == 1


@pytest.mark.parametrize("text", ["二、另一张表", "1.其他", "这是两张表之间的一行文字"])
def test_text_at_the_head_of_the_page_parts_tables(text: str) -> None:
    assert joined(parts(word(text, 60, 40, 10, 2)), HEIGHTS) == 2


def read_header(texts: Sequence[str], figure: str) -> Piece:
    """A header and a row of figures, as they are read from pixels."""
    rows = [(0, t) for t in texts] + [(1, figure) for _ in texts]
    cells = tuple(
        TableCell(r, k % len(texts), 1, 1, t, 1, BBox(0, 20 * r, 50, 20 * r + 20), readings=(Candidate(t, -0.1),))
        for k, (r, t) in enumerate(rows)
    )
    walls = (True,) * len(texts)
    return Piece(1, tuple(50.0 * k for k in range(len(texts) + 1)), (0.0, 20.0, 40.0), cells, walls, walls, "rulings")


@pytest.mark.parametrize(("last", "count"), [("社会公益组织è", 1), ("社会公益组识", 1), ("第六项", 0), ("政府", 0)])
def test_a_misread_letter_leaves_a_repeated_header_one(last: str, count: int) -> None:
    head = ["申请人情况", "法人或其他组织", "科研机构", "第五项" if last == "第六项" else "社会公益组织"]
    assert repeated_header(read_header(head, "3"), read_header([*head[:-1], last], "4")) == count


def test_a_long_header_of_two_cells_may_have_misread_letters() -> None:
    head = ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况"]
    read = ["（本列数据的幻稽关系为：第一項加第二项之和，等于第三项加第四项之和）", "申请人情况"]
    assert repeated_header(read_header(head, "3"), read_header(read, "4")) == 1
