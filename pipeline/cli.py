"""The command `gouji`: its commands, and the one map from error to exit code.

Heavy modules are imported inside the commands, so that `gouji --help` answers at once.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pipeline.arguments import EXIT_CODES, build_parser
from pipeline.config import Config, config_lines, load_config
from pipeline.errors import (
    EXIT_CONFIG,
    EXIT_DOCUMENT_FAILED,
    EXIT_INTERNAL,
    EXIT_INTERRUPTED,
    EXIT_OK,
    GoujiError,
    UsageError,
)

if TYPE_CHECKING:
    from pipeline.domain import DocumentResult
    from pipeline.intake.discover import Input
    from pipeline.run.batch import Started
    from pipeline.run.groups import Group
    from pipeline.run.summary import Summary

__all__ = ["EXIT_CODES", "EXIT_CONFIG", "build_parser", "main"]


def _configured(args: argparse.Namespace) -> Config:
    """Returns the configuration with what the command line says of the recogniser."""
    config = load_config(args.config)
    engine, runtime = args.engine or config.ocr.engine, args.runtime or config.ocr.runtime
    return replace(config, ocr=replace(config.ocr, engine=engine, runtime=runtime))


def _ingest(args: argparse.Namespace) -> int:
    """Runs `gouji ingest`."""
    from pipeline.intake.discover import read_list
    from pipeline.run.batch import Run, plan_run, run_batch

    config = _configured(args)
    listed = read_list(args.list) if args.list is not None else []
    if not args.inputs and not listed:
        raise UsageError("No input was given.", "Give files, folders or patterns, or --list.")
    plan = plan_run(args.inputs, args.out, args.manifest, args.pictures, config.limits, listed)
    run = Run(args.again, args.workers)
    return _watched(
        args, len(plan.inputs), plan.notes, lambda started: run_batch(plan, args.out, config, replace(run, started=started))
    )


def _reprocess(args: argparse.Namespace) -> int:
    """Runs `gouji reprocess`."""
    from pipeline.run.batch import Run, run_tasks
    from pipeline.run.reprocess import Choice, choose

    asked = load_config(args.config)
    config = _configured(args)
    if args.dpi is not None:
        config = replace(config, scan=replace(config.scan, dpi=args.dpi))
    choice = Choice(args.status, args.failure, tuple(args.document or ()), args.since_version)
    tasks, notes = choose(args.out, choice)
    if not tasks and not notes:
        notes = ["No document of the folder is to be read anew."]
    run = Run(True, args.workers, "reprocess", asked=asked)
    return _watched(args, len(tasks), notes, lambda started: run_tasks(tasks, args.out, config, replace(run, started=started)))


def _watched(args: argparse.Namespace, total: int, notes: Sequence[str], begin: Callable[[Started], Iterator[Summary]]) -> int:
    """Shows a run while it goes on; SIGTERM ends it as Ctrl-C does."""
    from pipeline.console import IngestConsole
    from pipeline.run.across import write_across

    with IngestConsole(total, args.out, args.quiet, args.json_log) as console, _terminated_as_interrupted():
        for note in notes:
            console.note(note)
        for summary in begin(lambda item: console.start(item.relative_path)):
            console.finish(summary)
        # Also where nothing was read: an earlier run may have been stopped before this, or a file be again what it was.
        if total:
            console.compare()
            write_across(args.out)
    return EXIT_DOCUMENT_FAILED if console.failed else EXIT_OK


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Has SIGTERM raise KeyboardInterrupt, where this is the main thread."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _status(args: argparse.Namespace) -> int:
    """Runs `gouji status`."""
    from pipeline.run.wording import status_lines, status_to_json
    from pipeline.store.ledger import Ledger
    from pipeline.store.ledger_status import status_of

    with Ledger(args.out, readonly=True) as ledger:
        status = status_of(ledger)
    print(status_to_json(status) if args.json else "\n".join(status_lines(status)))
    return EXIT_OK


def _report(args: argparse.Namespace) -> int:
    """Runs `gouji report`."""
    from pipeline.run.report import write_report

    print(write_report(args.out, args.pictures))
    return EXIT_OK


def _config(args: argparse.Namespace) -> int:
    """Runs `gouji config show`."""
    print("\n".join(config_lines(load_config(args.config))))
    return EXIT_OK


def _show(args: argparse.Namespace) -> int:
    """Runs `gouji show`."""
    from pipeline.intake.discover import Input
    from pipeline.run.batch import find_source, read_input, require_engine
    from pipeline.show.document import show_document

    config = _configured(args)
    given = Path(args.document)
    item = Input(given, given.name) if given.is_file() else find_source(args.out, args.document)
    name = item.relative_path
    require_engine([item], config)
    result = read_input(item, config)
    if args.cell is not None:
        return _show_cell(args, item, result, config)
    for page in show_document(result, args.out / "show", config):
        print(page)
    if result.failure is not None:
        print(f"gouji: {name}: {result.failure.message} {result.failure.advice}", file=sys.stderr)
        return EXIT_DOCUMENT_FAILED
    return EXIT_OK


def _show_cell(args: argparse.Namespace, item: Input | Group, result: DocumentResult, config: Config) -> int:
    """Runs `gouji show --cell`: words, and a picture of each cell."""
    from pipeline.intake.members import on_disk
    from pipeline.run.resume import members
    from pipeline.show.cell import draw_cells, explain_cells, to_lines

    if result.failure is not None:
        print(f"gouji: {result.failure.message} {result.failure.advice}", file=sys.stderr)
        return EXIT_DOCUMENT_FAILED
    explanations = explain_cells(result, args.cell)
    with on_disk(members(item), config.limits) as files:
        pictures = draw_cells(result, explanations, args.out / "show", config, files)
    for explanation in explanations:
        print("\n".join(to_lines(explanation)))
        if explanation.place in pictures:
            print(f"  Picture: {pictures[explanation.place]}")
    if not explanations:
        print("No cell is to be reviewed.")
    return EXIT_OK


def _schema(args: argparse.Namespace) -> int:
    """Runs `gouji schema`."""
    from pipeline.canon.schema import load_schemas
    from pipeline.run.wording import schema_lines, table_lines

    schemas = load_schemas()
    if args.action == "list":
        print("\n".join(line for schema in schemas for line in schema_lines(schema)))
        return EXIT_OK
    tables = [t for s in schemas for t in s.tables if s.family == args.family and args.table in (None, t.table)]
    if not tables:
        what = f"no family {args.family!r}" if args.table is None else f"no table {args.table!r} in a family {args.family!r}"
        raise UsageError(f"There is {what}.", "See `gouji schema list`.")
    print("\n".join(line for table in tables for line in table_lines(table)))
    return EXIT_OK


def _export(args: argparse.Namespace) -> int:
    """Runs `gouji export`."""
    if args.format == "training":
        from pipeline.review.training import export_training

        if args.documents:
            raise UsageError("The labelled set is of the whole folder.", "Leave the names of documents out.")
        written = export_training(args.out, load_config(None), args.to)
        print("\n".join(map(str, written[:3])))
        return EXIT_OK
    from pipeline.store.export import export

    for path in export(args.out, args.format, args.to, args.documents or None):
        print(path)
    return EXIT_OK


def _review(args: argparse.Namespace) -> int:
    """Runs `gouji review`."""
    from pipeline.review.server import serve

    config = load_config(args.config)
    port = config.review.port if args.port is None else args.port
    serve(args.out, config, args.host, port, args.token, not args.no_browser)
    return EXIT_OK


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "ingest": _ingest,
    "reprocess": _reprocess,
    "status": _status,
    "report": _report,
    "show": _show,
    "schema": _schema,
    "export": _export,
    "review": _review,
    "config": _config,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; the table of codes stands in `EXIT_CODES` and in the README."""
    args = build_parser().parse_args(argv)
    try:
        return _COMMANDS[args.command](args)
    except GoujiError as error:
        print(f"gouji: {error.message}" + (f"\n{error.advice}" if error.advice else ""), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("gouji: interrupted; what was finished is kept, and the same command goes on.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_OK
    except Exception as error:
        # The last handler: a person gets a sentence, and the place for a report of the fault.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else "?"
        print(f"gouji: a fault of Gouji itself at {where}: {type(error).__name__}: {error}\nPlease report it.", file=sys.stderr)
        return EXIT_INTERNAL


if __name__ == "__main__":
    sys.exit(main())
