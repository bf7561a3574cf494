"""The arguments of the command `gouji`, with their help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.errors import (
    EXIT_BUSY,
    EXIT_CONFIG,
    EXIT_DOCUMENT_FAILED,
    EXIT_INTERNAL,
    EXIT_INTERRUPTED,
    EXIT_LEDGER,
    EXIT_NO_INPUT,
    EXIT_OK,
    EXIT_OUTPUT,
    EXIT_USAGE,
)

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_CODES = {
    EXIT_OK: "every document was read (accepted or to be reviewed)",
    EXIT_DOCUMENT_FAILED: "the run ended, but at least one document failed",
    EXIT_USAGE: "the command line is wrong",
    EXIT_NO_INPUT: "no input, or no results, were found where the command said",
    EXIT_OUTPUT: "results cannot be written",
    EXIT_CONFIG: "a configuration, schema or manifest file is wrong",
    EXIT_BUSY: "another run works in the same folder, or another program holds its ledger",
    EXIT_LEDGER: "the ledger of the folder is damaged, or was made by a newer version",
    EXIT_INTERNAL: "a fault of Gouji itself",
    EXIT_INTERRUPTED: "interrupted (Ctrl-C, SIGTERM); what was finished is kept, and the same command goes on",
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
    _add_reprocess(commands)
    _add_status(commands)
    _add_report(commands)
    _add_review(commands)
    _add_export(commands)
    _add_show(commands)
    _add_schema(commands)
    _add_config(commands)
    return parser


def _add_command(commands: Commands, name: str, summary: str, description: str, examples: str) -> argparse.ArgumentParser:
    """Adds one command with a help text that shows how it is used."""
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}\n\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_ingest(commands: Commands) -> None:
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
        "  find /data -name '*.pdf' -print0 | gouji ingest --list - --out out\n"
        "  gouji ingest photos/ --out out          (IMG_001.jpg, IMG_002.jpg ...: one report, a page each)\n"
        "  gouji ingest title.jpg back.jpg --out out --pictures together\n"
        "The pictures of a folder are one report, named like the folder, where it holds two or more and no other document, and\n"
        "their names differ in nothing but their last number, which gives the order; numbers that are all years are reports of\n"
        "several years. Pictures named one by one, here or in a manifest, stay documents of their own. --pictures apart reads\n"
        "every picture as a report of its own; --pictures together reads all that are given as one, in the order given.\n"
        "The manifest is a CSV with the columns path, issuer, region_code, year, url; it overrides what a report says of\n"
        "itself. A manifest.csv in a folder that is given is used without being named.",
    )
    command.add_argument(
        "inputs", nargs="*", metavar="INPUT", help="file, folder (searched through), zip archive, or pattern in quotes"
    )
    command.add_argument(
        "--list", metavar="FILE", help="read paths from FILE, one a line or ended by zero bytes; - is standard input"
    )
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the results")
    command.add_argument("--manifest", type=Path, metavar="FILE", help="CSV with issuer, region code, year and URL of each path")
    command.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings; see docs/configuration.md")
    command.add_argument("--pictures", choices=("series", "apart", "together"), default="series",
                         help="which pictures together are one report (default: series, see below)")  # fmt: skip
    _add_engine(command)
    command.add_argument("--again", action="store_true", help="read anew what was done before")
    _add_running(command)


def _add_show(commands: Commands) -> None:
    """Adds `show`."""
    command = _add_command(
        commands,
        "show",
        "write a page with what each step saw of a document",
        "Writes one web page, which needs no server: the pages with words, rulings and cells drawn over them, the recovered\n"
        "grids, which printed label each row and column was matched with and how surely, the cells and why they are in doubt.\n"
        "The first thing to look at when a table came out wrong. A click on a cell of a matrix opens its explanation: what each\n"
        "reader saw, which equations, sentences and labels vouch for it, what speaks against it, and why it is flagged or not.\n"
        "--cell prints the same of one cell, or of those that a pattern names, and writes a picture of each.",
        "  gouji show report.pdf --out out\n  gouji show zezhou-2024 --out out        (a document that was ingested into out)\n"
        "  gouji show zezhou-2024 --out out --cell requests/new/total\n"
        "  gouji show zezhou-2024 --out out --cell 'litigation/*/*'\n"
        "  gouji show report.pdf --out out --cell review         (all cells that are to be reviewed)",
    )
    command.add_argument("document", metavar="DOC|FILE", help="id or stem of a document in DIR, or a file")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results; the page goes to DIR/show/")
    command.add_argument(
        "--cell", metavar="TABLE/ROW/COLUMN", help="explain this cell here instead; * is any, review all flagged"
    )
    command.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    _add_engine(command)


def _add_engine(command: argparse.ArgumentParser) -> None:
    """Adds the options that choose the recogniser; they go before the configuration."""
    command.add_argument("--engine", choices=("ppocr", "paddleocr"), help="who reads scans (else the setting: ppocr)")
    command.add_argument("--runtime", choices=("auto", "openvino", "onnxruntime"), help="what runs it (else the setting: auto)")


def _add_schema(commands: Commands) -> None:
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
    summary = "rows, columns and equations of a family or of one table"
    show = actions.add_parser("show", help=summary, description=f"Prints {summary}, in every variant.")
    show.add_argument("family", metavar="FAMILY", help="a family that `gouji schema list` names")
    show.add_argument("table", nargs="?", metavar="TABLE", help="a table of it; all where none is named")


def _add_export(commands: Commands) -> None:
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
    command.add_argument("--format", required=True, choices=("csv", "xlsx", "parquet", "html", "json", "training"),
                         help="what to write; training: the answers of people as a labelled set")  # fmt: skip
    command.add_argument("--to", type=Path, metavar="PATH", help="file or folder to write to (default: DIR/export)")


def _add_review(commands: Commands) -> None:
    """Adds `review`."""
    command = _add_command(
        commands,
        "review",
        "show doubtful cells beside their source, and keep what people say",
        "Serves a page on this machine on which people confirm or correct the cells that are in doubt, most useful first, by\n"
        "keyboard. Every answer goes into the ledger and into matrices.json at once; Ctrl-C ends the server, nothing is lost.",
        "  gouji review --out out\n"
        "  gouji review --out out --port 9000 --no-browser\n"
        '  gouji review --out out --host 10.0.0.5 --token "$(openssl rand -hex 16)"     (for other machines)',
    )
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results")
    command.add_argument("--port", type=_whole_number(0, 65535), metavar="N",
                         help="port to listen on (default: 8765; 0 for any that is free)")  # fmt: skip
    command.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (default: 127.0.0.1)")
    command.add_argument("--token", metavar="TEXT", help="what a browser must bring; needed for any other address")
    command.add_argument("--no-browser", action="store_true", help="open no browser, print the address alone")
    command.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    """Returns what reads a whole number from `least` to `most`, and says so where there is none."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read


def _add_running(command: argparse.ArgumentParser) -> None:
    """Adds the options of all commands that read documents."""
    command.add_argument("--workers", type=_whole_number(0, 256), metavar="N",
                         help="processes that read (default: one a core, at most 4); 0: this one alone, no limits")  # fmt: skip
    command.add_argument("--quiet", action="store_true", help="print only failures and the last line")
    command.add_argument("--json-log", action="store_true", help="write what happens to standard error, a line of JSON each")


def _add_reprocess(commands: Commands) -> None:
    """Adds `reprocess`."""
    command = _add_command(
        commands,
        "reprocess",
        "read failed documents once more, or others that you choose",
        "Reads documents of DIR anew: those that failed, that have a page which failed, or that a reviewer sent back; with\n"
        "options, those that meet all of them. What a person has confirmed or corrected is kept; where the new reading\n"
        "differs from it, a finding says so.",
        "  gouji reprocess --out out\n"
        "  gouji reprocess --out out --failure timed_out --config slow.toml\n"
        "  gouji reprocess --out out --document zezhou-2024 --dpi 300\n"
        "  gouji reprocess --out out --status review --since-version 0.2.0",
    )
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results")
    command.add_argument("--status", choices=("accepted", "review", "failed"), help="documents with this status")
    command.add_argument(
        "--failure", metavar="CLASS", help="documents that failed, or have a page that failed, so; see `gouji status`"
    )
    command.add_argument("--document", action="append", metavar="DOC", help="id or stem of a document; may be given again")
    command.add_argument("--since-version", metavar="V", help="documents that a version of Gouji older than V has read")
    command.add_argument("--dpi", type=_whole_number(36, 1200), metavar="N", help="resolution at which scanned pages are read")
    command.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
    _add_engine(command)
    _add_running(command)


def _add_status(commands: Commands) -> None:
    """Adds `status`."""
    command = _add_command(
        commands,
        "status",
        "count what a folder of results holds",
        "Counts inputs and documents by state, failures by class, cells to review, and how fast the last run was.\n"
        "May be asked while a run goes on.",
        "  gouji status --out out\n  gouji status --out out --json",
    )
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results")
    command.add_argument("--json", action="store_true", help="print JSON")


def _add_report(commands: Commands) -> None:
    """Adds `report`."""
    command = _add_command(
        commands,
        "report",
        "write a page about a folder of results",
        "Writes one web page, which needs no server: counts, failures with reasons, documents to review with their findings\n"
        "and pictures of doubtful cells, and the last runs.",
        "  gouji report --out out\n  gouji report --out out --pictures 0",
    )
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of results; the page is DIR/report.html")
    command.add_argument("--pictures", type=_whole_number(0, 10_000), default=60, metavar="N",
                         help="most pictures of cells (default: 60)")  # fmt: skip


def _add_config(commands: Commands) -> None:
    """Adds `config`."""
    command = _add_command(
        commands,
        "config",
        "show the settings in use",
        "Prints all settings as TOML, as the file and the environment have them; what differs from the default is marked.",
        "  gouji config show\n  gouji config show --config mine.toml > all.toml",
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="show")
    show = actions.add_parser("show", help="all settings")
    show.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings")
