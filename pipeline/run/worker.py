"""What runs in a worker: small enough to be loaded at once, so that workers start fast."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.config import Config
from pipeline.run import progress
from pipeline.run.attempt import do_job
from pipeline.run.job import Done, Job

_PR_SET_PDEATHSIG = 1


def begin_worker(beats: Path) -> None:
    """Prepares a process: it dies with the one that started it, dies when told to, and tells what it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # A worker holds nothing that needs to be put away; one that hangs in native code would not listen.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    # What goes wrong here comes back as a result; one that is killed would leave half a traceback among the lines of the run.
    sys.stderr = Path(os.devnull).open("w", encoding="utf8")  # noqa: SIM115
    progress.tell_through(beats)


def work(jobs: Sequence[Job], out: Path, config: Config) -> list[Done]:
    """Reads documents one after the other and stages their results."""
    return [do_job(job, out, config) for job in jobs]
