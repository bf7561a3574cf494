"""Words of one line stay together, whatever stands beside them."""

from pipeline.domain import BBox, Word
from pipeline.grid.text import words_to_lines


def word(text: str, x0: float, top: float, height: float = 10.4) -> Word:
    return Word(text, BBox(x0, top, x0 + 5 * len(text), top + height), 1)


def lines_of(*words: Word) -> list[str]:
    return [" ".join(w.text for w in line) for line in words_to_lines(words)]


def test_a_letter_of_a_vertical_label_does_not_part_a_line():
    """Its middle lies between two lines, and takes half of the words of one of them with it."""
    letter = word("不", 130, 381.35, 10.4)
    left = [word("8", 450, 386.5), word("94", 600, 386.5)]
    right = [word("1.label", 220, 386.1), word("2,038", 528, 386.7), word("5,816", 742, 386.7)]
    found = lines_of(letter, *left, *right)
    assert any(line.endswith("1.label 8 2,038 94 5,816") for line in found), found


def test_lines_below_each_other_stay_two():
    assert lines_of(word("one", 100, 100), word("two", 150, 112)) == ["one", "two"]


def test_a_lone_figure_goes_to_the_line_of_figures_that_is_nearer():
    """Figures stand between the two lines of their label; a speck makes one of them higher, and the label's line takes it."""
    label = [word("label", 100, 90.3, 7), word("goes", 140, 90.0, 7.7), word("on", 170, 90.2, 7.5), word("7", 440, 93.5, 7.4)]
    figures = [word("758", 320, 95.3, 7.4), word("86", 380, 95.3, 7.4), word("1762", 500, 95.3, 7.4)]
    assert lines_of(*label, *figures, word("further", 100, 99.5, 7)) == ["label goes on", "758 86 7 1762", "further"]
    words = [*label, *(word("text", w.bbox.x0, w.bbox.top, 7.4) for w in figures)]
    assert lines_of(*words)[0] == "label goes on 7"
