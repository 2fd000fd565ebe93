"""The manifest asks for what the app takes and calls, and for nothing else."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.slack import response, workspace
from bot.slack.check import _compare_manifest
from bot.slack.manifest import build_manifest
from bot.slack.routes import METHOD_SCOPES, ROUTES, RouteKind, bot_events, bot_scopes
from bot.slack.settings import Mode


def test_scopes_and_events_are_those_of_the_routes_and_methods():
    manifest = build_manifest(Mode.SOCKET)
    assert manifest["oauth_config"]["scopes"]["bot"] == list(bot_scopes())
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(bot_events())
    commands = [one["command"] for one in manifest["features"]["slash_commands"]]
    assert commands == [one.name for one in ROUTES if one.kind is RouteKind.COMMAND]
    shortcuts = [one["callback_id"] for one in manifest["features"]["shortcuts"]]
    assert shortcuts == [one.name for one in ROUTES if one.kind is RouteKind.SHORTCUT]


def test_every_method_that_is_called_has_its_scopes_named():
    source = inspect.getsource(workspace) + inspect.getsource(response)
    called = set(re.findall(r'_translating\("([\w.]+)"\)', source))
    # The helper for streams starts them as well.
    assert called - {"auth.test"} == set(METHOD_SCOPES) - {"chat.startStream"}


def test_no_scope_lets_the_bot_read_more_than_it_must():
    assert set(bot_scopes()) == {
        "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write",
        "commands", "groups:history", "groups:read", "im:history", "mpim:history", "mpim:read",
        "users:read",
    }  # fmt: skip


@pytest.mark.parametrize("oauth", [False, True])
def test_http_mode_names_its_addresses(oauth):
    manifest = build_manifest(Mode.HTTP, address="https://bot.example/", oauth=oauth)
    url = "https://bot.example/slack/events"
    assert manifest["settings"]["event_subscriptions"]["request_url"] == url
    assert manifest["settings"]["interactivity"]["request_url"] == url
    assert manifest["features"]["slash_commands"][0]["url"] == url
    assert not manifest["settings"]["socket_mode_enabled"]
    redirects = manifest["oauth_config"].get("redirect_urls", [])
    assert redirects == (["https://bot.example/slack/oauth_redirect"] if oauth else [])
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert ("tokens_revoked" in events) is oauth


def test_the_command_prints_it(capsys, monkeypatch):
    monkeypatch.delenv("DATELINE_SLACK_MODE", raising=False)
    assert main(["slack", "manifest", "--name", "Newsbot"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == build_manifest(Mode.SOCKET, name="Newsbot")
    assert main(["slack", "manifest", "--address", "http://bot.example"]) == 2


def test_the_rooms_of_slack_know_the_web_api_in_one_module_only():
    folder = Path(inspect.getfile(workspace)).parent
    callers = [
        one.name
        for one in folder.rglob("*.py")
        if re.search(r"\.(chat|views|users|conversations|assistant)_\w+\(", one.read_text())
    ]
    assert callers == ["workspace.py"]


def test_what_an_installed_app_lacks_is_named():
    assert _compare_manifest(build_manifest(Mode.SOCKET)).ok
    lacking = build_manifest(Mode.SOCKET)
    lacking["settings"]["event_subscriptions"]["bot_events"].remove("message.im")
    lacking["settings"]["interactivity"]["is_enabled"] = False
    lacking["features"]["slash_commands"] = []
    found = _compare_manifest(lacking)
    assert found.ok is False
    assert "event message.im, interactivity (buttons), the command /dateline" in found.detail
