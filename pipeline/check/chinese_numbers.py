"""Whole numbers written in Chinese characters: 三, 十二, 一百二十, 两千零五, 三万六千."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
CHARACTERS = "".join(_DIGITS) + "".join(_UNITS) + "万"


def chinese_number(text: str) -> int | None:
    """Reads a number that is written as it is spoken.

    Digits in a row (三五 "three to five", 二〇 as a year is written), a unit without its digit (百, as in 上百) and units
    that rise within a group are no number; 十 alone and 十二 are.

    Returns:
        A number of at least 0, or None.
    """
    if len(text) > 1 and text[0] in "零〇":
        return None
    head, found, tail = text.partition("万")
    if not found:
        return _below_ten_thousand(text)
    high = _below_ten_thousand(head)
    low = _below_ten_thousand(tail) if tail else 0
    # 三万六 means 36,000 in speech: too unsure to be read.
    if not high or low is None or (tail and tail[0] not in "零〇" and low < 1000):
        return None
    return high * 10_000 + low


def _below_ten_thousand(text: str) -> int | None:
    """Reads the part of a number below 万."""
    if text in ("零", "〇"):
        return 0
    if text.startswith("十"):
        text = "一" + text
    total, limit, i = 0, 10_000, 0
    while i < len(text):
        skipped = text[i] in "零〇"
        i += skipped
        digit = _DIGITS.get(text[i]) if i < len(text) else None
        unit = _UNITS.get(text[i + 1], 1) if i + 1 < len(text) else 1
        # Without 零 the last digit belongs to the next lower unit: 一百二 is 120 in speech, hence refused.
        if not digit or unit >= limit or (unit == 1 and limit > 10 and total and not skipped):
            return None
        total, limit = total + digit * unit, unit
        i += 2 if unit > 1 else 1
    return total or None
