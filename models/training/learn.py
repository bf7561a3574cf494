"""Training: connectionist temporal classification (Graves et al. 2006), AdamW, one cycle of the learning rate."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.training.network import FigureNetwork
from models.training.shards import SIZE, Batch, batches, read_shard
from pipeline.ocr.figure_signs import OTHER, SIGNS

_CHARACTERS = "\0" + SIGNS + OTHER
_BATCH = 64
_DECAY = 0.997


def train(folder: Path, shards: int, epochs: int, seed: int, peak: float = 2.5e-3, minutes: float = 1e9) -> FigureNetwork:
    """Trains a network on the files 1 to `shards` of `folder`, `epochs` times; file 0 is for looking at its mistakes.

    Args:
        folder: of the samples.
        shards: how many files.
        epochs: how often each is seen.
        seed: of the first weights and of the order.
        peak: highest learning rate.
        minutes: the schedule is cut so that training ends by then; the result then depends on the machine's speed.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    network = FigureNetwork().to(memory_format=torch.channels_last)
    # What is kept is the running mean of the weights: it makes fewer mistakes than the last ones do.
    mean = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(_DECAY), use_buffers=True)
    optimiser = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=0.02, betas=(0.9, 0.98))
    held_out = read_shard(folder, 0)[:4000]
    order = _order(shards, epochs, seed)
    start = time.monotonic()
    for k, number in enumerate(order):
        rng = np.random.default_rng([seed, 1, k])
        losses = []
        total = SIZE // _BATCH + 10
        for j, batch in enumerate(batches(read_shard(folder, number), _BATCH, rng)):
            part = (k + min(1.0, j / total)) / len(order)
            part = max(part, (time.monotonic() - start) / 60 / minutes)
            if part >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = peak * _rate(part)
            losses.append(_learn(network, optimiser, batch))
            mean.update_parameters(network)
        done = time.monotonic() - start
        print(
            f"{k + 1}/{len(order)} loss {np.mean(losses):.4f} right {accuracy(mean.module, held_out):.4f} {done:.0f} s",
            flush=True,
        )
        torch.save(mean.module.state_dict(), folder / "last.pt")
        if done / 60 >= minutes:
            break
    return mean.module.eval()


def _order(shards: int, epochs: int, seed: int) -> list[int]:
    """Returns the files in the order in which they are learnt from: each new one, then some again of those before it, so that
    a file has as long as possible to be written.
    """
    rng = np.random.default_rng([seed, 2])
    order: list[int] = []
    again: list[int] = []
    for number in range(1, shards + 1):
        order.append(number)
        again += [number] * (epochs - 1)
        for _ in range(epochs - 1):
            order.append(again.pop(int(rng.integers(len(again)))))
    return order


def _rate(part: float) -> float:
    """Returns the share of the peak rate: up in the first tenth, then down with a cosine."""
    return float(max(1e-3, part / 0.1 if part < 0.1 else 0.5 * (1 + np.cos(np.pi * (part - 0.1) / 0.9))))


def _learn(network: FigureNetwork, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
    network.train()
    # Half the bits make half the time; losses and weights keep all of theirs.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(torch.from_numpy(batch.pixels).contiguous(memory_format=torch.channels_last)).float()
    columns = torch.full((len(logits),), logits.shape[1], dtype=torch.long)
    loss = nn.functional.ctc_loss(
        logits.log_softmax(2).transpose(0, 1), torch.from_numpy(batch.targets), columns, torch.from_numpy(batch.lengths),
        blank=0, zero_infinity=True,
    )  # fmt: skip
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
    return float(loss.detach())


@torch.no_grad()
def accuracy(network: FigureNetwork, samples: list) -> float:
    """Returns the share of samples whose most probable path gives their label."""
    network.eval()
    right = 0
    for batch in batches(samples, 256, None):
        logits = network(torch.from_numpy(batch.pixels).contiguous(memory_format=torch.channels_last))
        ends = np.cumsum(batch.lengths)
        for path, end, length in zip(logits.argmax(2).numpy(), ends, batch.lengths, strict=True):
            kept = path[np.concatenate([[True], path[1:] != path[:-1]])]
            right += np.array_equal(kept[kept > 0], batch.targets[end - length : end])
    return right / len(samples)
