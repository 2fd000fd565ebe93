"""What is said to the bot, and what is not."""

from __future__ import annotations

import pytest

from bot.slack.addressing import Changed, Deleted, EventReader, read_text
from bot.slack.state import Asked, Kind

BOT = "UBOT"


class Threads:
    def is_addressed(self, channel: str, thread: str) -> bool:
        return thread == "1.0"


@pytest.fixture
def read():
    reader = EventReader(BOT, Threads(), team="T1")

    def read_event(**event):
        body = {"event": {"type": "message", "channel": "C1", "channel_type": "channel", **event}}
        return reader.read({"team_id": "TOTHER", "is_ext_shared_channel": False, **body})

    return read_event


def test_a_mention_is_a_question_without_the_mention(read):
    found = read(type="app_mention", ts="5.0", user="U1", text=f"<@{BOT}> who led it?", team="T1")
    assert isinstance(found, Asked)
    assert (found.kind, found.text, found.thread) == (Kind.MENTION, "who led it?", "5.0")
    assert (found.team, found.asker_team) == ("T1", "T1")


def test_a_mention_and_its_message_are_one_question(read):
    text = f"<@{BOT}> who led it?"
    one = read(type="app_mention", ts="5.0", user="U1", text=text)
    two = read(ts="5.0", user="U1", text=text)
    assert (one.channel, one.ts, one.kind) == (two.channel, two.ts, two.kind)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"text": "who led it?", "thread_ts": "1.0"}, Kind.FOLLOW_UP),
        ({"text": "and in May", "thread_ts": "1.0"}, Kind.FOLLOW_UP),
        ({"text": "thanks, that helps", "thread_ts": "1.0"}, None),
        ({"text": "<@U9> what do you think?", "thread_ts": "1.0"}, None),
        ({"text": "who led it?", "thread_ts": "2.0"}, None),  # not addressed there
        ({"text": "who led it?"}, None),  # no thread
        ({"text": "thanks", "channel": "D1", "channel_type": "im"}, Kind.DIRECT),
        ({"text": "", "channel": "D1", "channel_type": "im"}, None),
        ({"text": f"<@{BOT}>", "thread_ts": "2.0"}, Kind.MENTION),
        ({"text": f"<@{BOT}> who?", "bot_id": "B1"}, None),
        ({"text": f"<@{BOT}> who?", "user": BOT}, None),
        ({"text": f"<@{BOT}> joined", "subtype": "channel_join"}, None),
        ({"text": f"<@{BOT}> who?", "subtype": "file_share"}, Kind.MENTION),
    ],
)  # fmt: skip
def test_who_is_meant(read, event, kind):
    found = read(**{"ts": "5.0", "user": "U1", **event})
    assert (found.kind if found else None) == kind


def test_an_edit_carries_its_own_version(read):
    message = {
        "ts": "5.0", "user": "U1", "text": f"<@{BOT}> who else?", "edited": {"ts": "7.0"},
        "type": "message",
    }  # fmt: skip
    found = read(subtype="message_changed", message=message, ts="7.1")
    assert isinstance(found, Changed)
    assert found.is_addressed
    assert (found.asked.ts, found.asked.version, found.asked.text) == ("5.0", "7.0", "who else?")


def test_edits_of_the_bots_own_messages_are_nothing(read):
    message = {"ts": "5.0", "user": BOT, "bot_id": "B1", "text": "an answer?", "thread_ts": "1.0"}
    assert read(subtype="message_changed", message=message, ts="7.1") is None


@pytest.mark.parametrize("has_replies", [False, True])
def test_a_deletion_is_told_in_two_ways(read, has_replies):
    before = {"ts": "5.0", "user": "U1", "text": f"<@{BOT}> who?"}
    stone = {"ts": "5.0", "subtype": "tombstone", "user": "USLACKBOT"}
    found = (
        read(subtype="message_changed", message=stone, previous_message=before, ts="7.0")
        if has_replies
        else read(subtype="message_deleted", deleted_ts="5.0", previous_message=before, ts="7.0")
    )
    assert isinstance(found, Deleted)
    assert found.was_addressed
    assert (found.asked.ts, found.asked.text) == ("5.0", "")


def test_deleting_the_bots_message_is_nothing(read):
    before = {"ts": "5.0", "user": BOT, "bot_id": "B1", "text": "x"}
    assert read(subtype="message_deleted", deleted_ts="5.0", previous_message=before) is None


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("<https://a.example|the story> says &lt;b&gt; &amp; more", "the story says <b> & more"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<!channel> <@U1> what of <#C1|desk>?", "what of desk ?"),
        (f"<@{BOT}>  who\n\nled it", "who led it"),
        ("x" * 9_000, "x" * 4_000),
    ],
)
def test_markup_is_read_as_what_it_shows(markup, plain):
    assert read_text(markup, BOT) == plain
