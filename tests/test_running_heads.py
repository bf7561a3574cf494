"""Running heads are told by their place and text, page by page, though no two scans are cut alike."""

from pipeline.domain import BBox, TextBlock
from pipeline.grid.running_heads import mark_running_heads

HEIGHTS = {1: 842.0, 2: 842.0, 3: 842.0}


def line(text: str, page: int, top: float = 30.0) -> TextBlock:
    return TextBlock(text, "heading", page, BBox(200, top, 400, top + 10))


def kinds(*blocks: TextBlock) -> list[str]:
    return [b.kind for b in mark_running_heads(blocks, HEIGHTS)]


def test_a_long_head_on_two_of_three_pages_is_chrome():
    assert kinds(line("柳河乡人民政府年度报告", 2), line("柳河乡人民政府年度报告", 3)) == ["chrome"] * 2


def test_a_letter_read_otherwise_and_a_shift_of_a_few_points_change_nothing():
    heads = [line("柳河乡人民政府年度报告", 1), line("柳河乡人民攻府年度报告", 2, 36.0), line("柳河乡人民政府年度报告", 3, 27.0)]
    assert kinds(*heads) == ["chrome"] * 3


def test_a_short_text_needs_three_pages():
    assert kinds(line("附件", 1), line("附件", 2)) == ["heading"] * 2


def test_what_stands_in_the_text_is_no_head():
    assert kinds(line("柳河乡人民政府年度报告", 2, 300), line("柳河乡人民政府年度报告", 3, 300)) == ["heading"] * 2


def test_other_texts_at_one_height_are_no_heads():
    assert kinds(line("一、主动公开政府信息情况", 2), line("五、存在的主要问题及改进情况", 3)) == ["heading"] * 2
