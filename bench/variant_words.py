"""Words and signs where a figure should stand."""

from __future__ import annotations

from random import Random

from bench.variant_forms import LOST, Form, Written

_ALL = r"""
    无 未统计 不涉及 暂无 略 详见附件 N/A NA null NULL None NaN undefined #REF! #DIV/0! × ×× X XX *** * … …… ? ？ — ——
    / // \ . 。 · 空 （空） □ ■ √ 同上 〃 " O o ○ 〇 零 Ｏ 0件 0.0 0% 无。 没有 待定 保密 涉密 _ __ &nbsp; &#160; # ～ = －－ 一 l
    I |
    """
WORDS = tuple(_ALL.split())
"""What stands where a figure should, and what of it says nothing or 0 is for the reader to tell."""
_NOTHING = frozenset(
    [
        "无",
        "—",
        "——",
        "/",
        "//",
        "\\",
        "_",
        "__",
        "－－",
        "无。",
        "没有",
        "暂无",
        "不涉及",
        ".",
        "。",
        "·",
        "（空）",
        "空",
        "……",
        "…",
        "～",
        "&nbsp;",
        "&#160;",
        "null",
        "NULL",
        "None",
        "NaN",
    ]
)
_ZERO = frozenset(("O", "o", "○", "〇", "零", "Ｏ", "0件", "0.0"))
_ONE = frozenset(("一",))


def word_form(word: str) -> Form:
    """Puts a word into cells; what says nothing may be a blank, what says 0 may be 0."""

    def form(value: int, rng: Random) -> Written:
        return (word, None if word in _NOTHING else 0 if word in _ZERO else 1 if word in _ONE else LOST)

    return form


WORD_FORMS = {f"word {word}": word_form(word) for word in WORDS}
