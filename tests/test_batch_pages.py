"""One page of several that cannot be read costs that page alone, whatever kind of file it is in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.config import DEFAULT
from pipeline.errors import ConfigError, DamagedError
from pipeline.intake import image
from pipeline.intake.discover import Input
from pipeline.intake.pictures import BrokenPicture, iter_frames, iter_group_rasters
from pipeline.run import attempt, document, pictures
from pipeline.run.attempt import do_job
from pipeline.run.job import Job
from pipeline.run.progress import WHOLE

READ_PAGE = image._read_page


@pytest.fixture
def tiff(tmp_path) -> Path:
    """Three pages of different widths."""
    pages = [Image.new("L", (300 + n, 420), 200) for n in range(3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    return tmp_path / "a.tif"


def breaks(monkeypatch, error: Exception, page_no: int = 2) -> None:
    """Decoding one page ends with an error."""

    def read_page(path, frame, number, config):
        if number == page_no:
            raise error
        return READ_PAGE(path, frame, number, config)

    monkeypatch.setattr(image, "_read_page", read_page)


def widths(pages) -> list[int | str]:
    return [p.failure.failure_class if isinstance(p, BrokenPicture) else p.pixels.shape[1] for p in pages]


def test_a_page_that_is_left_out_is_not_decoded(tiff, monkeypatch):
    breaks(monkeypatch, RuntimeError("decoded"))
    pages = list(iter_frames(tiff, DEFAULT, {2}))
    assert widths(pages) == [300, 1, 302] and [p.page_no for p in pages] == [1, 2, 3]
    assert np.all(pages[1].pixels == 255)
    with pytest.raises(RuntimeError):
        list(iter_frames(tiff, DEFAULT, {3}))


@pytest.mark.parametrize("page_no", [1, 2, 3])
def test_a_broken_page_of_several_stands_for_itself(tiff, monkeypatch, page_no):
    breaks(monkeypatch, DamagedError("The picture has broken data.", "Scan it again."), page_no)
    pages = list(iter_frames(tiff, DEFAULT))
    assert widths(pages) == ["damaged" if n == page_no else 299 + n for n in (1, 2, 3)]
    assert [p.page_no for p in pages] == [1, 2, 3]


def test_a_broken_page_that_is_the_only_one_is_the_document(tmp_path, monkeypatch):
    Image.new("L", (300, 420), 200).save(tmp_path / "a.png")
    breaks(monkeypatch, DamagedError("The picture has broken data.", "Scan it again."), 1)
    with pytest.raises(DamagedError):
        list(iter_frames(tmp_path / "a.png", DEFAULT))


def test_pages_of_a_group_are_left_out_by_their_number_in_all(tiff, tmp_path, monkeypatch):
    Image.new("L", (500, 700), 200).save(tmp_path / "b.png")
    breaks(monkeypatch, RuntimeError("decoded"), 3)
    pages = list(iter_group_rasters([tmp_path / "b.png", tiff], DEFAULT, {4}))
    assert widths(pages) == [500, 300, 301, 1] and [p.page_no for p in pages] == [1, 2, 3, 4]


# --- exceptions over a page


@pytest.fixture
def attempts(monkeypatch) -> list[tuple[frozenset[int], list[int]]]:
    """Reading of a TIFF in which every page that is reached in the usual way is white; the attempts: gentle, left out."""
    made: list[tuple[frozenset[int], list[int]]] = []
    begin = attempt.progress.begin_document

    def begin_document(number, gentle, skipped):
        made.append((gentle, [page for page, _ in skipped]))
        begin(number, gentle, skipped)

    monkeypatch.setattr(attempt.progress, "begin_document", begin_document)
    return made


def read(path: Path, out: Path):
    return do_job(Job(0, Input(path, path.name)), out, DEFAULT)


@pytest.mark.parametrize(("error", "failure_class"), [(RuntimeError("x"), "internal"), (MemoryError(), "out_of_memory")])
def test_an_exception_over_a_page_costs_that_page(tiff, tmp_path, monkeypatch, attempts, error, failure_class):
    breaks(monkeypatch, error)
    monkeypatch.setattr(pictures.Pages, "add", add_without_reading)
    done = read(tiff, tmp_path / "out")
    assert attempts == [(frozenset(), []), (frozenset({2}), []), (frozenset({2}), [2])]
    assert (done.job.attempt, done.job.number) == (3, 0)
    ((page_no, failure),) = done.job.skipped
    assert page_no == 2 and failure.failure_class == failure_class and failure.message.startswith("Page 2: ")
    assert done.result.failure is not None and done.result.failure.failure_class == "empty"  # white pages hold no print


def add_without_reading(pages: pictures.Pages, raster, config) -> None:
    left_out = pictures.pages_apart().get(raster.page_no)
    if left_out is not None:
        pages.add_failed(raster.page_no, left_out)
    else:
        pages.results.append(pictures.PageResult(raster.page_no, "image", "ok"))


def test_a_fault_that_is_of_no_page_is_tried_once(tiff, tmp_path, monkeypatch, attempts):
    def read_pictures(*rest):
        raise RuntimeError("of no page")

    monkeypatch.setattr(pictures, "read_pictures", read_pictures)
    done = read(tiff, tmp_path / "out")
    assert len(attempts) == 1 and done.result.failure is not None and done.result.failure.failure_class == "internal"


def test_what_the_file_brings_about_is_tried_once(tiff, tmp_path, attempts):
    tiff.write_bytes(b"II*\0" + bytes(10))
    assert read(tiff, tmp_path / "out").result.failure.failure_class == "damaged"
    assert len(attempts) == 1


def test_more_bad_pages_than_may_be_fail_the_document(tmp_path, monkeypatch, attempts):
    most = DEFAULT.batch.bad_pages
    page = Image.new("L", (300, 420), 200)
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page] * (most + 3))

    def read_page(*rest):
        raise RuntimeError("every page")

    monkeypatch.setattr(image, "_read_page", read_page)
    done = read(tmp_path / "a.tif", tmp_path / "out")
    assert done.result.failure.failure_class == "internal" and len(attempts) == 2 * most + 2
    assert all(WHOLE not in gentle for gentle, _ in attempts)


def test_exceptions_become_errors_of_the_document():
    classes = {type(e): document.document_error(e).failure_class for e in (RecursionError(), MemoryError(), KeyError("x"))}
    assert classes == {RecursionError: "too_large", MemoryError: "out_of_memory", KeyError: "internal"}
    with pytest.raises(ConfigError):  # the run cannot go on
        document.document_error(ConfigError("No recogniser is installed.", "Install one."))
    for error in (RecursionError(), MemoryError(), KeyError("x"), DamagedError("It is broken.", "Fetch it again.")):
        found = document.document_error(error)
        assert found.message.strip() and found.advice.endswith(".")
