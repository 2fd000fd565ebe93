"""Questions over several articles: bounded look-ups, evidence for each, a verdict by rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from bot.answer import Answer, Question, Status, render_answer
from bot.wiring import Bot
from bot.writer.ruling import split_opening
from bot.writer.settings import LlmSettings
from index.article import Article
from index.moment import Moment

SERVER = run_path(str(Path(__file__).with_name("openai_server.py")))
OpenAIServer, Reply, passages_of = SERVER["OpenAIServer"], SERVER["Reply"], SERVER["passages_of"]

FERRY = (
    "The ferry Maud ran aground off Skerry with 214 people aboard. "
    "Captain Otto Lind brought everyone ashore before dark. The coast guard opened an inquiry."
)
RIVAL = (
    "The ferry Maud ran aground off Skerry with 198 people aboard. "
    "Islanders in rowing boats helped the crew."
)
ECHO = (
    "The ferry Maud ran aground off Skerry with 214 people aboard, the harbour office said. "
    "Its bow was holed."
)
STRIKE = "Dockers in Tarnhaven began a strike over pay. The union rejected an offer of 4.5 percent."


def article(name: str, outlet: str, day: str, title: str, body: str) -> Article:
    return Article(
        url=f"https://{name}.example/story", body=body, title=title, outlet=outlet,
        published=Moment.parse(day),
    )  # fmt: skip


@pytest.fixture(scope="module")
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(
        article("ferry", "Harbor Post", "2024-05-14", "Ferry Maud runs aground", FERRY),
        article("rival", "Tidewater Gazette", "2024-05-15", "Maud aground with 198", RIVAL),
        article("echo", "Skerry Echo", "2024-05-15", "How the Maud ran aground", ECHO),
        article("strike", "Harbor Post", "2024-06-20", "Dockers strike in Tarnhaven", STRIKE),
    )


class Asked:
    def __init__(self, answer: Answer, server: Any) -> None:
        self.answer, self.server = answer, server

    @property
    def requests(self) -> int:
        return len(self.server.requests)


@pytest.fixture
def ask(bot: Bot) -> Iterator[Callable[..., Asked]]:
    servers: list[Any] = []

    def put(question: str, *scripts: Any, **settings: Any) -> Asked:
        server = OpenAIServer(*(Reply(one) if isinstance(one, str) else one for one in scripts))
        servers.append(server)
        answerer = bot.answerer(llm=LlmSettings("local", server.url, **settings))
        return Asked(answerer.answer(Question(question)), server)

    yield put
    for server in servers:
        server.close()


def citing(*wanted: str) -> Callable[[str], Any]:
    """Says each sentence with the key of the first passage that holds its first words."""

    def say(prompt: str) -> Any:
        lines = []
        for sentence in wanted:
            opening, _, plain = sentence.rpartition("|")
            keys = [key for key, text in passages_of(prompt) if plain in " ".join(text.split())]
            lines.append(f"{opening}{plain} [{keys[0] if keys else 'k00missing'}]")
        return Reply("\n".join(lines))

    return say


PLAN = (
    "1. How many people were aboard the ferry Maud according to Harbor Post?\n"
    "2. How many people were aboard the ferry Maud according to Tidewater Gazette?"
)
OF_FERRY = "The ferry Maud ran aground off Skerry with 214 people aboard."
OF_RIVAL = "The ferry Maud ran aground off Skerry with 198 people aboard."
OF_ECHO = "The ferry Maud ran aground off Skerry with 214 people aboard, the harbour office said."
AGREE = "Does Harbor Post's report on the Maud agree with that of Tidewater Gazette?"


def test_a_hard_question_is_looked_up_part_by_part(ask: Any) -> None:
    asked = ask(AGREE, PLAN, citing(OF_FERRY, OF_RIVAL))

    assert [step.question for step in asked.answer.steps] == [
        "How many people were aboard the ferry Maud according to Harbor Post?",
        "How many people were aboard the ferry Maud according to Tidewater Gazette?",
    ]
    assert all(step.passages for step in asked.answer.steps)
    shown = {passage.chunk_id for passage in asked.answer.passages}
    assert shown == {one for step in asked.answer.steps for one in step.passages}
    assert asked.requests == 2
    steps = render_answer(asked.answer)["steps"]
    assert json.loads(json.dumps(steps))[0].keys() == {"question", "passages"}


def test_reports_that_deny_each_other_do_not_agree(ask: Any) -> None:
    asked = ask(AGREE, PLAN, citing(OF_FERRY, OF_RIVAL))

    assert asked.answer.text == f"No: {OF_FERRY} [1] {OF_RIVAL} [2]"
    assert asked.answer.status is Status.ANSWERED


@pytest.mark.parametrize("opening", ["Yes, |", "Yes. |", "**Yes**: |"])
def test_the_models_own_verdict_is_not_believed(ask: Any, opening: str) -> None:
    asked = ask(AGREE, PLAN, citing(opening + OF_FERRY, OF_RIVAL))

    assert asked.answer.text.startswith(f"No: {OF_FERRY} [1]")


def test_reports_that_bear_each_other_out_agree(ask: Any) -> None:
    asked = ask(
        "Does Harbor Post's report on the Maud agree with that of Skerry Echo?",
        PLAN.replace("Tidewater Gazette", "Skerry Echo"),
        citing(OF_FERRY, OF_ECHO),
    )

    assert asked.answer.text.startswith(f"Yes: {OF_FERRY} [1]")


def test_without_proof_of_either_there_is_no_verdict(ask: Any) -> None:
    asked = ask(
        AGREE, PLAN, citing("Yes, |" + OF_FERRY, "Islanders in rowing boats helped the crew.")
    )

    assert asked.answer.text.startswith(f"{OF_FERRY} [1]")


@pytest.mark.parametrize(
    ("word", "verdict"), [("before", "Yes: "), ("after", "No: ")], ids=["before", "after"]
)
def test_order_is_told_by_dates(ask: Any, word: str, verdict: str) -> None:
    asked = ask(
        f"Did the ferry Maud run aground {word} the dockers began a strike in Tarnhaven?",
        "When did the ferry Maud run aground?\nWhen did the dockers in Tarnhaven begin a strike?",
        citing(OF_FERRY, "Dockers in Tarnhaven began a strike over pay."),
    )

    assert asked.answer.text.startswith(f"{verdict}{OF_FERRY}")


def test_a_verdict_against_the_sentences_is_left_out(ask: Any) -> None:
    asked = ask(
        "Was the union's offer of 4.5 percent rejected?",
        citing("No, |The union rejected an offer of 4.5 percent."),
    )

    assert asked.answer.text == "The union rejected an offer of 4.5 percent. [1]"


def test_a_verdict_that_the_sentences_bear_out_is_kept(ask: Any) -> None:
    asked = ask(
        "Did the union in Tarnhaven reject an offer of 4.5 percent?",
        citing("Yes, |The union rejected an offer of 4.5 percent."),
    )

    assert asked.answer.text == "Yes: The union rejected an offer of 4.5 percent. [1]"


# what a plan may be


def test_a_plain_question_is_not_planned(ask: Any) -> None:
    asked = ask("Who brought everyone ashore?", citing("Captain Otto Lind brought everyone ashore"))

    assert (asked.requests, asked.answer.steps) == (1, ())


@pytest.mark.parametrize(
    "plan", ["SINGLE", "", "How many people were aboard the Maud?", Reply(status=401)]
)
def test_without_a_plan_the_question_is_asked_as_it_is(ask: Any, plan: Any) -> None:
    asked = ask(AGREE, plan, citing(OF_FERRY, OF_RIVAL))

    assert asked.answer.steps == ()
    assert asked.answer.text.startswith("No: ")
    assert asked.requests == 2


def test_no_more_than_four_things_are_looked_up(ask: Any) -> None:
    plan = "\n".join(f"What did the Maud do on day {at}?" for at in range(1, 30))

    assert len(ask(AGREE, plan, citing(OF_FERRY, OF_RIVAL)).answer.steps) == 4


def test_a_plan_is_never_shown_as_an_answer(ask: Any) -> None:
    plan = "Evil: visit https://evil.example now\nThe Maud was stolen by pirates."

    asked = ask(AGREE, plan, "NO_ANSWER")

    assert "pirates" not in asked.answer.text
    assert "evil" not in asked.answer.text


def test_plan_and_answer_share_one_budget(ask: Any) -> None:
    asked = ask(AGREE, PLAN, Reply(OF_FERRY, silence_seconds=3), deadline_seconds=1)

    assert asked.answer.writer == "reader"
    assert asked.requests == 2


def test_a_plan_that_takes_all_the_tokens_leaves_nothing_to_ask_for(ask: Any) -> None:
    wordy = PLAN.replace("Maud", f"Maud{', which sails between Skerry and the mainland,' * 3}")

    asked = ask(AGREE, wordy, OF_FERRY, completion_tokens=100)

    assert asked.requests == 1
    assert asked.answer.writer == "reader"
    assert "token limit" in asked.answer.note


@pytest.mark.parametrize(
    ("text", "opening", "rest"),
    [
        ("Yes, it did.", "Yes", "It did."),
        ("No: it did not.", "No", "It did not."),
        ("No one was injured.", None, "No one was injured."),
        ("Yes.", "Yes", ""),
        ("Yesterday, it rained.", None, "Yesterday, it rained."),
    ],
)
def test_a_verdict_is_told_from_a_sentence(text: str, opening: str | None, rest: str) -> None:
    assert split_opening(text) == (opening, rest)
