"""A blank is in doubt where a figure of its row cannot stand in its own column: it may have stood here."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain import State
from pipeline.run.document import process

PAGE = """<html><head><meta charset="utf-8"><title>安澜市2020年政府信息公开工作年度报告</title></head><body>
<p>二、主动公开政府信息情况</p><table border="1">
<tr><td colspan="4">第二十条第（五）项</td></tr>
<tr><td>信息内容</td><td>上一年项目数量</td><td>本年增/减</td><td>处理决定数量</td></tr>
<tr><td>行政许可</td><td>2070359</td><td></td><td>{figure}</td></tr>
<tr><td>其他对外管理服务事项</td><td>166</td><td>57</td><td>419</td></tr></table></body></html>"""


@pytest.mark.parametrize(("figure", "is_asked"), [("-73376293", True), ("+73376293", True), ("376293", False)])
def test_a_blank_beside_an_impossible_figure_is_asked_for(tmp_path: Path, figure: str, is_asked: bool) -> None:
    page = tmp_path / "report.html"
    page.write_text(PAGE.format(figure=figure), encoding="utf8")
    (matrix,) = (m for m in process(page, page.name).matrices if m.table == "art20_5")
    blank = matrix.cells[0][1]
    assert blank.state is State.BLANK and blank.review is is_asked
    assert not matrix.cells[0][0].review and not any(cell.review for cell in matrix.cells[1])
