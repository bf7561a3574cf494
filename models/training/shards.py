"""Training samples on disk, in files of a fixed number: each depends on the seed, its own number and the fonts alone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.fonts import find_families
from models.training.samples import Sample, draw_sample
from pipeline.ocr.figure_crops import HEIGHT, as_batch, bucket
from pipeline.ocr.figure_signs import OTHER, SIGNS

SIZE = 10000
"""Samples in a file."""

_CLASS = {sign: k for k, sign in enumerate(SIGNS + OTHER, start=1)}


@dataclass(frozen=True)
class Batch:
    """Samples of like width: pixels (n, 1, 32, width), and their labels as classes, one behind the other."""

    pixels: np.ndarray
    targets: np.ndarray
    lengths: np.ndarray


def write_shards(folder: Path, seed: int, numbers: Sequence[int], fonts: Sequence[str]) -> None:
    """Writes the files with `numbers` that are not there yet."""
    families = find_families(fonts)
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = folder / f"{number:04d}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng([seed, number])
        samples = [draw_sample(families, rng) for _ in range(SIZE)]
        held = path.with_suffix(".part.npz")
        np.savez(
            held,
            pixels=np.concatenate([s.pixels.ravel() for s in samples]),
            widths=np.array([s.pixels.shape[1] for s in samples], dtype=np.int32),
            labels=np.array([s.label for s in samples]),
        )
        held.rename(path)


def read_shard(folder: Path, number: int, patience_s: float = 1800.0) -> list[Sample]:
    """Reads a file, waiting for it while another process writes it.

    Raises:
        TimeoutError: it did not come.
    """
    path = folder / f"{number:04d}.npz"
    end = time.monotonic() + patience_s
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"{path} was not written in {patience_s:.0f} s")
        time.sleep(0.5)
    with np.load(path) as held:
        pixels, widths, labels = held["pixels"], held["widths"], held["labels"]
    ends = np.cumsum(widths * HEIGHT)
    return [
        Sample(pixels[end - HEIGHT * width : end].reshape(HEIGHT, width), str(label))
        for end, width, label in zip(ends, widths, labels, strict=True)
    ]


def batches(samples: Sequence[Sample], size: int, rng: np.random.Generator | None) -> Iterator[Batch]:
    """Yields `samples` in batches of like width; shuffled and varied a little where `rng` is given."""
    groups: dict[int, list[int]] = {}
    for k, sample in enumerate(samples):
        groups.setdefault(bucket(sample.pixels.shape[1]), []).append(k)
    chunks = []
    for width, members in sorted(groups.items()):
        if rng is not None:
            rng.shuffle(members)
        chunks += [(width, members[i : i + size]) for i in range(0, len(members), size)]
    if rng is not None:
        rng.shuffle(chunks)  # type: ignore[arg-type]
    for width, members in chunks:
        chosen = [samples[k] for k in members]
        pixels = as_batch([s.pixels for s in chosen], width)
        if rng is not None:
            pixels = _varied(pixels, rng)
        classes = [[_CLASS[c] for c in s.label] for s in chosen]
        yield Batch(pixels, np.concatenate(classes).astype(np.int64), np.array([len(c) for c in classes], dtype=np.int64))


def _varied(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shifts a batch up or down by a pixel, makes it paler or darker, and adds noise."""
    pixels = np.roll(pixels, int(rng.integers(-1, 2)), axis=2)
    strength = rng.uniform(0.8, 1.08, (len(pixels), 1, 1, 1)).astype(np.float32)
    noise = rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(rng.uniform(0, 0.04))
    return np.asarray(np.clip(pixels * strength + noise, 0, 1), dtype=np.float32)
