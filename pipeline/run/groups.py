"""Pictures that together are one report: which inputs they are, and their result."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Config
from pipeline.domain import DocumentFacts, DocumentResult, Finding, Source, SourceKind
from pipeline.errors import UsageError
from pipeline.intake.discover import Input, printable
from pipeline.intake.formats import HTML_SUFFIXES, IMAGE_SUFFIXES
from pipeline.intake.identify import unread_source
from pipeline.intake.pictures import group_pictures, group_sha256, iter_group_rasters, missing_numbers
from pipeline.run.document import finish, guarded
from pipeline.run.progress import pages_left_out
from pipeline.run.retakes import Retakes

_NAMED, _DIGITS = 20, re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that together are one report.

    Attributes:
        relative_path: how the results name it.
        members: its pictures in the order of their pages.
    """

    relative_path: str
    members: tuple[Path, ...]

    @property
    def path(self) -> Path:
        """The folder of its first picture."""
        return self.members[0].parent


def group_inputs(
    found: Sequence[Input], arguments: Sequence[str], listed: Collection[str] = (), mode: str = "series"
) -> list[Input | Group]:
    """Puts pictures together that are one report.

    Args:
        found: the inputs of a run.
        arguments: of its command line; with `series`, a file that is named there stays a document of its own.
        listed: relative paths that a manifest names; with `series`, their folders are read picture by picture.
        mode: `series`: the pictures of a folder are one report where `group_pictures` says so. `apart`: none are.
            `together`: all are one report, in the order given.

    Raises:
        UsageError: `together`, and something else than pictures is among the inputs.
    """
    if mode == "apart":
        return list(found)
    if mode == "together":
        return [_together(found, arguments)]
    by_path = {item.path: item for item in found}
    named = {Path(argument) for argument in arguments} & set(by_path)
    apart = {item.path.parent for item in found if item.relative_path in listed}
    groups = {g[0]: g for g in group_pictures([p for p in by_path if p not in named], apart) if len(g) > 1}
    first_of = {member: first for first, members in groups.items() for member in members}
    done: list[Input | Group] = []
    met: set[Path] = set()
    for item in found:
        first = first_of.get(item.path)
        if first is None:
            done.append(item)
        elif first not in met:
            met.add(first)
            done.append(Group(_folder_name(by_path[first]), groups[first]))
    return done


def without_page_pictures(found: Sequence[Input]) -> list[Input]:
    """Returns the inputs without the pictures that a browser saved with a page: they are read in their place on it.

    They lie in a folder that is named like the page, with `_files` or `.files` behind it.
    """
    pages = [item.path for item in found if item.path.suffix.lower() in HTML_SUFFIXES]
    saved = {page.with_name(page.stem + ending) for page in pages for ending in ("_files", ".files")}
    return [i for i in found if i.path.suffix.lower() not in IMAGE_SUFFIXES or i.path.parent not in saved]


def one_by_one(inputs: Sequence[Input | Group]) -> Iterator[str]:
    """Yields a sentence for each series of pictures that are read as documents of their own."""
    alone = [item.path for item in inputs if not isinstance(item, Group)]
    for group in group_pictures([path for path in alone if path.suffix.lower() in IMAGE_SUFFIXES]):
        if len(group) > 1:
            names = f"{printable(group[0].name)} to {printable(group[-1].name)}"
            yield f"{names}: each is read as a report of its own; with --pictures together they are one"


def process_group(group: Group, config: Config, manifest: DocumentFacts | None = None) -> DocumentResult:
    """Reads pictures as one report; what is wrong with them becomes a failed page or result, never an exception."""
    from pipeline.run.pictures import read_group

    sources = [unread_source(path, path.name) for path in group.members]
    source = Source(
        str(group.path), group.relative_path, group_sha256(s.sha256 for s in sources), sum(s.size_bytes for s in sources),
        SourceKind.IMAGE, "image",
    )  # fmt: skip

    def read() -> DocumentResult:
        retakes = Retakes()
        reading = read_group(source, iter_group_rasters(group.members, config, pages_left_out()), config, retakes)
        result = finish(source, reading, config, manifest, retakes=retakes)
        return replace(result, findings=(*_notes(group), *result.findings))

    return guarded(source, manifest, read)


def _notes(group: Group) -> Iterator[Finding]:
    """Says which pictures were taken for the pages of one report, and which numbers are not among them."""
    names = [printable(path.name) for path in group.members]
    rest = f" ... {names[-1]}" if len(names) > _NAMED else ""
    message = f"{len(names)} pictures were read as one report, in this order: {', '.join(names[:_NAMED])}{rest}."
    yield Finding("picture_series", "reading", "note", message)
    gaps = missing_numbers(group.members)
    if gaps:
        numbers = ", ".join(map(str, gaps[:_NAMED])) + (" ..." if len(gaps) > _NAMED else "")
        yield Finding("picture_series_gap", "undecided", "note", f"No picture has the number {numbers}: a page may be missing.")


def _folder_name(item: Input) -> str:
    """Returns the name of the folder of an input: within the folder that was given, or that folder's own."""
    parent = Path(item.relative_path).parent
    return str(parent) if parent.name else printable(item.path.absolute().parent.name) or "pictures"


def _together(found: Sequence[Input], arguments: Sequence[str]) -> Input | Group:
    """Returns all inputs as one report: those of each argument by their names, numbers by their value."""
    others = [item.relative_path for item in found if item.path.suffix.lower() not in IMAGE_SUFFIXES]
    if others:
        raise UsageError(f"{others[0]} is no picture.", "With --pictures together, give only pictures of one report.")
    if len(found) == 1:
        return found[0]
    ranks = {Path(argument): rank for rank, argument in enumerate(arguments)}
    ordered = sorted(found, key=lambda item: (_rank(item.path, ranks), _by_number(item.relative_path)))
    name = _folder_name(ordered[0]) if len(arguments) == 1 else ordered[0].relative_path
    return Group(name, tuple(item.path for item in ordered))


def _rank(path: Path, ranks: dict[Path, int]) -> int:
    """Returns which argument a file came from; all of a pattern's files come at its place."""
    return next((ranks[p] for p in (path, *path.parents) if p in ranks), len(ranks))


def _by_number(name: str) -> list[tuple[int, int, str]]:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in _DIGITS.split(name)]
