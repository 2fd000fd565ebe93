"""`dateline ingest`: articles into the library."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import INTERRUPTED, OK, PARTLY_DONE, WRONG_USE
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from bot.cli.reading import ReadingRules
    from index.ingest import IngestSummary

_SHOWN_FAILURES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions(CommonOptions):
    """What to read, and how."""

    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE…",
            help="A file (.txt, .md, .html, .json, .jsonl, .csv, .xml, .warc), a folder, a glob, "
            "the address of a story, feed or sitemap, or - for JSON lines on stdin.",
        ),
    ]
    map_fields: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=THEIRS",
            help="Where records keep a field, such as body=content.text. May be repeated.",
        ),
    ] = None
    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="The outlet of articles that name none.")
    ] = None


@takes(IngestOptions)
def ingest(options: IngestOptions) -> int:
    """Read articles and store what is new in them.

    Unchanged articles cost nothing; an edited one becomes a new version. What cannot be read is
    listed with its reason, the rest goes on, and the exit code is 5.
    """
    from bot.cli.progress import show_progress
    from bot.retention import apply_retention
    from bot.wiring import Bot
    from index.sources import find_sources

    rules = _reading_rules(options)
    sources = list(find_sources(options.sources))
    settings = options.read_settings()
    with (
        Bot.open(settings, create=True) as bot,
        show_progress(len(sources)) as progress,
    ):
        web = bot.web_reader(settings.index.fetch) if any(one.is_web for one in sources) else None
        ingester = bot.ingester(rules.reader(web))
        summary = ingester.ingest(map(rules.mark, sources), progress=progress)
        if not summary.is_interrupted:
            apply_retention(bot.library)
    if options.as_json:
        write_json(_render(summary))
    else:
        _show(summary)
    return _code_of(summary)


def _reading_rules(options: IngestOptions) -> ReadingRules:
    from bot.cli.reading import ReadingRules
    from index.sources import FieldMapping

    return ReadingRules(FieldMapping.parse(options.map_fields or ()), options.outlet)


def _render(summary: IngestSummary) -> dict[str, Any]:
    return {
        "added": summary.added,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "failed": [{"source": one.source, "reason": one.reason} for one in summary.failed],
        "chunks": summary.chunks,
        "seconds": round(summary.seconds, 3),
    }


def _show(summary: IngestSummary) -> None:
    from bot.cli.page import Page

    page = Page(open_console(sys.stdout))
    page.line(
        f"{summary.added:,} added, {summary.updated:,} updated, {summary.unchanged:,} unchanged, "
        f"{len(summary.failed):,} failed; {summary.chunks:,} chunks in {summary.seconds:.1f} s"
    )
    if summary.failed:
        page.line(("Could not be read", "bold"))
    for failure in summary.failed[:_SHOWN_FAILURES]:
        page.line((failure.source, "bold"), f": {failure.reason}", indent=2)
    more = len(summary.failed) - _SHOWN_FAILURES
    if more > 0:
        page.line(f"and {more:,} more; all of them: dateline stats --json", indent=2)


def _code_of(summary: IngestSummary) -> int:
    if summary.is_interrupted:
        write_note("What was counted is stored. Run the same command again for the rest.")
        return INTERRUPTED
    if not summary.failed:
        return OK
    # Where nothing at all could be read, nothing is partly done.
    return PARTLY_DONE if summary.added + summary.updated + summary.unchanged else WRONG_USE
