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
    """What a run will read: the inputs in order, what a manifest says of each, and what was passed over."""

    inputs: tuple[Input | Group, ...]
    facts: tuple[DocumentFacts | None, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What a manifest says by relative path, of the inputs in its folder; of all where `folder` is None."""

    folder: Path | None
    facts: dict[str, DocumentFacts]

    def says(self, item: Input | Group) -> DocumentFacts | None:
        """Returns what it says of an input, or None."""
        if self.folder is not None and not item.path.absolute().is_relative_to(self.folder):
            return None
        return self.facts.get(item.relative_path)


def plan_run(
    arguments: Sequence[str],
    out: Path,
    manifest: Path | None,
    pictures: str = "series",
    limits: Limits = DEFAULT.limits,
    listed: Sequence[str] = (),
) -> Plan:
    """Finds the inputs and their manifests; a `manifest.csv` in a folder that is given is taken by itself, for that folder.

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
    manifests = _manifests(arguments, manifest)
    everything = discover(arguments, manifest, notes.append, (out,), limits, listed)
    alone = without_page_pictures(everything)
    if len(alone) < len(everything):
        notes.append(f"{len(everything) - len(alone)} pictures that were saved with a web page are read with it, in their place")
    found = group_inputs(alone, arguments, frozenset().union(*(m.facts for m in manifests)), pictures)
    if pictures == "series":
        notes += one_by_one(found)
    facts = [next(filter(None, (m.says(item) for m in manifests)), None) for item in found]
    names = {item.relative_path for item in found}
    unused = sorted({name for m in manifests for name in m.facts} - names)
    notes += [f"the manifest names {name!r}, which is not among the inputs" for name in unused[:20]]
    return Plan(tuple(found), tuple(facts), tuple(notes))


def _manifests(arguments: Sequence[str], named: Path | None) -> list[_Manifest]:
    """Returns the manifests of a run; what stands in an earlier one holds."""
    found = [] if named is None else [_Manifest(None, load_manifest(named))]
    for folder in filter(Path.is_dir, map(Path, arguments)):
        own = find_manifest(folder)
        if own is not None:
            found.append(_Manifest(folder.absolute(), load_manifest(own)))
    return found


def require_engine(inputs: Sequence[Input | Group], config: Config) -> None:
    """Raises ConfigError where the recogniser is not there, before anything is read; loads it where it is surely needed."""
    from pipeline.ocr.engine import load_engine

    sure = any(isinstance(i, Group) or i.path.suffix.lower() in IMAGE_SUFFIXES for i in inputs)
    may = any(i.path.suffix.lower() not in TEXT_SUFFIXES for i in inputs)
    if sure or (may and config.ocr != DEFAULT.ocr):
        load_engine(config.ocr)
