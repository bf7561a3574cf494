"""Why a cell is in doubt, in Chinese: the reasons of the stages are English sentences; one that is not known stays so."""

from __future__ import annotations

import re

_QUOTED = r"(?:'[^']*'|\"[^\"]*\")"
_KNOWN: tuple[tuple[str, str], ...] = (
    (rf"read as ({_QUOTED}) with a probability of ([\d.]+)", r"读作 \1，概率 \2"),
    (rf"read as ({_QUOTED}) under a seal or a pen stroke", r"读作 \1，其上有印章或笔迹"),
    (rf"read as ({_QUOTED}), with a mark beside it", r"读作 \1，旁有杂点"),
    (rf"read as ({_QUOTED}), with a point where only whole numbers are printed", r"读作 \1，其中有点，而此处只印整数"),
    (rf"read as ({_QUOTED}), but freely as ({_QUOTED})", r"读作 \1，自由识读为 \2"),
    (rf"read as ({_QUOTED}) at first, taken as ({_QUOTED}): only so the sums that it stands in close",
     r"先读作 \1，改取 \2：唯有如此其所在合计才平"),
    (rf"read as ({_QUOTED})", r"读作 \1"),
    (rf"({_QUOTED}) is as small as the dashes around it, and may be one", r"\1 与周围短横一样小，可能就是短横"),
    (r"read well, in a table of which much could hardly be read, and no sum vouches for it",
     "识读清楚，但本表许多数字难以识读，且无合计可佐证"),
    (r"nothing is to be seen in it, in a report that prints its zeros", "格内未见印迹，但本报告的零都印出"),
    (r"nothing is to be seen in it, in a table of which much could hardly be read", "格内未见印迹，但本表许多数字难以识读"),
    (r"readings and sums leave a doubt of ([\d.e+-]+) %", r"读数与合计仍留有 \1 % 的疑问"),
    (rf"({_QUOTED}) is no number", r"\1 不是数字"),
    (r"a figure of its row that cannot stand in its column may have stood here", "本行有数值不应出现在所在列，可能原在此格"),
    (rf"({_QUOTED}) among its values is no number: the others may have moved", r"本行数值中的 \1 不是数字：其余数值可能错位"),
    (r"(\d+) values where the table has (\d+) columns", r"本行有 \1 个数值，而表有 \2 列"),
    (r"a seal or a pen stroke lies over it", "有印章或笔迹压在其上"),
    (r"a number may stick to its label", "数字可能与行标签粘连"),
    (r"its label is lost", "行标签缺失"),
    (r"numbers that belong to no row follow it", "其后有不属于任何行的数字"),
    (r"numbers that belong to no row stand above it", "其上有不属于任何行的数字"),
    (rf"its label ({_QUOTED}) hardly fits", r"行标签 \1 勉强相符"),
    (rf"its label ({_QUOTED}) fits another row nearly as well", r"行标签 \1 与另一行几乎同样相符"),
    (rf"its label ({_QUOTED}) fits another row better", r"行标签 \1 与另一行更相符"),
    (r"its label stands on another line than its numbers", "行标签与数字不在同一行"),
    (r"another row of numbers stands under the same header", "同一表头下还有另一行数字"),
    (r"a header with holes stands in front of it", "其前的表头有缺漏"),
    (r"a foreign line stands between its values", "数值之间夹有无关的一行"),
    (r"its sums close if its values stand in other columns", "若数值在其他列，合计方能平衡"),
    (r"it covers several columns, which its header does not", "此格横跨数列，而表头并未如此"),
    (r"there is print in it that was not read", "格内有未能识读的印迹"),
    (r"it is too narrow for a figure: its own may stand in the cell beside it", "此格窄得容不下数字：其数字可能在邻格中"),
    (r"print that could not be read", "印迹无法识读"),
    (r"not a figure", "不是数字"),
    (r"a number with leading zeros", "数字带有前导零"),
    (r"a number too large to be believed", "数字大得不可信"),
    (r"the sum that it stands in does not close", "其所在的合计不平"),
    (r"the lines of the table leave areas that are not rectangles", "表格线围出的区域不是矩形"),
    (r"the header lacks a column, and no row tells whether its label or all of it was lost",
     "表头缺一列，无从判断只缺列名还是整列缺失"),
    (r"two labels stand in one row", "一行中有两个标签"),
    (r"one number for several rows", "数行共用一个数字"),
    (r"two readings differ: (.+) by (\w+), (.+) by camelot", r"两种识读不一致：\2 读作 \1，camelot 读作 \3"),
    (r"two grids of the table differ here: (.+) by its figures, (.+) by its lines",
     r"两种表格划分在此不一致：按数字排列为 \1，按表格线为 \2"),
    (r"two readers agree", "两个识读器一致"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), said) for pattern, said in _KNOWN)


def in_language(reason: str, language: str) -> str:
    """Returns the reason of a doubt in a language (`zh` or `en`), part by part."""
    if language != "zh":
        return reason
    return "；".join(_part(part) for part in reason.split("; "))


def _part(part: str) -> str:
    for pattern, said in _PATTERNS:
        match = pattern.fullmatch(part.strip())
        if match:
            return match.expand(said)
    return part
