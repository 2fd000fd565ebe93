"""Who may ask, and what each place sees."""

from __future__ import annotations

import pytest

from bot.slack.policy import Asker, Policy, Spot
from bot.slack.settings import Mode, SlackSettings
from index.errors import UsageError
from index.scope import Slice

MEMBER, GUEST = Asker("U1", "T1", False), Asker("U2", "T1", True)
STRANGER, UNKNOWN = Asker("U3", "T9", False), Asker("U4", None, False)
DESK = Spot("T1", "C1", False, False)
SHARED = Spot("T1", "C2", False, True)
DIRECT = Spot("T1", "D1", True, False)


def allowed(policy: str, asker: Asker, spot: Spot) -> bool:
    return Policy.parse(policy).may_ask(asker, spot)


@pytest.mark.parametrize(
    ("policy", "asker", "spot", "may"),
    [
        ("", MEMBER, DESK, True),
        ("", MEMBER, DIRECT, True),
        ("", UNKNOWN, DESK, True),
        ("", GUEST, DESK, False),
        ("", GUEST, DIRECT, False),
        ("", MEMBER, SHARED, False),
        ("", STRANGER, SHARED, False),
        ("", STRANGER, DESK, False),
        ("[ask]\nguests = true", GUEST, DESK, True),
        ("[ask]\nshared_channels = true", MEMBER, SHARED, True),
        ("[ask]\nshared_channels = true", STRANGER, SHARED, True),
        ("[ask]\nshared_channels = true", STRANGER, DIRECT, False),
        ('[ask]\nworkspaces = ["T9"]', STRANGER, DESK, True),
        ('[ask]\nchannels = ["C7"]', MEMBER, DESK, False),
        ('[ask]\nchannels = ["C7"]\n[channels.C1]', MEMBER, DESK, True),
        ('[ask]\nchannels = []', MEMBER, DIRECT, True),
        ("[ask]\ndirect_messages = false", MEMBER, DIRECT, False),
        ('[ask]\nusers = ["U9"]', MEMBER, DESK, False),
        ("[channels.C1]\nguests = true", GUEST, DESK, True),
        ("[channels.C2]\nshared = true", STRANGER, SHARED, True),
        ("[ask]\nshared_channels = true\n[channels.C2]\nshared = false", MEMBER, SHARED, False),
    ],
)  # fmt: skip
def test_who_may_ask_where(policy, asker, spot, may):
    assert allowed(policy, asker, spot) is may


SLICED = """
[sees]
outlets = ["The Harbour Post"]
[direct]
sections = ["World"]
[channels.C1]
collections = ["europe", "sport"]
[collections.europe]
outlets = ["Eastgate Tribune"]
sections = ["Europe"]
[collections.sport]
sections = ["Sport"]
"""


def test_each_place_sees_its_own_slices():
    policy = Policy.parse(SLICED)
    europe = Slice(frozenset({"eastgate tribune"}), frozenset({"Europe"}))
    assert policy.slices(DESK) == (europe, Slice(sections=frozenset({"Sport"})))
    assert policy.slices(DIRECT) == (Slice(sections=frozenset({"World"})),)
    assert policy.slices(SHARED) == (Slice(frozenset({"harbour post"})),)
    assert Policy().slices(DESK) == ()


def test_corrections_are_for_channels_that_want_them():
    policy = Policy.parse("[channels.C1]\ncorrections = true\n[channels.C2]")
    assert policy.wants_corrections("C1")
    assert not policy.wants_corrections("C2")
    assert policy.correcting_channels == {"C1"}


@pytest.mark.parametrize(
    "text",
    [
        "[ask",
        "[asks]",
        '[ask]\nguests = "maybe"',
        '[ask]\nchannels = ["#desk"]',
        '[sees]\ncollections = ["unknown"]',
        "[collections.empty]",
    ],
)
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(UsageError, match="policy"):
        Policy.parse(text)


def test_settings_come_from_the_environment(tmp_path):
    settings = SlackSettings.from_env(
        {
            "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s",
            "DATELINE_SLACK_MODE": "HTTP", "DATELINE_SLACK_API_URL": "http://127.0.0.1:1/api",
        }
    )  # fmt: skip
    assert (settings.mode, settings.port) == (Mode.HTTP, 3000)
    assert settings.api_url == "http://127.0.0.1:1/api/"
    assert settings.missing == ()
    assert "xoxb-1" not in repr(settings)
    assert SlackSettings.from_env({}).missing == ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")


@pytest.mark.parametrize(
    "environ",
    [
        {"DATELINE_SLACK_MODE": "carrier pigeon"},
        {"SLACK_BOT_TOKEN": "xapp-secret"},
        {"SLACK_CLIENT_ID": "1"},
        {"DATELINE_SLACK_WORKERS": "0"},
        {"DATELINE_SLACK_PORT": "many"},
        {"DATELINE_SLACK_API_URL": "slack.com"},
    ],
)
def test_a_bad_setting_is_refused_without_showing_a_secret(environ):
    with pytest.raises(UsageError) as caught:
        SlackSettings.from_env(environ)
    assert next(iter(environ)) in str(caught.value) or "SLACK_CLIENT_SECRET" in str(caught.value)
    assert "secret" not in str(caught.value).replace("SECRET", "").replace("a secret", "")
