"""What a run will read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import DEFAULT, Config, Limits
from pipeline.domain import DocumentFacts
from pipeline.intake.discover import Input, discover, find_manifest, load_manifest
from pipeline.intake.formats import IMAGE_SUFFIXES, TEXT_SUFFIXES
from pipeline.run.groups import Group, group_inputs, one_by_one, without_page_pictures


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will read: the inputs in order, what manifests say of them, and what was passed over."""

    inputs: tuple[Input | Group, ...]
    facts: dict[str, DocumentFacts]
    notes: tuple[str, ...]


def plan_run(
    arguments: Sequence[str],
    out: Path,
    manifest: Path | None,
    pictures: str = "series",
    limits: Limits = DEFAULT.limits,
    listed: Sequence[str] = (),
) -> Plan:
    """Finds the inputs and their manifests; a `manifest.csv` in a folder that is given is taken by itself.

    Args:
        arguments: files, folders and patterns.
        out: folder of results.
        manifest: one that was named, or None.
        pictures: which pictures together are one report; see `group_inputs`.
        limits: for archives and links.
        listed: inputs out of a list; see `read_list`.

    Raises:
        UsageError: pictures are to be read together, and something else is among them.
        InputMissingError: no input was found.
        ConfigError: a manifest is wrong.
    """
    notes: list[str] = []
    facts: dict[str, DocumentFacts] = {}
    for argument in arguments:
        own = find_manifest(Path(argument)) if Path(argument).is_dir() else None
        if own is not None:
            facts |= load_manifest(own)
    if manifest is not None:
        facts |= load_manifest(manifest)
    everything = discover(arguments, manifest, notes.append, (out,), limits, listed)
    alone = without_page_pictures(everything)
    if len(alone) < len(everything):
        notes.append(f"{len(everything) - len(alone)} pictures that were saved with a web page are read with it, in their place")
    found = group_inputs(alone, arguments, facts, pictures)
    if pictures == "series":
        notes += one_by_one(found)
    unused = sorted(set(facts) - {i.relative_path for i in found})
    notes += [f"the manifest names {name!r}, which is not among the inputs" for name in unused[:20]]
    return Plan(tuple(found), facts, tuple(notes))


def require_engine(inputs: Sequence[Input | Group], config: Config) -> None:
    """Raises ConfigError where the recogniser is not there, before anything is read; loads it where it is surely needed."""
    from pipeline.ocr.engine import load_engine

    sure = any(isinstance(i, Group) or i.path.suffix.lower() in IMAGE_SUFFIXES for i in inputs)
    may = any(i.path.suffix.lower() not in TEXT_SUFFIXES for i in inputs)
    if sure or (may and config.ocr != DEFAULT.ocr):
        load_engine(config.ocr)
