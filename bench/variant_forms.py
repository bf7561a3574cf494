"""Ways of writing a figure, and what each says: what nobody may read as another number without a flag."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.variant_sheets import Box, Paper
from fixtures.gen.report import Number

OPEN, CLOSE = "\ue000", "\ue001"
"""Stand for `<` and `>` of raw markup inside a cell; a writer of web pages puts them in."""

Written = tuple[str, Number | None] | None
"""What is printed and what it says; None leaves the figure as it is. `LOST` says that nobody can tell its value."""
LOST = float("nan")
Form = Callable[[int, Random], Written]

DIGITS = "〇一二三四五六七八九"
CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def tag(name: str, text: str, attributes: str = "") -> str:
    """Raw markup around a text."""
    return f"{OPEN}{name}{' ' + attributes if attributes else ''}{CLOSE}{text}{OPEN}/{name}{CLOSE}"


def chinese(value: int, digits: str = DIGITS, units: str = "十百千") -> str:
    """A number up to 99,999,999 in Chinese characters."""
    if value == 0:
        return "零"
    if value >= 10000:
        rest = value % 10000
        gap = "零" if rest and rest < 1000 else ""
        return chinese(value // 10000, digits, units) + "万" + (gap + chinese(rest, digits, units) if rest else "")
    out, zero = "", False
    for k in range(3, -1, -1):
        digit = value // 10**k % 10
        if digit:
            out += ("零" if zero and out else "") + digits[digit] + (units[k - 1] if k else "")
            zero = False
        else:
            zero = True
    return out


def _group(value: int, sign: str) -> str:
    return f"{value:,}".replace(",", sign)


def some(text: Callable[[int], str], means: Callable[[int], Number | None] = lambda v: v, least: int = 0) -> Form:
    """A form for figures from `least` on."""

    def form(value: int, rng: Random) -> Written:
        # What looks as ever is no other way of writing.
        return (text(value), means(value)) if abs(value) >= least and text(value) != str(value) else None

    return form


def lost(text: Callable[[int], str], least: int = 0) -> Form:
    return some(text, lambda v: LOST, least)


def _circled(value: int) -> str:
    return chr(0x2460 + value - 1) if 1 <= value <= 20 else str(value)


PLAIN_FORMS: dict[str, Form] = {
    "unit_items": some(lambda v: f"{v}件"),
    "unit_spaced": some(lambda v: f"{v} 件"),
    "unit_cases": some(lambda v: f"{v}宗"),
    "unit_visits": some(lambda v: f"{v}人次"),
    "unit_brackets": some(lambda v: f"{v}（件）"),
    "unit_wan": some(lambda v: f"{v}万"),  # an amount as printed has no other number; a count has
    "unit_wan_decimal": some(lambda v: f"{v / 10000:g}万", lambda v: LOST, 1000),
    "unit_thousand": some(lambda v: f"{v / 1000:g}千", lambda v: LOST, 1000),
    "percent": lost(lambda v: f"{v}%", 1),
    "permille": lost(lambda v: f"{v}‰", 1),
    "percent_word": lost(lambda v: f"百分之{v}", 1),
    "ratio": lost(lambda v: f"{v}:1", 1),
    "circled_note": some(lambda v: f"{v}①"),
    "star": some(lambda v: f"{v}*"),
    "bracket_note": some(lambda v: f"{v}[1]"),
    "round_note": some(lambda v: f"{v}(1)"),
    "wide_note": some(lambda v: f"{v}（注2）"),
    "raised_note": some(lambda v: f"{v}²"),
    "note_in_front": some(lambda v: f"①{v}"),
    "circled": some(_circled),
    "dotzero": some(lambda v: f"{v}.00"),
    "dot_behind": some(lambda v: f"{v}."),
    "comma_behind": some(lambda v: f"{v}，"),
    "stop_behind": some(lambda v: f"{v}。"),
    "comma": some(lambda v: f"{v:,}"),
    "comma_wide": some(lambda v: _group(v, "，")),
    "comma_ideographic": some(lambda v: _group(v, "、"), least=1000),
    "group_space": some(lambda v: _group(v, " ")),
    "group_nbsp": some(lambda v: _group(v, "\u00a0")),
    "group_thin": some(lambda v: _group(v, "\u2009")),
    "group_narrow": some(lambda v: _group(v, "\u202f")),
    "group_quote": some(lambda v: _group(v, "'")),
    "group_quote_wide": some(lambda v: _group(v, "’")),
    "group_dot": lost(lambda v: _group(v, "."), 1000),
    "group_dot_wide": lost(lambda v: _group(v, "．"), 1000),
    "group_bad": lost(lambda v: f"{str(v)[:-2]},{str(v)[-2:]}", 100),
    "full_width": some(lambda v: str(v).translate({48 + i: 0xFF10 + i for i in range(10)})),
    "bold_math": some(lambda v: "".join(chr(0x1D7CE + int(d)) for d in str(v))),
    "arabic_indic": some(lambda v: "".join(chr(0x660 + int(d)) for d in str(v))),
    "chinese": some(lambda v: chinese(v)),
    "chinese_capital": some(lambda v: chinese(v, CAPITALS, "拾佰仟")),
    "chinese_digits": some(lambda v: "".join(DIGITS[int(d)] for d in str(v))),
    "roman": lost(lambda v: ["0", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ"][v] if v < 6 else str(v), 1),
    "letters": lost(lambda v: str(v).replace("0", "O").replace("1", "l"), 0),
    "pipe_one": lost(lambda v: str(v).replace("1", "|")),
    "capital_i": lost(lambda v: str(v).replace("1", "I")),
    "accounting": lost(lambda v: f"({v})", 1),
    "accounting_wide": lost(lambda v: f"（{v}）", 1),
    "minus": some(lambda v: f"-{v}", lambda v: -v, 1),
    "minus_sign": some(lambda v: f"−{v}", lambda v: -v, 1),
    "minus_behind": lost(lambda v: f"{v}-", 1),
    "triangle": lost(lambda v: f"▲{v}", 1),
    "triangle_down": lost(lambda v: f"▼{v}", 1),
    "tilde": lost(lambda v: f"~{v}", 1),
    "plus": some(lambda v: f"+{v}"),
    "arrow_up": lost(lambda v: f"↑{v}%", 1),
    "about": lost(lambda v: f"约{v}", 1),
    "over": lost(lambda v: f"{v}余", 1),
    "over_items": lost(lambda v: f"{v}余件", 1),
    "less": lost(lambda v: f"<{v}", 1),
    "more": lost(lambda v: f"≥{v}", 1),
    "range": lost(lambda v: f"{v}-{v + 3}"),
    "range_wave": lost(lambda v: f"{v}～{v + 3}"),
    "sum": lost(lambda v: f"{v}+3"),
    "slash": lost(lambda v: f"{v}/3"),
    "two": lost(lambda v: f"{v}、3"),
    "two_spaced": lost(lambda v: f"{v} 3"),
    "two_lines": lost(lambda v: f"{v}\n3"),
    "split_lines": lost(lambda v: f"{str(v)[:1]}\n{str(v)[1:]}", 10),
    "aside": some(lambda v: f"{v}（其中网上1）"),
    "bracketed_behind": lost(lambda v: f"{v}（3）"),
    "formula": lost(lambda v: f"={v}"),
    "date": lost(lambda v: "2023-12-31"),
    "date_dots": lost(lambda v: "2023.12.31"),
    "date_short": lost(lambda v: "12.31"),
    "year": lost(lambda v: "2023年"),
    "month": lost(lambda v: "12月"),
    "clock": lost(lambda v: "12:30"),
    "phone": lost(lambda v: "0512-5123456"),
    "exponent": lost(lambda v: f"{v}E3"),
    "hex": lost(lambda v: f"0x{v}"),
    "leading_zero": some(lambda v: f"0{v}"),
    "quote": some(lambda v: f"'{v}"),
    "equals_total": some(lambda v: f"共{v}"),
    "equals_total_items": some(lambda v: f"共{v}件"),
}


def write_figures(paper: Paper, form: Form, share: float, rng: Random) -> None:
    """Writes a share of the figures in a form."""
    for grid in paper.grids():
        for box in grid.figures():
            if rng.random() < share:
                _write(paper, box, form, rng)


def _write(paper: Paper, box: Box, form: Form, rng: Random) -> None:
    if not isinstance(box.value, int) or box.value < 0:
        return
    written = form(box.value, rng)
    if written is None:
        return
    box.text, means = written
    assert box.place is not None
    if means is LOST and box.text.replace(".", "", 1).isdigit() and box.place[2].startswith("amount"):
        # Whatever it was meant for, it is printed as an amount.
        box.value = float(box.text)
    elif means is LOST:
        paper.lost.add(box.place)
    else:
        box.value = means
