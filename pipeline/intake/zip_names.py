"""Names of the members of zip archives: decoded, and made safe to stand in a path.

An archive made on a Chinese Windows has its names in GBK without saying so; PKWARE's APPNOTE (D.1) knows only UTF-8, by a
flag, and code page 437, which is what Python makes of all others.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePosixPath

_UTF8_FLAG, _UNICODE_PATH = 0x800, 0x7075
_CANDIDATES = ("utf-8", "gb18030", "big5")
_LONGEST_PART_BYTES = 240


def member_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Returns for each member of an archive a relative path with `/`, without `..`, different from all others."""
    raw = [m.filename.encode("cp437") for m in members if not m.flag_bits & _UTF8_FLAG]
    codec = next((c for c in _CANDIDATES if all(_decodes(name, c) for name in raw)), "cp437")
    taken: dict[str, int] = {}
    return [_unlike(taken, safe_name(_decoded(m, codec))) for m in members]


def safe_name(name: str) -> str:
    """Returns a name without root, drive, `..`, empty parts and control characters; never empty.

    Each part is at most 240 bytes long; an extension survives the cut.
    """
    plain = name.replace("\\", "/")
    parts = [_safe_part(part) for part in plain.split("/") if part not in ("", ".")]
    return "/".join(parts) or "_"


def _safe_part(part: str) -> str:
    if not part.strip("."):
        return "_" * len(part)
    kept = "".join("_" if char < " " or char in "\x7f:" else char for char in part)
    data = kept.encode("utf-8", "surrogateescape")
    if len(data) <= _LONGEST_PART_BYTES:
        return kept
    suffix = PurePosixPath(kept).suffix[-20:]
    return data[: _LONGEST_PART_BYTES - len(suffix.encode())].decode("utf-8", "ignore") + suffix


def _decoded(member: zipfile.ZipInfo, codec: str) -> str:
    """Returns the name of a member; a Unicode Path field (APPNOTE 4.6.9) goes before its bytes, where it is about them."""
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    raw = member.filename.encode("cp437")
    told = _unicode_path(member.extra, raw)
    return told if told is not None else raw.decode(codec, "replace")


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(body) > 5 and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw):
            return body[5:].decode("utf-8", "replace")
        at += 4 + size
    return None


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _unlike(taken: dict[str, int], name: str) -> str:
    """Returns a name that no earlier member has: the second `a.txt` becomes `a~2.txt`."""
    count = taken[name] = taken.get(name, 0) + 1
    if count == 1:
        return name
    path = PurePosixPath(name)
    return _unlike(taken, str(path.with_name(f"{path.stem}~{count}{path.suffix}")))
