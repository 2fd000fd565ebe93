"""Logging, configured here and nowhere else: to standard error, one harmless line an event.

Our messages are prose and then pairs (`answered status=answered ms=12`); for programs the pairs
become fields.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from bot.plain import plain_line, plain_text
from bot.telemetry.settings import LogForm, LogSettings

_ROOMS = ("bot", "index", "prompts", "eval")
_PAIRS = re.compile(r"(?: [a-z_]+=\S*)+\Z")
_BARE = re.compile(r"[^\s\"=]+")


class _TerminalHandler(logging.Handler):
    """Writes to what standard error is at that moment, so that a progress bar can step aside."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(plain_text(self.format(record)) + "\n")
            sys.stderr.flush()
        except Exception:  # a log line must never end the work that it reports on
            self.handleError(record)


class JsonFormatter(logging.Formatter):
    """One JSON object an event: `time`, `level`, `logger`, `event`, the pairs, `trace_id`."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; a traceback stands under `exception`."""
        return json.dumps(_fields(record, self), ensure_ascii=False)


class LogfmtFormatter(logging.Formatter):
    """One line of `name=value` pairs an event."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; what holds spaces is quoted."""
        return " ".join(f"{name}={_quote(value)}" for name, value in _fields(record, self).items())


_FORMATTERS = {
    LogForm.TEXT: lambda: logging.Formatter("%(levelname)s %(name)s: %(message)s"),
    LogForm.JSON: JsonFormatter,
    LogForm.LOGFMT: LogfmtFormatter,
}


def configure_logging(settings: LogSettings) -> None:
    """Show what our own rooms log, from the settings' level on, in the settings' form."""
    for room in _ROOMS:
        logger = logging.getLogger(room)
        logger.setLevel(settings.level)
        for handler in [one for one in logger.handlers if isinstance(one, _TerminalHandler)]:
            logger.removeHandler(handler)
        handler = _TerminalHandler()
        handler.setFormatter(_FORMATTERS[settings.form]())
        logger.addHandler(handler)
        # Other people's handlers, such as a test's, still get to see it through the root.
        logger.propagate = True


def _fields(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, str]:
    message = plain_line(record.getMessage())
    pairs = _PAIRS.search(message)
    event = message[: pairs.start()] if pairs else message
    own = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event,
    }
    told = dict(pair.split("=", 1) for pair in pairs[0].split()) if pairs else {}
    if trace_id := _trace_id():
        own["trace_id"] = trace_id
    if record.exc_info:
        own["exception"] = formatter.formatException(record.exc_info)
    # A message cannot pass off a pair as one of ours.
    return {**told, **own}


def _trace_id() -> str | None:
    # Nobody traces while the module that does is not loaded; loading it here would cost its price.
    tracing = sys.modules.get("bot.telemetry.tracing")
    return tracing.current_trace_id() if tracing else None


def _quote(value: str) -> str:
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)
