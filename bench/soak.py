"""A long run over mixed kinds: `python -m bench.soak [--documents 3000] [--workers 2] [--compare]`.

Texts, pages, PDF files, scans, pictures and 5 % bad ones. While it goes on, the memory of the parent and of its workers is
measured; at the end nothing may be lost, and memory must have stayed flat: the highest of the last third is not above that of
the middle third by more than a tenth. Since the longest documents are read first, the memory of workers is told tenth by tenth
too. With `--compare`, a smaller corpus of PDF files, scans and pictures is read by one worker and by two, one thread each.

On a machine of two cores with nothing else to do the first takes about 5 minutes, the second about 4.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.kill import ROOT, check_ledger, ingest
from pipeline.store.ledger import Ledger
from pipeline.store.ledger_status import status_of

_SHARES = {"text": 0.62, "html": 0.15, "pdf": 0.17, "scan": 0.01, "bad": 0.05}
_MIB = 1 << 20


@dataclass(frozen=True)
class Sample:
    """Resident memory in MiB at a time in seconds: of the parent, and of its largest worker."""

    at: float
    parent: float
    worker: float


def sources() -> dict[str, list[Path]]:
    """Returns committed fixtures by kind."""
    fixtures = ROOT / "fixtures"
    generated = [p for p in sorted((fixtures / "generated").rglob("*")) if p.stat().st_size < 400_000]
    return {
        "text": sorted((fixtures / "reports").glob("*.txt")) + [p for p in generated if p.suffix == ".txt"],
        "html": [p for p in generated if p.suffix == ".html"],
        "pdf": [p for p in generated if p.suffix == ".pdf"],
        "scan": [fixtures / "scans" / name for name in ("office-200.pdf", "fax.tif", "low-100.pdf", "photo.jpg")],
        "bad": [p for p in sorted((fixtures / "bad").iterdir()) if p.suffix in (".pdf", ".txt", ".html", ".png", ".docx")],
    }


def make_corpus(folder: Path, documents: int, shares: dict[str, float], seed: int = 0) -> None:
    """Fills a folder with copies, each with other bytes."""
    chosen, found = random.Random(seed), sources()
    for number in range(documents):
        (kind,) = chosen.choices(list(shares), list(shares.values()))
        source = chosen.choice(found[kind])
        target = folder / f"{number // 500:03d}" / f"{number:05d}-{source.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        data = source.read_bytes()
        # White space behind the end changes the digest and nothing else.
        target.write_bytes(data + b"\n" * (number + 1) if data else data)


def watch(process: subprocess.Popen[bytes]) -> list[Sample]:
    """Measures memory twice a second until a run ends."""
    samples, began, parent = [], time.monotonic(), psutil.Process(process.pid)
    while process.poll() is None:
        try:
            sizes = [p.memory_info().rss / _MIB for p in parent.children(recursive=True)]
            samples.append(Sample(time.monotonic() - began, parent.memory_info().rss / _MIB, max(sizes, default=0.0)))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.5)
    return samples


def highest(samples: list[Sample], first: float, last: float) -> tuple[float, float]:
    """Returns the most memory of parent and workers between two shares of the time."""
    end = samples[-1].at
    part = [s for s in samples if first * end <= s.at <= last * end]
    return max((s.parent for s in part), default=0.0), max((s.worker for s in part), default=0.0)


def by_tenths(samples: list[Sample]) -> list[tuple[float, float]]:
    """Returns the most memory of parent and workers in each tenth of the time."""
    return [highest(samples, n / 10, (n + 1) / 10) for n in range(10)]


def soak(scratch: Path, documents: int, workers: int) -> bool:
    """Runs the corpus once; returns whether nothing was lost and memory stayed flat."""
    corpus, out = scratch / "in", scratch / "out"
    make_corpus(corpus, documents, _SHARES)
    began = time.monotonic()
    process = ingest(corpus, out, workers)
    samples = watch(process)
    seconds = time.monotonic() - began
    assert process.returncode == 1, process.returncode  # 1: bad ones are among them
    check_ledger(out, None)
    with Ledger(out, readonly=True) as ledger:
        status = status_of(ledger)
    ended = sum(status.inputs.values())
    print(f"{ended} of {documents} inputs in {seconds:.0f} s ({60 * ended / seconds:.0f} a minute), {workers} workers")
    print(f"documents: {status.documents}; failures: {status.failures}; lost: {documents - ended}")
    middle, last = highest(samples, 0.33, 0.66), highest(samples, 0.66, 1.0)
    for name, before, after in zip(("parent", "largest worker"), middle, last, strict=True):
        print(f"memory of the {name}: {before:.0f} MiB in the middle third, {after:.0f} MiB in the last")
    for name, column in zip(("parent", "largest worker"), zip(*by_tenths(samples), strict=True), strict=True):
        print(f"  {name} by tenths of the time: {' '.join(f'{mib:.0f}' for mib in column)} MiB")
    print(f"ledger: {(out / 'ledger.sqlite').stat().st_size / _MIB:.1f} MiB")
    return ended == documents and last[0] <= 1.1 * middle[0] and last[1] <= 1.1 * middle[1]


def compare(scratch: Path, documents: int) -> float:
    """Returns how much faster two workers are than one, on scans and PDF files with one thread a worker."""
    corpus = scratch / "compared"
    make_corpus(corpus, documents, {"pdf": 0.6, "scan": 0.4})
    os.environ["GOUJI_OCR_THREADS"] = "1"
    seconds = []
    for workers in (1, 2):
        out = scratch / f"out-{workers}"
        began = time.monotonic()
        assert ingest(corpus, out, workers).wait() == 0
        seconds.append(time.monotonic() - began)
        shutil.rmtree(out)
    print(f"{documents} PDF files and scans: {seconds[0]:.1f} s with one worker, {seconds[1]:.1f} s with two")
    return seconds[0] / seconds[1]


def main() -> int:
    """Runs the soak, or the comparison, and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--compare", action="store_true", help="one worker against two, instead of the soak")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if args.compare:
            ratio = compare(Path(name), min(args.documents, 100))
            print(f"two workers are {ratio:.2f} times as fast as one")
            return 0 if ratio >= 1.8 else 1
        good = soak(Path(name), args.documents, args.workers)
        print("nothing lost, memory flat" if good else "NOT as it should be")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
