"""A worker that begins while its pool ends finds the locks it was given."""

from __future__ import annotations

import _multiprocessing

from pebble import ProcessPool

from pipeline.run.semaphores import LockKeepingContext


def test_locks_of_a_pool_are_there_after_it_ended():
    context = LockKeepingContext()
    pool = ProcessPool(1, context=context)
    assert pool.schedule(abs, args=(-3,)).result(timeout=60) == 3
    pool.close()
    pool.join()
    locks = [lock._semlock for lock in context._locks]
    assert len(locks) == 2
    for lock in locks:
        # What a worker does with the lock it is sent; FileNotFoundError where nobody holds it any more.
        assert _multiprocessing.SemLock._rebuild(-1, lock.kind, lock.maxvalue, lock.name).name == lock.name
