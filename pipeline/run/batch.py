"""A run over many inputs: each is read, written and counted; what is wrong with one never stops the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import DocumentFacts, DocumentResult, Failure
from pipeline.errors import UsageError
from pipeline.intake.discover import Input, discover, find_manifest, load_manifest
from pipeline.run.document import process
from pipeline.store.files import clean_leftovers, output_errors, write_result
from pipeline.store.jsontext import json_to_text

# Where each result came from on this machine; the results themselves name no absolute path.
SOURCES = ".sources.json"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run says of one input.

    Attributes:
        cells: number of cells of all matrices; `review` of them carry a review flag.
        errors: findings of severity error; `notes` the others.
        repeats: the input of the same name and bytes that was read before, or None.
    """

    source: str
    document_id: str
    issuer: str | None
    year: int | None
    status: str
    tables: tuple[str, ...]
    absent: tuple[str, ...]
    cells: int
    review: int
    errors: int
    notes: int
    failure: Failure | None
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will read: the inputs in order, what manifests say of them, and what was passed over."""

    inputs: tuple[Input, ...]
    facts: dict[str, DocumentFacts]
    notes: tuple[str, ...]


def plan_run(arguments: Sequence[str], out: Path, manifest: Path | None) -> Plan:
    """Finds the inputs and their manifests; a `manifest.csv` in a folder that is given is taken by itself.

    Raises:
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
    found = discover(arguments, manifest, notes.append, (out,))
    unused = sorted(set(facts) - {i.relative_path for i in found})
    notes += [f"the manifest names {name!r}, which is not among the inputs" for name in unused[:20]]
    return Plan(tuple(found), facts, tuple(notes))


def run_batch(plan: Plan, out: Path, config: Config, started: Callable[[Input], None] | None = None) -> Iterator[Summary]:
    """Reads the inputs one after the other and writes their results; yields a summary of each.

    Args:
        plan: from `plan_run`.
        out: folder of results, made where it is missing.
        config: settings.
        started: called with each input before it is read.

    Raises:
        OutputError: results cannot be written.
    """
    with output_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    clean_leftovers(out)
    seen: dict[str, str] = {}
    places = _read_places(out)
    try:
        for item in plan.inputs:
            if started is not None:
                started(item)
            result = process(item.path, item.relative_path, config, plan.facts.get(item.relative_path))
            repeats = seen.get(result.document_id)
            if repeats is None:
                write_result(out, result)
                places[result.document_id] = str(item.path.absolute())
                seen[result.document_id] = item.relative_path
            yield summarise(result, repeats)
    finally:
        _write_places(out, places)


def summarise(result: DocumentResult, repeats: str | None = None) -> Summary:
    """Counts what a result holds."""
    cells = [c for m in result.matrices for row in m.cells for c in row]
    errors = sum(f.severity == "error" for f in result.findings)
    return Summary(
        result.source.relative_path,
        result.document_id,
        result.facts.issuer,
        result.facts.year,
        result.status,
        tuple(m.table for m in result.matrices),
        (*result.absent, *result.unread),
        len(cells),
        sum(c.review for c in cells),
        errors,
        len(result.findings) - errors,
        result.failure,
        repeats,
    )


def find_source(out: Path, wanted: str) -> tuple[Path, str]:
    """Returns the path and the relative path of the input of a result.

    Args:
        out: folder of results.
        wanted: id of a document, or its stem where only one has it.

    Raises:
        UsageError: no such document, several, or its source is no longer there or was changed.
    """
    places = _read_places(out)
    matches = [k for k in places if wanted in (k, k.rpartition("~")[0])]
    if len(matches) != 1:
        known = ", ".join(sorted(places)[:5]) or "none"
        raise UsageError(f"{wanted!r} is {'several documents' if matches else 'no document'} of {out}", f"Known are: {known}.")
    path = Path(places[matches[0]])
    if not path.is_file():
        raise UsageError(f"The source {path} of {matches[0]} is gone.", "Give the file itself.")
    stored = json.loads((out / matches[0] / "matrices.json").read_text(encoding="utf8"))["document"]
    return path, str(stored["source"])


def _read_places(out: Path) -> dict[str, str]:
    """Reads where earlier results came from; an unreadable file is the same as none."""
    try:
        data = json.loads((out / SOURCES).read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in data.items()} if isinstance(data, dict) else {}


def _write_places(out: Path, places: dict[str, str]) -> None:
    """Writes where results came from, whole or not at all."""
    with output_errors(out / SOURCES):
        partial = out / (SOURCES + ".new")
        partial.write_text(json_to_text(dict(sorted(places.items()))), encoding="utf8", errors="surrogateescape")
        partial.replace(out / SOURCES)
