"""One run at a time in a folder of results: a lock that ends with the process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BusyError
from pipeline.store.files import output_errors

RUN_LOCK = ".run.lock"


@contextlib.contextmanager
def run_lock(out: Path) -> Iterator[None]:
    """Holds the folder `out` for one run.

    Raises:
        BusyError: another run holds it.
        OutputError: the folder cannot be made or written.
    """
    path = out / RUN_LOCK
    with output_errors(path):
        out.mkdir(parents=True, exist_ok=True)
        # Never inherited by a worker: it would hold the lock after this process is gone.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
            who = f" (process {holder})" if holder else ""
            raise BusyError(
                f"Another run{who} works in {out}.", "Wait until it has ended, stop it, or give another folder with --out."
            ) from None
        except OSError:
            pass  # a file system without locks goes without
        with output_errors(path):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
