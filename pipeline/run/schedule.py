"""In which order inputs are read, and which small ones go together."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.intake.formats import HTML_SUFFIXES, IMAGE_SUFFIXES, PDF_SUFFIXES
from pipeline.run.groups import Group
from pipeline.run.job import Job
from pipeline.run.resume import Task

# Seconds of one core; only their order matters.
_PER_PICTURE, _PER_PICTURE_BYTE = 3.0, 2e-6
_PER_PDF, _PER_PDF_BYTE = 0.2, 1e-5
_PER_TEXT, _PER_TEXT_BYTE = 0.01, 2e-7
_LIGHT_S, _CHUNK = 0.1, 8


def cost(task: Task) -> float:
    """Returns about how many seconds an input takes, judged by its name and size."""
    if isinstance(task.item, Group):
        return _PER_PICTURE * len(task.item.members) + _PER_PICTURE_BYTE * task.size_bytes
    suffix = task.item.path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return _PER_PICTURE + _PER_PICTURE_BYTE * task.size_bytes
    if suffix in PDF_SUFFIXES:
        return _PER_PDF + _PER_PDF_BYTE * task.size_bytes
    base = 2 * _PER_TEXT if suffix in HTML_SUFFIXES else _PER_TEXT
    return base + _PER_TEXT_BYTE * task.size_bytes


def chunks_of(tasks: Sequence[Task], workers: int) -> list[tuple[Job, ...]]:
    """Returns the jobs of a run, longest first; light ones go several together, so that handing over costs little."""
    ranked = sorted(tasks, key=lambda task: (-cost(task), task.number))
    jobs = [Job(task.number, task.item, task.facts) for task in ranked]
    heavy = sum(cost(task) > _LIGHT_S for task in ranked)
    size = max(1, min(_CHUNK, (len(jobs) - heavy) // (4 * workers)))
    return [(job,) for job in jobs[:heavy]] + [tuple(jobs[i : i + size]) for i in range(heavy, len(jobs), size)]
