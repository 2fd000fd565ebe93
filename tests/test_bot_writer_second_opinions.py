"""The optional judge, which only takes away, and follow-ups rewritten by a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from bot.answer import Answer, Question, Reason, Status, Turn
from bot.wiring import Bot
from bot.writer.settings import LlmSettings
from index.article import Article
from index.errors import UsageError
from index.moment import Moment
from prompts import load_prompt

SERVER = run_path(str(Path(__file__).with_name("openai_server.py")))
OpenAIServer, Reply = SERVER["OpenAIServer"], SERVER["Reply"]

FERRY = (
    "The ferry Maud ran aground off Skerry with 214 people aboard. "
    "Captain Otto Lind brought everyone ashore before dark. "
    "Lind arrived in Tarnhaven on 15 May 2024."
)
LED = "Captain Otto Lind brought everyone ashore before dark."
WHO = "Who brought everyone ashore from the ferry Maud?"


@pytest.fixture(scope="module")
def bot(make_bot: Callable[..., Bot]) -> Bot:
    return make_bot(
        Article(
            url="https://harborpost.example/ferry", body=FERRY, outlet="Harbor Post",
            title="Ferry Maud runs aground off Skerry", published=Moment.parse("2024-05-16"),
        )
    )  # fmt: skip


@pytest.fixture
def ask(bot: Bot) -> Iterator[Callable[..., tuple[Answer, list[Any]]]]:
    servers: list[Any] = []

    def put(question: Question, *scripts: Any, **settings: Any) -> tuple[Answer, list[Any]]:
        server = OpenAIServer(*(Reply(one) if isinstance(one, str) else one for one in scripts))
        servers.append(server)
        answerer = bot.answerer(llm=LlmSettings("local", server.url, **settings))
        return answerer.answer(question), server.requests

    yield put
    for server in servers:
        server.close()


# the judge


def test_no_judge_is_asked_unless_it_is_set(ask: Any) -> None:
    answer, requests = ask(Question(WHO), f"{LED} [#1]")

    assert (answer.text, len(requests)) == (f"{LED} [1]", 1)
    assert not LlmSettings("m").judges


def test_what_the_judge_finds_supported_is_shown(ask: Any) -> None:
    answer, requests = ask(Question(WHO), f"{LED} [#1]", "SUPPORTED", judges=True)

    assert (answer.text, len(requests)) == (f"{LED} [1]", 2)
    assert LED in requests[1].prompt
    # Neither the question nor other passages sway it.
    assert WHO not in requests[1].prompt


def test_what_the_judge_rejects_is_dropped_after_one_repair(ask: Any) -> None:
    answer, requests = ask(
        Question(WHO), f"{LED} [#1]", "UNSUPPORTED", f"{LED} [#1]", "UNSUPPORTED", judges=True
    )

    assert (answer.status, answer.reason) == (Status.ABSTAINED, Reason.UNVERIFIED)
    assert len(requests) == 4
    assert "A second reader does not find this" in requests[2].prompt


def test_the_judge_cannot_let_through_what_the_rules_reject(ask: Any) -> None:
    wrong = "Captain Arne Falk brought everyone ashore before dark. [#1]"

    answer, requests = ask(Question(WHO), wrong, "SUPPORTED", judges=True)

    assert answer.reason is Reason.UNVERIFIED
    # The writing and its repair: the judge was asked nothing.
    assert len(requests) == 2
    assert all("one word" not in request.prompt.lower() for request in requests)


@pytest.mark.parametrize(
    "said",
    ["NO. It was reported yesterday, unsupported or not.", "", "SUPPORTED UNSUPPORTED",
     Reply(status=401), "UNSUPPORTED\nbut SUPPORTED"],
)  # fmt: skip
def test_what_is_no_verdict_changes_nothing(ask: Any, said: Any) -> None:
    answer, _ = ask(Question(WHO), f"{LED} [#1]", said, judges=True)

    assert answer.text == f"{LED} [1]"


def test_the_judges_prompt_is_pinned() -> None:
    """Whoever changes it measures it anew: an answer set's figures hold for one wording."""
    hashes = [load_prompt(f"judge.{part}").sha256[:12] for part in ("system", "user")]

    assert hashes == ["969806cb80c2", "cca256241833"]


def test_the_judge_is_set_by_on_or_off() -> None:
    environ = {"DATELINE_LLM_BASE_URL": "http://127.0.0.1:1/v1", "DATELINE_LLM_MODEL": "m"}

    read = LlmSettings.from_env({**environ, "DATELINE_LLM_JUDGE": "on"})
    assert read is not None
    assert read.judges
    with pytest.raises(UsageError, match="expected on or off"):
        LlmSettings.from_env({**environ, "DATELINE_LLM_JUDGE": "yes"})


# follow-ups

HISTORY = (Turn(WHO, answer=(LED,)),)
WHEN = Question("When did he arrive in Tarnhaven?", history=HISTORY)
ARRIVED = "Lind arrived in Tarnhaven on 15 May 2024. [#1]"
ALONE = "When did Captain Otto Lind arrive in Tarnhaven?"


def test_a_model_makes_a_follow_up_stand_alone(ask: Any) -> None:
    answer, requests = ask(WHEN, ALONE, ARRIVED)

    assert answer.standalone_question == ALONE
    assert answer.text == "Lind arrived in Tarnhaven on 15 May 2024. [1]"
    assert len(requests) == 2


@pytest.mark.parametrize(
    "written",
    [
        "When did Captain Arne Falk arrive in Tarnhaven?",  # nobody spoke of him
        "When did Captain Otto Lind arrive in Tarnhaven on 3 March 2021?",
        "When did Captain Otto Lind arrive?",  # Tarnhaven was asked for
        "He arrived on 15 May.\nWhen did he arrive?",
        "x" * 500,
        "",
        Reply(status=401),
    ],
    ids=["name", "date", "less", "two lines", "long", "nothing", "failure"],
)
def test_what_the_model_makes_up_goes_back_to_the_rules(ask: Any, written: Any) -> None:
    answer, _ = ask(WHEN, written, ARRIVED)

    assert answer.standalone_question is not None
    assert "Otto Lind" in answer.standalone_question
    assert "Tarnhaven" in answer.standalone_question
    assert "Falk" not in answer.standalone_question
    assert "2021" not in answer.standalone_question


def test_a_question_that_stands_alone_is_not_rewritten(ask: Any) -> None:
    answer, requests = ask(Question(WHO, history=HISTORY), WHO, f"{LED} [#1]")

    assert (answer.standalone_question, len(requests)) == (None, 2)


def test_the_first_question_of_a_conversation_is_asked_as_it_is(ask: Any) -> None:
    assert len(ask(Question(WHO), f"{LED} [#1]")[1]) == 1


@pytest.mark.parametrize(
    "turn",
    [
        "No, it was Captain Arne Falk who brought everyone ashore.",
        "Why did Captain Arne Falk bring everyone ashore from the ferry Maud?",
        "You are wrong: everyone drowned. Who brought the bodies ashore?",
    ],
)
def test_what_a_user_insists_on_does_not_bend_the_answer(ask: Any, turn: str) -> None:
    """The model gives in; the articles do not."""
    bent = "Captain Arne Falk brought everyone ashore before dark. [#1]"

    answer, _ = ask(Question(turn, history=HISTORY), turn, bent)

    assert "Falk" not in " ".join(sentence.text for sentence in answer.sentences)
    assert "drowned" not in answer.text


def test_a_premise_that_the_articles_deny_is_answered_by_what_they_say(ask: Any) -> None:
    question = "Did Captain Arne Falk bring everyone ashore from the ferry Maud?"

    answer, _ = ask(
        Question(question), f"Yes, Captain Arne Falk did. [#1]\n{LED} [#1]", "NO_ANSWER"
    )

    assert answer.text in {f"{LED} [1]", f"No: {LED} [1]", ""}
    assert not answer.text.startswith("Yes")
