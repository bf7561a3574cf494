"""From bytes to text: which encoding a scrape or page is in, whatever it says of itself.

The order is: a byte order mark; strict UTF-8; then the candidates (the declared one first) ranked by how much their text
looks like Chinese prose. Frequent characters make up more than half of real text and a few per cent of a wrong decoding,
so the ranking needs no statistics of its own, is deterministic, and does not believe a wrong `<meta charset>`.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

# The superset that browsers use for each label, so that one rare character does not spoil the whole text.
_SUPERSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030",
    "x-x-big5": "big5hkscs", "big5": "big5hkscs", "cp950": "big5hkscs", "big5-hkscs": "big5hkscs",
    "iso8859-1": "cp1252", "ascii": "cp1252", "utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8",
}  # fmt: skip

# Python knows more (`punycode`, `hex`, `utf-7`): they are in no page, and some of them fail whatever one asks for.
_CODECS = frozenset(
    {"gb18030", "utf-8", "big5hkscs", "cp1252", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "shift_jis", "euc_jp",
     "euc_kr", "cp949", "hz", "iso2022_jp", "koi8-r", "cp1250", "cp1251", "iso8859-2", "iso8859-15"}
)  # fmt: skip
_NAMES = {"big5hkscs": "big5"}

_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别手角期根论运农指几"
    "九区强放决西被干做必战先回则任取据处府究信书息网报告请收办复议诉讼监督机构规范单位部门市县镇局号索引布申录服务首页版权备案"
    "這為個國時來們對會發動說產種後學進著電裡實現當點從業還開無義關樣與內數應間變條沒結問係軍情總級設圖統計將組見據處書報網請"
    "辦復議訴訟監規範單門縣鎮號佈務頁權備訊資訊個黨領導員環財預決項際區願認"
    "，。、：；（）“”《》？！　０１２３４５６７８９"
)

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_ASCII_RUN = re.compile(r"[\x00-\x7f]+")
_SAMPLE_BYTES = 400_000


def sniff_charset(data: bytes) -> str | None:
    """Returns the charset that a page declares in its first 8 KiB, as written, or None."""
    head = data[:8192]
    match = _META.search(head) or _XML.match(head.lstrip())
    return match.group(1).decode("ascii") if match else None


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """Decodes text of unknown encoding; never fails.

    Args:
        data: the bytes of a whole text.
        declared: what the text (or its server) says of itself; only believed where its text is as plausible as the best.

    Returns:
        The text without byte order mark, bytes without meaning as U+FFFD, and the name of the encoding (`utf-8 gb18030
        big5 utf-16-le utf-16-be cp1252 ...`).
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _unmarked(data[len(mark) :].decode(name, "replace")), name
    text = _strict(data, "utf-8")
    if text is not None and not _doubtful_utf8(text):
        return _unmarked(text), "utf-8"
    name = _best(data, _codec(declared) if text is None else "utf-8")
    return _unmarked(data.decode(name, "replace")), _NAMES.get(name, name)


def _unmarked(text: str) -> str:
    """Returns text without byte order marks, which stand inside it too where files were put together."""
    return text.replace("\ufeff", "")


def plausibility(text: str) -> float:
    """Returns how much the characters beyond ASCII look like Chinese prose: about 0.5 or more for prose, 0.1 for noise.

    Each frequent character counts 1; each that text never holds (U+FFFD, C1 controls, private use) counts -4.
    """
    counts = Counter(_ASCII_RUN.sub("", text))
    total = sum(counts.values())
    if not total:
        return 0.0
    good = sum(n for char, n in counts.items() if char in _FREQUENT)
    bad = sum(n for char, n in counts.items() if char == "\ufffd" or "\x80" <= char <= "\x9f" or "\ue000" <= char <= "\uf8ff")
    return (good - 4 * bad) / total


def _strict(data: bytes, name: str) -> str | None:
    """Returns the text, or None where a byte has no meaning in that encoding."""
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _doubtful_utf8(text: str) -> bool:
    """True where text that decodes as UTF-8 is not: UTF-16 without mark, or a few GBK characters that look like Latin ones."""
    if text.count("\x00") * 10 > len(text):
        return True
    beyond = _ASCII_RUN.sub("", text[:_SAMPLE_BYTES])
    return 0 < len(beyond) < 40 and all("\u0080" <= char <= "\u07ff" for char in beyond)


def _codec(declared: str | None) -> str | None:
    """Returns Python's name for a declared charset, widened to its superset; None for one that no page is in."""
    label = (declared or "").strip().lower()
    if label not in _SUPERSETS:
        try:
            label = codecs.lookup(label).name
        except (LookupError, ValueError):
            return None
    name = _SUPERSETS.get(label, label)
    return name if name in _CODECS else None


def _best(data: bytes, declared: str | None) -> str:
    """Returns the candidate with the most plausible text; of equals the declared one, then the most common."""
    sample = data[:_SAMPLE_BYTES]
    candidates = ["gb18030", "utf-8", "big5hkscs", "cp1252"]
    if sample.count(b"\x00") * 20 > len(sample) or _two_byte_text(sample):
        candidates += ["utf-16-le", "utf-16-be"]
    if declared is not None and declared not in candidates:
        candidates.append(declared)
    scores = {name: round(_score(sample, name), 2) for name in candidates}
    if declared is not None:
        scores[declared] += 0.05
    return max(candidates, key=lambda name: scores[name])


def _two_byte_text(sample: bytes) -> bool:
    """True where line ends stand as two bytes: UTF-16 of Chinese prose has few other zeros."""
    return b"\n\x00" in sample or b"\x00\n" in sample


def _score(sample: bytes, name: str) -> float:
    """Returns the plausibility of the sample in that encoding; UTF-16 is judged over all its characters."""
    text = sample.decode(name, "replace")
    score = plausibility(text)
    if name.startswith("utf-16"):
        return score if text.count("\x00") * 20 < len(text) else -4.0
    return score - 4.0 * text.count("\x00") / max(1, len(text))
