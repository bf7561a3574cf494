"""What the text of a cell says: a number, a blank, a dash, or something that is no value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.domain import Number, State

# Only these forms are read as their ASCII twins: NFKC would also turn superscripts and circled digits into digits.
_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20, 0xA0: 0x20, 0x2212: 0x2D, 0xFE63: 0x2D}
# Other forms of 增 and 减: printed so in Taiwan and Japan, and read so where the print is small.
_WIDE |= {0x5897: ord("增"), 0x6E1B: ord("减")}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u2060\u00ad"))
_DASHES = re.compile(r"[-‐‑‒–—―─－﹣_]+|[/／\\]|无")
_SIGNS = {"增加": 1, "减少": -1, "上升": 1, "下降": -1, "增": 1, "减": -1, "↑": 1, "↓": -1, "+": 1, "-": -1}
_UNITS = "亿元|万元|元|件次|人次|件|项|个|份|条|次|起|宗|例|家|人|%"
_NUMBER = re.compile(
    rf"(?P<sign>{'|'.join(map(re.escape, _SIGNS))})?\s*"
    rf"(?P<whole>\d{{1,19}}|\d{{1,3}}(?:,\d{{3}}){{1,5}})(?P<fraction>\.\d+)?\s*"
    rf"(?:(?P<unit>{_UNITS})|\((?P<aside>{_UNITS})\))?"
)
# No fraction has a mark of thousands behind its point, and none has two points: these are marks of thousands, oddly printed.
_POINTED = re.compile(rf"(?P<sign>[-+])?(?P<whole>\d{{1,3}}(?:[.,]\d{{3}}){{2,5}})\s*(?P<unit>{_UNITS})?")
_LOOSE = re.compile(rf"[-+]?\d[\d,.\s]*\d\s*(?:{_UNITS})?")
_MAX = 10**15
# What no file of results can hold as a whole number is no number of a report.
_KEPT = 2**63


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell holds.

    Attributes:
        value: the number as printed, never converted; None unless `state` is printed.
        unit: unit printed in the cell, or None.
        doubt: why the number is to be confirmed although it could be read; None where it is plain.
        signed: true where a sign was printed.
    """

    value: Number | None
    state: State
    unit: str | None = None
    doubt: str | None = None
    signed: bool = False


BLANK = Value(None, State.BLANK)
_DASH = Value(None, State.DASH)


def fold_width(text: str) -> str:
    """Returns the text with full-width forms as ASCII and invisible characters removed, ends stripped."""
    return text.translate(_WIDE).translate(_INVISIBLE).strip()


def _number(sign: str | None, whole: str, fraction: str | None) -> tuple[Number, str | None]:
    """Returns the number and a doubt about its form."""
    digits = whole.replace(",", "")
    doubt = "a number with leading zeros" if len(digits) > 1 and digits[0] == "0" else None
    factor = _SIGNS[sign] if sign else 1
    if int(digits) > _MAX:
        doubt = "a number too large to be believed"
    if fraction is None:
        return factor * int(digits), doubt
    return factor * float(digits + fraction), doubt


@lru_cache(maxsize=65536)
def parse_value(text: str) -> Value:
    """Reads the text of a cell.

    Full-width digits, thousands separators, a sign in signs or words (增3, 减2) and a unit are understood; 万元 is not
    converted. A number broken by a space or a line, or with odd separators, is read with a doubt.

    Returns:
        A `Value`; its state is `unreadable` where the text is neither number nor dash nor blank.
    """
    plain = fold_width(text)
    if not plain:
        return BLANK
    if _DASHES.fullmatch(plain):
        return _DASH
    match = _NUMBER.fullmatch(plain)
    if match and int(match["whole"].replace(",", "")) < _KEPT:
        number, doubt = _number(match["sign"], match["whole"], match["fraction"])
        return Value(number, State.PRINTED, match["unit"] or match["aside"], doubt, match["sign"] is not None)
    if _LOOSE.fullmatch(plain):
        joined = re.sub(r"\s+", "", plain)
        match = _NUMBER.fullmatch(joined) or _POINTED.fullmatch(joined) or _NUMBER.fullmatch(joined.replace(",", ""))
        if match and int(re.sub("[.,]", "", match["whole"])) < _KEPT:
            number, _ = _number(match["sign"], match["whole"].replace(".", ""), match.groupdict().get("fraction"))
            return Value(
                number,
                State.PRINTED,
                match["unit"] or match.groupdict().get("aside"),
                f"a number printed in an odd way: {plain!r}",
                match["sign"] is not None,
            )
    return Value(None, State.UNREADABLE)


def is_value(text: str) -> bool:
    """True where the text is a number, a dash or blank."""
    return parse_value(text).state is not State.UNREADABLE
