"""The command `gouji`: arguments, progress, and the one map from error to exit code.

Heavy modules are imported inside the commands, so that `gouji --help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline import __version__
from pipeline.config import Config, load_config
from pipeline.errors import (
    EXIT_CONFIG,
    EXIT_DOCUMENT_FAILED,
    EXIT_INTERNAL,
    EXIT_INTERRUPTED,
    EXIT_NO_INPUT,
    EXIT_OK,
    EXIT_OUTPUT,
    EXIT_USAGE,
    GoujiError,
    UsageError,
)

EXIT_CODES = {
    EXIT_OK: "every document was read (accepted or to be reviewed)",
    EXIT_DOCUMENT_FAILED: "the run ended, but at least one document failed",
    EXIT_USAGE: "the command line is wrong",
    EXIT_NO_INPUT: "no input, or no results, were found where the command said",
    EXIT_OUTPUT: "results cannot be written",
    EXIT_CONFIG: "a configuration, schema or manifest file is wrong",
    EXIT_INTERNAL: "a fault of Gouji itself",
    EXIT_INTERRUPTED: "interrupted from the keyboard; what was finished is kept",
}
_EPILOG = "exit codes:\n" + "\n".join(f"  {code:3d}  {text}" for code, text in EXIT_CODES.items())


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="gouji",
        description="Rebuilds canonical matrices from the statutory tables of disclosure reports.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gouji {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_ingest(commands)
    _add_show(commands)
    _add_schema(commands)
    _add_export(commands)
    return parser


def _add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """Adds one command with a help text that shows how it is used."""
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}\n\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_ingest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `ingest`."""
    command = _add_command(
        commands,
        "ingest",
        "read reports and write their matrices",
        "Reads every input and writes OUT/<document>/matrices.json, tables.json and pages.json, failed inputs too.\n"
        "A report whose cells are all certain is `accepted`, also where its printed sums are wrong (that is a finding);\n"
        "one with a doubtful cell or a missing table is `review`; one that cannot be read is `failed`, with a reason.",
        "  gouji ingest reports/ --out out\n"
        "  gouji ingest a.pdf 'b/**/*.html' --out out --manifest names.csv\n"
        "  gouji ingest photos/ --out out          (IMG_001.jpg, IMG_002.jpg ...: one report, a page each)\n"
        "  gouji ingest title.jpg back.jpg --out out --pictures together\n"
        "The pictures of a folder are one report, named like the folder, where it holds two or more and no other document, and\n"
        "their names differ in nothing but their last number, which gives the order; numbers that are all years are reports of\n"
        "several years. Pictures named one by one, here or in a manifest, stay documents of their own. --pictures apart reads\n"
        "every picture as a report of its own; --pictures together reads all that are given as one, in the order given.\n"
        "The manifest is a CSV with the columns path, issuer, region_code, year, url; it overrides what a report says of\n"
        "itself. A manifest.csv in a folder that is given is used without being named.",
    )
    command.add_argument("inputs", nargs="+", metavar="INPUT", help="file, folder (searched through) or pattern in quotes")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the results")
    command.add_argument("--manifest", type=Path, metavar="FILE", help="CSV with issuer, region code, year and URL of each path")
    command.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings; see docs/configuration.md")
    command.add_argument("--pictures", choices=("series", "apart", "together"), default="series",
                         help="which pictures together are one report (default: series, see below)")  # fmt: skip
    _add_engine(command)
    command.add_argument("--quiet", action="store_true", help="print only failures and the last line")
    command.set_defaults(run=_ingest)


def _add_show(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `show`."""
    command = _add_command(
        commands,
        "show",
        "write a page with what each step saw of a document",
        "Writes one web page, which needs no server: the pages with words, rulings and cells drawn over them, the recovered\n"
        "grids, which printed label each row and column was matched with and how surely, the cells and why they are in doubt.\n"
        "The first thing to look at when a table came out wrong.",
        "  gouji show report.pdf --out out\n  gouji show zezhou-2024 --out out        (a document that was ingested into out)",
    )
    command.add_argument("document", metavar="DOC|FILE", help="id or stem of a document in DIR, or a file")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results; the page goes to DIR/show/")
    command.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    _add_engine(command)
    command.set_defaults(run=_show)


def _add_engine(command: argparse.ArgumentParser) -> None:
    """Adds the options that choose the recogniser; they go before the configuration."""
    command.add_argument("--engine", choices=("ppocr", "paddleocr"), help="who reads scans and photos (default: ppocr)")
    command.add_argument("--runtime", choices=("auto", "openvino", "onnxruntime"), help="what runs the network of ppocr")


def _configured(args: argparse.Namespace) -> Config:
    """Returns the configuration with what the command line says of the recogniser."""
    config = load_config(args.config)
    engine, runtime = args.engine or config.ocr.engine, args.runtime or config.ocr.runtime
    return replace(config, ocr=replace(config.ocr, engine=engine, runtime=runtime))


def _add_schema(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `schema`."""
    command = _add_command(
        commands,
        "schema",
        "list the families of tables, or show one",
        "Shows what Gouji looks for: families, tables, variants, rows, columns and equations.",
        "  gouji schema list\n  gouji schema show cn-gov-disclosure\n  gouji schema show cn-gov-disclosure requests",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="list|show")
    actions.add_parser("list", help="one line for each table")
    show = actions.add_parser("show", help="rows, columns and equations of a family or of one table")
    show.add_argument("family", metavar="FAMILY")
    show.add_argument("table", nargs="?", metavar="TABLE")
    command.set_defaults(run=_schema)


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `export`."""
    command = _add_command(
        commands,
        "export",
        "write results as CSV, XLSX, Parquet, HTML or JSON",
        "Writes the results of a folder as one panel, or those of the documents that are named.\n"
        "CSV and Parquet are tidy: one row a cell, with datapackage.json and a codebook of the identifiers.\n"
        "XLSX has one sheet a table and one of provenance; no text of a report can become a formula.",
        "  gouji export --out out --format xlsx\n"
        "  gouji export --out out --format csv --to panel/\n"
        "  gouji export zezhou-2024 --out out --format html",
    )
    command.add_argument("documents", nargs="*", metavar="DOC", help="ids or stems of documents; all of DIR where none is named")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results")
    command.add_argument("--format", required=True, choices=("csv", "xlsx", "parquet", "html", "json"), help="what to write")
    command.add_argument("--to", type=Path, metavar="PATH", help="file or folder to write to (default: DIR/export)")
    command.set_defaults(run=_export)


def _ingest(args: argparse.Namespace) -> int:
    """Runs `gouji ingest`."""
    from pipeline.console import IngestConsole
    from pipeline.run.batch import plan_run, run_batch

    config = _configured(args)
    plan = plan_run(args.inputs, args.out, args.manifest, args.pictures)
    with IngestConsole(len(plan.inputs), args.out, args.quiet) as console:
        for note in plan.notes:
            console.note(note)
        for summary in run_batch(plan, args.out, config, lambda item: console.start(item.relative_path)):
            console.finish(summary)
    return EXIT_DOCUMENT_FAILED if console.failed else EXIT_OK


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
    for page in show_document(result, args.out / "show", config):
        print(page)
    if result.failure is not None:
        print(f"gouji: {name}: {result.failure.message} {result.failure.advice}", file=sys.stderr)
        return EXIT_DOCUMENT_FAILED
    return EXIT_OK


def _schema(args: argparse.Namespace) -> int:
    """Runs `gouji schema`."""
    from pipeline.canon.schema import load_schemas
    from pipeline.console import schema_lines, table_lines

    schemas = load_schemas()
    if args.action == "list":
        print("\n".join(line for schema in schemas for line in schema_lines(schema)))
        return EXIT_OK
    tables = [t for s in schemas for t in s.tables if s.family == args.family and args.table in (None, t.table)]
    if not tables:
        raise UsageError(f"no family {args.family!r} with a table {args.table or 'at all'!r}", "See `gouji schema list`.")
    print("\n".join(line for table in tables for line in table_lines(table)))
    return EXIT_OK


def _export(args: argparse.Namespace) -> int:
    """Runs `gouji export`."""
    from pipeline.store.export import export

    for path in export(args.out, args.format, args.to, args.documents or None):
        print(path)
    return EXIT_OK


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; the table of codes stands in `EXIT_CODES` and in the README."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
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
