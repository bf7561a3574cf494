"""The fonts that training texts are set in.

Used for the weights that are committed, all from Debian 12: `fonts-noto-cjk` (sans only), `fonts-wqy-zenhei`,
`fonts-cwtex-ming`, `fonts-dejavu`, `fonts-liberation`, `fonts-liberation2`, `fonts-freefont-ttf`, `fonts-urw-base35`,
`fonts-crosextra-carlito`, `fonts-crosextra-caladea`, `fonts-lato`, `fonts-open-sans`, `fonts-roboto`, `fonts-cabin`,
`fonts-cantarell`, `fonts-linuxlibertine`, `fonts-gnutypewriter`, `fonts-noto-core` (Noto Sans, Serif and Mono). What is not
installed is left out, but one of the first three must be there.

AR PL UMing, AR PL UKai and Noto Serif CJK are held out: reports that the bench publishes figures for are set in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
HELD_OUT = re.compile(r"uming|ukai|NotoSerifCJK|SimSun|STSong", re.IGNORECASE)

# File names (without what follows the family) and how often a family is drawn.
_FAMILIES: tuple[tuple[str, float], ...] = (
    (r"NotoSansCJK-(Regular|Bold)", 3.0),
    (r"wqy-zenhei", 3.0),
    (r"cwming", 3.0),
    (r"DejaVuSans(-Bold|Condensed|Condensed-Bold)?$", 1.0),
    (r"DejaVuSerif(-Bold|Condensed)?$", 1.0),
    (r"DejaVuSansMono(-Bold)?$", 0.7),
    (r"LiberationSerif-", 3.0),
    (r"LiberationSans-", 2.0),
    (r"LiberationSansNarrow-", 0.7),
    (r"LiberationMono-", 1.0),
    (r"NimbusRoman-", 1.5),
    (r"NimbusSans-", 1.0),
    (r"NimbusMonoPS-", 0.8),
    (r"C059-", 1.0),
    (r"P052-", 0.8),
    (r"URWBookman-", 0.6),
    (r"URWGothic-", 0.4),
    (r"FreeSerif", 1.0),
    (r"FreeSans", 0.7),
    (r"FreeMono", 0.7),
    (r"Carlito-", 2.0),
    (r"Caladea-", 1.0),
    (r"Lato-(Regular|Bold|Light|Medium|Italic)", 0.7),
    (r"OpenSans-(Regular|Bold|Light|Italic)", 0.7),
    (r"Roboto-(Regular|Bold|Light|Italic)", 0.8),
    (r"Cabin-", 0.4),
    (r"Cantarell-(Regular|Bold)", 0.4),
    (r"LinLibertine_R(B|I|Z)?$", 0.7),
    (r"GNUTypewriter", 0.4),
    (r"NotoSans-(Regular|Bold|Italic)", 1.0),
    (r"NotoSerif-(Regular|Bold|Italic)", 1.0),
    (r"NotoSansMono-(Regular|Bold)", 0.6),
)
_CHINESE = re.compile(r"NotoSansCJK|wqy-zenhei|cwming")


@dataclass(frozen=True)
class Family:
    """The faces of one design.

    Attributes:
        faces: files.
        weight: how often it is drawn, against others.
        chinese: it carries Chinese letters and full-width digits.
    """

    faces: tuple[str, ...]
    weight: float
    chinese: bool


def find_families(folders: Sequence[str] = FOLDERS) -> list[Family]:
    """Returns the families that are installed, in the order of the list above.

    Raises:
        FileNotFoundError: none of them carries Chinese letters.
    """
    there = [p for folder in folders for p in sorted(Path(folder).rglob("*.[ot]t[fc]"))]
    files = sorted({p.stem: p for p in there if not HELD_OUT.search(p.name)}.items())
    found = []
    for pattern, weight in _FAMILIES:
        faces = tuple(str(path) for stem, path in files if re.match(pattern, stem))
        if faces:
            found.append(Family(faces, weight, bool(_CHINESE.search(faces[0]))))
    if not any(family.chinese for family in found):
        raise FileNotFoundError(f"none of the known Chinese fonts in {', '.join(folders)}")
    return found


@lru_cache(maxsize=600)
def load_face(path: str, size: int) -> ImageFont.FreeTypeFont:
    """Returns a face at `size` pixels an em."""
    return ImageFont.truetype(path, size)
