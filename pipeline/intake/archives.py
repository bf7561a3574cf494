"""Zip archives: what is in them, and whether it may be unpacked. Nothing is decompressed here.

An archive is a folder: its members stand below its path (`reports.zip/2023/a.pdf`), under names that are safe. What is too
much, what overlaps, and what cannot be listed is refused as a whole; a member that cannot be had is refused alone, when it
is its turn.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.config import Limits
from pipeline.errors import (
    DamagedError,
    DocumentError,
    EncryptedError,
    FileAccessError,
    TooLargeError,
    UnsupportedFormatError,
)
from pipeline.intake.formats import DOCUMENT_SUFFIXES, binary_format
from pipeline.intake.regular import open_regular
from pipeline.intake.zip_names import member_names

ZIP_SUFFIX = ".zip"
BROKEN_ZIP = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, ValueError, struct.error, zlib.error)
"""What `zipfile` raises at an archive that is broken."""

_AGAIN = "Fetch the archive again, or unpack it and give the folder."
_UNPACK = "If you trust it, unpack it and give the folder, or raise limits."
_EDGE = 1 << 16
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_DIRECTORY_ENTRY, _DIRECTORY_ENTRY_USUAL = 46, 256
_LOCAL_HEADER = 30
# Below this size a member may be as empty as it likes: a white page shrinks a thousandfold.
_RATIO_FROM_BYTES = 16 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive under its safe name."""

    name: str
    info: zipfile.ZipInfo

    @property
    def is_archive(self) -> bool:
        """True for what calls itself a zip archive."""
        return PurePosixPath(self.name).suffix.lower() == ZIP_SUFFIX

    @property
    def is_document(self) -> bool:
        """True for what a folder would give too: a document's extension, not hidden, not left over by a program."""
        parts = PurePosixPath(self.name).parts
        hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts)
        return not hidden and PurePosixPath(self.name).suffix.lower() in DOCUMENT_SUFFIXES


def is_archive(path: Path) -> bool:
    """True for a file that is called `.zip` and is one: not a Word document, nor an error page by that name."""
    if path.suffix.lower() != ZIP_SUFFIX:
        return False
    try:
        with open_regular(path) as file:
            head = file.read(_EDGE)
            file.seek(max(0, file.seek(0, 2) - _EDGE))
            return binary_format(head, file.read(), "zip") == "zip"
    except (OSError, ValueError, FileAccessError):
        return False


def open_archive(path: Path, limits: Limits) -> tuple[zipfile.ZipFile, list[Member]]:
    """Opens an archive and lists its files, in their order, folders left out.

    Raises:
        TooLargeError: more members or bytes than the limits. DamagedError: cut off, or its members overlap.
        FileAccessError: it cannot be opened.
    """
    try:
        file = open_regular(path)
    except OSError as error:
        raise FileAccessError(f"The archive cannot be opened: {error.strerror or error}.", "Check its permissions.") from error
    try:
        _check_directory(file, limits)
        opened = zipfile.ZipFile(file)
    except BROKEN_ZIP as error:
        file.close()
        raise DamagedError("The archive is cut off or broken: it has no list of its members.", _AGAIN) from error
    except DocumentError:
        file.close()
        raise
    try:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        _check_sizes(infos, limits)
    except DocumentError:
        close_archive(opened)
        raise
    return opened, [Member(name, info) for name, info in zip(member_names(infos), infos, strict=True)]


def close_archive(archive: zipfile.ZipFile) -> None:
    """Closes an archive and its file, which `zipfile` leaves open where it was given one."""
    file = archive.fp
    archive.close()
    if file is not None:
        file.close()


def refusal_of_archive(path: Path, limits: Limits) -> DocumentError:
    """Returns why an archive cannot be read, or why it need not be."""
    try:
        opened, members = open_archive(path, limits)
    except DocumentError as error:
        return error
    close_archive(opened)
    if not any(member.is_document for member in members):
        return UnsupportedFormatError(
            "The archive holds no document of a kind that is known.", "Look at what is in it, and give the report as PDF or HTML."
        )
    return UnsupportedFormatError("The file is a zip archive, which is not read here.", "Unpack the archive and give the folder.")


def require_readable(member: Member, limits: Limits) -> None:
    """Raises for a member that is not to be unpacked: a link, one behind a password, a bomb, an unknown compression."""
    info = member.info
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        what = "a link" if kind == stat.S_IFLNK else "a pipe or device"
        raise FileAccessError(f"The member is {what}, not a file.", "Pack the file itself.")
    if info.flag_bits & 1:
        raise EncryptedError("The member needs a password.", "Unpack the archive with its password and give the folder.")
    if info.compress_type not in _METHODS:
        raise UnsupportedFormatError(
            f"The member is compressed by method {info.compress_type}, which is not read.", "Unpack it and give the folder."
        )
    if info.file_size > limits.file_bytes:
        raise TooLargeError(f"The member has {info.file_size} bytes.", f"{_UNPACK}file_bytes.")
    if info.file_size > _RATIO_FROM_BYTES and info.file_size > limits.archive_ratio * max(1, info.compress_size):
        raise TooLargeError(f"The member grows from {info.compress_size} to {info.file_size} bytes.", f"{_UNPACK}archive_ratio.")


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """Raises TooLargeError where the list of members is too long, before it is read (APPNOTE 4.3.14 to 4.3.16)."""
    size = file.seek(0, 2)
    start = max(0, size - _EDGE - 22)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise zipfile.BadZipFile("no end record")
    count, length = struct.unpack_from("<HI", tail, at + 10)
    locator = tail.rfind(_LOCATOR64, 0, at)
    if locator >= 0 and locator + 20 <= len(tail):
        file.seek(min(struct.unpack_from("<Q", tail, locator + 8)[0], size))
        record = file.read(56)
        if record[:4] == _END64 and len(record) == 56:
            count, length = struct.unpack_from("<QQ", record, 32)
    file.seek(0)
    if length > size:
        raise zipfile.BadZipFile("the list of members is longer than the file")
    # Both are what the file says of itself; the second bounds what is read whatever the first says.
    if count > limits.archive_members or length > limits.archive_members * _DIRECTORY_ENTRY_USUAL:
        raise TooLargeError(f"The archive has more than {limits.archive_members} members.", f"{_UNPACK}archive_members.")


def _check_sizes(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Raises where members are too many, grow too large in all, or share their bytes (D. Fifield, A better zip bomb, 2019)."""
    if len(infos) > limits.archive_members:
        raise TooLargeError(f"The archive has more than {limits.archive_members} members.", f"{_UNPACK}archive_members.")
    total = sum(info.file_size for info in infos)
    if total > limits.archive_bytes:
        raise TooLargeError(f"The members of the archive have {total} bytes in all.", f"{_UNPACK}archive_bytes.")
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise DamagedError("The members of the archive overlap, as only those of a zip bomb do.", _AGAIN)
        end = info.header_offset + _LOCAL_HEADER + info.compress_size
