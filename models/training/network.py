"""The network: eight convolutions from a crop to the probabilities of signs, two columns for every four of its pixels."""

from __future__ import annotations

import torch
from torch import nn

from pipeline.ocr.figure_signs import CLASSES

COLUMNS = 2
"""Columns of the output for each column of the last layer: thin signs stand nearer to one another than four pixels."""


class Step(nn.Module):
    """A convolution, normalised over the batch, then a rectifier; added to its input where `residual`."""

    def __init__(self, into: int, out: int, kernel: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int],
                 residual: bool = False) -> None:  # fmt: skip
        super().__init__()
        self.convolution = nn.Conv2d(into, out, kernel, stride, pad, bias=False)
        self.norm = nn.BatchNorm2d(out)
        self.residual = residual

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the step's output."""
        y = self.norm(self.convolution(x))
        return torch.relu(y + x if self.residual else y)


def build_steps() -> list[Step]:
    """Returns the steps, first to last: the height of 32 pixels becomes 1, four columns of pixels become one."""
    return [
        Step(1, 32, (5, 5), (2, 2), (2, 2)),
        Step(32, 32, (3, 3), (1, 1), (1, 1), residual=True),
        Step(32, 64, (3, 3), (2, 2), (1, 1)),
        Step(64, 64, (3, 3), (1, 1), (1, 1), residual=True),
        Step(64, 112, (3, 3), (2, 1), (1, 1)),
        Step(112, 128, (4, 3), (1, 1), (0, 1)),
        Step(128, 128, (1, 3), (1, 1), (0, 1), residual=True),
        Step(128, 128, (1, 3), (1, 1), (0, 1), residual=True),
    ]


class FigureNetwork(nn.Module):
    """From crops (n, 1, 32, width), width a multiple of 4, to logits (n, width / 2, classes)."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.Sequential(*build_steps())
        self.drop = nn.Dropout(0.1)
        self.signs = nn.Conv2d(128, COLUMNS * CLASSES, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the logits."""
        y = self.signs(self.drop(self.steps(x)))[:, :, 0]  # n, 2 * classes, columns
        return y.transpose(1, 2).reshape(y.shape[0], -1, CLASSES)
