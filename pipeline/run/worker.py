"""What runs in a worker: small enough to be loaded at once, so that workers start fast."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path

from pipeline.config import Config
from pipeline.run import progress
from pipeline.run.attempt import do_job
from pipeline.run.job import Done, Job

_PR_SET_PDEATHSIG = 1


def begin_worker(beats: Path) -> None:
    """Prepares a process: it dies with the one that started it, dies when told to, and tells what it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _let_go_of_the_run()
    # A worker holds nothing that needs to be put away; one that hangs in native code would not listen.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    # What goes wrong here comes back as a result; one that is killed would leave half a traceback among the lines of the run.
    sys.stderr = Path(os.devnull).open("w", encoding="utf8")  # noqa: SIM115
    progress.tell_through(beats)


def _let_go_of_the_run() -> None:
    """Closes the end of the pipe by which the forkserver, the parent of this process, sees whether the run lives.

    Every worker is given one, to start processes of its own. While one is open the forkserver outlives a run that was killed,
    and so does a worker that hangs.
    """
    server = getattr(forkserver, "_forkserver", None)
    handle = getattr(server, "_forkserver_alive_fd", None)
    if handle is not None:
        os.close(handle)
        setattr(server, "_forkserver_alive_fd", None)  # noqa: B010  (no name of its own for a type checker)


def work(jobs: Sequence[Job], out: Path, config: Config) -> list[Done]:
    """Reads documents one after the other and stages their results."""
    return [do_job(job, out, config) for job in jobs]
