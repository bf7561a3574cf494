"""What the text of a cell says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.canon.values import fold_width, is_value, parse_value
from pipeline.domain import State

FAST = settings(derandomize=True, deadline=None, max_examples=200)
WIDE = {48 + i: 0xFF10 + i for i in range(10)}


@FAST
@given(st.integers(0, 10**12), st.sampled_from(["plain", "wide", "comma", "wide_comma", "unit", "padded", "invisible"]))
def test_the_usual_forms_of_a_number_are_read_without_a_doubt(number: int, form: str) -> None:
    text = {
        "plain": str(number),
        "wide": str(number).translate(WIDE),
        "comma": f"{number:,}",
        "wide_comma": f"{number:,}".replace(",", "，").translate(WIDE),
        "unit": f"{number}件",
        "padded": f" \u3000{number}\n",
        "invisible": f"\ufeff{number}\u200b",
    }[form]
    value = parse_value(text)
    assert (value.value, value.state, value.doubt) == (number, State.PRINTED, None)
    assert value.unit == ("件" if form == "unit" else None)


@FAST
@given(st.integers(0, 10**9), st.integers(0, 99))
def test_a_decimal_keeps_its_digits(whole: int, hundredths: int) -> None:
    value = parse_value(f"{whole}.{hundredths:02d}万元")
    assert value.value == float(f"{whole}.{hundredths:02d}")
    assert value.unit == "万元"


@FAST
@given(st.integers(10, 10**6), st.data(), st.sampled_from([" ", "\n", "\u3000", ","]))
def test_a_number_in_pieces_is_never_read_without_a_doubt(number: int, data: st.DataObject, glue: str) -> None:
    digits = str(number)
    cut = data.draw(st.integers(1, len(digits) - 1))
    value = parse_value(digits[:cut] + glue + digits[cut:])
    plain = glue == "," and len(digits) - cut == 3 and cut <= 3
    assert value.value in (number, None)
    assert plain or value.doubt is not None or value.state is State.UNREADABLE


@FAST
@given(st.text(max_size=12))
def test_every_text_has_one_state_and_only_printed_ones_a_value(text: str) -> None:
    value = parse_value(text)
    assert (value.value is not None) == (value.state is State.PRINTED)
    assert is_value(text) == (value.state is not State.UNREADABLE)


@FAST
@given(st.integers(0, 10**6), st.text(alphabet="约近超*#¹①⑴〇零x？?（）()第页", min_size=1, max_size=4), st.booleans())
def test_a_number_among_signs_is_not_read_as_that_number(number: int, signs: str, behind: bool) -> None:
    value = parse_value(f"{number}{signs}" if behind else f"{signs}{number}")
    assert value.state is State.UNREADABLE


@pytest.mark.parametrize("text", ["-", "—", "——", "－", "/", "／", "无", " 无 ", "―"])
def test_a_dash_is_not_a_number(text: str) -> None:
    value = parse_value(text)
    assert (value.state, value.value) == (State.DASH, None)


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\xa0", "\u200b", "\n\t"])
def test_white_space_is_a_blank(text: str) -> None:
    assert parse_value(text).state is State.BLANK


@pytest.mark.parametrize(
    "text",
    ["3（其中1件转办）", "0 件（含网上）", "约3", "3*", "82¹", "①", "½", "〇", "零",
      "空", "&nbsp;", "null", "1/2", "1.2.3", "12万", "1e5", "2023年", "（3）", "3."],
)  # fmt: skip
def test_what_only_resembles_a_number_is_not_read(text: str) -> None:
    assert parse_value(text).state is State.UNREADABLE


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [("-5", -5, None), ("－5", -5, None), ("−5", -5, None), ("增3", 3, None), ("减2件", -2, "件"), ("增加 12", 12, None),
     ("减少7", -7, None),
     ("↓4", -4, None), ("+3", 3, None), ("251000元", 251000, "元"), ("２．５万元", 2.5, "万元")],
)  # fmt: skip
def test_signs_and_units(text: str, number: float, unit: str | None) -> None:
    value = parse_value(text)
    assert (value.value, value.unit, value.doubt) == (number, unit, None)


@pytest.mark.parametrize("text", ["007", "00", "1" * 19])
def test_unlikely_numbers_are_read_with_a_doubt(text: str) -> None:
    value = parse_value(text)
    assert value.state is State.PRINTED
    assert value.doubt is not None


@FAST
@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_width(fold_width(text)) == fold_width(text)
