"""From the flow of a page to blocks: which lines are headings, which are text, and which only lead around the site."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.domain import Block, Table, TextBlock
from pipeline.intake.html_flow import CHROME, CHROME_BY_NAME, NOT_CHROME, Item, Line

_NUMERALS = "一二三四五六七八九十"
_HEADING = re.compile(
    rf"\s*(?:[{_NUMERALS}]{{1,3}}\s*[、.．，,]|[（(]\s*[{_NUMERALS}]{{1,3}}\s*[）)]|第[{_NUMERALS}\d]{{1,4}}[部章节篇条]).{{1,40}}"
)
_SENTENCE_END = "。；;，,：:！？"
_PAGE_TOOLS = re.compile(
    r"当前位置|您所?在的?位置|所在位置|版权所有|ICP备|网安备|公安备|网站标识码|主办单位|承办单位|技术支持|网站地图|联系我们|设为首页"
    r"|加入收藏|关闭窗口|打印本页|分享到|扫一扫|返回顶部|上一篇|下一篇|无障碍|Copyright|All Rights Reserved|^首页$|字[体号][：:]",
    re.IGNORECASE,
)
_SHORT_CHARS = 60


def flow_to_blocks(items: Iterable[Item]) -> list[Block]:
    """Returns lines and tables in document order; pictures and attachments are not blocks."""
    shown = [item for item in items if isinstance(item, Line | Table)]
    lines = [item for item in shown if isinstance(item, Line)]
    named = sum(len(line.text) for line in lines if line.chrome == CHROME_BY_NAME)
    # A page that is built inside an element with a name like `top` or `position` is not navigation.
    least = CHROME if named * 2 > sum(len(line.text) for line in lines) else CHROME_BY_NAME
    return [item if isinstance(item, Table) else _text_block(item, least) for item in shown]


def is_heading(text: str) -> bool:
    """True for a short line that is numbered like a section (一、总体情况) and is no sentence."""
    return _HEADING.fullmatch(text) is not None and text.rstrip()[-1] not in _SENTENCE_END and "。" not in text


def _text_block(line: Line, least: int) -> TextBlock:
    """Returns a line as a block of its kind."""
    if line.chrome >= least and line.chrome != NOT_CHROME and not (line.heading and line.chrome == CHROME_BY_NAME):
        return TextBlock(line.text, "chrome")
    if line.heading or is_heading(line.text):
        return TextBlock(line.text, "heading")
    if line.verbatim:
        return TextBlock(line.text, "line")
    if len(line.text) <= _SHORT_CHARS and (line.linked >= 0.8 * len(line.text) or _PAGE_TOOLS.search(line.text)):
        return TextBlock(line.text, "chrome")
    return TextBlock(line.text)
