"""Processes that count as alive until what they said before they died has been heard."""

from __future__ import annotations

from multiprocessing.context import ForkServerProcess

_LOOKS = 10
"""The pool looks ten times a second, and hears what a worker said within milliseconds even on a busy machine."""


class HeardOutProcess(ForkServerProcess):
    """A process whose death is told some looks late, so that its last words come first.

    The pool hears its workers in one thread and looks for dead ones in another. A worker that hands in one document, takes the
    next and dies of it at once was found dead before either message had been read: the document that it had handed in was
    blamed and its result lost, and of the death of the other nothing was told. A worker that was told to end, or that ended of
    itself with nothing amiss, has no last words that matter.
    """

    _looks = 0
    _told_to_end = False

    def is_alive(self) -> bool:
        """Returns whether the process lives, or died a moment ago."""
        if super().is_alive():
            return True
        if self._told_to_end or self.exitcode == 0:
            return False
        self._looks += 1
        return self._looks <= _LOOKS

    def terminate(self) -> None:
        """Tells the process to end."""
        self._told_to_end = True
        super().terminate()
