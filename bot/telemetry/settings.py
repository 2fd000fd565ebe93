"""How a running bot is watched, read from the environment. Imports no library for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from index.errors import UsageError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


@dataclass(frozen=True, slots=True)
class TraceSettings:
    """Settings of traces."""

    endpoint: str | None = field(default=None, repr=False)
    """`OTEL_EXPORTER_OTLP_ENDPOINT`: a collector that speaks OTLP over HTTP; None sends nothing."""
    service: str = "dateline"
    """`OTEL_SERVICE_NAME`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> TraceSettings:
        """Read the settings; `OTEL_SDK_DISABLED=true` turns sending off."""
        is_off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
        named = next((environ[name] for name in _ENDPOINTS if environ.get(name)), None)
        return cls(None if is_off else named, environ.get("OTEL_SERVICE_NAME") or "dateline")

    @property
    def shown_endpoint(self) -> str:
        """The endpoint without a password or a query, fit for logs."""
        return (self.endpoint or "").rpartition("@")[2].partition("?")[0]


class LogForm(StrEnum):
    """How a log line is written."""

    TEXT = "text"
    LOGFMT = "logfmt"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Settings of the log."""

    NAMES: ClassVar[frozenset[str]] = frozenset({"DATELINE_LOG", "DATELINE_LOG_LEVEL"})
    """Every variable that is read here."""

    level: int = logging.WARNING
    """`DATELINE_LOG_LEVEL`; else warnings for a command, INFO for what runs on and on."""
    form: LogForm = LogForm.TEXT
    """`DATELINE_LOG`: `text`, `logfmt` or `json`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, level: int = logging.WARNING) -> LogSettings:
        """Read the settings; `level` holds where the environment names none.

        Raises:
            UsageError: If a value cannot be used.
        """
        named = environ.get("DATELINE_LOG_LEVEL", "").strip().lower()
        if named and named not in _LEVELS:
            raise UsageError(f"DATELINE_LOG_LEVEL={named!r}: choose one of {', '.join(_LEVELS)}.")
        form = environ.get("DATELINE_LOG", "").strip().lower() or LogForm.TEXT.value
        if form not in list(LogForm):
            raise UsageError(f"DATELINE_LOG={form!r}: choose text, logfmt or json.")
        return cls(_LEVELS.get(named, level), LogForm(form))
