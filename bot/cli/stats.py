"""`dateline stats`: how much a library holds, how fresh it is, and what was asked of it."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import open_console, write_json
from bot.cli.edge import OK
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError

if TYPE_CHECKING:
    from bot.telemetry.survey import Survey
    from bot.wiring import Bot

_SHOWN = 20
_ASKED_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsOptions(CommonOptions):
    """How to show them."""

    prometheus: Annotated[
        bool,
        typer.Option(
            "--prometheus",
            metavar="",
            help="Print the gauges as Prometheus reads them, for a textfile collector.",
        ),
    ] = False


@takes(StatsOptions)
def stats(options: StatsOptions) -> int:
    """Show how much the library holds, how fresh it is, and what could not be read."""
    from bot.telemetry.survey import survey_library
    from bot.wiring import Bot

    if options.prometheus and options.as_json:
        raise UsageError("Give --prometheus or --json, not both.")
    with Bot.open(options.read_settings()) as bot:
        survey = survey_library(bot.library.catalog)
        if options.prometheus:
            from bot.telemetry.metrics import render_survey

            sys.stdout.write(render_survey(survey).decode())
            return OK
        report = _report(bot, survey)
    if options.as_json:
        write_json(report)
    else:
        _show_report(report)
    return OK


def _report(bot: Bot, survey: Survey) -> dict[str, Any]:
    catalog, folder = bot.library.catalog, bot.library.folder
    size, card = catalog.stats(), bot.embedder.card
    failures = [{"source": one.source, "reason": one.reason} for one in catalog.failures()]
    return {
        "library": str(folder),
        "revision": size.revision,
        "articles": size.articles,
        "versions": size.versions,
        "origins": size.origins,
        "chunks": size.chunks,
        "undated": size.undated,
        "oldest": size.oldest.isoformat() if size.oldest else None,
        "newest": size.newest.isoformat() if size.newest else None,
        "outlets": catalog.outlets(),
        "sources": size.sources,
        "failures": failures,
        "newest_by_outlet": {one.name: _day(one.newest) for one in survey.outlets},
        "watched": [dataclasses.asdict(one) for one in survey.sources],
        "answers": {"days": _ASKED_DAYS, "by_status": _count_answers(bot)},
        "model": {"name": card.name, "digest": card.digest, "dimensions": card.dimensions},
        "catalog": catalog.database.place,
        "bytes": {
            "catalog": catalog.database.size(),
            **{name: _bytes_in(folder / name) for name in ("lexical", "dense")},
        },
    }


def _count_answers(bot: Bot) -> dict[str, int]:
    """Answers given in Slack in the last days, by their status."""
    from bot.given.census import count_given

    since = datetime.now(UTC) - timedelta(days=_ASKED_DAYS)
    return count_given(bot.library.catalog.database, since)


def _day(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds is not None else None


def _bytes_in(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _show_report(report: dict[str, Any]) -> None:
    from bot.cli.page import Page

    page = Page(open_console(sys.stdout))
    megabytes = {name: f"{size / 1e6:.1f} MB" for name, size in report["bytes"].items()}
    rows = {
        "library": report["library"],
        "catalog": report["catalog"],
        "articles": f"{report['articles']:,} in {report['versions']:,} versions, "
        f"{report['origins']:,} origins, {report['undated']:,} undated",
        "chunks": f"{report['chunks']:,}",
        "published": f"{report['oldest'] or '-'} to {report['newest'] or '-'}",
        "revision": str(report["revision"]),
        "model": f"{report['model']['name']}, {report['model']['dimensions']} dimensions",
        "size": ", ".join(f"{name} {size}" for name, size in megabytes.items()),
        "sources": f"{report['sources']:,} read to the end",
    }
    if by_status := report["answers"]["by_status"]:
        told = ", ".join(f"{count:,} {status}" for status, count in by_status.items())
        rows["asked"] = f"{told} in {_ASKED_DAYS} days"
    for name, value in rows.items():
        page.line(value, indent=11, first=name)
    outlets = report["outlets"]
    if outlets:
        page.line(("Outlets", "bold"))
    for name in list(outlets)[:_SHOWN]:
        newest = report["newest_by_outlet"].get(name)
        page.line(f"{name}, newest {newest or 'undated'}", indent=9, first=f"{outlets[name]:>7,}")
    _show_more(len(outlets), page)
    _show_watched(report["watched"], page)
    failures = report["failures"]
    if failures:
        page.line(("Could not be read", "bold"))
    for failure in failures[:_SHOWN]:
        page.line((failure["source"], "bold"), f": {failure['reason']}", indent=2)
    _show_more(len(failures), page)


def _show_watched(watched: list[dict[str, Any]], page: Any) -> None:
    if watched:
        page.line(("Watched sources", "bold"))
    for one in watched[:_SHOWN]:
        read = _minute(one["read_at"]) or "never"
        trouble = f", {one['tries']} failures in a row" if one["tries"] else ""
        page.line((one["key"], "bold"), f": read {read}{trouble}", indent=2)
    _show_more(len(watched), page)


def _minute(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _show_more(count: int, page: Any) -> None:
    if count > _SHOWN:
        page.line(f"and {count - _SHOWN:,} more; all of them: dateline stats --json", indent=2)
