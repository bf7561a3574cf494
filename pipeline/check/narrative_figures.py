"""Figures that the text of a report states: found by phrase, kept only where nothing makes them ambiguous.

Precision goes before recall. A figure of another year, another body, a part (其中), a group (行政复议和行政诉讼共…) or an
approximate one (40余件) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.check.chinese_numbers import CHARACTERS, chinese_number
from pipeline.check.narrative_clause import Sentence, is_known_lead, sentence_of
from pipeline.check.narrative_schema import FigureRule
from pipeline.check.narrative_text import Passage
from pipeline.check.narrative_time import tells_other_time
from pipeline.domain import DocumentFacts, Number

# Of bounded length, so that no text makes a search slow.
_NUMBER = (
    r"(?P<n>(?<!\d)\d{1,3}(?:,\d{3}){1,4}(?![\d,])|(?<!\d)\d{1,10}(?:\.\d{1,6})?"
    rf"|(?<![{CHARACTERS}])[{CHARACTERS}]{{1,12}})"
)
# What makes a unit another word, or the number an approximate one or one end of a range.
_NO_UNIT = r"(?!次|\(次|/|以[上内下]|左右|上下|多|余|诉|门|分|例如|目|[至到~\-—–]\d)"
_SPEAKS = re.compile(rf"[\d{CHARACTERS}未无没]")
_YEARS = {"last_year": -1, "this_year": 0, "next_year": 1}
_MAX_SENTENCE, _MAX_NUMBER = 1_000, 10**9


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that the text states.

    Attributes:
        rule: what it says it is.
        value: the number, 0 where the text says that there was none.
        start: index of the first character of the phrase in its passage; `end` behind the last.
    """

    rule: FigureRule
    value: Number
    passage: Passage
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The phrase."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The patterns of a rule, filled in for the year of a document; each phrase with whether it says "none"."""

    phrases: tuple[tuple[re.Pattern[str], bool], ...]
    lead: tuple[re.Pattern[str], ...]
    own_body: re.Pattern[str] | None


def find_figures(passages: Iterable[Passage], rules: Sequence[FigureRule], facts: DocumentFacts) -> list[Figure]:
    """Returns the figures of a document in reading order, each once.

    Args:
        passages: its paragraphs.
        rules: of its families.
        facts: its year, which tells figures of other years, and its issuer, which tells those of other bodies.
    """
    found: dict[tuple[str, tuple[int, int]], Figure] = {}
    for passage in passages:
        if not _SPEAKS.search(passage.text):
            continue
        before = ""
        for start, end in passage.sentences():
            text = passage.text[start:end]
            if len(text) <= _MAX_SENTENCE and _SPEAKS.search(text):
                sentence = sentence_of(text, before)
                for rule in rules:
                    for number, figure in _of_rule(rule, passage, start, sentence, facts):
                        found.setdefault((rule.name, passage.places[number]), figure)
            before = text
    return sorted(found.values(), key=lambda f: (f.passage.places[f.start], f.end, f.rule.name))


def _of_rule(
    rule: FigureRule, passage: Passage, start: int, sentence: Sentence, facts: DocumentFacts
) -> Iterator[tuple[int, Figure]]:
    """Yields the figures of one rule in the sentence that begins at `start`, each with the index of its number."""
    patterns = _compiled(rule, facts.year)
    for pattern, none in patterns.phrases:
        for match in pattern.finditer(sentence.text):
            value = 0 if none else _value(match, passage, start)
            at = match.start()
            if value is None or not _fits(rule, match, sentence):
                continue
            if not is_known_lead(sentence, at, patterns.lead, patterns.own_body, facts.issuer, facts.year):
                continue
            if not tells_other_time(passage.text, start, start + at, facts.year):
                number = start + (at if none else match.start("n"))
                yield number, Figure(rule, value, passage, start + at, start + match.end())


@lru_cache(maxsize=4096)
def _compiled(rule: FigureRule, year: int | None) -> _Patterns:
    """Compiles the phrases of a rule for the year of a document."""
    years = {f"<{name}>": "(?!)" if year is None else str(year + step) for name, step in _YEARS.items()}
    number = f"{_NUMBER}(?:{'|'.join(map(re.escape, rule.units))}){_NO_UNIT}"

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, text in years.items():
            pattern = pattern.replace(name, text)
        return re.compile(pattern.replace("<n>", number))

    lead = (*rule.lead, "其中") if rule.of_which else rule.lead
    phrases = [(compiled(p), False) for p in rule.phrases] + [(compiled(p), True) for p in rule.none_phrases]
    return _Patterns(tuple(phrases), tuple(map(compiled, lead)), re.compile(rule.own_body) if rule.own_body else None)


def _value(match: re.Match[str], passage: Passage, start: int) -> Number | None:
    """Returns the number of a phrase; None where it is broken by white space, or no number."""
    text = match["n"]
    first = start + match.start("n")
    if any(first + i in passage.gaps for i in range(1, len(text))):
        return None
    if text[0] in CHARACTERS:
        # 一起 and 一个 are words.
        return None if len(text) == 1 and match.string[match.end("n")] in "起个" else chinese_number(text)
    digits = text.replace(",", "")
    if (len(digits) > 1 and digits[0] == "0" and digits[1] != ".") or float(digits) > _MAX_NUMBER:
        return None
    return float(digits) if "." in digits else int(digits)


def _fits(rule: FigureRule, match: re.Match[str], sentence: Sentence) -> bool:
    """True where nothing around the phrase forbids it."""
    at, end = match.span()
    text = sentence.text
    if rule.not_before and re.compile(rule.not_before).match(text, end):
        return False
    if not rule.of_which and text.find("其中", text.rfind(";", 0, at) + 1, at) >= 0:
        return False
    if rule.not_after and re.search(rule.not_after, text[sentence.last_count(at) : at]):
        return False
    if rule.foreign and re.search(rule.foreign, text[:at]):
        return False
    return not rule.context or any(re.search(rule.context, t) for t in (text[:end], sentence.before))
