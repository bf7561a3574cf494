"""The words before a figure: from the beginning of its clause to the phrase each must be a known one.

So a figure of another body (县公安局收到…), of a part (通过网络收到…) or of a plan (计划…) is none, whatever it is called.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.check.chinese_numbers import CHARACTERS

_UNITS = "件|份|起|宗|例|条|部|个|项|次|人|%|万元|亿元|元|家|篇|场|期|名|处"
_COUNT = re.compile(rf"(?:\d[\d,.]{{0,15}}|[{CHARACTERS}]{{1,12}})[余多]?(?:{_UNITS})")
_DELIMITER = re.compile(r'[,;:()\[\]。!?"“”]')
_CONNECTOR = re.compile(r"(?:以及|[、和与及])")
_OWN_YEAR = re.compile(r"今年|本年|全年|报告期|年度")
_OFFICE = re.compile(r"(?:人民政府|政府|办事处|管委会|管理委员会|委员会|委|办公室|办公厅)$")
# How such a body speaks of itself besides by the name of its place.
_KINDS = {"办事处": "办事处", "管委会": "管委会", "管理委员会": "管委会", "委员会": "委", "办公室": "办", "办公厅": "办厅"}
_MAX_LEAD = 60


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, the one before it in its paragraph, and where its numbers and its clauses end."""

    text: str
    before: str
    counts: tuple[int, ...]
    stops: tuple[int, ...]

    def last_count(self, at: int) -> int:
        """Returns where the last number with a unit before `at` ends; 0 where there is none."""
        return _last(self.counts, at)

    def last_stop(self, at: int) -> int:
        """Returns where the clause begins in which `at` lies."""
        return _last(self.stops, at)


def sentence_of(text: str, before: str) -> Sentence:
    """Looks through a sentence once for all figures."""
    counts = tuple(m.end() for m in _COUNT.finditer(text))
    return Sentence(text, before, counts, tuple(m.end() for m in _DELIMITER.finditer(text)))


def _last(ends: Sequence[int], at: int) -> int:
    place = bisect_right(ends, at)
    return ends[place - 1] if place else 0


def is_known_lead(
    sentence: Sentence,
    at: int,
    words: Sequence[re.Pattern[str]],
    own_body: re.Pattern[str] | None,
    issuer: str | None,
    year: int | None,
) -> bool:
    """True where every word between the beginning of its clause and a phrase is known.

    Args:
        sentence: the sentence.
        at: where the phrase begins in it.
        words: what may stand there.
        own_body: how a report speaks of its issuer (我县); its group `kind` must fit the issuer's name.
        issuer: of the document, whose name may stand there too.
        year: reported on; 累计 alone may count from any year.
    """
    stop, count = sentence.last_stop(at), sentence.last_count(at)
    clause = sentence.text[max(stop, count) : at]
    if count > stop or (count and count == stop):
        # Behind a number there must be a mark or an "and": 收到一件答复一件 is a saying.
        connector = _CONNECTOR.match(clause)
        if connector is None:
            return False
        clause = clause[connector.end() :]
    if len(clause) > _MAX_LEAD:
        return False
    if "累计" in clause:
        head = sentence.text[:at]
        if not (_OWN_YEAR.search(head) or (year is not None and f"{year}年" in head)):
            return False
    return _is_made_of(clause, words, own_body, issuer)


def _is_made_of(text: str, words: Sequence[re.Pattern[str]], own_body: re.Pattern[str] | None, issuer: str | None) -> bool:
    """True where a text is a row of known words; each is tried at each place, so no text can make this slow."""
    reached, names = {0}, _names(issuer)
    for i in range(len(text)):
        if i not in reached:
            continue
        reached |= {m.end() for word in words if (m := word.match(text, i))}
        reached |= {i + len(name) for name in names if text.startswith(name, i)}
        own = own_body.match(text, i) if own_body else None
        if own and is_kind_of(own["kind"], issuer):
            reached.add(own.end())
    return len(text) in reached


@lru_cache(maxsize=256)
def _names(issuer: str | None) -> frozenset[str]:
    """What a report may call its issuer: the ends of its name (天山乡 of 哈密市伊州区天山乡人民政府)."""
    if not issuer:
        return frozenset()
    whole = {issuer, issuer.replace("人民政府", "政府"), _OFFICE.sub("", issuer)}
    return frozenset(name[i:] for name in whole for i in range(len(name) - 1))


def is_kind_of(kind: str, issuer: str | None) -> bool:
    """True where a body is of a kind as its name says: 镇 of 穰东镇人民政府, 委 of 发展和改革委员会; an unknown one may be."""
    if issuer is None:
        return True
    office = _OFFICE.search(issuer)
    last = _KINDS.get(office[0], office[0]) if office else ""
    return kind in last or _OFFICE.sub("", issuer).endswith(kind)
