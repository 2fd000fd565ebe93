"""The manifest that is pasted into Slack is one that Slack takes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.manifest import build_manifest
from bot.slack.settings import Mode
from tests.slack.manifest import find_manifest_faults


@pytest.mark.parametrize(
    "options",
    [
        {"mode": Mode.SOCKET},
        {"mode": Mode.SOCKET, "name": "N" * 35},
        {"mode": Mode.HTTP, "address": "https://bot.example"},
        {"mode": Mode.HTTP, "address": "https://bot.example", "oauth": True},
    ],
)
def test_slack_takes_the_manifest(options: dict[str, Any]) -> None:
    assert find_manifest_faults(build_manifest(**options)) == []


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("display_information", "name"), "N" * 36, "$.display_information.name"),
        (("display_information", "colour"), "#fff", "$.display_information"),
        (("features", "agent_view", "agent_description"), "x" * 301, "$.features.agent_view"),
        (("features", "slash_commands", 0, "command"), "dateline", "$.features.slash_commands[0]"),
        (("features", "shortcuts", 0, "name"), "x" * 25, "$.features.shortcuts[0].name"),
        (("oauth_config", "scopes", "bot"), ["chat:shout"], "no scope chat:shout"),
        (("settings", "event_subscriptions", "bot_events"), ["app_shout"], "no event app_shout"),
        (("settings", "socket_mode_enabled"), False, "events have no request_url"),
        (("settings", "interactivity"), {}, "$.settings.interactivity"),
    ],
)
def test_what_slack_would_refuse_is_found(path: Any, value: Any, fault: str) -> None:
    manifest: Any = build_manifest(Mode.SOCKET)
    place = manifest
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert any(one.startswith(fault) for one in find_manifest_faults(manifest))
