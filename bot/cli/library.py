"""`dateline stats`, `doctor` and `reindex`: the library as a whole."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import FAILED, OK
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from bot.wiring import Bot

_SHOWN = 20


@takes(CommonOptions)
def stats(options: CommonOptions) -> int:
    """Show how much the library holds, of which outlets and dates, and what could not be read."""
    from bot.wiring import Bot

    with Bot.open(options.read_settings()) as bot:
        report = _report(bot)
    if options.as_json:
        write_json(report)
    else:
        _show_report(report)
    return OK


@takes(CommonOptions)
def doctor(options: CommonOptions) -> int:
    """Check every promise that the library makes; exits with 1 if one is broken.

    Beside each failure stands what mends it.
    """
    from bot.wiring import examine_library

    findings = examine_library(options.read_settings())
    is_well = all(finding.ok for finding in findings)
    if options.as_json:
        rows = [
            {"check": one.check, "ok": one.ok, "detail": one.detail, "fix": one.fix}
            for one in findings
        ]
        write_json({"ok": is_well, "findings": rows})
        return OK if is_well else FAILED
    from bot.cli.page import Page

    page = Page(open_console(sys.stdout))
    for finding in findings:
        mark = ("ok  ", "green") if finding.ok else ("FAIL", "bold red")
        detail = f": {finding.detail}" if finding.detail not in {"", "ok"} else ""
        page.line(mark, f" {finding.check}{detail}")
        if not finding.ok and finding.fix:
            page.line(f"fix: {finding.fix}", indent=6)
    return OK if is_well else FAILED


@takes(CommonOptions)
def reindex(options: CommonOptions) -> int:
    """Make both indexes anew from the catalog, without embedding anything again."""
    from bot.wiring import Bot

    started = time.monotonic()
    with Bot.open(options.read_settings()) as bot:
        write_note("Making both indexes anew …")
        bot.library.reindex()
        chunks = bot.library.catalog.stats().chunks
    seconds = round(time.monotonic() - started, 3)
    if options.as_json:
        write_json({"chunks": chunks, "seconds": seconds})
    else:
        write_note(f"Indexed {chunks:,} chunks in {seconds:.1f} s.")
    return OK


def _report(bot: Bot) -> dict[str, Any]:
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
        "model": {"name": card.name, "digest": card.digest, "dimensions": card.dimensions},
        "catalog": catalog.database.place,
        "bytes": {
            "catalog": catalog.database.size(),
            **{name: _bytes_in(folder / name) for name in ("lexical", "dense")},
        },
    }


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
    for name, value in rows.items():
        page.line(value, indent=11, first=name)
    outlets = report["outlets"]
    if outlets:
        page.line(("Outlets", "bold"))
    for name in list(outlets)[:_SHOWN]:
        page.line(name, indent=9, first=f"{outlets[name]:>7,}")
    _show_more(len(outlets), page)
    failures = report["failures"]
    if failures:
        page.line(("Could not be read", "bold"))
    for failure in failures[:_SHOWN]:
        page.line((failure["source"], "bold"), f": {failure['reason']}", indent=2)
    _show_more(len(failures), page)


def _show_more(count: int, page: Any) -> None:
    if count > _SHOWN:
        page.line(f"and {count - _SHOWN:,} more; all of them: dateline stats --json", indent=2)
