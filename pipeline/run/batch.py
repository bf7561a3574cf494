"""A run over many inputs: each is read, written and counted; what is wrong with one never stops the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import DEFAULT, Config
from pipeline.domain import DocumentFacts, DocumentResult, Failure, SourceKind
from pipeline.errors import UsageError
from pipeline.intake.discover import Input, discover, find_manifest, load_manifest
from pipeline.intake.formats import IMAGE_SUFFIXES, TEXT_SUFFIXES
from pipeline.run.document import process
from pipeline.run.groups import Group, group_inputs, one_by_one, process_group, without_page_pictures
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

    inputs: tuple[Input | Group, ...]
    facts: dict[str, DocumentFacts]
    notes: tuple[str, ...]


def plan_run(arguments: Sequence[str], out: Path, manifest: Path | None, pictures: str = "series") -> Plan:
    """Finds the inputs and their manifests; a `manifest.csv` in a folder that is given is taken by itself.

    Args:
        arguments: files, folders and patterns.
        out: folder of results.
        manifest: one that was named, or None.
        pictures: which pictures together are one report; see `group_inputs`.

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
    everything = discover(arguments, manifest, notes.append, (out,))
    alone = without_page_pictures(everything)
    if len(alone) < len(everything):
        notes.append(f"{len(everything) - len(alone)} pictures that were saved with a web page are read with it, in their place")
    found = group_inputs(alone, arguments, facts, pictures)
    if pictures == "series":
        notes += one_by_one(found)
    unused = sorted(set(facts) - {i.relative_path for i in found})
    notes += [f"the manifest names {name!r}, which is not among the inputs" for name in unused[:20]]
    return Plan(tuple(found), facts, tuple(notes))


def run_batch(
    plan: Plan, out: Path, config: Config, started: Callable[[Input | Group], None] | None = None
) -> Iterator[Summary]:
    """Reads the inputs one after the other and writes their results; yields a summary of each.

    Args:
        plan: from `plan_run`.
        out: folder of results, made where it is missing.
        config: settings.
        started: called with each input before it is read.

    Raises:
        ConfigError: the recogniser that is asked for is not there.
        OutputError: results cannot be written.
    """
    require_engine(plan.inputs, config)
    with output_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    clean_leftovers(out)
    seen: dict[str, str] = {}
    places = _read_places(out)
    try:
        for item in plan.inputs:
            if started is not None:
                started(item)
            result = read_input(item, config, plan.facts.get(item.relative_path))
            repeats = seen.get(result.document_id)
            if repeats is None:
                write_result(out, result)
                places[result.document_id] = _place_of(item)
                seen[result.document_id] = item.relative_path
            yield summarise(result, repeats)
    finally:
        _write_places(out, places)


def read_input(item: Input | Group, config: Config, facts: DocumentFacts | None = None) -> DocumentResult:
    """Reads one input: a file, with the pictures of a web page, or pictures that together are one report."""
    if isinstance(item, Group):
        return process_group(item, config, facts)
    result = process(item.path, item.relative_path, config, facts)
    if result.source.kind is not SourceKind.HTML:
        return result
    from pipeline.run.webpage import with_pictures

    return with_pictures(result, config, facts)


def require_engine(inputs: Sequence[Input | Group], config: Config) -> None:
    """Raises ConfigError where the recogniser is not there, before anything is read; loads it where it is surely needed."""
    from pipeline.ocr.engine import load_engine

    sure = any(isinstance(i, Group) or i.path.suffix.lower() in IMAGE_SUFFIXES for i in inputs)
    may = any(i.path.suffix.lower() not in TEXT_SUFFIXES for i in inputs)
    if sure or (may and config.ocr != DEFAULT.ocr):
        load_engine(config.ocr)


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


def find_source(out: Path, wanted: str) -> Input | Group:
    """Returns the input of a result.

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
    paths = [Path(place) for place in places[matches[0]]]
    gone = next((path for path in paths if not path.is_file()), None)
    if gone is not None:
        raise UsageError(f"The source {gone} of {matches[0]} is gone.", "Give the file itself.")
    stored = json.loads((out / matches[0] / "matrices.json").read_text(encoding="utf8"))["document"]
    name = str(stored["source"])
    return Group(name, tuple(paths)) if len(paths) > 1 else Input(paths[0], name)


def _place_of(item: Input | Group) -> list[str]:
    """Returns the files that an input was read from."""
    return [str(p.absolute()) for p in (item.members if isinstance(item, Group) else (item.path,))]


def _read_places(out: Path) -> dict[str, list[str]]:
    """Reads where earlier results came from; an unreadable file is the same as none."""
    try:
        data = json.loads((out / SOURCES).read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    found = data.items() if isinstance(data, dict) else ()
    return {str(k): [str(p) for p in v] if isinstance(v, list) else [str(v)] for k, v in found if v}


def _write_places(out: Path, places: dict[str, list[str]]) -> None:
    """Writes where results came from, whole or not at all."""
    with output_errors(out / SOURCES):
        partial = out / (SOURCES + ".new")
        plain = {k: v[0] if len(v) == 1 else v for k, v in sorted(places.items())}
        partial.write_text(json_to_text(plain), encoding="utf8", errors="surrogateescape")
        partial.replace(out / SOURCES)
