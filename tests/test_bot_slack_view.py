"""What Slack is sent for an answer: its layout, its limits, and hostile text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status, Step
from bot.given import Complaint
from bot.slack.view import (
    CheckedClaim,
    ClaimsCheck,
    Finding,
    QuoteContext,
    ShownAnswer,
    ids,
    parse_feedback,
    render_answer,
    render_claims_check,
    render_claims_modal,
    render_failure,
    render_feedback_modal,
    render_home,
    render_prompts,
    render_quotes_modal,
    render_share,
    render_sources,
    stream_text,
    surround_quote,
)
from bot.slack.view.limits import shorten
from bot.slack.view.markup import escape, fallback_text, link_of
from index.moment import Moment
from tests.slack.fuzz import find_faults
from tests.slack.payloads import LIVE, links, live_parts, numbers, objects, words
from tests.slack.random_answers import HOSTILE, RandomAnswers
from tests.slack.rules import check_message, check_view, is_too_long

# Two thousand take a minute and a half: python -m tests.slack.fuzz
CASES = 80


def cite(number: int, quote: str = "It was so.", **fields: Any) -> Citation:
    known = {
        "article_id": f"article-{number}",
        "version": "sha256:0",
        "url": f"https://harborpost.example/{number}",
        "title": "Point Arrow shines again",
        "outlet": "Harbor Post",
        "published": Moment.day(2023, 11, 18),
        "start": 0,
        "end": len(quote),
    }
    return Citation(number=number, quote=quote, **{**known, **fields})


def answered(*citations: Citation, words: str = "Ida Brandt lit it.") -> Answer:
    numbers = tuple(citation.number for citation in citations)
    return Answer(Question("who?"), Status.ANSWERED, (Sentence(words, numbers),), citations)


def test_every_finding_of_a_check_keeps_a_quote_however_many_there_are():
    said = "The council of Harbortown opened the new tram line to the docks on Monday. " * 4
    quotes = tuple(cite(number, said, title=said) for number in (1, 2, 3))
    check = ClaimsCheck((CheckedClaim(said, Finding.SUPPORTED, quotes),) * 20, unchecked=4)
    for blocks in (render_claims_modal(check)["blocks"], render_claims_check(check).blocks):
        told = words(blocks)
        assert told.count("Supported: ") == 20
        assert told.count("“The council") >= 20
        assert "4 more sentences were not checked" in told
    assert not is_too_long(render_claims_check(check).blocks)


@pytest.mark.parametrize("seed", range(4))
def test_any_answer_fits_with_every_citation_and_nothing_live(seed: int) -> None:
    answers = RandomAnswers(seed)
    for at in range(CASES // 4):
        assert find_faults(answers.make(), at=at) == []


def test_a_fault_would_be_found() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "[1–3] " + "x" * 3_000}}
    link = {"type": "link", "url": "https://evil.test", "text": "x"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    assert check_message([section])
    assert is_too_long([rich] * 200)
    assert links([section, rich]) == {"https://evil.test"}
    assert numbers([section]) == {1, 2, 3}
    assert live_parts([section], "<!channel> https://evil.test") == ["mrkdwn", "<!", "s:"]


def test_every_page_of_quotes_is_a_view_with_exact_quotes() -> None:
    answers = RandomAnswers(7)
    for _ in range(6):
        answer = answers.make()
        if not answer.citations:
            continue
        by_number = {one.number: one for one in answer.citations}
        exact: set[int] = set()
        for page in range(30):
            view = render_quotes_modal("a1", answer, {1: QuoteContext("He said ", ".")}, page=page)
            assert check_view(view) == []
            for block in view["blocks"]:
                if block["type"] == "rich_text":
                    heading, passage = block["elements"]
                    number = int(heading["elements"][0]["text"].strip(" []"))
                    assert by_number[number].quote in words(passage)
                    exact.add(number)
        assert exact == by_number.keys()


def test_prose_gives_way_before_a_source_does() -> None:
    citations = tuple(
        cite(number, url=f"https://a.example/{'x' * 150}{number}") for number in range(1, 31)
    )
    sentences = tuple(
        Sentence("word " * 60 + f"end{one.number}.", (one.number,)) for one in citations
    )
    answer = Answer(Question("?"), Status.ANSWERED, sentences, citations)
    blocks = render_answer(ShownAnswer("a", answer)).blocks
    assert links(blocks) == {one.url for one in citations}
    assert words(blocks).count("Point Arrow shines again") == 30
    assert "of 30 sentences. Every source is listed." in words(blocks)


def test_a_list_shortens_its_items_alike_and_drops_none() -> None:
    citations = tuple(cite(number) for number in range(1, 13))
    items = tuple(
        Sentence(f"{one.number} May 2023: " + "word " * 200, (one.number,)) for one in citations
    )
    answer = Answer(Question("?"), Status.AMBIGUOUS, items, citations)
    blocks = render_answer(ShownAnswer("a", answer)).blocks
    lists = [one for one in objects(blocks) if one.get("type") == "rich_text_list"]
    assert sum(len(one["elements"]) for one in lists) == 12
    assert "sentences are shortened" in words(blocks)


def test_quotes_of_one_article_share_a_source() -> None:
    citations = (
        cite(1),
        cite(2),
        cite(3, article_id="article-1", url="https://harborpost.example/1"),
    )
    blocks = render_answer(ShownAnswer("a", answered(*citations))).blocks
    assert "[1][3] Harbor Post, 18 Nov 2023: Point Arrow" in words(blocks)


def test_an_article_without_a_web_address_is_named_and_not_linked() -> None:
    blocks = render_answer(ShownAnswer("a", answered(cite(1, url="file:///archive/a.txt")))).blocks
    assert links(blocks) == set()
    assert "Point Arrow shines again" in words(blocks)


def test_a_failed_models_own_words_are_not_shown() -> None:
    note = "2 outlets, 1 origin; No language model wrote this: 401; key sk-123 refused"
    answer = Answer(Question("?"), Status.ANSWERED, (Sentence("So.", (1,)),), (cite(1),), note=note)
    message = render_answer(ShownAnswer("a", answer))
    assert "sk-123" not in words(message.blocks) + message.text
    assert "2 outlets, 1 origin" in words(message.blocks)
    assert "the language model could not be used" in words(message.blocks)


def test_a_correction_is_told_above_the_sources() -> None:
    note = "[1] was corrected: “The chair is Judith.”; 2 outlets, 1 origin; left out because it was"
    note += " taken back by Post: “Ferry sinks”"
    answer = Answer(Question("?"), Status.ANSWERED, (Sentence("So.", (1,)),), (cite(1),), note=note)
    for message in (
        render_answer(ShownAnswer("a", answer)),
        render_sources(ShownAnswer("a", answer)),
    ):
        shown = words(message.blocks)
        assert "Please note[1] was corrected: “The chair is Judith.”Left out because" in shown
        assert shown.index("Please note") < shown.index("Sources")
        assert "2 outlets, 1 origin · as of" in shown


def test_an_abstention_after_a_failed_model_tells_nothing_of_it() -> None:
    note = "Articles come near this, but none of them says it.; No language model wrote this: sk-1"
    answer = Answer(Question("?"), Status.ABSTAINED, reason=Reason.NO_EVIDENCE, note=note)
    message = render_answer(ShownAnswer("a", answer))
    assert "sk-1" not in words(message.blocks) + message.text
    assert "none of them says it." in words(message.blocks)


def test_the_look_ups_of_a_hard_question_are_shown_under_its_quotes() -> None:
    steps = (Step("who led the delegation in 2023?", ()), Step("and in 2024?", ()))
    view = render_quotes_modal("a", replace(answered(cite(1)), steps=steps))
    assert check_view(view) == []
    assert "What was looked upwho led the delegation in 2023?and in 2024?" in words(view)


def test_an_abstention_shows_one_passage_an_origin() -> None:
    answers = RandomAnswers(3)
    answer = next(one for one in iter(answers.make, None) if len(one.passages) > 8)
    blocks = render_answer(ShownAnswer("a", answer)).blocks
    quotations = [one for one in objects(blocks) if one.get("type") == "rich_text_quote"]
    assert len(quotations) == 3
    assert "No answer. " in words(blocks)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_stream_shows_hostile_words_as_words(text: str) -> None:
    streamed = stream_text(Sentence(f"He said {text} to them.", (1,)), (cite(1),))
    assert not LIVE.search(streamed)
    assert "<" not in streamed
    assert ">" not in streamed
    assert not re.search(r"(?<!\\)[*`~|]|(?<!\\)\]\(", streamed)
    assert streamed.endswith("[1] ")
    assert "\n" not in streamed


def test_plain_news_text_is_streamed_unchanged() -> None:
    said = "It cost $5.2 million (4.1 million euros) in 2023, the U.S. said: “It's ours”; A-1, 3–4."
    assert stream_text(Sentence(said, (1, 2))) == f"{said} [1][2] "


@pytest.mark.parametrize("start", ["# ", "- ", "+ ", "1. ", "12) ", "--- ", "=== "])
def test_a_streamed_sentence_starts_no_list_or_heading(start: str) -> None:
    assert stream_text(Sentence(f"{start}It was so.", (1,)))[: len(start) + 1].count("\\") == 1


def test_a_fallback_is_never_cut_inside_an_entity() -> None:
    for limit in range(1, 30):
        cut = fallback_text("a & b < c > d & e", limit)
        assert len(cut) <= limit
        assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", cut)


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "file:///a", "https://a.example/a b", "https://a.example/|x",
     "https://a.example/>",
     "https://a.example/\u202e", "ftp://a.example", "https://" + "a" * 3_001],
)  # fmt: skip
def test_only_clean_web_addresses_are_followed(url: str) -> None:
    assert link_of(url) is None


def test_shortening_keeps_whole_words_within_the_limit() -> None:
    assert shorten("one two three", 9) == "one two…"
    assert shorten("onetwothree", 6) == "onetw…"
    assert shorten("one", 3) == "one"
    assert escape("a_b & c") == "a_b &amp; c"


def test_a_quote_stands_in_its_sentences() -> None:
    body = "First one. The minister said that it was so, at noon. Third one. Fourth one."
    start = body.index("it was so")
    assert surround_quote(body, start, start + len("it was so")) == (
        "First one. The minister said that ",
        ", at noon. Third one.",
    )


def test_feedback_comes_back_as_it_was_sent() -> None:
    view = render_feedback_modal("a1")
    assert check_view(view) == []
    assert view["private_metadata"] == "a1"
    values = {
        ids.FEEDBACK_REASON_BLOCK: {
            ids.FEEDBACK_REASON: {"selected_option": {"value": "out_of_date"}}
        },
        ids.FEEDBACK_COMMENT_BLOCK: {ids.FEEDBACK_COMMENT: {"value": " It was May. "}},
    }
    sent = parse_feedback(values)
    assert (sent.complaint, sent.comment) == (Complaint.OUT_OF_DATE, "It was May.")
    with pytest.raises(ValueError, match="forged"):
        parse_feedback(
            {
                ids.FEEDBACK_REASON_BLOCK: {
                    ids.FEEDBACK_REASON: {"selected_option": {"value": "forged"}}
                }
            }
        )


def test_values_of_buttons_are_read_back() -> None:
    assert ids.parse_thumb("up:a:1") == (True, "a:1")
    assert ids.parse_page("a:1:12") == ("a:1", 12)
    for bad in ("", "up:", "sideways:a"):
        with pytest.raises(ValueError, match="not a thumb"):
            ids.parse_thumb(bad)
    for bad in ("", "a", ":1", "a:²", "a:-1"):
        with pytest.raises(ValueError, match="not a page"):
            ids.parse_page(bad)


def test_a_share_names_a_user_and_nothing_else() -> None:
    shown = ShownAnswer("a", answered(cite(1)))
    assert {"type": "user", "user_id": "U0123ABC"} in list(
        objects(render_share(shown, "U0123ABC").blocks)
    )
    for forged in ("<!channel>", "U1 <!here>", "", "S0123"):
        assert not [
            one for one in objects(render_share(shown, forged).blocks) if one.get("type") == "user"
        ]


def test_prompts_are_four_different_questions() -> None:
    prompts = render_prompts(["What is new?", "What is new?", "", "a" * 500, "b", "c", "d"])
    assert [one["title"] for one in prompts] == ["What is new?", "a" * 59 + "…", "b", "c"]


def test_a_failure_tells_its_reference_only() -> None:
    assert (
        render_failure("E-12").text
        == "Something went wrong, and this was not answered. Reference: E-12"
    )
    assert check_view(render_home) != []
