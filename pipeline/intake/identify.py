"""What an input is: its content beats its extension, and whatever cannot be read ends here with a reason and advice."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.config import DEFAULT, Config, Limits
from pipeline.domain import Source, SourceKind
from pipeline.errors import (
    DamagedError,
    DocumentError,
    EmptyDocumentError,
    FileAccessError,
    MislabelledError,
    TooLargeError,
    UnsupportedFormatError,
)
from pipeline.intake.archives import refusal_of_archive
from pipeline.intake.encoding import decode, sniff_charset
from pipeline.intake.formats import binary_format, declared_kind, describe, is_html, is_image, is_pdf
from pipeline.intake.members import on_disk
from pipeline.intake.regular import access_error, open_regular

_CHUNK = 1 << 20
_EDGE = 1 << 16
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\x00"
_UTF8_BYTES_PER_CHAR = 4


@dataclass(frozen=True, slots=True)
class _Content:
    """What one pass over a file gives: its hash, its two ends, and all of it where it is small enough to be text."""

    sha256: str
    size_bytes: int
    head: bytes
    tail: bytes
    body: bytes | None


def identify(path: Path, relative_path: str, config: Config) -> tuple[Source, bytes]:
    """Identifies an input by its content.

    Args:
        path: the file.
        relative_path: its name in the results.
        config: for `limits.file_bytes` and `limits.text_chars`.

    Returns:
        The source, and its bytes for text and HTML; `b""` for PDF and pictures, whose readers open the path.

    Raises:
        FileAccessError: no permission, no regular file, or gone.
        EmptyDocumentError: no bytes, or nothing but white space.
        TooLargeError: beyond a limit.
        UnsupportedFormatError: a known format that is not read.
        MislabelledError: binary data under an extension that promises something readable.
        DamagedError: a PDF of zero bytes (0x00) only, as a broken download leaves.
    """
    content = _read(path, config)
    declared = declared_kind(relative_path)
    kind = _kind_of(content, path, declared, config)
    source = Source(str(path), relative_path, content.sha256, content.size_bytes, kind, declared)
    return source, b"" if kind in (SourceKind.PDF, SourceKind.IMAGE) or content.body is None else content.body


def unread_source(path: Path, relative_path: str, limits: Limits = DEFAULT.limits) -> Source:
    """Returns the source of an input that could not be identified: hash and size where it can be read, kind by its name."""
    declared = declared_kind(relative_path)
    kinds = {"html": SourceKind.HTML, "pdf": SourceKind.PDF, "image": SourceKind.IMAGE}
    kind = kinds.get(declared, SourceKind.TEXT)
    try:
        with on_disk([path], limits) as (file,):
            sha256, size = _hash(file, limits)
    except (OSError, ValueError, DocumentError):
        sha256, size = "", 0
    return Source(str(path), relative_path, sha256, size, kind, declared)


def _hash(path: Path, limits: Limits) -> tuple[str, int]:
    """Returns the sha256 and the size of a regular file; no sha256 for one that is too large to be read."""
    digest, size = hashlib.sha256(), 0
    with open_regular(path) as file:
        whole = os.fstat(file.fileno()).st_size
        if whole > limits.file_bytes:
            return "", whole
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _kind_of(content: _Content, path: Path, declared: str, config: Config) -> SourceKind:
    """Returns text, HTML, PDF or picture, or raises for everything else."""
    if is_pdf(content.head, content.tail, declared):
        return SourceKind.PDF
    if is_image(content.head):
        return SourceKind.IMAGE
    name = binary_format(content.head, content.tail, declared)
    if name == "zip":
        raise refusal_of_archive(path, config.limits)
    if name is not None:
        what, advice = describe(name)
        raise UnsupportedFormatError(f"The file is {what}, which is not read.", advice)
    if not content.head.strip(b"\x00"):
        _raise_all_zero(content)
    text = _decoded_head(content)
    if _is_blank(text) and content.body is not None and _is_blank(decode(content.body)[0]):
        raise EmptyDocumentError("The file holds nothing but white space.", "Fetch the report again.")
    if not _is_readable(text):
        if _is_readable(text.replace("\x00", "")) and "\x00" * 16 in text:
            _raise_holes(content)
        _raise_binary(declared)
    if content.body is None:
        raise TooLargeError(
            f"The text has {content.size_bytes} bytes, more than {config.limits.text_chars} characters can take.",
            "Split it, or raise limits.text_chars.",
        )
    return SourceKind.HTML if is_html(text, declared) else SourceKind.TEXT


def _read(path: Path, config: Config) -> _Content:
    """Reads a regular file once."""
    try:
        with open_regular(path) as file:
            before = os.fstat(file.fileno())
            _require_size(before.st_size, config)
            content = _digest(file, config)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise access_error(error) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileAccessError("The file was changed while it was read.", "Run again when nothing writes to it any more.")
    return content


def _digest(file: BinaryIO, config: Config) -> _Content:
    """Hashes an open file in chunks; keeps all of it while it can still be text within the limit."""
    digest, size, tail = hashlib.sha256(), 0, b""
    kept: list[bytes] | None = []
    head = b""
    most = config.limits.text_chars * _UTF8_BYTES_PER_CHAR
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        _require_size(size, config)
        head = head or chunk[:_EDGE]
        tail = (tail + chunk)[-_EDGE:]
        if kept is not None:
            kept.append(chunk)
            if size > most or is_image(head) or is_pdf(head, b"", ""):
                kept = None
    if size == 0:
        raise EmptyDocumentError("The file has no bytes.", "Fetch the report again.")
    return _Content(digest.hexdigest(), size, head, tail, None if kept is None else b"".join(kept))


def _require_size(size: int, config: Config) -> None:
    """Raises where a file is larger than the limit."""
    if size > config.limits.file_bytes:
        raise TooLargeError(f"The file has more than {config.limits.file_bytes} bytes.", "Split it, or raise limits.file_bytes.")


def _decoded_head(content: _Content) -> str:
    """Returns the beginning as text; a character cut at the edge is dropped."""
    text, _ = decode(content.head, sniff_charset(content.head))
    return text.rstrip("\ufffd")


def _is_blank(text: str) -> bool:
    """True where nothing of the text would be seen."""
    return not text.strip().strip(_INVISIBLE).strip()


def _is_readable(text: str) -> bool:
    """True where text holds next to no control characters or bytes without meaning."""
    sample = text[:20000]
    odd = sum(1 for char in sample if char == "\ufffd" or (char < " " and char not in "\t\n\r\f\x0b\x1a\x1c\x1d\x1e\x1f"))
    odd += sum(1 for char in sample if "\x7f" <= char <= "\x9f" or "\ue000" <= char <= "\uf8ff")
    return odd * 20 <= len(sample)


def _raise_all_zero(content: _Content) -> None:
    """Raises for a file whose beginning is zero bytes only: space that a download reserved and never filled."""
    raise DamagedError(
        f"The first {len(content.head)} of {content.size_bytes} bytes are zero: a download that was never filled.",
        "Fetch the report again.",
    )


def _raise_holes(content: _Content) -> None:
    """Raises for a text with runs of zero bytes: parts that never arrived, or that a disk lost."""
    zeros = content.head.count(b"\x00")
    raise DamagedError(
        f"Parts of the text are missing: {zeros} of its first {len(content.head)} bytes are zero.", "Fetch the report again."
    )


def _raise_binary(declared: str) -> None:
    """Raises for data of no known format."""
    if declared in ("text", "html", "pdf"):
        raise MislabelledError(
            f"The name says {declared}, but the content is binary data of no known format.",
            "Fetch the report again, or give the file its right extension.",
        )
    raise UnsupportedFormatError("The file holds binary data of no known format.", "Give the report as PDF, HTML or text.")
