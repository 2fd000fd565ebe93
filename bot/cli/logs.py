"""Logging, configured here and nowhere else: to standard error, one harmless line an event."""

from __future__ import annotations

import logging
import sys

from bot.plain import plain_text

_ROOMS = ("bot", "index", "prompts", "eval")


class _TerminalHandler(logging.Handler):
    """Writes to what standard error is at that moment, so that a progress bar can step aside."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(plain_text(self.format(record)) + "\n")
            sys.stderr.flush()
        except Exception:  # a log line must never end the work that it reports on
            self.handleError(record)


def configure_logging(*, verbose: bool) -> None:
    """Show warnings of our own rooms, or with `verbose` everything down to DEBUG."""
    for room in _ROOMS:
        logger = logging.getLogger(room)
        logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
        for handler in [one for one in logger.handlers if isinstance(one, _TerminalHandler)]:
            logger.removeHandler(handler)
        handler = _TerminalHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
        # Other people's handlers, such as a test's, still get to see it through the root.
        logger.propagate = True
