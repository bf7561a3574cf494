"""Tokens of a text scrape."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.canon.tokens import Token, is_chrome, lines_to_tokens
from pipeline.domain import Origin, State, TextBlock

FAST = settings(derandomize=True, deadline=None, max_examples=150)


def tokens(text: str) -> list[Token]:
    """Tokens of a text, each line with its place."""
    blocks, start = [], 0
    for line in text.split("\n"):
        blocks.append(TextBlock(line, "line", char_span=(start, start + len(line))))
        start += len(line) + 1
    return lines_to_tokens(blocks, Origin.SCRAPE)


@FAST
@given(st.text(alphabet="规章总计0123,|｜\t 　\n-—/无（一）.", max_size=60))
def test_the_span_of_a_token_is_its_text(text: str) -> None:
    for token in tokens(text):
        assert token.char_span is not None
        assert text[slice(*token.char_span)] == token.text


@FAST
@given(
    st.lists(st.sampled_from(["0", "17", "1,234", "", "—", "５"]), min_size=2, max_size=8),
    st.sampled_from(["| {} |", "{} |", "\t"]),
)
def test_delimited_cells_keep_their_number_blanks_included(cells: list[str], form: str) -> None:
    row = ["规章", *cells]
    line = "\t".join(row) if form == "\t" else form.format(" | ".join(row))
    found = tokens(line)
    assert [t.text for t in found] == row
    assert all(t.delimited and t.line == found[0].line for t in found)


@FAST
@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=8), st.sampled_from([" ", "  ", "\u3000"]))
def test_a_label_with_its_numbers_on_a_line(numbers: list[int], gap: str) -> None:
    found = tokens(gap.join(["行政许可", *map(str, numbers)]))
    assert [t.value.value for t in found] == [None, *numbers]


@pytest.mark.parametrize("text", ["- 3 -", "— 12 —", "第3页 共5页", "第 3 页", "3/5", "Page 3 of 5", "·3·"])
def test_page_numbers_are_no_tokens(text: str) -> None:
    assert is_chrome(text)
    assert tokens(text) == []


@pytest.mark.parametrize("text", ["3", "0", "12.5", "—", "第3项", "1.重复申请"])
def test_what_may_be_a_value_or_label_is_kept(text: str) -> None:
    assert not is_chrome(text)
    assert [t.text for t in tokens(text)] == [text]


def test_lines_that_only_draw_a_table_are_left_out() -> None:
    assert [t.text for t in tokens("| 规章 | 1 |\n| --- | --- |\n|----|:--:|\n| 总计 | 2 |")] == ["规章", "1", "总计", "2"]


def test_a_blank_between_pipes_is_a_cell() -> None:
    assert [t.value.state for t in tokens("| 规章 | 1 |  | 3 |")][1:] == [State.PRINTED, State.BLANK, State.PRINTED]


def test_prose_is_one_token() -> None:
    (token,) = tokens("2023年，我县受理申请70件，办结70件。")
    assert not token.is_item
