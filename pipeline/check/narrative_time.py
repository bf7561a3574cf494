"""Whether a figure of the text is one of the year that the report is about."""

from __future__ import annotations

import re

_YEAR = re.compile(r"((?:19|20)\d{2})(?=年)")
# Years in the names of other documents, and those between which a request was carried over, date no figure.
_TITLES = re.compile(r"《[^》]*》?|〔\d{4}〕")
_CARRIED = re.compile(
    r"(?:19|20)\d{2}年度?(?=(?:[^\d,;。]{0,8})?(?:结转|转结))|(?<=结转至)(?:19|20)\d{2}年|(?<=结转到)(?:19|20)\d{2}年"
)
_RANGE = re.compile(r"(?:19|20)\d{2}年?(?:-|—|–|~|至|到)+(?:19|20)\d{2}年?(?!\d{1,2}月)")
_WHOLE_YEAR = re.compile(
    r"1月1日(?:起)?(?:至|到|-|—|~)+(?:(?:19|20)\d{2}年)?12月31日(?:止|期间)?"
    r"|截[至止]到?(?:(?:19|20)\d{2}年)?12月(?:31日|底|末)?(?:为?止)?|(?<!\d)1月?(?:至|到|-|—|~)+12月"
)
_PART = re.compile(r"上半年|下半年|季度|\d{1,2}月(?:份|底|末|\d)?|每[年月日季天周]|月均|年均|日均|平均")
_PAST = re.compile(
    r"去年|上年|上一年|前年|往年|历年|近年|[两几二三四五十]年(?:来|间|内|中)|(?<!\d)\d{1,2}年(?:来|间)|五[”\"]?(?:时期|期间|以来)"
)
_COMPARED = re.compile(r"(?:[较比同跟与]|相比|对比)$")
_KEPT = re.compile(r"度?(?:的)?(?:未办结|未办理完毕)?(?:的)?(?:结转|转结|转入|遗留|同期|相比)|度?底")
_REACH = 500


def tells_other_time(text: str, sentence: int, at: int, year: int | None) -> bool:
    """True where a figure is, or may be, of another time than the year of the report.

    Args:
        text: the paragraph.
        sentence: where the figure's sentence begins in it.
        at: where its phrase begins.
        year: the year reported on; None makes every figure with a year in force doubtful.
    """
    # What is further back does not date it.
    begin = max(0, min(sentence, at - _REACH))
    head = _masked(text[begin:at])
    own = head[sentence - begin :]
    if _RANGE.search(own):
        return True
    plain = _WHOLE_YEAR.sub("", own)
    if _PART.search(plain):
        return True
    for match in _PAST.finditer(own):
        if not (_COMPARED.search(own[: match.start()]) or _KEPT.match(own, match.end())):
            return True
    years = _YEAR.findall(head)
    return bool(years) and (year is None or int(years[-1]) != year)


def _masked(text: str) -> str:
    """Blanks out years that date no figure, length kept."""
    for pattern in (_TITLES, _CARRIED):
        text = pattern.sub(lambda m: "\0" * len(m[0]), text)
    return text
