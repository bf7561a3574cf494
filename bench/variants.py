"""Structures that real reports have and the standard form has not, and unusual ways of writing a figure.

A variant takes a laid-out report and changes it. What it adds is no cell of the statutory tables, what it takes away is lost:
whatever comes out for those without a flag is a silent error (`bench/variant_run.py`).
"""

from __future__ import annotations

from random import Random

import bench.variant_cells
import bench.variant_orders
import bench.variant_rows
import bench.variant_tables
import bench.variant_web  # noqa: F401
from bench.variant_forms import PLAIN_FORMS, Form, write_figures
from bench.variant_parts import STRUCTURES, WEB_STRUCTURES, Variant
from bench.variant_sheets import Paper
from bench.variant_web_forms import WEB_FORMS
from bench.variant_words import WORD_FORMS


def _written(form: Form) -> Variant:
    def variant(paper: Paper, rng: Random) -> None:
        write_figures(paper, form, rng.choice((0.05, 0.3, 1.0)), rng)

    return variant


FORMS = {name: _written(form) for name, form in {**PLAIN_FORMS, **WEB_FORMS, **WORD_FORMS}.items()}
WEB_ONLY = {*WEB_STRUCTURES, *WEB_FORMS}
VARIANTS: dict[str, Variant] = {**STRUCTURES, **WEB_STRUCTURES, **FORMS}
