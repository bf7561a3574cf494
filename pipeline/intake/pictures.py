"""Pictures that together are one report: which files of a folder they are, and their pages in order.

The rule: the pictures of one folder are one report where the folder holds at least two files, all of them pictures, whose
names differ in nothing but their last number (`scan-1.jpg, scan-2.jpg`, `IMG_0001.jpg, IMG_0002.jpg`, `第1页.png, 第2页.png`).
The numbers give the order. A folder that was named to be read as a collection (`apart`) is never one report.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.config import Config
from pipeline.errors import TooLargeError
from pipeline.intake.formats import IMAGE_SUFFIXES
from pipeline.intake.image import iter_image_rasters
from pipeline.raster import Raster

_LAST_NUMBER = re.compile(r"^(.*?)([0-9]+)([^0-9]*)$", re.DOTALL)


def group_pictures(files: Sequence[Path], apart: Collection[Path] = ()) -> list[tuple[Path, ...]]:
    """Returns the documents among files: a group of pictures in the order of their numbers, or one file alone.

    Args:
        files: as they were found; a folder is judged by those of its files that are among them.
        apart: folders whose pictures are documents of their own in any case.

    Returns:
        In the order of `files`; a group stands where its first member stood.
    """
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    groups = {folder: _in_order(inside) for folder, inside in folders.items() if folder not in apart}
    done: set[Path] = set()
    documents: list[tuple[Path, ...]] = []
    for path in files:
        group = groups.get(path.parent, ())
        if not group:
            documents.append((path,))
        elif path.parent not in done:
            done.add(path.parent)
            documents.append(group)
    return documents


def group_sha256(members: Iterable[str]) -> str:
    """Returns the sha256 of a group: that of its members' sha256 (hexadecimal), one after the other, in order."""
    return hashlib.sha256("".join(members).encode("ascii")).hexdigest()


def iter_group_rasters(paths: Sequence[Path], config: Config) -> Iterator[Raster]:
    """Yields the pages of a group of pictures, numbered from 1 through all of them.

    Raises:
        TooLargeError: more than `scan.max_pages` in all.
        DocumentError: as `iter_image_rasters`, for any member.
    """
    page_no = 0
    for path in paths:
        for raster in iter_image_rasters(path, config):
            page_no += 1
            if page_no > config.scan.max_pages:
                raise TooLargeError(
                    f"The pictures have more than {config.scan.max_pages} pages.", "Split them, or raise scan.max_pages."
                )
            yield replace(raster, page_no=page_no)


def _in_order(files: Sequence[Path]) -> tuple[Path, ...]:
    """Returns the files of a folder by their numbers where they are one report, else nothing."""
    if len(files) < 2 or any(path.suffix.lower() not in IMAGE_SUFFIXES for path in files):
        return ()
    found = [_LAST_NUMBER.match(path.stem) for path in files]
    frames = {(m.group(1), m.group(3)) for m in found if m}
    numbers = [int(m.group(2)) for m in found if m]
    if len(frames) != 1 or len(set(numbers)) != len(files):
        return ()
    return tuple(path for _, path in sorted(zip(numbers, files, strict=True)))
