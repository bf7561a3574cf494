"""Two readers, one list of readings: agreement makes sure, disagreement shows, and probabilities stay probabilities."""

import math

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Candidate
from pipeline.ocr.agreement import Weights, joint_list, pooled, wants_second_reader
from pipeline.ocr.engine import LineReading

WEIGHTS = Weights(0.7, 0.7, 1e-4)


def said(**shares: float) -> tuple[Candidate, ...]:
    found = ((text.lstrip("n"), share) for text, share in shares.items())
    return tuple(Candidate(text, math.log(share)) for text, share in sorted(found, key=lambda item: -item[1]))


def reading(first: tuple[Candidate, ...]) -> LineReading:
    return LineReading(first, first)


def test_two_that_agree_are_surer_than_either():
    joint, other = joint_list(said(n7=0.95), said(n7=0.95), WEIGHTS)
    assert joint[0].text == "7" and math.exp(joint[0].log_prob) > 0.97 and other < 0.03
    assert [name for name, _ in joint[0].said] == ["lines", "figures"]


def test_two_that_differ_are_not_sure():
    joint, _ = joint_list(said(n7=0.97, n1=0.02), said(n1=0.97, n7=0.02), WEIGHTS)
    assert {c.text for c in joint[:2]} == {"7", "1"} and math.exp(joint[0].log_prob) < 0.6


def test_a_second_reader_that_sees_no_number_leaves_doubt():
    sure = joint_list(said(n1=0.98), said(n1=0.98), WEIGHTS)[0][0]
    unsure = joint_list(said(n1=0.98), (Candidate("?", -0.01),), WEIGHTS)[0][0]
    assert unsure.log_prob < sure.log_prob - 0.3


def test_separators_of_thousands_do_not_part_two_readers():
    joint, _ = joint_list((Candidate("1,234", -0.05),), (Candidate("1234", -0.05),), WEIGHTS)
    assert len(joint) == 1 and joint[0].text == "1,234" and len(joint[0].said) == 2


def test_two_that_agree_on_a_change_with_its_sign_are_sure():
    joint, _ = joint_list((Candidate("+627", -0.02),), (Candidate("+627", -0.02),), WEIGHTS)
    assert joint[0].text == "+627" and len(joint[0].said) == 2
    without = joint_list((Candidate("+627", -0.02),), (Candidate("627", -0.02),), WEIGHTS)[0]
    assert len(without[0].said) == 1 and math.exp(without[0].log_prob) < 0.6


def test_print_that_is_no_number_stays_as_it_is():
    label = LineReading((Candidate("总计", -0.1),))
    assert pooled(label, (Candidate("?", -0.01),), WEIGHTS).candidates == label.candidates
    assert not wants_second_reader(LineReading((Candidate("本年新收政府信息公开申请数量", -0.1),)), 8.0)
    assert wants_second_reader(reading(said(n7=0.5)), 1.0)


shares = st.lists(st.floats(0.001, 0.3), min_size=1, max_size=3)


@given(shares, shares)
def test_probabilities_sum_to_one(first, second):
    ours = tuple(Candidate(str(k), math.log(p)) for k, p in enumerate(first))
    theirs = tuple(Candidate(str(k + 1), math.log(p)) for k, p in enumerate(second))
    joint, other = joint_list(ours, theirs, WEIGHTS)
    assert abs(sum(math.exp(c.log_prob) for c in joint) + other - 1.0) < 1e-6
    assert list(joint) == sorted(joint, key=lambda c: -c.log_prob)
