"""Labels of a header that ran together name all of their columns."""

from __future__ import annotations

import pytest

from pipeline.canon.run_together import part_labels
from tests.test_alignment_properties import NAMES
from tests.test_text_guards import LABELS, requests_of, values_of, wrong

COLUMNS = tuple((name,) for name in NAMES)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("商业企业科研机构", ("商业企业", "科研机构")),
        ("商 业 企 业 科 研 机 构", ("商业企业", "科研机构")),
        ("法律服务机构其他", ("法律服务机构", "其他")),
        ("法律服务构其他", ("法律服务构", "其他")),
        ("商业企业科研机构社会公益组织", ("商业企业", "科研机构", "社会公益组织")),
        ("法律服务机构", ("法律服务机构",)),
        ("法律服务 机构", ("法律服务 机构",)),
        ("社会公益", ("社会公益",)),
        ("自然人的其他情况说明", ("自然人的其他情况说明",)),
        ("", ("",)),
    ],
)
def test_where_one_label_ends_another_begins(text: str, pieces: tuple[str, ...]) -> None:
    assert part_labels(text, COLUMNS) == pieces


@pytest.mark.parametrize("first", range(1, 5))
@pytest.mark.parametrize("glue", ["", " "])
def test_labels_that_ran_together_beside_a_lost_column(first: int, glue: str) -> None:
    """Without the second name two columns would seem to be lost, and nobody could tell which of them has the values."""
    lost = 3 if first != 3 and first + 1 != 3 else 1
    names = [name for c, name in enumerate(NAMES) if c != lost]
    at = names.index(NAMES[first])
    lines = [*names[:at], names[at] + glue + names[at + 1], *names[at + 2 :]]
    values = {key: ["" if c == lost else v for c, v in enumerate(values_of(key))] for key in LABELS}
    for row in values.values():
        row[6] = str(sum(int(v or 0) for v in row[:6]))
    for key, label in LABELS.items():
        lines += [label, *(v for c, v in enumerate(values[key]) if c != lost)]
    matrix = requests_of(lines)
    assert matrix is not None and wrong(matrix, values) == []
    assert {c.key for line in matrix.cells for c, cell in zip(matrix.columns, line, strict=True) if cell.review} == {
        matrix.columns[lost].key
    }


def test_labels_that_ran_together_in_another_order_are_a_contradiction() -> None:
    lines = [NAMES[0], NAMES[2] + NAMES[1], *NAMES[3:]]
    for key, label in LABELS.items():
        lines += [label, *values_of(key)]
    matrix = requests_of(lines)
    assert matrix is not None and all(c.review for line in matrix.cells for c in line)
