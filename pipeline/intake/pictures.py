"""Pictures that together are one report: which files of a folder they are, and their pages in order.

The rule: the pictures of one folder are one report where the folder holds at least two files, all of them pictures, whose
names differ in nothing but their last number (`scan-1.jpg, scan-2.jpg`, `IMG_0001.jpg, IMG_0002.jpg`, `第1页.png, 第2页.png`).
The numbers give the order. Numbers that are all years (`2021.jpg, 2022.jpg`) are reports of several years, not pages, unless
the rest of the name is a camera's (`IMG_2021.jpg`). A folder that was named to be read as a collection (`apart`) is never one
report.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Config
from pipeline.domain import Failure, SourceKind
from pipeline.errors import DocumentError, MislabelledError, TooLargeError
from pipeline.intake.formats import IMAGE_SUFFIXES
from pipeline.intake.identify import identify

if TYPE_CHECKING:
    from pipeline.raster import Raster

_LAST_NUMBER = re.compile(r"^(.*?)([0-9]+)([^0-9]*)$", re.DOTALL)
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_CAMERA = re.compile(r"(?:img|dsc[nf]?|dcim|scan|pict?|photo|image|mvimg|page)[ _-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BrokenPicture:
    """A picture of a group that cannot be read, in the place of its page."""

    page_no: int
    failure: Failure


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


def missing_numbers(paths: Sequence[Path]) -> list[int]:
    """Returns the numbers that a series of pictures leaves out between its first and its last.

    Nothing where more are left out than are there: the numbers are then times, or counts of something else.
    """
    matches = [_LAST_NUMBER.match(path.stem) for path in paths]
    numbers = {int(m.group(2)) for m in matches if m}
    if not numbers or max(numbers) - min(numbers) >= 2 * len(numbers):
        return []
    return sorted(set(range(min(numbers), max(numbers))) - numbers)


def iter_frames(path: Path, config: Config, left_out: Collection[int] = ()) -> Iterator[Raster | BrokenPicture]:
    """Yields the pages of one picture file; of several, one that is broken stands for its page, and the others go on.

    Pages that are `left_out` are not decoded; see `iter_image_rasters`.

    Raises:
        DocumentError: the file holds one page, and that cannot be read; or it cannot be looked at.
    """
    from pipeline.intake.image import count_frames, iter_image_rasters

    n_pages = count_frames(path, config)
    met = 0
    while met < n_pages:
        try:
            for raster in islice(iter_image_rasters(path, config, {*left_out, *range(1, met + 1)}), met, None):
                yield raster
                met += 1
            return
        except DocumentError as error:
            if n_pages == 1:
                raise
            met += 1
            yield BrokenPicture(met, Failure(error.failure_class, error.message, error.advice or "Look at the page."))


def iter_group_rasters(paths: Sequence[Path], config: Config, left_out: Collection[int] = ()) -> Iterator[Raster | BrokenPicture]:
    """Yields the pages of a group of pictures, numbered from 1 through all of them; a broken one stands for its page.

    Pages that are `left_out` are not decoded; see `iter_image_rasters`.

    Raises:
        TooLargeError: more than `scan.max_pages` in all.
    """
    page_no = 0
    for path in paths:
        for page in _pages(path, config, frozenset(number - page_no for number in left_out)):
            page_no += 1
            if page_no > config.scan.max_pages:
                raise TooLargeError(
                    f"The pictures have more than {config.scan.max_pages} pages.", "Split them, or raise scan.max_pages."
                )
            yield replace(page, page_no=page_no)


def _pages(path: Path, config: Config, left_out: Collection[int]) -> Iterator[Raster | BrokenPicture]:
    """Yields the pages of one picture; where it cannot be read, what is wrong with it."""
    try:
        source, _ = identify(path, path.name, config)
        if source.kind is not SourceKind.IMAGE:
            raise MislabelledError("It holds no picture.", "Look at the file, and fetch or photograph the page again.")
        yield from iter_frames(path, config, left_out)
    except DocumentError as error:
        yield BrokenPicture(0, Failure(error.failure_class, f"{path.name}: {error.message}", error.advice or "Look at the file."))


def _in_order(files: Sequence[Path]) -> tuple[Path, ...]:
    """Returns the files of a folder by their numbers where they are one report, else nothing."""
    if len(files) < 2 or any(path.suffix.lower() not in IMAGE_SUFFIXES for path in files):
        return ()
    found = [_LAST_NUMBER.match(path.stem) for path in files]
    frames = {(m.group(1), m.group(3)) for m in found if m}
    numbers = [int(m.group(2)) for m in found if m]
    if len(frames) != 1 or len(set(numbers)) != len(files) or _are_years(numbers, *frames):
        return ()
    return tuple(path for _, path in sorted(zip(numbers, files, strict=True)))


def _are_years(numbers: Sequence[int], frame: tuple[str, str]) -> bool:
    return all(_FIRST_YEAR <= n <= _LAST_YEAR for n in numbers) and _CAMERA.fullmatch(frame[0]) is None
