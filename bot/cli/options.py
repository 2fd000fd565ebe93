"""Options as frozen dataclasses: a command takes one object, not a dozen parameters.

Each field is annotated as typer wants a parameter annotated. What every command takes may also
stand before the command's name: `dateline --library ~/news ask …`.
"""

from __future__ import annotations

import dataclasses
import inspect
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar, get_type_hints

import typer

from bot.cli.edge import quieten_pipes
from bot.cli.logs import configure_logging
from bot.settings import BotSettings
from bot.telemetry.settings import LogSettings
from index.errors import UsageError

_COMMON = "Options of every command"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonOptions:
    """What every command takes."""

    runs_on: ClassVar[bool] = False
    """Whether the command runs until it is stopped, so that its log is all that it shows."""

    library: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The library's folder; else DATELINE_LIBRARY, else the user's data folder.",
            rich_help_panel=_COMMON,
        ),
    ] = None
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            metavar="",
            help="Print one JSON object, for programs.",
            rich_help_panel=_COMMON,
        ),
    ] = False
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            metavar="",
            help="Log what happens, and show where a failure came from.",
            rich_help_panel=_COMMON,
        ),
    ] = False

    def read_settings(self) -> BotSettings:
        """The operator's settings, with the library that was named on the command line, if any.

        Raises:
            UsageError: If a variable of the environment cannot be used.
        """
        settings = BotSettings.from_env(os.environ)
        return dataclasses.replace(settings, library=self.library) if self.library else settings


_Options = TypeVar("_Options", bound=CommonOptions)


def takes(
    options: type[_Options],
) -> Callable[[Callable[[_Options], int | None]], Callable[..., int | None]]:
    """Turn a function of one options object into one that typer can make a command of.

    Returned exit codes reach `bot.cli.edge`.
    """

    def decorate(handle: Callable[[_Options], int | None]) -> Callable[..., int | None]:
        def call(context: typer.Context, **given: Any) -> int | None:
            chosen = options(**_with_outer(given, context.obj))
            # Commands below this one start from what was chosen here.
            context.obj = chosen
            configure_logging(_log_settings(chosen))
            _refuse_bad_bytes(chosen)
            return quieten_pipes(lambda: handle(chosen))

        call.__name__, call.__doc__ = handle.__name__, handle.__doc__
        # What typer reads in place of the real one.
        setattr(call, "__signature__", inspect.Signature(list(_parameters(options))))  # noqa: B010
        return call

    return decorate


def _log_settings(options: CommonOptions) -> LogSettings:
    if options.verbose:
        environ = {**os.environ, "DATELINE_LOG_LEVEL": "debug"}
        return LogSettings.from_env(environ)
    level = logging.INFO if options.runs_on else logging.WARNING
    return LogSettings.from_env(os.environ, level=level)


def _parameters(options: type[CommonOptions]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(options, include_extras=True)
    common = {field.name for field in dataclasses.fields(CommonOptions)}
    yield inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    # The command's own come first in its help.
    for field in sorted(dataclasses.fields(options), key=lambda field: field.name in common):
        required = field.default is dataclasses.MISSING
        yield inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if required else field.default,
            annotation=hints[field.name],
        )


def _with_outer(given: dict[str, Any], outer: object) -> dict[str, Any]:
    """What was given, with the options that stood before the command's name where it has none."""
    return {name: value or getattr(outer, name, value) for name, value in given.items()}


def _refuse_bad_bytes(options: CommonOptions) -> None:
    """Arguments that are not UTF-8 reach Python as lone surrogates, which nothing can store.

    Raises:
        UsageError: Naming the option. Files to ingest may be named so: that is how they are named.
    """
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        text = str(value) if isinstance(value, str | Path) else ""
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            shown = text.encode("utf-8", "backslashreplace").decode()
            raise UsageError(f"{field.name}: {shown!r} is not UTF-8. Type it in UTF-8.")
