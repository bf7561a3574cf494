"""What is written on training crops, and what the reader should say of it.

A label is in the reader's alphabet; a sign that is in no number is a `?`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.ocr.figure_signs import OTHER, SIGNS
from pipeline.ocr.numbers import FOLDED

# The weights were learnt with ＋ as print that is in no number.
_OWNER = {c: sign for sign, characters in FOLDED.items() for c in characters if sign in SIGNS and c != "＋"}
_FULL_WIDTH = str.maketrans("0123456789.,-+%/()", "０１２３４５６７８９．，－＋％／（）")
# A short one comes most often, and is the hardest to tell from dirt.
_DASHES = "------－———–―一"
_WORDS = (
    "本年新收政府信息公开申请数量", "上年结转", "予以公开", "部分公开", "不予公开", "属于国家秘密",
    "其他法律行政法规禁止公开", "危及三安全一稳定", "保护第三方合法权益", "属于三类内部事务信息", "属于四类过程性信息",
    "行政查询事项", "无法提供", "本机关不掌握", "没有现成信息需要另行制作", "补正后申请内容仍不明确", "不予处理",
    "信访举报投诉类申请", "重复申请", "要求提供公开出版物", "要求行政机关确认或重新出具", "其他处理", "总计",
    "结转下年度继续办理", "自然人", "法人或其他组织", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他",
    "行政复议", "结果维持", "结果纠正", "尚未审结", "行政诉讼", "未经复议直接起诉", "复议后起诉", "规章", "规范性文件",
    "行政许可", "行政处罚", "行政强制", "行政事业性收费", "政府集中采购", "信息内容", "本年制发件数", "本年废止件数",
    "现行有效件数", "本年处理决定数量", "本年收费金额", "单位", "万元", "合计", "年度", "报告", "镇人民政府",
    "街道办事处", "收到和处理政府信息公开申请情况", "主动公开政府信息情况", "存在的主要问题及改进情况", "第二十条第一项",
    "件", "个", "条", "年", "月", "日", "号", "项", "次",
)  # fmt: skip
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCEFGHJKLMNPQRSTUVWXYZ&@#*=!:;"
# Letters that are much like figures or a dash.
_LIKE_FIGURES = "二三十工干王土千日曰目田丁了卜丫乙己已兀尤兄上下个小八人入七九儿几"
# The commoner half of GB 2312 in its own order of sound.
_COMMON = "".join(bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA))
_TAKEN = frozenset("一〇万元增减无口")


@dataclass(frozen=True)
class Line:
    """A piece of text: `text` is set in print, `label` is what the reader should say; `spacing` between signs, in em."""

    text: str
    label: str
    spacing: float = 0.0


def draw_number(rng: np.random.Generator) -> Line:
    """Draws a number, as they stand in tables."""
    text = _number(rng)
    kind = rng.random()
    if kind < 0.08:
        return Line(text.translate(_FULL_WIDTH), text)
    if kind < 0.12:
        return Line(text, text, float(rng.uniform(0.05, 0.35)))
    return Line(text, text, float(rng.uniform(-0.03, 0.06)) if kind < 0.4 else 0.0)


def draw_sign(rng: np.random.Generator) -> Line:
    """Draws a sign for none: a dash, a slash, 无."""
    kind = rng.random()
    if kind < 0.7:
        dash = _DASHES[int(rng.integers(len(_DASHES)))]
        return Line(dash * (2 if dash in "—―" and rng.random() < 0.3 else 1), "-")
    return Line("/／"[int(rng.random() < 0.3)], "/") if kind < 0.88 else Line("无", "无")


def draw_other(rng: np.random.Generator) -> Line:
    """Draws text that is no number: words, letters, and numbers among them."""
    kind = rng.random()
    if kind < 0.3:
        word = _WORDS[int(rng.integers(len(_WORDS)))]
        start = int(rng.integers(max(1, len(word) - 3)))
        end = "。：；、"[int(rng.integers(4))] if rng.random() < 0.15 else ""
        return _labelled(word[start : start + int(rng.integers(1, 9))] + end)
    if kind < 0.5:
        return _labelled("".join(_COMMON[int(k)] for k in rng.integers(len(_COMMON), size=int(rng.choice((1, 1, 1, 2, 3))))))
    if kind < 0.58:
        return _labelled(_LIKE_FIGURES[int(rng.integers(len(_LIKE_FIGURES)))])
    if kind < 0.75:
        unit = "件个条年月日号项次第"[int(rng.integers(10))]
        number = str(rng.integers(0, 10 ** int(rng.integers(1, 5))))
        return _labelled(("第" if rng.random() < 0.3 else "") + number + unit)
    if kind < 0.82:
        page, dash = rng.integers(1, 30), "-—"[int(rng.integers(2))]
        return _labelled(f"{dash}{page}{dash}" if rng.random() < 0.5 else f"{dash} {page} {dash}")
    if kind < 0.85:
        return _labelled(("无。", "无", "无", "无法", "元")[int(rng.integers(5))])
    if kind < 0.93:
        return _labelled("".join(_LETTERS[int(k)] for k in rng.integers(len(_LETTERS), size=int(rng.integers(1, 4)))))
    letter, number = _LETTERS[int(rng.integers(len(_LETTERS)))], str(rng.integers(0, 1000))
    return _labelled(letter + number if rng.random() < 0.5 else number + letter)


def _labelled(text: str) -> Line:
    signs = [_OWNER.get(c, OTHER) if c not in "一ー_" else OTHER for c in text if c != " "]
    return Line(text, "".join(signs))


def _number(rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.14:
        return "0"
    if kind < 0.70:
        return _digits(rng, int(rng.choice(8, p=(0.0, 0.28, 0.22, 0.2, 0.13, 0.08, 0.05, 0.04))))
    if kind < 0.77:
        return _digits(rng, int(rng.integers(1, 5))) + "." + "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(1, 5))))
    if kind < 0.86:
        return f"{int(10 ** rng.uniform(3, 7.5)):,}" + (f".{rng.integers(100):02d}" if rng.random() < 0.25 else "")
    if kind < 0.91:
        return "-" + _digits(rng, int(rng.integers(1, 5))) + (f".{rng.integers(10)}" if rng.random() < 0.2 else "")
    if kind < 0.93:
        return "+" + _digits(rng, int(rng.integers(1, 5)))
    if kind < 0.945:
        return f"{rng.integers(0, 101)}" + (f".{rng.integers(100)}" if rng.random() < 0.6 else "") + "%"
    if kind < 0.96:
        return f"({'-' if rng.random() < 0.3 else ''}{_digits(rng, int(rng.integers(1, 4)))})"
    if kind < 0.98:
        tail = f".{rng.integers(100)}" if rng.random() < 0.4 else ""
        return _digits(rng, int(rng.integers(1, 5))) + tail + ("元", "万元", "万")[int(rng.integers(3))]
    return "增减"[int(rng.integers(2))] + _digits(rng, int(rng.integers(1, 4)))


def _digits(rng: np.random.Generator, count: int) -> str:
    # Doubled figures and thin ones, which are the hardest to count, come more often than by chance.
    if rng.random() < 0.2:
        pool = rng.choice((*"0123456789", "1", "1", "0"), size=2)
        return "".join(str(pool[int(k)]) for k in rng.integers(2, size=count))
    return "".join(str(d) for d in rng.integers(0, 10, count))
