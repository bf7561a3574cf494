"""What a report says of itself: who issued it and for which year. Printed or null, never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.canon.values import fold_width
from pipeline.domain import DocumentFacts, Reading, TextBlock

_YEAR = r"(?P<year>(?:19|20)\d{2})\s*(?:年度|年)"
_KIND = r"(?:政府)?信息公开(?:工作)?(?:年度|年)?(?:工作)?(?:年度)?报告"
_ISSUER_FIRST = re.compile(rf"(?P<issuer>[\u4e00-\u9fff（）()·、]{{2,40}}?)\s*(?:关于)?\s*{_YEAR}\s*{_KIND}")
_YEAR_FIRST = re.compile(rf"{_YEAR}\s*(?P<issuer>[\u4e00-\u9fff（）()·]{{2,40}}?)\s*(?:关于)?\s*{_KIND}")
_AFTER = re.compile(rf"{_KIND}\s*[（(]\s*{_YEAR}\s*[)）]")
_BARE = re.compile(rf"{_YEAR}\s*(?:政府)?信息公开(?:工作)?(?:年度|年)?(?:工作)?(?:年度)?报告")
_OFFICES = "人民政府 政府办公厅 政府办公室 办公厅 办公室 办事处 委员会 管委会 管理局 分局"
_SHORT_OFFICES = "局 厅 委 院 中心 政府 镇 乡 街道 站 所 处 队 办 部 署 会"
_BODIES = "|".join(f"{_OFFICES} {_SHORT_OFFICES}".split())
_SIGNATURE = re.compile(rf"[\u4e00-\u9fff（）()·]{{2,40}}(?:{_BODIES})")
_CHINESE_YEAR = re.compile(r"([二一][〇○零Ｏ0一二三四五六七八九]{3})\s*年")
_DIGITS = str.maketrans("〇○零Ｏ一二三四五六七八九", "0000123456789")
_TITLE_LENGTH = 60
_DATE = re.compile(r"((?:19|20)\d{2})\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_PERIOD = re.compile(r"((?:19|20)\d{2})\s*年\s*1\s*月\s*1\s*日\s*(?:起|到|至|—|-|~)")
_ANY_YEAR = re.compile(r"((?:19|20)\d{2})\s*年")
_FORMAL = re.compile(r"^(?:根据|按照|依据|现将|发布|公布|编制|以及|关于|本)")
# Part of the title, not of a name.
_GENERIC = {"政府", "人民政府", "本机关", "我镇", "我乡", "我局", "我县"}
_TAIL_LINES, _HEAD_LINES = 12, 60


def document_facts(reading: Reading) -> DocumentFacts:
    """Reads issuer and year from title, mention of the title, signature and period, in this order of trust."""
    lines = [fold_width(re.sub(r"[#*]", "", b.text)) for b in reading.blocks if isinstance(b, TextBlock)]
    lines = [x for x in lines if x]
    titles = ([fold_width(reading.title)] if reading.title else []) + lines[:_HEAD_LINES]
    return DocumentFacts(_issuer(titles, lines), _year(titles, lines))


def _year(titles: Sequence[str], lines: Sequence[str]) -> int | None:
    """The year reported on: from a title, from the period covered, else the year most spoken of before the signature's."""
    periods = {int(y) for line in lines for y in _PERIOD.findall(line)}
    own = [_arabic(u) for t in titles if len(u := _unquoted(t)) <= _TITLE_LENGTH and "《" not in u]
    for pattern in (_ISSUER_FIRST, _YEAR_FIRST, _BARE, _AFTER):
        years = {int(m["year"]) for t in own for m in pattern.finditer(t)}
        if len(years) == 1 and (not periods or years <= periods):
            return years.pop()
    if len(periods) == 1:
        return periods.pop()
    signed = [int(y) for line in lines[-_TAIL_LINES:] if len(line) < 30 for y in _DATE.findall(line)]
    spoken = Counter(int(y) for line in lines for y in _ANY_YEAR.findall(line) if not _DATE.fullmatch(line))
    if not spoken:
        return None
    year, times = spoken.most_common(1)[0]
    if signed and year == signed[-1] - 1:
        return year
    return year if not signed and times * 2 > sum(spoken.values()) and times >= 3 else None


def _arabic(text: str) -> str:
    """Writes a year in Chinese digits (二〇二三年) with Arabic ones."""
    return _CHINESE_YEAR.sub(lambda m: m[1].translate(_DIGITS) + "年", text)


def _issuer(titles: Sequence[str], lines: Sequence[str]) -> str | None:
    """The issuer as printed: in a title of its own line, at the signature, in a mention of the title, or None."""
    own = [m["issuer"] for t in titles if len(t) <= 60 and (m := _ISSUER_FIRST.match(_unquoted(t)))]
    if own:
        return _clean(own[0])
    above = [
        a
        for a, b in zip(titles, titles[1:], strict=False)
        if _BARE.fullmatch(_unquoted(b)) and _SIGNATURE.fullmatch(re.sub(r"\s+", "", a))
    ]
    if above:
        return _clean(above[0])
    signature = _signature(lines)
    if signature:
        return signature
    mentions = [m["issuer"] for line in lines for q in re.findall(r"《([^》]{4,80})》", line) if (m := _ISSUER_FIRST.match(q))]
    if mentions:
        return _clean(mentions[0])
    later = [m["issuer"] for t in titles if len(t) <= 60 and (m := _YEAR_FIRST.match(_unquoted(t)))]
    return _clean(later[0]) if later else None


def _signature(lines: Sequence[str]) -> str | None:
    """The line above the date at the end, where it is a body's name and nothing else."""
    tail = [re.sub(r"\s+", "", x) for x in lines[-_TAIL_LINES:]]
    for above, date in zip(tail, tail[1:], strict=False):
        if _DATE.fullmatch(date) and _SIGNATURE.fullmatch(above) and not _FORMAL.match(above):
            return above
    return None


def _unquoted(text: str) -> str:
    """Drops quotation marks around a title."""
    return text.strip(" 《》“”\"'")


def _clean(issuer: str) -> str | None:
    """Returns an issuer without blanks; None where nothing like a name is left."""
    name = re.sub(r"\s+", "", issuer).strip("、（）()")
    return name if len(name) >= 2 and name not in _GENERIC and not _FORMAL.match(name) else None
