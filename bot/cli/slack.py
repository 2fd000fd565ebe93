"""`dateline slack`: the bot in Slack."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from bot.cli.console import write_json, write_note
from bot.cli.edge import FAILED, OK
from bot.cli.options import CommonOptions, takes
from bot.plain import plain_line

if TYPE_CHECKING:
    from bot.slack.check import Finding

slack_app = typer.Typer(help="Serve the archive in Slack.", no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(CommonOptions):
    """How the bot answers."""

    runs_on: ClassVar[bool] = True

    offline: Annotated[
        bool,
        typer.Option("--offline", metavar="", help="Use no language model: quotes only."),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestOptions(CommonOptions):
    """What the manifest is made for."""

    name: Annotated[
        str, typer.Option(metavar="NAME", help="What the bot is called; 35 characters at most.")
    ] = "Dateline"
    address: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The bot's public address, for DATELINE_SLACK_MODE=http."),
    ] = None


@slack_app.command("run", epilog="Example: dateline slack run --library ~/news")
@takes(RunOptions)
def run_slack(options: RunOptions) -> int:
    """Answer in Slack until stopped; SIGTERM ends it after the answers in hand."""
    import dataclasses

    from bot.cli.tracer import open_tracer
    from bot.settings import BotSettings
    from bot.slack.serving import serve
    from bot.slack.settings import SlackSettings

    slack = SlackSettings.from_env(os.environ)
    slack.require()
    settings = BotSettings.from_env(os.environ, offline=options.offline)
    if options.library:
        settings = dataclasses.replace(settings, library=options.library)
    with open_tracer() as tracer:
        serve(settings, slack, tracer, on_ready=write_note)
    return OK


@slack_app.command("manifest", epilog="Example: dateline slack manifest > manifest.json")
@takes(ManifestOptions)
def show_manifest(options: ManifestOptions) -> int:
    """Print the app's manifest, to paste at https://api.slack.com/apps (Create New App)."""
    from bot.slack.manifest import build_manifest
    from bot.slack.settings import SlackSettings
    from index.errors import UsageError

    if not 1 <= len(options.name) <= 35:
        raise UsageError("--name: Slack takes 1 to 35 characters.")
    if options.address and not options.address.startswith("https://"):
        raise UsageError("--address: Slack sends to https:// addresses only.")
    settings = SlackSettings.from_env(os.environ)
    manifest = build_manifest(
        settings.mode,
        name=options.name,
        address=options.address,
        oauth=settings.oauth is not None,
    )
    json.dump(manifest, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return OK


@slack_app.command("check", epilog="Example: dateline slack check")
@takes(CommonOptions)
def check(options: CommonOptions) -> int:
    """Say what is missing in settings, tokens, scopes and events, and what mends it."""
    from bot.slack.check import check_slack
    from bot.slack.settings import SlackSettings

    settings = SlackSettings.from_env(os.environ)
    findings = check_slack(settings, config_token=os.environ.get("SLACK_CONFIG_TOKEN") or None)
    if options.as_json:
        rows = [{"what": one.what, "ok": one.ok, "detail": one.detail} for one in findings]
        write_json({"findings": rows})
    else:
        for one in findings:
            write_note(_line(one))
    return FAILED if any(one.ok is False for one in findings) else OK


def _line(finding: Finding) -> str:
    sign = {True: "ok  ", False: "FAIL", None: "  ? "}[finding.ok]
    return f"{sign} {finding.what}: {plain_line(finding.detail)}"
