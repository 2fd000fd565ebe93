"""Follow-ups: what they stand for, what stays as it was asked, and what is never believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answer import Answer, Citation, Question, Sentence, Status, Turn
from bot.conversation import Conversation, FollowUpAnswerer, rewrite_follow_up
from bot.samples import sample_folder
from eval.conversations import load_conversations
from eval.follow_ups import FollowUp, compare, load_follow_ups, measure_follow_ups
from index.article import Article
from index.errors import UsageError
from index.sources import find_sources, read_articles

_SET = Path(__file__).parent.parent / "eval" / "sets" / "conversations.jsonl"
LED = Turn(
    "Who led the Russian delegation to Pyongyang in November 2023?",
    ("The delegation was led by Alexander Kozlov, the minister of natural resources.",),
)
STRUCK = Turn(
    "Which ferry struck a pier at Calder Bay in August 2023?",
    ("The Sea Thrift, which belongs to the Osefar company, touched the end of Pier 6.",),
)
TURNOUT = Turn("What was the turnout in the 2024 election in Kestria?", ("It was 71.4 percent.",))
FINED = Turn("How much was Apple fined?", ("The European Commission fined Apple.",))
STRIKE = Turn("When did the dock workers in Calder Bay go on strike?", ())
PREMIER = Turn("Who became prime minister of Kestria in May 2024?", ("Miriam Sollers did.",))
RACE = Turn("Who won the women's race at the Marren Marathon in 2024?", ("Ruth Chebet won.",))
NAMED_LOWER = Turn("who won the mayor's election in calder bay", ("Helga Brandt won.",))


@pytest.mark.parametrize(
    ("turn", "question", "alone"),
    [
        (LED, "When did he arrive there?",
         "When did Alexander Kozlov arrive in Pyongyang in November 2023?"),
        (LED, "Who was his counterpart?", "Who was Alexander Kozlov's counterpart?"),
        (LED, "When did the delegation leave?",
         "When did the Russian delegation to Pyongyang leave?"),
        (STRUCK, "How fast was she going?", "How fast was Sea Thrift going?"),
        (STRIKE, "What rise did they ask for?",
         "What rise did the dock workers in Calder Bay ask for?"),
        (STRIKE, "how long did it last?", "how long did the strike last?"),
        (FINED, "Will the company appeal?", "Will Apple appeal?"),
        (NAMED_LOWER, "how many votes did she get", "how many votes did Helga Brandt get"),
    ],
)  # fmt: skip
def test_what_points_back_is_named(turn: Turn, question: str, alone: str) -> None:
    assert rewrite_follow_up(question, [turn]).text == alone


@pytest.mark.parametrize(
    ("turn", "question", "alone"),
    [
        (LED, "And in 2024?", "Who led the Russian delegation to Pyongyang in 2024?"),
        (LED, "what about Japan?", "Who led the Russian delegation to Japan in November 2023?"),
        (LED, "Who else?",
         "Who else led the Russian delegation to Pyongyang in November 2023?"),
        (LED, "When?",
         ("When was it that Alexander Kozlov led the Russian delegation to Pyongyang in "
          "November 2023?")),
        (TURNOUT, "and in 2019?", "What was the turnout in the 2019 election in Kestria?"),
        (TURNOUT, "Was that more than in 2019?",
         "Was the turnout in the 2024 election in Kestria more than in 2019?"),
        (FINED, "And Amazon?", "How much was Amazon fined?"),
        (FINED, "Why?", "Why was Apple fined?"),
        (FINED, "By whom?", "By whom was Apple fined?"),
        (RACE, "And the men's race?", "Who won the men's race at the Marren Marathon in 2024?"),
        (PREMIER, "And the deputy prime minister?",
         "Who became the deputy prime minister of Kestria in May 2024?"),
        (Turn("Did soldiers die in the crash at Halm?", ()), "How many?",
         "How many soldiers did die in the crash at Halm?"),
    ],
)  # fmt: skip
def test_a_fragment_asks_the_earlier_question_anew(turn: Turn, question: str, alone: str) -> None:
    assert rewrite_follow_up(question, [turn]).text == alone


def test_a_question_about_nothing_in_particular_gets_the_topic() -> None:
    assert rewrite_follow_up("Who was the captain?", [STRUCK]).text == (
        "Who was the captain of Sea Thrift?"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What is the key rate of the National Bank of Kestria?",
        "Who won the Nobel Prize in Literature in 2024?",
        "Did Shoigu say that he would come back?",
        "Were there any strikes in Marren?",
    ],
)
def test_a_question_with_names_of_its_own_stays_as_it_is(question: str) -> None:
    assert not rewrite_follow_up(question, [LED]).changed


@pytest.mark.parametrize("claim", ["No, it was Lavrov.", "no, he was Lavrov", "You are wrong."])
def test_a_claim_asks_the_archive_again(claim: str) -> None:
    rewrite = rewrite_follow_up(claim, [LED])

    assert rewrite.text == LED.question
    assert "Lavrov" not in rewrite.text


def test_a_claim_is_no_answer_for_later_pronouns() -> None:
    claimed = Turn("No, it was Lavrov.", (), standalone=LED.question)

    assert "Lavrov" not in rewrite_follow_up("When did he arrive?", [LED, claimed]).text


@pytest.mark.parametrize(
    "question",
    ["No one was hurt?", "No survivors were found?", "No-deal Brexit: who backs it?",
     "Rather than sink, did it drift?"],
)  # fmt: skip
def test_a_question_that_begins_with_no_is_asked_as_it_is(question: str) -> None:
    assert rewrite_follow_up(question, [PREMIER]).text == question


def test_letters_that_grow_in_lower_case_spoil_no_place() -> None:
    turkey = Turn("Who won the Turkish election?", ())

    for question in ("Did İYİ Party win the election?", "Did İstanbul host the match?"):
        assert "tthe" not in rewrite_follow_up(question, [turkey]).text


def test_a_correction_replaces_what_it_corrects() -> None:
    rewrite = rewrite_follow_up("No, I meant the foreign minister.", [PREMIER])

    assert rewrite.text == "Who became the foreign minister of Kestria in May 2024?"
    assert rewrite.why == "correction"


def test_without_an_answer_a_person_is_described_by_the_question() -> None:
    unanswered = Turn(LED.question, ())

    assert rewrite_follow_up("When did he arrive?", [unanswered]).text == (
        "When did the person who led the Russian delegation to Pyongyang in November 2023 arrive?"
    )


def test_an_older_turn_is_pointed_at_where_the_last_names_nobody() -> None:
    rate = Turn("What is the key rate of the National Bank of Kestria?", ("It is 4.5 percent.",))

    assert "Alexander Kozlov" in rewrite_follow_up("What did he say?", [LED, rate]).text


@given(st.text(max_size=120))
def test_the_first_question_is_never_changed(question: str) -> None:
    assert rewrite_follow_up(question, []) == rewrite_follow_up(question, ())
    assert rewrite_follow_up(question, []).text == question


_WORDS = st.sampled_from(
    "who what when did was is he she it they that the there and about in 2024 Kim Pyongyang "
    "delegation minister no, I meant why how many else race strike ? . , 's of to".split()
)


@settings(deadline=None)
@given(st.lists(_WORDS, max_size=12).map(" ".join), st.lists(_WORDS, max_size=12).map(" ".join))
def test_any_words_are_rewritten_the_same_way_twice(earlier: str, question: str) -> None:
    turns = [Turn(earlier, ("Kim Jong Un met Sergei Lavrov in Pyongyang.",)), LED]
    first = rewrite_follow_up(question, turns)

    assert first == rewrite_follow_up(question, turns)
    assert first.changed == (first.text != question)
    assert len(first.text) <= 1_200


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
@settings(deadline=None)
def test_hostile_text_never_breaks_the_rewriting(one: str, two: str, three: str) -> None:
    rewritten = rewrite_follow_up(three, [Turn(one, (two,)), Turn(two, None)])
    assert rewritten.changed == (rewritten.text != three)
    assert len(rewritten.text) <= 1_200


@pytest.mark.timeout(20)  # milliseconds each; a pattern that backtracks takes minutes
@pytest.mark.parametrize(
    "long",
    ["no, " * 140, "and " * 140, "it " * 180, "(" * 590, "that was " * 60, "who " * 140],
)
def test_long_input_is_read_in_time(long: str) -> None:
    rewritten = rewrite_follow_up(long, [Turn(long * 20, (long,)), LED])
    assert len(rewritten.text) <= 1_200


class ScriptedAnswerer:
    """Answers from a table, and keeps what it was asked."""

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        as_typed = question.focus.as_typed if question.focus else None
        text = self._answers.get(as_typed or question.text)
        if text is None:
            return Answer(question, Status.ABSTAINED)
        cited = Citation(1, "a" * 16, "v", "u", None, None, None, 0, len(text), text)
        return Answer(question, Status.ANSWERED, (Sentence(text, (1,)),), (cited,))

    @property
    def texts(self) -> list[str]:
        return [question.text for question in self.asked]


KOZLOV = "Alexander Kozlov led it."


def test_history_without_answers_is_asked_again() -> None:
    inner = ScriptedAnswerer(
        {LED.question: KOZLOV, "When did Alexander Kozlov arrive?": "Tuesday."}
    )
    asked = Question("When did he arrive?", history=(Turn(LED.question),))

    answer = FollowUpAnswerer(inner).answer(asked)

    assert answer.text == "Tuesday. [1]"
    assert answer.standalone_question == "When did Alexander Kozlov arrive?"
    assert answer.question is asked
    assert inner.texts[0] == LED.question


def test_history_with_answers_is_not_asked_again() -> None:
    inner = ScriptedAnswerer({})
    FollowUpAnswerer(inner).answer(Question("When did he arrive?", history=(LED,)))

    assert LED.question not in inner.texts


def test_at_most_four_earlier_questions_are_asked_again() -> None:
    inner = ScriptedAnswerer({})
    history = tuple(Turn(f"Who runs the town of Number{number}ville?") for number in range(9))
    FollowUpAnswerer(inner).answer(Question("What is the key rate of Kestria?", history=history))

    assert len(inner.asked) == 5


def test_the_cited_story_is_read_first_for_the_question_as_it_was_typed() -> None:
    inner = ScriptedAnswerer({LED.question: KOZLOV, "When did he arrive?": "He came on Tuesday."})
    talk = Conversation(FollowUpAnswerer(inner))
    talk.ask(Question(LED.question))

    assert talk.ask(Question("When did he arrive?")).text == "He came on Tuesday. [1]"
    focus = inner.asked[-1].focus
    assert focus is not None
    assert focus.articles == {"a" * 16}


def test_a_change_of_topic_is_asked_without_the_story() -> None:
    inner = ScriptedAnswerer({LED.question: KOZLOV})
    talk = Conversation(FollowUpAnswerer(inner))
    talk.ask(Question(LED.question))
    answer = talk.ask(Question("What is the key rate of the National Bank of Kestria?"))

    assert inner.asked[-1].focus is None
    assert answer.standalone_question is None


def test_of_several_answers_none_is_taken_for_the_one_meant() -> None:
    cited = Citation(1, "a" * 16, "v", "u", None, None, None, 0, 21, "Sergei Lavrov led it.")
    several = Answer(
        Question(LED.question),
        Status.AMBIGUOUS,
        (Sentence("Sergei Lavrov led it.", (1,)),),
        (cited,),
    )

    class Ambiguous:
        def answer(self, _: Question) -> Answer:
            return several

    asked = Question("When did he arrive?", history=(Turn(LED.question),))
    alone = FollowUpAnswerer(Ambiguous()).answer(asked).standalone_question
    assert alone is not None
    assert "Lavrov" not in alone


def test_filters_hold_for_every_turn() -> None:
    inner = ScriptedAnswerer({})
    until = datetime(2024, 1, 1, tzinfo=UTC)
    asked = Question("Why?", as_of=until, outlet="Post", history=(Turn(LED.question),))
    FollowUpAnswerer(inner).answer(asked)

    assert {(one.as_of, one.outlet) for one in inner.asked} == {(until, "Post")}


def test_a_forgotten_conversation_leaves_nothing_to_point_at() -> None:
    inner = ScriptedAnswerer({LED.question: KOZLOV})
    talk = Conversation(FollowUpAnswerer(inner))
    talk.ask(Question(LED.question))
    talk.forget()
    talk.ask(Question("When did he arrive?"))

    assert inner.texts[-1] == "When did he arrive?"


def test_nearness_counts_content_words_and_names() -> None:
    # Human words: kozlov, arrive, pyongyang. Ours: kozlov, arrive, soon: 2 of 3 and 2 of 3.
    one = FollowUp(
        "c<::>2", "c", ("Who led?",), "When did he arrive?", "When did Kozlov arrive in Pyongyang?"
    )
    near = compare(one, "When did Kozlov arrive soon?")

    assert near.recall == pytest.approx(2 / 3)
    assert near.precision == pytest.approx(2 / 3)
    assert near.added_recall == pytest.approx(1 / 2)  # kozlov of kozlov and pyongyang
    assert near.added_precision == pytest.approx(1 / 2)  # kozlov of kozlov and soon


def _write(path: Path, *records: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_published_conversations_are_read_and_measured_by_half(tmp_path: Path) -> None:
    said = {
        f"{name}<::>2": f"|user|: Who led the delegation to {place}?\n|user|: When did it arrive?"
        for name, place in (("a", "Oslo"), ("b", "Lima"))
    }
    questions = _write(
        tmp_path / "q.jsonl", *({"_id": key, "text": text} for key, text in said.items())
    )
    human = _write(
        tmp_path / "r.jsonl",
        *({"_id": key, "text": "|user|: When did the delegation arrive?"} for key in said),
    )
    rows = measure_follow_ups(load_follow_ups(questions, human))

    assert {row.questions for row in rows} == {1}
    assert rows[1].means["recall"] == 1.0
    assert rows[1].way == "rewritten"


def test_a_question_without_a_human_rewrite_is_refused(tmp_path: Path) -> None:
    questions = _write(tmp_path / "q.jsonl", {"_id": "a<::>2", "text": "|user|: A?\n|user|: B?"})
    human = _write(tmp_path / "r.jsonl", {"_id": "z<::>2", "text": "|user|: B?"})

    with pytest.raises(UsageError, match="no rewrite"):
        load_follow_ups(questions, human)


def test_our_conversations_are_well_formed_and_quote_real_articles() -> None:
    conversations = load_conversations(_SET)
    articles = (
        item for source in find_sources([str(sample_folder())]) for item in read_articles(source)
    )
    bodies_by_name = {
        name: item.body
        for item in articles
        if isinstance(item, Article)
        for name in (item.url, item.url.rsplit("/", 1)[-1])
    }

    assert len(conversations) >= 30
    assert all(2 <= len(one.turns) <= 5 for one in conversations)
    for turn in (turn for one in conversations for turn in one.turns):
        assert all(gold.quote in bodies_by_name[gold.url] for gold in turn.gold), turn.id
