"""Reports whose cells are merged, hold sums of groups, or stand under labels of another form."""

from __future__ import annotations

from random import Random

from bench.variant_parts import some_grid, structure
from bench.variant_sheets import Box, Paper
from fixtures.gen import labels


@structure
def merged_figures(paper: Paper, rng: Random) -> None:
    """Equal neighbours are merged across or down; nobody can say that the figure counts for the second too."""
    grid, paper.ruled = some_grid(paper, rng), True
    for box in grid.figures():
        other = grid.at(box.row, box.end_column) if rng.random() < 0.5 else grid.at(box.end_row, box.column)
        if box not in grid.boxes or other is None or other.place is None or other.text != box.text or rng.random() < 0.3:
            continue
        if {box.row_span, box.column_span, other.row_span, other.column_span} == {1}:
            grid.boxes.remove(other)
            box.row_span, box.column_span = other.end_row - box.row, other.end_column - box.column
            paper.lose([other])
            paper.either.setdefault(other.place, set()).add(None)


@structure
def merged_row(paper: Paper, rng: Random) -> None:
    """A row whose figures are one cell that says 0 or 无."""
    grid, paper.ruled = paper.grid("requests"), True
    for at in grid.body_rows():
        figures = [b for b in grid.figures() if b.row == at]
        if not any(b.value for b in figures):
            for box in figures[1:]:
                grid.boxes.remove(box)
            paper.lose(figures)
            figures[0].column_span = len(figures)
            figures[0].place = None
            figures[0].text = rng.choice(("0", "无"))


@structure
def group_figures(paper: Paper, rng: Random) -> None:
    """A group (三)不予公开 has a row of its own with its sum."""
    grid = paper.grid("requests")
    key = rng.choice(("denied", "unable", "not_processed"))
    rows = sorted(b.row for b in grid.figures() if b.place and b.place[1].startswith(key + "_") and b.place[2] == "total")
    first = grid.first_figure_column()
    sums = {}
    for c in range(first, grid.n_columns):
        sums[c] = sum(int(b.value or 0) for b in grid.figures() if b.column == c and b.row in rows)
    group = next(b for b in grid.boxes if b.role == "group" and b.row == rows[0] and b.column == 1)
    text = group.text
    grid.add_row(rows[0], [Box(0, 1, 1, first - 1, text, "label"), *(Box(0, c, 1, 1, str(v), "number") for c, v in sums.items())])


@structure
def wrong_form(paper: Paper, rng: Random) -> None:
    """The header of the 2019 form over the figures of the 2021 form, or the other way round: nobody can say what they are."""
    grid = paper.grid("art20")
    new = paper.report.art20_variant == "2021"
    names = list(labels.ART20_COLUMNS["art20_1"]["2019" if new else "2021"].values())
    row = min(b.row for b in grid.figures() if b.place and b.place[0] == "art20_1") - 1
    heads = sorted((b for b in grid.boxes if b.row == row and b.role == "head"), key=lambda b: b.column)[1:]
    for box, name in zip(heads, names, strict=True):
        box.text = name
    keys = list(labels.ART20_COLUMNS["art20_1"]["2019" if new else "2021"])
    old = list(paper.report.tables["art20_1"].columns)
    for box in grid.figures():
        if box.place and box.place[0] == "art20_1":
            paper.lost.add(box.place)
            box.place = ("art20_1", box.place[1], keys[old.index(box.place[2])])


@structure
def label_figures(paper: Paper, rng: Random) -> None:
    """Figures within labels: years, articles, amounts."""
    grid = paper.grid("requests")
    for box in grid.boxes:
        if box.role == "label" and rng.random() < 0.3:
            box.text += rng.choice(("（5件）", "2023", "（第36条）", " 3", "（含2件转办）", "①"))


@structure
def labels_reworded(paper: Paper, rng: Random) -> None:
    """Labels in other numbering."""
    grid = paper.grid("requests")
    for box in grid.boxes:
        if box.role == "label" and box.text[:1].isdigit():
            box.text = rng.choice(("（{}）", "({})", "{}、", "{} ", "①{}", "")).format(box.text[0]) + box.text[2:]
