"""The bot in Slack, surface by surface, against the loopback Slack."""

from __future__ import annotations

import pytest

from bot.given import Complaint, Opinion
from bot.slack.view import ids
from bot.wiring import Bot
from index.sources.source import Source
from index.store.library import Library
from tests.slack.payloads import numbers, words
from tests.slack_rig import QUESTION, Mode, run_bot

LIGHTHOUSE = "who won the Marren Marathon?"


@pytest.fixture(params=[Mode.SOCKET, Mode.HTTP], ids=["socket", "http"])
def any_rig(request, sample_bot, tmp_path):
    with run_bot(sample_bot, tmp_path / "library", mode=request.param) as rig:
        yield rig


@pytest.fixture
def rig(sample_bot, tmp_path):
    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP) as rig:
        yield rig


def test_a_mention_is_answered_in_its_thread_with_sources(any_rig):
    slack = any_rig.slack
    asked = slack.ask(slack.ada, QUESTION)
    answer = slack.wait_for_answer(asked)
    any_rig.settle()
    assert [one.ts for one in slack.replies(asked)] == [answer.ts]
    assert answer.thread_ts == asked.ts
    assert "Kozlov" in words(answer.blocks)
    assert 1 in numbers(answer.blocks)
    assert answer.options["unfurl_links"] in (False, "false", "0", 0)
    # Before the answer stood there, the thread told that something is being done.
    assert any("reading" in one for one in slack.state.statuses[asked.channel, asked.ts])


def test_a_follow_up_needs_no_mention_and_leans_on_what_was_said(rig):
    slack = rig.slack
    asked = slack.ask(slack.ada, "who won the women's race at the Marren Marathon?")
    first = slack.wait_for_answer(asked)
    assert "Chebet" in words(first.blocks)
    rig.settle()
    slack.say(slack.ben, "Thanks, good to know.", thread_ts=asked.ts)
    slack.say(slack.ben, f"<@{slack.cleo}> did you know?", thread_ts=asked.ts)
    slack.say(slack.ben, "where is she from?", thread_ts=asked.ts)
    slack.wait_for(lambda: len(slack.replies(asked)) == 2)
    rig.settle()
    answers = slack.replies(asked)
    assert len(answers) == 2
    assert "Kenya" in words(answers[1].blocks)
    # The bot remembers the thread by itself.
    assert slack.calls("conversations.replies") == []


def test_talk_in_other_threads_is_left_alone(rig):
    slack = rig.slack
    talk = slack.say(slack.ada, "who led the Russian delegation?")
    slack.say(slack.ben, "who was it?", thread_ts=talk.ts)
    rig.settle()
    assert slack.replies(talk) == []


def test_called_into_a_discussion_it_reads_what_was_said(rig):
    slack = rig.slack
    talk = slack.say(slack.ada, "Ruth Chebet won the women's race at the Marren Marathon.")
    slack.say(slack.ben, "Impressive.", thread_ts=talk.ts)
    slack.ask(slack.cleo, "where is she from?", thread_ts=talk.ts)
    slack.wait_for(lambda: slack.replies(talk))
    rig.settle()
    assert "Kenya" in words(slack.replies(talk)[0].blocks)
    assert len(slack.calls("conversations.replies")) == 1


def test_a_mention_alone_asks_what_was_said_last(rig):
    slack = rig.slack
    talk = slack.say(slack.ada, "who won the women's race at the Marren Marathon?")
    slack.say(slack.ben, f"<@{slack.bot}>", thread_ts=talk.ts)
    slack.wait_for(lambda: slack.replies(talk))
    assert "Chebet" in words(slack.replies(talk)[0].blocks)


def test_a_mention_with_nothing_to_ask_is_told_how(rig):
    slack = rig.slack
    asked = slack.say(slack.ada, f"<@{slack.bot}>")
    assert "Ask a question" in words(slack.wait_for_answer(asked).blocks)


def test_a_direct_message_needs_no_mention(any_rig):
    slack = any_rig.slack
    asked = slack.say(slack.ada, QUESTION, channel=slack.dm(slack.ada))
    assert "Kozlov" in words(slack.wait_for_answer(asked).blocks)


def test_the_conversation_opens_with_questions_that_have_answers(rig):
    slack = rig.slack
    channel = slack.open_app(slack.ada)
    prompts = slack.wait_for(lambda: slack.state.prompts.get(channel))
    assert 1 <= len(prompts) <= 4
    asked = slack.say(slack.ada, prompts[0]["message"], channel=channel)
    answer = slack.wait_for_answer(asked)
    assert 1 in numbers(answer.blocks)


def test_the_home_tab_tells_what_is_held_and_its_examples_ask(rig):
    slack = rig.slack
    slack.open_app(slack.ada, "home")
    home = slack.wait_for(lambda: slack.state.homes.get(slack.ada))
    assert "Eastgate Tribune" in words(home["blocks"])
    slack.press_in_view(slack.ada, home, ids.ASK_EXAMPLE)
    said = slack.wait_for(
        lambda: [one for one in slack.state.messages.values() if one.channel.startswith("D")]
    )[0]
    slack.wait_for(lambda: len(slack.thread(said)) == 2)
    assert 1 in numbers(slack.thread(said)[1].blocks)


def test_a_command_is_answered_to_its_asker_and_shared_once(any_rig):
    slack = any_rig.slack
    assert slack.command(slack.ada, QUESTION) is not None
    answer = slack.wait_for(lambda: slack.ephemeral(slack.ada))[0]
    assert QUESTION in words(answer.blocks)
    assert slack.ephemeral(slack.ben) == []
    for _ in range(3):
        slack.press(slack.ada, answer, ids.SHARE)
    shared = slack.wait_for(lambda: [one for one in slack.state.messages.values() if one.options])
    any_rig.settle()
    assert len(slack.calls("chat.postMessage")) == 1
    assert shared[0].channel == slack.desk
    assert "Kozlov" in words(shared[0].blocks)
    assert QUESTION in words(shared[0].blocks)


def test_a_command_works_where_the_bot_is_not_but_is_shared_only_where_it_is(rig):
    slack = rig.slack
    away = slack.add_channel("away", slack.ada, kind="group", with_bot=False)
    slack.command(slack.ada, QUESTION, channel=away)
    answer = slack.wait_for(lambda: slack.ephemeral(slack.ada))[0]
    assert "Kozlov" in words(answer.blocks)
    slack.press(slack.ada, answer, ids.SHARE)
    told = slack.wait_for(lambda: slack.ephemeral(slack.ada)[1:])
    assert "Invite" in words(told[0].blocks)
    slack.state.channels[away].members.add(slack.bot)
    rig.service._desk._gate._directory._shared._kept.clear()
    slack.press(slack.ada, answer, ids.SHARE)
    slack.wait_for(lambda: slack.calls("chat.postMessage"))


def test_a_message_is_checked_claim_by_claim(rig):
    slack = rig.slack
    said = slack.say(
        slack.ben,
        "Ruth Chebet of Kenya won the women's race at the Marren Marathon. "
        "The moon was sold to a bakery in Oslo.",
    )
    slack.shortcut(slack.ada, said, ids.CHECK_SHORTCUT)
    view = slack.wait_for(
        lambda: next((one for one in slack.state.views.values() if len(one["blocks"]) > 2), None)
    )
    told = words(view["blocks"])
    assert "1 supported, 1 not found" in told


def check(slack, text):
    """The modal of a check of what somebody says, when it is there."""
    slack.shortcut(slack.ada, slack.say(slack.ben, text), ids.CHECK_SHORTCUT)
    return slack.wait_for(
        lambda: next(
            (one for one in slack.state.views.values() if "Checking" not in words(one["blocks"])),
            None,
        )
    )


def test_a_long_message_is_checked_as_far_as_is_told(rig):
    claim = "Ruth Chebet of Kenya won the women's race at the Marren Marathon. "
    told = words(check(rig.slack, claim * 23)["blocks"])
    assert "20 supported" in told
    assert "3 more sentences were not checked" in told


def test_a_check_sees_what_another_process_ingested(rig, make_article):
    opened = "The Kestrel bridge in Holt opened to traffic on Thursday."
    library, embedder = rig.bot.library.folder, rig.bot.embedder
    with Bot(Library.open(library, embedder.card), embedder) as other:
        article = make_article("kestrel", opened)
        other.ingester(lambda _: iter([article])).ingest([Source("articles", None, None)])
    assert "1 supported" in words(check(rig.slack, opened)["blocks"])


def test_a_check_that_fails_says_so(rig, caplog):
    def fail(*_):
        raise RuntimeError("broken")

    rig.service._desk._checker.check = fail
    told = words(check(rig.slack, "It rained.")["blocks"])
    assert "Something went wrong" in told
    assert told.split()[-1] in caplog.text


def test_quotes_are_shown_to_the_letter_in_their_sentences(rig):
    slack = rig.slack
    answer = slack.wait_for_answer(slack.ask(slack.ada, LIGHTHOUSE))
    rig.settle()
    slack.press(slack.ben, answer, ids.SHOW_QUOTES)
    view = slack.wait_for(lambda: next(iter(slack.state.views.values()), None))
    given = rig.given.find(view["private_metadata"])
    assert given.answer.citations
    for citation in given.answer.citations:
        stored = rig.bot.library.catalog.article(citation.article_id, citation.version)
        body = stored.article.body
        assert body[citation.start : citation.end] == citation.quote
        assert " ".join(citation.quote.split()) in " ".join(words(view["blocks"]).split())


def test_the_last_thumb_of_a_reader_counts_with_its_reason(any_rig):
    slack = any_rig.slack
    answer = slack.wait_for_answer(slack.ask(slack.ada, QUESTION))
    any_rig.settle()
    slack.press(slack.ada, answer, ids.FEEDBACK, "up")
    slack.press(slack.ben, answer, ids.FEEDBACK, "down")
    view = slack.wait_for(lambda: next(iter(slack.state.views.values()), None))
    values = {
        ids.FEEDBACK_REASON_BLOCK: {
            ids.FEEDBACK_REASON: {"selected_option": {"value": Complaint.OUT_OF_DATE.value}}
        },
        ids.FEEDBACK_COMMENT_BLOCK: {ids.FEEDBACK_COMMENT: {"value": "he resigned"}},
    }
    assert slack.submit(slack.ben, view, values) is not None
    kept = {one.user: one for one in any_rig.book.list_feedback()}
    assert kept[slack.ada].opinion is Opinion.GOOD
    assert kept[slack.ben].complaint is Complaint.OUT_OF_DATE
    assert kept[slack.ben].comment == "he resigned"
    assert kept[slack.ben].given.question == QUESTION
    slack.press(slack.ben, answer, ids.FEEDBACK, "up")
    kept = {one.user: one for one in any_rig.book.list_feedback()}
    assert (kept[slack.ben].opinion, kept[slack.ben].complaint) == (Opinion.GOOD, None)


def test_an_edited_question_is_answered_anew_in_place(rig):
    slack = rig.slack
    asked = slack.ask(slack.ada, QUESTION)
    answer = slack.wait_for_answer(asked)
    rig.settle()
    slack.edit(asked, f"<@{slack.bot}> who won the women's race at the Marren Marathon?")
    slack.wait_for(lambda: "Chebet" in words(answer.blocks))
    rig.settle()
    assert [one.ts for one in slack.replies(asked)] == [answer.ts]
    assert "Kozlov" not in words(answer.blocks)
    standing = rig.given.in_thread(slack.install.team, asked.channel, asked.ts)
    assert [one.question for one in standing] == [
        "who won the women's race at the Marren Marathon?"
    ]


def test_a_deleted_question_takes_its_answer_back(rig):
    slack = rig.slack
    asked = slack.ask(slack.ada, QUESTION)
    answer = slack.wait_for_answer(asked)
    rig.settle()
    slack.delete(asked)
    slack.wait_for(lambda: "withdrawn" in words(answer.blocks))
    rig.settle()
    assert "Kozlov" not in words(answer.blocks) + answer.text
    assert rig.given.in_thread(slack.install.team, asked.channel, asked.ts) == []
