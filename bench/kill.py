"""Runs that are killed at random moments: `python -m bench.kill [--moments 200] [--documents 200]`.

A corpus of texts, pages and PDF files is ingested; the whole process group gets SIGKILL after a random time, and the same
command is given again, until all moments are used up. A last run goes to its end. Then every input must be done exactly
once, and every `matrices.json` must have the bytes of a run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.store.ledger import Ledger
from pipeline.store.ledger_status import status_of

ROOT = Path(__file__).resolve().parents[1]
KINDS = (".txt", ".html", ".pdf")


def make_corpus(folder: Path, documents: int, seed: int = 0, kinds: Sequence[str] = KINDS) -> None:
    """Fills a folder with copies of fixtures, each with other bytes; three quarters of them lie in folders below it."""
    found = [p for p in sorted((ROOT / "fixtures").rglob("*")) if p.suffix in kinds and "bad" not in p.parts]
    small = [p for p in found if p.suffix != ".pdf" and p.stat().st_size < 200_000]
    pdfs = [p for p in found if p.suffix == ".pdf" and p.stat().st_size < 60_000 and "scans" not in p.parts]
    chosen = random.Random(seed)
    for number in range(documents):
        source = chosen.choice(pdfs if pdfs and number % 10 == 0 else small)
        target = folder / (f"part-{number % 4}" if number % 4 else ".") / f"{number:04d}-{source.stem}{source.suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        # White space at the end changes the bytes and nothing else.
        target.write_bytes(source.read_bytes() + b"\n" * (number + 1))


def ingest(corpus: Path, out: Path, workers: int = 2, program: str = "pipeline.cli") -> subprocess.Popen[bytes]:
    """Starts a run in a process group of its own; it hears Ctrl-C even where whoever started this process had it ignored."""
    command = [sys.executable, "-m", program, "ingest", str(corpus), "--out", str(out), "--quiet"]
    command += ["--workers", str(workers)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
                            preexec_fn=_hear_interrupts)  # fmt: skip


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kills the parent alone after a time; false where it had ended by then. Its workers must end by themselves."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True


def results(out: Path) -> dict[str, bytes]:
    """Returns the bytes of all result files by name."""
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.glob("*~*/*.json"))}


def disturbed(corpus: Path, out: Path, moments: int, longest_s: float, seed: int = 1, sooner: float = 1.0) -> tuple[int, int]:
    """Ingests with kills at `moments` random moments; returns how many hit a run, and how many runs were begun.

    Args:
        corpus: what is ingested.
        out: folder of results.
        moments: how many kills must hit a run.
        longest_s: latest moment of a kill in a run.
        seed: for the moments.
        sooner: `longest_s` is multiplied by this whenever a run came to its end.
    """
    chosen, hits, begun = random.Random(seed), 0, 0
    while hits < moments:
        begun += 1
        if kill_after(ingest(corpus, out), chosen.uniform(0.05, longest_s)):
            hits += 1
        elif hits < moments:
            # It came to its end: from the beginning, so that the next kill has something to hit.
            check_ledger(out, None)
            shutil.rmtree(out)
            longest_s *= sooner
    return hits, begun


def check_ledger(out: Path, documents: int | None) -> None:
    """Asserts that all inputs are done, each with a document of its own, and nothing is left over."""
    with Ledger(out, readonly=True) as ledger:
        status = status_of(ledger)
        ids = [row.id for row in ledger.documents()]
    assert set(status.inputs) == {"done"}, status.inputs
    assert len(ids) == sum(status.inputs.values()), (len(ids), status.inputs)
    assert documents is None or len(ids) == documents, (len(ids), documents)
    assert sorted(p.name for p in out.glob("*~*")) == sorted(ids)
    assert not (out / ".staged").exists() and not (out / ".partial").exists()


def main() -> int:
    """Runs the whole test and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--longest", type=float, default=5.0, help="latest moment of a kill, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        corpus, quiet, loud = Path(scratch) / "in", Path(scratch) / "quiet", Path(scratch) / "loud"
        make_corpus(corpus, args.documents)
        began = time.monotonic()
        assert ingest(corpus, quiet).wait() == 0
        whole = time.monotonic() - began
        print(f"undisturbed: {args.documents} documents in {whole:.1f} s")
        hits, begun = disturbed(corpus, loud, args.moments, min(args.longest, whole * 0.6), args.seed)
        assert ingest(corpus, loud).wait() == 0
        check_ledger(loud, args.documents)
        same = results(quiet) == results(loud)
        print(f"killed {hits} of {begun} runs; every input ends once: yes; bytes equal: {'yes' if same else 'NO'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
