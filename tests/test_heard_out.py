"""A worker that dies of its second document has handed in its first."""

from __future__ import annotations

import os
import time

import pytest
from pebble import ProcessExpired, ProcessPool
from pebble.pool.process import PoolManager

from pipeline.run.semaphores import LockKeepingContext


@pytest.fixture
def busy(monkeypatch):
    """What workers say is heard late, as where the machine is busy."""
    heard = PoolManager.process_next_message

    def late(self, timeout):
        time.sleep(0.25)
        return heard(self, timeout)

    monkeypatch.setattr(PoolManager, "process_next_message", late)


@pytest.mark.usefixtures("busy")
def test_what_a_worker_handed_in_before_it_died_is_not_lost_and_its_death_is_told():
    with ProcessPool(1, context=LockKeepingContext()) as pool:
        first, second = pool.schedule(abs, args=(-3,)), pool.schedule(os._exit, args=(3,))
        assert first.result(timeout=30) == 3
        with pytest.raises(ProcessExpired) as expired:
            second.result(timeout=30)
        assert expired.value.exitcode == 3
        assert pool.schedule(abs, args=(-4,)).result(timeout=30) == 4


def test_a_worker_that_is_told_to_end_is_gone_at_once():
    with ProcessPool(1, context=LockKeepingContext()) as pool:
        endless = pool.schedule(time.sleep, args=(600,))
        while not endless.running():
            time.sleep(0.01)
        endless.cancel()
        began = time.monotonic()
        assert pool.schedule(abs, args=(-4,)).result(timeout=30) == 4
        assert time.monotonic() - began < 20
