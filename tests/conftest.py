"""Shared fixtures; `find_shared_data` is also used by the bench."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # `fixtures` and `bench` are importable from the repository root
    sys.path.insert(0, str(ROOT))


def _use_one_thread() -> None:
    """Has this process use one thread: there is a process for every core, and threads beyond those only wait for one another."""
    from pipeline.config import single_native_threads

    single_native_threads()  # before numeric libraries are loaded
    from pipeline.ocr import paddle, runtime

    runtime.allowed_threads = paddle.allowed_threads = lambda: 1


if "PYTEST_XDIST_WORKER" in os.environ:
    _use_one_thread()

# Thousands of tests and all modules live to the end of the process: to walk them for garbage again and again takes long.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Has the collector of garbage leave out what lives as long as the process does."""
    gc.collect()
    gc.freeze()


def find_shared_data() -> Path | None:
    """Returns the folder of reports that may be read but not copied into the repository, or None where it is absent."""
    named = os.environ.get("GOUJI_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if (folder / "real").is_dir() else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real reports; the test is skipped where it is not there."""
    folder = find_shared_data()
    if folder is None:
        pytest.skip("real reports are not here: set GOUJI_DATA to the folder that holds real/")
    return folder
