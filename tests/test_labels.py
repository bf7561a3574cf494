"""Likeness of labels."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.canon.labels import normalise, numbering, similarity
from pipeline.canon.schema import Lane, load_schemas

FAST = settings(derandomize=True, deadline=None, max_examples=200)
CHINESE = st.text(alphabet="本年新收政府信息公开申请数量属于国家秘密其他处理总计一二三（）、.0123 ", max_size=20)
TABLES = [t for s in load_schemas() for t in s.tables]
LANES = [(t, lane) for t in TABLES for lane in (*t.rows, *t.columns)]


@FAST
@given(CHINESE, CHINESE)
def test_likeness_lies_between_0_and_1(text: str, label: str) -> None:
    assert 0.0 <= similarity(text, label) <= 1.0


@FAST
@given(CHINESE)
def test_a_label_is_fully_like_itself(label: str) -> None:
    assume(normalise(label))
    assert similarity(label, label) == 1.0


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t.family}-{t.table}-{t.variant}")
def test_every_label_of_a_schema_is_liker_its_own_row_than_any_other(table: object) -> None:
    rows: tuple[Lane, ...] = table.rows  # type: ignore[attr-defined]
    for lane in rows:
        for label in lane.labels:
            own = similarity(label, lane.label)
            others = [similarity(label, other.label) for other in rows if other is not lane and other.label]
            assert not others or max(others) < own or own >= 0.98 > max(others)


@FAST
@given(st.sampled_from(LANES), st.data())
def test_a_longer_crop_is_never_less_like(pair: tuple[object, Lane], data: st.DataObject) -> None:
    label = normalise(pair[1].label)
    assume(len(label) >= 4)
    short = data.draw(st.integers(2, len(label) - 1))
    assert similarity(label[:short], pair[1].label) <= similarity(label[: short + 1], pair[1].label) + 1e-9


@FAST
@given(st.sampled_from(LANES), st.data())
def test_spaces_line_ends_and_width_do_not_matter(pair: tuple[object, Lane], data: st.DataObject) -> None:
    label = pair[1].label
    assume(label)
    cut = data.draw(st.integers(0, len(label)))
    glue = data.draw(st.sampled_from([" ", "\n", "\u3000", "\u200b", " \n"]))
    assert similarity(label[:cut] + glue + label[cut:], label) == 1.0


@pytest.mark.parametrize(
    ("text", "number"),
    [("一、总体", 1), ("（三）不予公开", 3), ("(三)不予公开", 3), ("3.危及", 3), ("3．危及", 3),
     ("3、危及", 3), ("（3）危及", 3), ("十、其他", 10), ("总计", None), ("", None)],
)  # fmt: skip
def test_enumeration(text: str, number: int | None) -> None:
    assert numbering(text) == number


def test_enumeration_that_differs_costs_and_one_that_agrees_helps() -> None:
    assert similarity("1.重复申", "2.重复申请") < similarity("重复申", "2.重复申请") < similarity("2.重复申", "2.重复申请")


@pytest.mark.parametrize(("text", "label"), [("", "总计"), ("、。", "总计"), ("总计", "")])
def test_nothing_is_like_nothing(text: str, label: str) -> None:
    assert similarity(text, label) == 0.0
