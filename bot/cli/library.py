"""`dateline doctor` and `reindex`: the library as a whole."""

from __future__ import annotations

import sys
import time

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import FAILED, OK
from bot.cli.options import CommonOptions, takes

_SHOWN = 20


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
