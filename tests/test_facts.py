"""Issuer and year: as printed, or null; the year is that reported on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.canon.facts import document_facts
from pipeline.domain import DocumentFacts, Reading, Source, SourceKind, TextBlock

SOURCE = Source("a.txt", "a.txt", "0" * 64, 1, SourceKind.TEXT, "txt")


def facts(*lines: str, title: str | None = None) -> DocumentFacts:
    """Facts of a document of these lines."""
    return document_facts(Reading(SOURCE, tuple(TextBlock(x, "line") for x in lines), (), title))


@pytest.mark.parametrize(
    ("title", "issuer"),
    [
        ("云岭县人民政府2023年政府信息公开工作年度报告", "云岭县人民政府"),
        ("云岭县人民政府 2023年度政府信息公开年度报告", "云岭县人民政府"),
        ("云岭县人民政府关于2023年政府信息公开工作年度报告", "云岭县人民政府"),
        ("云岭县人民政府２０２３年政府信息公开工作年度报告", "云岭县人民政府"),
        ("2023年度云岭县人民政府政府信息公开工作年度报告", "云岭县人民政府"),
        ("《青石镇2023年政府信息公开年度工作报告》", "青石镇"),
        ("# 青石镇2023年政府信息公开工作年度报告", "青石镇"),
        ("2023年政府信息公开工作年度报告", None),
    ],
)
def test_titles(title: str, issuer: str | None) -> None:
    assert facts(title) == DocumentFacts(issuer, 2023)
    assert facts("发布时间：2024-01-20 来源：政府办", title, "2024年1月20日").year == 2023


def test_issuer_on_the_line_above() -> None:
    assert facts("云岭县人民政府", "2023年政府信息公开工作年度报告") == DocumentFacts("云岭县人民政府", 2023)


def test_issuer_at_the_signature() -> None:
    found = facts("2023年政府信息公开工作年度报告", "根据要求编制", "云岭县财政局", "2024年1月20日")
    assert found == DocumentFacts("云岭县财政局", 2023)


def test_the_period_says_the_year() -> None:
    found = facts("政府信息公开工作年度报告", "发布时间：2024年1月20日", "统计期限自2023年1月1日起至2023年12月31日止。")
    assert found.year == 2023


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.integers(2009, 2030),
    st.sampled_from(["发布时间：{}年1月20日", "发布日期:{}-01-20", "{}年01月20日 10:20",
                     "来源：政府办 {}年2月1日", "索引号 {}-0001", "更新时间：{}年3月1日 08:00"]),
    st.integers(1, 3),
    st.booleans(),
)  # fmt: skip
def test_the_year_of_publication_is_never_the_year(year: int, stamp: str, times: int, titled: bool) -> None:
    lines = [stamp.format(year + 1)] * times
    title = f"青石镇{year}年政府信息公开工作年度报告" if titled else "政府信息公开工作年度报告"
    found = facts(*lines, title, "本年度工作如下。", "青石镇人民政府", f"{year + 1}年1月20日")
    assert found.year in ((year,) if titled else (year, None))


def test_two_titles_of_different_years_name_none_or_the_first() -> None:
    found = facts("青石镇2023年政府信息公开工作年度报告", "上一篇：青石镇2022年政府信息公开工作年度报告")
    assert found.year in (2023, None)


@pytest.mark.parametrize(
    "lines",
    [
        (
            "政府信息公开工作年度报告",
            "根据《青石镇2022年政府信息公开工作年度报告》的安排，青石镇",
            "青石镇人民政府",
            "2024年1月20日",
        ),
        ("青石镇人民政府二〇二三年政府信息公开工作年度报告", "上一篇：青石镇2022年政府信息公开工作年度报告"),
    ],
)
def test_a_mention_of_last_years_report_is_not_the_year(lines: tuple[str, ...]) -> None:
    assert facts(*lines).year in (2023, None)


def test_nothing_is_guessed() -> None:
    assert facts("年度报告", "2024年1月20日", "2024年3月1日") == DocumentFacts()
    assert facts() == DocumentFacts()
