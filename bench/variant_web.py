"""Web pages: what is hidden, spans that are wrong, cells that are missing, tables made of other elements."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.variant_forms import CLOSE, OPEN
from bench.variant_parts import WEB_STRUCTURES, Variant, number, other_of, some_grid, web
from bench.variant_sheets import Box, Paper


@web
def hidden_row(paper: Paper, rng: Random) -> None:
    """A row of other figures that is not shown."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows())
    label = next((b.text for b in grid.boxes if b.row == at and b.role == "label"), "x")
    cells = "".join(f"<td>{number(rng)}</td>" for _ in range(7))
    style = rng.choice(
        ('style="display:none"', "hidden", 'class="ycxx"', 'style="visibility:collapse"', 'style="DISPLAY: none;"')
    )
    row = f'<tr {style}><td colspan="3">{label}</td>{cells}</tr>'
    paper.page = lambda text: text.replace("</tr>", f"</tr>{row}", 12) if text.count("</tr>") > 12 else text


@web
def hidden_table(paper: Paper, rng: Random) -> None:
    """The table of the year before, not shown, in front of the right one."""
    grid = some_grid(paper, rng)
    other = other_of(grid, rng)
    style = rng.choice(('style="display:none"', "hidden", 'class="ycxx"', 'style="height:0;overflow:hidden"'))
    other.above = [f"{OPEN}div {style}{CLOSE}"]
    k = paper.items.index(grid)
    paper.items[k:k] = [other, f"{OPEN}/div{CLOSE}"]


@web
def tabs_of_years(paper: Paper, rng: Random) -> None:
    """The tables of two years as tabs, of which the page shows one."""
    grid = paper.grid("requests")
    other, year = other_of(grid, rng), paper.report.year
    k = paper.items.index(grid)
    paper.items[k : k + 1] = [
        f"{OPEN}ul{CLOSE}{OPEN}li{CLOSE}{year}年{OPEN}/li{CLOSE}{OPEN}li{CLOSE}{year - 1}年{OPEN}/li{CLOSE}{OPEN}/ul{CLOSE}",
        f'{OPEN}div class="tab cur"{CLOSE}', grid, f"{OPEN}/div{CLOSE}", f'{OPEN}div class="tab" style="display:none"{CLOSE}',
        other, f"{OPEN}/div{CLOSE}",
    ]  # fmt: skip


@web
def foot_first(paper: Paper, rng: Random) -> None:
    """The last rows as tfoot, written before the body."""

    def page(text: str) -> str:
        start = text.rfind("<tbody>", 0, text.find("结转下年度"))
        end = text.find("</tbody>", start)
        rows = text[start + 7 : end].strip().split("\n")
        return text[:start] + f"<tfoot>{rows[-1]}</tfoot><tbody>" + "\n".join(rows[:-1]) + text[end:]

    paper.page = page


@web
def div_table(paper: Paper, rng: Random) -> None:
    """Tables made of div elements, by display styles or by floats."""
    way = rng.randrange(3)

    def page(text: str) -> str:
        styles = {"table": "display:table", "tr": "display:table-row", "td": "display:table-cell"}
        if way == 1:
            styles = {"table": "", "tr": "display:flex", "td": "flex:1"}
        if way == 2:
            styles = {"table": "", "tr": "clear:both", "td": "float:left;width:80px"}
        for name, style in styles.items():
            text = text.replace(f"<{name}", f'<div style="{style}"').replace(f"</{name}>", "</div>")
        return text.replace("<tbody>", "").replace("</tbody>", "").replace("<thead>", "").replace("</thead>", "")

    paper.page = page


def _respan(change: Callable[[str], str]) -> Variant:
    def variant(paper: Paper, rng: Random) -> None:
        paper.page = change

    return variant


WEB_STRUCTURES["no_spans"] = _respan(lambda t: t.replace("rowspan=", "data-r=").replace("colspan=", "data-c="))
WEB_STRUCTURES["no_row_spans"] = _respan(lambda t: t.replace("rowspan=", "data-r="))
WEB_STRUCTURES["no_column_spans"] = _respan(lambda t: t.replace("colspan=", "data-c="))
WEB_STRUCTURES["spans_cut"] = _respan(lambda t: t.replace('rowspan="8"', 'rowspan="7"').replace('rowspan="5"', 'rowspan="4"'))
WEB_STRUCTURES["spans_long"] = _respan(lambda t: t.replace('rowspan="8"', 'rowspan="9"').replace('rowspan="3"', 'rowspan="4"'))
WEB_STRUCTURES["spans_wide"] = _respan(lambda t: t.replace('colspan="2"', 'colspan="3"'))
WEB_STRUCTURES["spans_huge"] = _respan(lambda t: t.replace('colspan="3"', 'colspan="300"'))
WEB_STRUCTURES["spans_zero"] = _respan(lambda t: t.replace('colspan="2"', 'colspan="0"').replace('rowspan="3"', 'rowspan="0"'))


@web
def cell_lost(paper: Paper, rng: Random) -> None:
    """One td of figures is not in the source: those behind it stand one column to the left."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows())
    figures = sorted((b for b in grid.figures() if b.row == at), key=lambda b: b.column)
    gone = figures[rng.randrange(7)]
    grid.boxes.remove(gone)
    paper.lose(figures)
    for box in figures:
        box.column -= box.column > gone.column


@web
def cell_more(paper: Paper, rng: Random) -> None:
    """One td too many in a row: the figures behind it stand one column to the right."""
    grid = paper.grid("requests")
    at = rng.choice(grid.body_rows())
    figures = sorted((b for b in grid.figures() if b.row == at), key=lambda b: b.column)
    cut = rng.randrange(7)
    paper.lose(figures)
    for box in figures[cut:]:
        box.column += 1
    grid.boxes.append(Box(at, figures[cut].column - 1, 1, 1, rng.choice(("", "0", "3")), "number"))


@web
def rows_in_cells(paper: Paper, rng: Random) -> None:
    """The figures of several rows stand in one cell, one below the other."""
    grid = paper.grid("requests")
    rows = [r for r in grid.body_rows() if any(b.place and b.row == r and b.place[1].startswith("denied") for b in grid.boxes)]
    first = grid.first_figure_column()
    for c in range(first, grid.n_columns):
        figures = [b for b in grid.figures() if b.column == c and b.row in rows]
        paper.lose([b for b in figures if b.text])
        for box in figures:
            grid.boxes.remove(box)
            if not box.text:
                assert box.place is not None
                paper.either[box.place] = {None}
        text = f"{OPEN}br{CLOSE}".join(b.text for b in figures)
        grid.boxes.append(Box(rows[0], c, len(rows), 1, text, "number"))


@web
def row_as_one_cell(paper: Paper, rng: Random) -> None:
    """The seven figures of each row stand in one cell with spaces between."""
    grid = paper.grid("requests")
    first = grid.first_figure_column()
    for r in grid.body_rows():
        figures = sorted((b for b in grid.figures() if b.row == r), key=lambda b: b.column)
        for box in figures:
            grid.boxes.remove(box)
        grid.boxes.append(Box(r, first, 1, 7, "&nbsp; ".replace("&nbsp;", "\u00a0").join(b.text for b in figures), "number"))
        paper.lose(figures)


@web
def table_in_cell(paper: Paper, rng: Random) -> None:
    """A figure's cell holds a table of its own."""
    grid = paper.grid("requests")
    for box in rng.sample(grid.figures(), 5):
        box.text = (
            f"{OPEN}table{CLOSE}{OPEN}tr{CLOSE}{OPEN}td{CLOSE}{box.text}{OPEN}/td{CLOSE}{OPEN}/tr{CLOSE}{OPEN}/table{CLOSE}"
        )
