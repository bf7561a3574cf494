"""Is the text layer of a page text at all? Judged by its characters alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_NEUTRAL = set(".·…_-—–~*=|•●○◆■□▪·‧∙ \u3000")
_PUNCTUATION = set("，。、；：？！“”‘’（）《》〈〉【】〔〕「」『』％＋－／＝％№℃±×÷≥≤→←↑↓①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢⅣⅤ€£¥￥§°²³½")
_MIN_CHARS = 12
_COMMON_HAN_SHARE = 0.6
_PLAUSIBLE_SHARE = 0.6
_HIGH_LATIN_SHARE = 0.3


def junk_count(texts: Iterable[str]) -> tuple[int, int]:
    """Counts glyphs without a usable Unicode value.

    Args:
        texts: text of each glyph, as the font gives it.

    Returns:
        `(junk, all)`: glyphs without mapping (`(cid:…)`), private-use, U+FFFD and control characters; blanks not counted.
    """
    junk = total = 0
    for text, count in Counter(texts).items():
        if text.isspace():
            continue
        total += count
        if _is_junk(text):
            junk += count
    return junk, total


def _is_junk(text: str) -> bool:
    if text.startswith("(cid:"):
        return True
    return not text or any(
        "\ue000" <= c <= "\uf8ff" or c == "\ufffd" or c >= "\U000f0000" or (c < " " and not c.isspace()) or "\x7f" <= c < "\xa0"
        for c in text
    )


def judge_text(texts: Iterable[str], junk_share: float) -> str | None:
    """Returns why the text layer is not text, or None where it is plausible.

    Chinese is held against the level-1 characters of GB 2312 and Big5: over nine tenths of real text, a third of
    characters drawn at random. Text in Latin letters is held against the share of letters and digits.

    Args:
        texts: text of each glyph of one page.
        junk_share: share of glyphs without Unicode from which the layer counts as junk.
    """
    counts = Counter(texts)
    junk, total = junk_count(counts.elements())
    if total and junk > junk_share * total:
        return f"{junk} of {total} characters have no Unicode value"
    chars: Counter[str] = Counter()
    for text, count in counts.items():
        for char in text:
            if not char.isspace() and char not in _NEUTRAL:
                chars[char] += count
    return _judge_chars(chars)


def _judge_chars(chars: Counter[str]) -> str | None:
    total = chars.total()
    if total < _MIN_CHARS:
        return None
    han = {c: n for c, n in chars.items() if "\u3400" <= c <= "\u9fff" or c >= "\U00020000"}
    n_han = sum(han.values())
    if n_han >= _MIN_CHARS and sum(n for c, n in han.items() if _is_common_han(c)) < _COMMON_HAN_SHARE * n_han:
        return "most of its Chinese characters are rare ones, as after a wrong decoding"
    high = sum(n for c, n in chars.items() if "\xa1" <= c <= "\xff")
    if high > _HIGH_LATIN_SHARE * total and n_han < 0.1 * total:
        return "most of its characters are accented letters and signs, as after a wrong decoding"
    plausible = sum(n for c, n in chars.items() if c.isalnum() or c in _PUNCTUATION)
    if plausible < _PLAUSIBLE_SHARE * total:
        return "most of its characters are neither letters nor digits"
    return None


def _is_common_han(char: str) -> bool:
    for codec, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if first <= char.encode(codec)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False
