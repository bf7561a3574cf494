"""The exceptions of Gouji: each with an exit code, a failure class and advice.

Whatever cannot proceed raises a `GoujiError`. Doubtful data is never an exception: it is a `Finding`.
A `DocumentError` ends one document (its `failure_class` goes into the result); every other error ends the run.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_DOCUMENT_FAILED = 1
EXIT_USAGE = 2
EXIT_NO_INPUT = 3
EXIT_OUTPUT = 4
EXIT_CONFIG = 5
EXIT_BUSY = 6
EXIT_LEDGER = 7
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130


class GoujiError(Exception):
    """Something that cannot proceed.

    Args:
        message: what happened, one sentence, for a person.
        advice: what to do about it, one sentence.
    """

    exit_code = EXIT_INTERNAL

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class UsageError(GoujiError):
    """The command line asks for something that does not exist."""

    exit_code = EXIT_USAGE


class InputMissingError(GoujiError):
    """No input was found where the command said."""

    exit_code = EXIT_NO_INPUT


class OutputError(GoujiError):
    """Results cannot be written."""

    exit_code = EXIT_OUTPUT


class ConfigError(GoujiError):
    """A configuration, schema or manifest file is wrong."""

    exit_code = EXIT_CONFIG


class BusyError(GoujiError):
    """Another run works in the same folder, or another program holds its ledger."""

    exit_code = EXIT_BUSY


class LedgerError(GoujiError):
    """The ledger is damaged, or is none of ours."""

    exit_code = EXIT_LEDGER


class DocumentError(GoujiError):
    """One document cannot be read; the others of the run go on."""

    exit_code = EXIT_DOCUMENT_FAILED
    failure_class = "unreadable"


class EmptyDocumentError(DocumentError):
    """The file has no bytes, or nothing but white space."""

    failure_class = "empty"


class UnsupportedFormatError(DocumentError):
    """A format that Gouji does not read (doc, docx, wps, ofd, xls, mht, images ...)."""

    failure_class = "unsupported"


class MislabelledError(DocumentError):
    """The content is not what the extension says, and holds no report."""

    failure_class = "mislabelled"


class DamagedError(DocumentError):
    """The file is truncated or its structure is broken."""

    failure_class = "damaged"


class EncryptedError(DocumentError):
    """The document needs a password that we do not have."""

    failure_class = "encrypted"


class NoPagesError(DocumentError):
    """A PDF without pages."""

    failure_class = "no_pages"


class NeedsOcrError(DocumentError):
    """No usable text: the content is a picture, or its text layer is junk."""

    failure_class = "needs_ocr"


class TooLargeError(DocumentError):
    """A size beyond a limit of the configuration."""

    failure_class = "too_large"


class FileAccessError(DocumentError):
    """The file cannot be opened (permissions, vanished, a device or pipe)."""

    failure_class = "unreadable_file"
