"""Locks of a pool that outlive it: a worker that begins just as its pool ends must still find them."""

from __future__ import annotations

from multiprocessing import synchronize
from multiprocessing.context import ForkServerContext

from pipeline.run.heard_out import HeardOutProcess


class LockKeepingContext(ForkServerContext):
    """Starts processes (those of `heard_out`) from a fork server, and keeps every lock it made for as long as it lives.

    A pool that ends lets go of its locks first and of its workers after. The name of a lock goes with its last holder, so a
    worker that was started in place of a dead one and is still on its way would look for a lock that is gone, and write a
    traceback to the terminal of a run that has ended well.
    """

    Process = HeardOutProcess

    def __init__(self) -> None:
        super().__init__()
        self._locks: list[synchronize.RLock] = []

    def RLock(self) -> synchronize.RLock:
        """Returns a new lock, which stays until this context goes."""
        lock = super().RLock()
        self._locks.append(lock)
        return lock
