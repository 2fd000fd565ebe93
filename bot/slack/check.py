"""Looks at what Slack granted the app, and says what is missing and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.policy import Policy
from bot.slack.routes import COMMAND, bot_events, bot_scopes
from bot.slack.settings import Mode, SlackSettings
from bot.slack.workspace import build_client
from index.errors import DatelineError

_REINSTALL = "Update the app with: dateline slack manifest, then install it again."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool | None
    """None where it cannot be seen from here."""
    detail: str
    """What was found and, where it is wrong, what mends it; one line without secrets."""


def check_slack(settings: SlackSettings, *, config_token: str | None = None) -> list[Finding]:
    """Look at settings, tokens, scopes, events and the policy.

    Args:
        settings: The operator's.
        config_token: An app configuration token (xoxe.xoxp-): with it the app's own manifest is
            read, without it the events that it subscribes to cannot be seen.
    """
    return list(_check(settings, config_token))


def _check(settings: SlackSettings, config_token: str | None) -> Iterator[Finding]:
    yield _check_settings(settings)
    yield _check_policy(settings)
    if settings.bot_token:
        yield from _check_bot(settings, settings.bot_token, config_token)
    if settings.mode is Mode.SOCKET and settings.app_token:
        yield _check_app_token(settings, settings.app_token)


def _check_settings(settings: SlackSettings) -> Finding:
    try:
        settings.require()
    except DatelineError as error:
        return Finding("settings", False, str(error))
    kind = "several workspaces by OAuth" if settings.oauth else "one workspace"
    return Finding("settings", True, f"{settings.mode.value} mode, {kind}")


def _check_policy(settings: SlackSettings) -> Finding:
    try:
        policy = Policy.load(settings.policy)
    except DatelineError as error:
        return Finding("policy", False, str(error))
    where = str(settings.policy) if settings.policy else "none: members ask and see everything"
    channels = len(policy.file.channels)
    return Finding("policy", True, where + (f"; {channels} channels named" if channels else ""))


def _check_bot(settings: SlackSettings, token: str, config_token: str | None) -> Iterator[Finding]:
    client = build_client(token, settings.api_url)
    try:
        told = client.auth_test()
    except (SlackClientError, OSError) as error:
        yield Finding("bot token", False, f"{_reason(error)}. Copy SLACK_BOT_TOKEN again.")
        return
    yield Finding("bot token", True, f"{told.get('user')} in {told.get('team')}")
    yield _check_scopes(told.headers)
    yield _check_events(client, told, config_token, settings.api_url)


def _check_scopes(headers: Mapping[str, Any]) -> Finding:
    named = {name.lower(): value for name, value in headers.items()}
    granted = {
        scope.strip() for scope in str(named.get("x-oauth-scopes") or "").split(",") if scope
    }
    if not granted:
        return Finding("scopes", None, "Slack does not tell which scopes the token has")
    missing = sorted(set(bot_scopes()) - granted)
    if missing:
        return Finding("scopes", False, f"missing: {', '.join(missing)}. {_REINSTALL}")
    needless = sorted(granted - set(bot_scopes()))
    more = f"; not needed: {', '.join(needless)}" if needless else ""
    return Finding("scopes", True, f"all {len(bot_scopes())} granted{more}")


def _check_events(client: WebClient, told: Any, config_token: str | None, api_url: str) -> Finding:
    if config_token is None:
        return Finding(
            "events", None,
            "not visible to the bot's token; set SLACK_CONFIG_TOKEN to an app configuration token "
            f"to compare, or look for: {', '.join(bot_events())}",
        )  # fmt: skip
    try:
        app_id = client.bots_info(bot=told["bot_id"])["bot"]["app_id"]
        exported = build_client(config_token, api_url).apps_manifest_export(app_id=app_id)
    except (SlackClientError, OSError, KeyError) as error:
        return Finding("events", None, f"the manifest cannot be read: {_reason(error)}")
    return _compare_manifest(exported["manifest"])


def _compare_manifest(manifest: Mapping[str, Any]) -> Finding:
    settings = manifest.get("settings") or {}
    features = manifest.get("features") or {}
    subscribed = (settings.get("event_subscriptions") or {}).get("bot_events") or ()
    wrong = [f"event {name}" for name in bot_events() if name not in subscribed]
    if not (settings.get("interactivity") or {}).get("is_enabled"):
        wrong.append("interactivity (buttons)")
    commands = [one.get("command") for one in features.get("slash_commands") or ()]
    if COMMAND not in commands:
        wrong.append(f"the command {COMMAND}")
    if not features.get("shortcuts"):
        wrong.append("the message shortcut")
    if wrong:
        return Finding("events", False, f"missing: {', '.join(wrong)}. {_REINSTALL}")
    return Finding("events", True, f"all {len(bot_events())} subscribed, buttons and command on")


def _check_app_token(settings: SlackSettings, token: str) -> Finding:
    try:
        build_client(None, settings.api_url).apps_connections_open(app_token=token)
    except (SlackClientError, OSError) as error:
        return Finding(
            "app token", False,
            f"{_reason(error)}. Make one with the scope connections:write (Basic Information, "
            "App-Level Tokens) and set SLACK_APP_TOKEN.",
        )  # fmt: skip
    return Finding("app token", True, "a connection may be opened")


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        needed = error.response.get("needed")
        return str(error.response.get("error")) + (f" (needs {needed})" if needed else "")
    return f"Slack cannot be reached ({type(error).__name__})"
