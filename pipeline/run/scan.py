"""A picture of a page → words and rulings, as a text layer would have them; the tables are then found alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from pipeline.config import Config
from pipeline.domain import BBox, Candidate, Page, PageTransform, Quad, Ruling, Word
from pipeline.grid.image_cells import ruled_cells
from pipeline.grid.image_rulings import find_rulings, to_rulings
from pipeline.grid.place_back import Placer
from pipeline.layout.crops import crop_line
from pipeline.layout.dirt import Ints
from pipeline.layout.flat_signs import flat_signs
from pipeline.layout.ink import Ink, find_ink, ink_points
from pipeline.layout.polarity import with_dark_print
from pipeline.layout.rests import without_rests
from pipeline.layout.straighten import level_page, sample_lines, to_sheet
from pipeline.layout.streaks import without_streaks
from pipeline.layout.textlines import find_lines
from pipeline.layout.undivided import undivided_rows
from pipeline.ocr.agreement import load_weights, pooled, wants_second_reader
from pipeline.ocr.dashes import with_dashes, with_like_dashes
from pipeline.ocr.engine import Engine, LineReading, glance, load_engine
from pipeline.ocr.figures import load_figure_reader
from pipeline.ocr.marks import is_margin_mark, without_strays
from pipeline.ocr.recalled import Once, Recalled
from pipeline.ocr.words import em_boxes, reading_to_word
from pipeline.raster import Gray, PixelBox, Raster, Sheet, TextLine, grey_percentile
from pipeline.run.blanks import PagePrint, page_print
from pipeline.run.cut_off import Floats, PageRim
from pipeline.run.downward_heads import head_boxes, part_downward, read_downward
from pipeline.run.parted_heads import part_heads
from pipeline.run.sealed import read_sealed
from pipeline.run.turned_labels import UNREAD, mean_score, read_turned

_LEVEL_PT = 0.5
_WIDE_GAP = 1.2
_FIGURE_LEVEL = 90
_SIGN_ROWS, _SIGN_REACH, _SIGN_DARK, _SIGN_PIXELS, _LOST_SIGN = (0.35, 0.75), 0.7, 0.45, 3, 0.04
_PLAIN_SCORE, _UPRIGHT_SCORE = -0.3, -0.2
_SAMPLE, _WIDE = 10, 4


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What was read of a picture.

    Attributes:
        page: words and rulings in points of the straightened page.
        transform: of the straightened page to the page as it came in.
        width_pt: of the page as it came in; `height_pt` likewise.
        sheet: the straightened picture.
        lines: the runs of print, in the order of `page.words`.
        cells: the ruled cells in points of the straightened page.
        shown: all print of the picture, read or not.
        rim: where the picture ends.
    """

    page: Page
    transform: PageTransform
    width_pt: float
    height_pt: float
    sheet: Sheet
    lines: tuple[TextLine, ...]
    cells: tuple[BBox, ...]
    shown: PagePrint
    rim: PageRim


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A straightened picture, what lies on it, and what the first reader makes of its print.

    Attributes:
        rulings: in points.
        mask: 255 where a pixel belongs to a ruling.
        rests: boxes of what is left of rulings that were not found, shape (n, 4), in pixels.
        cells: the ruled cells in points.
        lines: the runs of print; `crops` and `readings` in their order.
    """

    sheet: Sheet
    rulings: tuple[Ruling, ...]
    mask: Gray
    ink: Ink
    rests: Ints
    cells: tuple[BBox, ...]
    lines: tuple[TextLine, ...]
    crops: tuple[Gray, ...]
    readings: tuple[LineReading, ...]


def look_at_raster(raster: Raster, config: Config, lying: Recalled | None = None) -> SeenPage:
    """Straightens a picture, finds its rulings and its print, and reads it once; see `read_raster`.

    Args:
        raster: the picture.
        config: settings.
        lying: keeps what is read of print lying on its side, where that is wanted.
    """
    engine = load_engine(config.ocr)
    levelled = level_page(raster, config.scan)
    found = _find_print(to_sheet(levelled, config.scan), raster.page_no, config)
    # Lines that are read anyway say first whether the page stands upright; only if they do not, it is asked for.
    sample = _long_lines(found.lines)
    known = dict(zip(sample, engine.read([found.crops[k] for k in sample]), strict=True))
    if _mean_score(list(known.values())) < _UPRIGHT_SCORE and _is_upside_down(engine, sample_lines(levelled, config.scan)):
        found, known = _find_print(to_sheet(levelled, config.scan, is_upside_down=True), raster.page_no, config), {}
    rest = [k for k in range(len(found.crops)) if k not in known]
    known.update(zip(rest, engine.read([found.crops[k] for k in rest]), strict=True))
    readings = [known[k] for k in range(len(found.crops))]
    turner = Once(engine, Recalled() if lying is None else lying)
    return with_labels(found, readings, turner, engine.read)


def with_labels(
    seen: SeenPage, readings: Sequence[LineReading], turner: Engine, read: Callable[[Sequence[Gray]], Sequence[LineReading]]
) -> SeenPage:
    """Joins what its lines read to a page, with labels that lie on their side or are written downwards.

    Args:
        seen: the page.
        readings: of its lines, in their order.
        turner: reads what lies on its side.
        read: reads what is written across after all.
    """
    # First what lies on its side: such letters read well one below the other, too, but backwards.
    lying = read_turned(turner, seen.sheet.gray, seen.lines, seen.crops, readings, seen.ink.letter)
    lines, crops, final = read_downward(read, seen.sheet.gray, seen.mask, seen.ink, *lying)
    return replace(seen, lines=tuple(lines), crops=tuple(crops), readings=tuple(final))


def _find_print(sheet: Sheet, page_no: int, config: Config) -> SeenPage:
    """Finds the rulings and the print of a straightened picture; nothing is read yet."""
    found = find_rulings(sheet.gray, sheet.dpi)
    ink = find_ink(sheet.gray, found.mask, sheet.dpi)
    return lay_out(sheet, found.mask, ink, to_rulings(found, sheet.dpi, page_no), config)


def lay_out(sheet: Sheet, mask: Gray, ink: Ink, rulings: Sequence[Ruling], config: Config) -> SeenPage:
    """Finds the cells of given rulings and the print in and outside of them; nothing is read yet.

    Args:
        sheet: the straightened page.
        mask: 255 on what is drawn of rulings, else 0.
        ink: the print of the page without what is drawn of rulings.
        rulings: in points, drawn or not.
        config: settings.
    """
    cells = ruled_cells(rulings, ink_points(ink, sheet.dpi), config.pdf)
    # A row that white space alone divides is read in pieces, as print outside of cells is.
    whole = undivided_rows(ink, [_to_pixels(c, sheet.dpi) for c in cells])
    undivided = [_to_pixels(c, sheet.dpi) for c, is_row in zip(cells, whole, strict=True) if is_row]
    cells = [c for c, is_row in zip(cells, whole, strict=True) if not is_row]
    places = [_to_pixels(c, sheet.dpi) for c in cells]
    scale = sheet.dpi / 72.0
    rules = [(r.top * scale, r.x0 * scale, r.x1 * scale) for r in rulings if not r.is_vertical]
    ink, rests = without_rests(ink, places, rules)
    lines = find_lines(ink, places, sheet.dpi)
    if not config.scan.read_text:
        lines = [line for line in lines if line.cell is not None or any(_stands_in(line.hull, row) for row in undivided)]
    crops = tuple(crop_line(sheet.gray, line, mask) for line in lines)
    return SeenPage(sheet, tuple(rulings), mask, ink, rests, tuple(cells), tuple(lines), crops, ())


def _stands_in(box: PixelBox, cell: PixelBox) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _long_lines(lines: Sequence[TextLine]) -> list[int]:
    """Returns which lines to judge by how a page stands: some long ones, spread over it."""
    hulls = [line.hull for line in lines]
    single = [k for k, line in enumerate(lines) if len(line.boxes) == 1]
    wide = [k for k in single if hulls[k][2] - hulls[k][0] >= _WIDE * (hulls[k][3] - hulls[k][1])] or single
    return wide[:: max(1, len(wide) // _SAMPLE)][:_SAMPLE]


def cleaned(raster: Raster) -> Raster:
    """Returns a picture with dark print on light paper and without the streaks of a dirty scanner; itself where it is so."""
    return without_streaks(with_dark_print(raster))


def read_raster(raster: Raster, config: Config, page_dpi: float | None = None) -> ScannedPage:
    """Reads one picture of a page.

    Args:
        raster: the picture.
        config: settings; `scan.read_text` false leaves out what stands in no ruled table.
        page_dpi: pixels of the raster to an inch of the page that it was taken from, where that is not `raster.dpi`: many
            PDF files are as many points wide as their scan has pixels.
    """
    raster = cleaned(raster)
    seen = look_at_raster(raster, config)
    return read_seen(seen, with_second_reader(seen.readings, seen.crops, config), raster, config, page_dpi)


def read_seen(
    seen: SeenPage, joined: Sequence[LineReading], raster: Raster, config: Config, page_dpi: float | None = None
) -> ScannedPage:
    """Makes the page of what was seen of it.

    Args:
        seen: its cells and runs of print.
        joined: what all readers say of those runs, in their order.
        raster: the picture without streaks of dirt; its pixels are asked for only where a seal lies on the page.
        config: settings.
        page_dpi: as in `read_raster`.
    """
    sheet, lines, cells = seen.sheet, list(seen.lines), seen.cells
    readings, sealed = _with_sealed(joined, raster, seen, config)
    words = _words(_with_lost_signs(readings, seen), sealed, lines, sheet, seen.ink, config)
    heads = head_boxes(lines, sheet.dpi)
    words, lines = part_heads(*part_downward(words, lines, sheet.dpi), seen.ink)
    marks = is_margin_mark(words, [*cells, *heads])
    words, lines = (
        [w for w, is_mark in zip(words, marks, strict=True) if not is_mark],
        [line for line, is_mark in zip(lines, marks, strict=True) if not is_mark],
    )
    shown = page_print(sheet, seen.ink.contrast, seen.ink.level, seen.mask, lines, seen.rests)
    alone = list(zip(without_strays(words, [line.cell for line in lines]), lines, strict=True))
    words, lines = [w for w, _ in alone if w is not None], [line for w, line in alone if w is not None]
    page = _page(sheet, words, seen.rulings, raster.page_no)
    dpi = page_dpi or raster.dpi
    height, width = (float(n) * 72.0 / dpi for n in raster.pixels.shape[:2])
    size = (raster.pixels.shape[1], raster.pixels.shape[0])
    rim = PageRim(sheet.transform, sheet.dpi, size, seen.rulings, shown.sealed, _hulls(lines, sheet.dpi))
    return ScannedPage(page, _transform(sheet, dpi), width, height, sheet, tuple(lines), cells, shown, rim)


def placer(scanned: ScannedPage, raster_dpi: float) -> Placer:
    """Returns what maps a box of the straightened page to the page as it came in."""
    # The picture itself need not stay in memory for this.
    transform, dpi = scanned.sheet.transform, scanned.sheet.dpi

    def place(box: BBox) -> tuple[BBox, Quad | None]:
        corners = [(box.x0, box.top), (box.x1, box.top), (box.x1, box.bottom), (box.x0, box.bottom)]
        there = transform.apply(np.asarray(corners) * (dpi / 72.0)) * (72.0 / raster_dpi)
        xs, ys = [float(x) for x in there[:, 0]], [float(y) for y in there[:, 1]]
        hull = BBox(min(xs), min(ys), max(xs), max(ys))
        level = abs(ys[0] - ys[1]) < _LEVEL_PT and abs(xs[0] - xs[3]) < _LEVEL_PT and abs(xs[1] - xs[2]) < _LEVEL_PT
        if level and xs[0] < xs[1] and ys[0] < ys[3]:
            return hull, None
        return hull, ((xs[0], ys[0]), (xs[1], ys[1]), (xs[2], ys[2]), (xs[3], ys[3]))

    return place


def with_second_reader(readings: Sequence[LineReading], crops: Sequence[Gray], config: Config) -> list[LineReading]:
    """Joins what the reader of figures says of those crops that may be figures."""
    joined = list(readings)
    if not config.ocr.second:
        return joined
    asked = [
        k
        for k, (r, c) in enumerate(zip(readings, crops, strict=True))
        if c.size and wants_second_reader(r, c.shape[1] / c.shape[0])
    ]
    weights = load_weights()
    for k, second in zip(asked, load_figure_reader(config.ocr).read([crops[k] for k in asked]), strict=True):
        joined[k] = pooled(joined[k], second, weights)
    return joined


def _with_lost_signs(readings: Sequence[LineReading], seen: SeenPage) -> list[LineReading]:
    """Adds the negative number to the readings of a figure with a speck where its sign would stand.

    On a fax little more is left of a dash; only in a column of changes does it matter.
    """
    found = []
    for reading, line in zip(readings, seen.lines, strict=True):
        taken = reading.numeric[0].text if reading.numeric else ""
        if taken[:1].isdigit() and _has_speck_before(seen, line):
            signed = Candidate("-" + taken, math.log(_LOST_SIGN))
            reading = replace(reading, numeric=(*(c for c in reading.numeric if c.text != signed.text), signed))
        found.append(reading)
    return found


def _with_sealed(
    readings: Sequence[LineReading], raster: Raster, seen: SeenPage, config: Config
) -> tuple[list[LineReading], list[str | None]]:
    """Reads figures under seals once more, with the seal taken out otherwise; see `read_sealed`."""
    engine = load_engine(config.ocr)

    def read(crops: Sequence[Gray]) -> list[LineReading]:
        return with_second_reader(engine.read(crops), crops, config)

    cells = [_to_pixels(c, seen.sheet.dpi) for c in seen.cells]
    return read_sealed(readings, raster, seen.sheet, seen.mask, seen.lines, cells, read)


def _has_speck_before(seen: SeenPage, line: TextLine) -> bool:
    """True where ink that was taken for dirt stands before a figure, at half its height."""
    x0, top, _, bottom = line.hull
    height = bottom - top
    rows = slice(top + round(_SIGN_ROWS[0] * height), top + round(_SIGN_ROWS[1] * height))
    columns = slice(max(0, x0 - round(_SIGN_REACH * height)), max(0, x0 - 1))
    # A sign is as pale as its figure.
    own = grey_percentile(seen.ink.contrast[top:bottom, x0 : line.hull[2]], _FIGURE_LEVEL)
    level = _SIGN_DARK * min(seen.ink.level, own)
    dark = (seen.ink.contrast[rows, columns] >= level) & (seen.mask[rows, columns] == 0)
    return int(dark.sum()) >= _SIGN_PIXELS


def _is_upside_down(engine: Engine, crops: Sequence[Gray]) -> bool:
    """True where lines of text read better when turned by 180 degrees, as a cheap look has it."""
    upright = _mean_score(_cheaply_read(engine, crops))
    if not crops or upright >= _PLAIN_SCORE:
        return False
    return _mean_score(_cheaply_read(engine, [np.ascontiguousarray(c[::-1, ::-1]) for c in crops])) > upright


def _cheaply_read(engine: Engine, crops: Sequence[Gray]) -> list[LineReading]:
    readings = glance(engine, crops)
    return engine.read(crops) if readings is None else readings


def _mean_score(readings: Sequence[LineReading]) -> float:
    """Mean log-probability a character; what was not read counts as very unlikely."""
    return fmean(max(mean_score(r), UNREAD) for r in readings) if readings else UNREAD


def _words(
    readings: Sequence[LineReading],
    sealed: Sequence[str | None],
    lines: Sequence[TextLine],
    sheet: Sheet,
    ink: Ink,
    config: Config,
) -> list[Word]:
    scale = 72.0 / sheet.dpi
    words = []
    for reading, under, line in zip(readings, sealed, lines, strict=True):
        x0, top, x1, bottom = line.hull
        box = BBox(x0 * scale, top * scale, x1 * scale, bottom * scale)
        why = under or _gap_doubt(ink, line)
        words.append(reading_to_word(reading, box, sheet.page_no, config.ocr, why))
    is_free = [line.cell is None and not line.is_free_stack for line in lines]
    words = with_like_dashes(words, flat_signs(ink, lines), [under is not None for under in sealed])
    words = with_dashes(words, is_free)
    free = iter(em_boxes([w for w, is_own in zip(words, is_free, strict=True) if is_own]))
    return [next(free) if is_own else w for w, is_own in zip(words, is_free, strict=True)]


def _gap_doubt(ink: Ink, line: TextLine) -> str | None:
    """Why a line of a cell may hold two figures, whose ruling is lost, or None where no wide gap parts it."""
    if line.cell is None or len(line.boxes) > 1:
        return None
    x0, top, x1, bottom = line.hull
    filled = np.flatnonzero((ink.binary[top:bottom, x0:x1] > 0).any(axis=0))
    widest = int(np.diff(filled).max(initial=0)) if len(filled) > 1 else 0
    return "a wide gap parts it" if widest > _WIDE_GAP * max(ink.letter, bottom - top) else None


def _page(sheet: Sheet, words: Sequence[Word], rulings: Sequence[Ruling], page_no: int) -> Page:
    height, width = sheet.gray.shape[:2]
    scale = 72.0 / sheet.dpi
    return Page(page_no, width * scale, height * scale, tuple(words), tuple(rulings), picture_share=1.0)


def _hulls(lines: Sequence[TextLine], dpi: float) -> Floats:
    """Boxes of the runs of print in points, shape (n, 4)."""
    return np.asarray([line.hull for line in lines], dtype=np.float64).reshape(-1, 4) * (72.0 / dpi)


def _transform(sheet: Sheet, raster_dpi: float) -> PageTransform:
    """Returns the transform in points: pixels are scaled on both sides."""
    to_pixels, to_points = sheet.dpi / 72.0, 72.0 / raster_dpi
    matrix = np.asarray(sheet.transform.matrix, dtype=np.float64).reshape(3, 3)
    scaled = np.diag([to_points, to_points, 1.0]) @ matrix @ np.diag([to_pixels, to_pixels, 1.0])
    height, width = sheet.gray.shape[:2]
    bend = tuple(tuple((dx / to_pixels, dy / to_pixels) for dx, dy in row) for row in sheet.transform.bend)
    numbers = tuple(float(n) for n in (scaled / scaled[2, 2]).ravel())
    return PageTransform(numbers, width / to_pixels, height / to_pixels, sheet.turn_deg, sheet.skew_deg, bend)


def _to_pixels(box: BBox, dpi: float) -> PixelBox:
    scale = dpi / 72.0
    return round(box.x0 * scale), round(box.top * scale), round(box.x1 * scale), round(box.bottom * scale)
