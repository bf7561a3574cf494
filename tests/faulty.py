"""The command line with faults: what a file does to the process that reads it is told by its name.

Run as a program. Workers load this file too, as they load every main program, and so have the same faults.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import time
from pathlib import Path

from pipeline.run import document, job, pdf, worker

READ, WORK, PIECES, PDF = job.process, worker.work, pdf.page_to_pieces, pdf.read_pdf
reading = ""


def fault(kind: str) -> None:
    """Does what the name says."""
    if kind == "exits":
        os._exit(3)
    if kind == "leaves":
        sys.exit(3)
    if kind == "segfault":
        ctypes.string_at(0)
    if kind == "hang":
        ctypes.PyDLL(None).sleep(1000)  # in native code, and no other thread of the process may run
    if kind == "loop":
        while True:
            time.sleep(0.01)  # without an end, and without taking the machine from the tests beside it
    if kind == "hog":
        held = []
        while True:
            held.append(bytearray(b"x" * (8 << 20)))
    if kind == "raises":
        raise RuntimeError("bytes that are no text: " + b"\xb1\xa8\xff".decode("utf8", "surrogateescape"))
    if kind == "memory":
        raise MemoryError
    if kind == "deep":
        raise RecursionError
    if kind == "prints":
        os.write(1, b"\xff\xfe garbage \x00\n" * 100)
        os.write(2, b"\xff\xfe garbage \x00\n" * 100)


def kind_of(name: str) -> str:
    return Path(name).stem.partition("-")[0]


def process(path, relative_path, *rest):
    # `once` in a name: only the first time, as long as the mark beside the file is missing.
    if "once" in path.stem:
        mark = path.with_suffix(".mark")
        if mark.exists():
            return READ(path, relative_path, *rest)
        mark.touch()
    fault(kind_of(path.name))
    return READ(path, relative_path, *rest)


def work(jobs, out, config):
    done = WORK(jobs, out, config)
    if any(kind_of(j.item.path.name) == "garbage" for j in jobs):
        return {"not": "a result"}
    return done


def read_pdf(source, path, *rest):
    global reading
    reading = path.name
    return PDF(source, path, *rest)


def page_to_pieces(page, *rest):
    # `page2-hang.pdf`: its second page hangs.
    number, _, kind = Path(reading).stem.partition("-")
    if number == f"page{page.page_no}":
        fault(kind)
    return PIECES(page, *rest)


job.process, worker.work, pdf.page_to_pieces, pdf.read_pdf = process, work, page_to_pieces, read_pdf
work.__module__, work.__qualname__ = "pipeline.run.worker", "work"
document.read_text  # noqa: B018  (loaded with everything that it needs before limits are set)

if __name__ == "__main__":
    if "FAULTY_FSIZE" in os.environ:
        limit = int(os.environ["FAULTY_FSIZE"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if "FAULTY_CLOCK" in os.environ:
        now = [time.time()]

        def back() -> float:
            now[0] -= 3600
            return now[0]

        time.time = back
    from pipeline import cli

    sys.exit(cli.main())
