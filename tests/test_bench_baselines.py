"""The rows that other readers are given credit for in the bench."""

from __future__ import annotations

from bench.baselines import _ratios
from bench.peers import NOT_INSTALLED, Measured
from bench.rowwise import PrintedRow, exact_cells, grid_rows, group_rows
from bench.throughput import Throughput

TRUTH = {
    "tables": {
        "art20_6": {"rows": ["penalties", "coercive_measures"], "columns": ["decisions"], "values": [[12], [None]]},
        "art20_1": {
            "rows": ["rules", "normative_documents"],
            "columns": ["issued", "repealed", "in_force"],
            "values": [[0, 1, 2], [3, 4, 1500]],
        },
    }
}


def box(text: str, x: float, y: float, width: float = 40, height: float = 20):
    return text, (x, y, x + width, y + height)


def test_boxes_become_rows_with_their_labels_and_numbers_in_order():
    texts = [
        box("信息内容", 0, 0), box("本年制发件数", 100, 0),
        box("规章", 0, 60), box("2", 300, 64), box("0", 100, 58), box("1", 200, 61),
        box("行政规范", 0, 108), box("性文件", 0, 132), box("3", 100, 120), box("4 1,500", 200, 118, 120), box("注", 340, 119),
    ]  # fmt: skip

    assert group_rows(texts) == [PrintedRow("规章", (0, 1, 2)), PrintedRow("行政规范性文件", (3, 4, 1500))]


def test_no_number_makes_no_row():
    assert group_rows([box("规章", 0, 0)]) == []
    assert exact_cells([], TRUTH) == 0


def test_cells_of_rows_that_are_found_are_counted():
    found = {"规章": (0, 1, 9), "行政处罚": (12,), "行政强制": (), "规范性文件": (4, 1500)}
    rows = [PrintedRow(label, numbers) for label, numbers in found.items()]

    # Of the last row one number was lost, and those that follow it stand in the wrong columns.
    assert exact_cells(rows, TRUTH) == 2 + 1 + 1 + 0


def test_a_grid_keeps_its_blanks_in_place_and_spans_count_once():
    rows = grid_rows([["三、结果", "（一）予以公开", "1", "", "-", "3"], ["三、结果", "三、结果", "", "5", "", ""]])

    assert rows == [PrintedRow("三、结果（一）予以公开", (1, None, None, 3)), PrintedRow("三、结果", (None, 5, None, None))]


def test_a_table_of_one_row_is_found_by_how_many_numbers_it_has():
    rows = ["reconsideration", "direct_suit", "suit_after_reconsideration"]
    columns = ["upheld", "corrected", "other", "pending", "total"]
    values = [[1, 0, 0, 0, 1], [0, 2, 0, 0, 2], [0, 0, 0, 3, 3]]
    truth = {"tables": {"litigation": {"rows": rows, "columns": columns, "values": values}}}
    printed = tuple(v for row in values for v in row)

    assert exact_cells([PrintedRow("", (7, 7)), PrintedRow("", printed)], truth) == 15
    assert exact_cells([PrintedRow("", printed[:6])], truth) == 0


def test_a_reader_that_is_not_there_has_no_ratio():
    assert _ratios([Measured(5, 1.0, 2.0)], [Measured(None, 0.0, 0.0, NOT_INSTALLED)]) == ("-", "-")
    assert _ratios([Measured(5, 1.0, 2.0)], [Measured(5, 4.0, 20.0)]) == ("0.250", "0.100")


def test_a_folder_has_a_ratio_only_where_both_read_it():
    seen = Throughput(files=4, cores=2, ours=2.0, theirs=16.0, ours_busy=3.0, theirs_busy=12.0)
    assert (seen.ratio, seen.busy_ratio) == ("0.125", "0.250")
    alone = Throughput(files=4, cores=2, ours=2.0, theirs=0.0, ours_busy=3.0, theirs_busy=0.0)
    assert (alone.ratio, alone.busy_ratio) == ("-", "-")
