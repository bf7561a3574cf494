"""When the watch ends a worker, and when it leaves that to the pool."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from pipeline.config import DEFAULT
from pipeline.run.progress import _RECORD, TIMED_OUT, WHOLE, WORKER_DIED, Beat
from pipeline.run.watch import Verdict, Watch


@pytest.fixture
def watch(tmp_path):
    return Watch(tmp_path, replace(DEFAULT, batch=replace(DEFAULT.batch, document_seconds=600.0)), 2, lambda number: None)


def test_the_pool_has_time_to_tell_of_a_death_while_it_waits_for_other_workers(watch):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    beat = Beat(process.pid, 7, WHOLE, 100.0, 1)
    # Three seconds for each of four workers that ignore that they are asked to leave, and several times that on a busy machine.
    assert [watch._judge(beat, 100.0 + after) for after in (0.0, 3.5, 13.0, 45.0)] == [None] * 4
    assert watch._judge(beat, 165.0) == Verdict(WORKER_DIED, WHOLE)


def test_of_workers_that_ended_with_their_pool_nothing_is_left(watch, tmp_path):
    (tmp_path / "4194303.beat").write_bytes(_RECORD.pack(0, 7, WHOLE, 100.0))
    watch.verdicts[7] = Verdict(TIMED_OUT, WHOLE)
    assert watch.in_hand(frozenset({7})) is not None
    watch.forget_all()
    assert watch.in_hand(frozenset({7})) is None and not watch.verdicts
