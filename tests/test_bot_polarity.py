"""Yes or no follows what the sentence says of the claim."""

import pytest

from bot.paraphrase import Paraphrases
from bot.polarity import judge_claim, speaks_to
from index.store.lexical import LexicalIndex


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return LexicalIndex(tmp_path_factory.mktemp("terms"))


@pytest.fixture(scope="module")
def related(analyzer: LexicalIndex) -> Paraphrases:
    return Paraphrases(analyzer)


@pytest.mark.parametrize(
    ("question", "sentence", "verdict"),
    [
        ("Did the fees rise?", "The fees rose by a tenth.", "Yes"),
        ("Did the fees rise?", "The fees did not rise.", "No"),
        ("Did the fees rise?", "The fees fell by a tenth.", "No"),
        ("Was Lind found guilty?", "Lind was found not guilty of fraud.", "No"),
        ("Was Lind found guilty?", "The court acquitted Lind.", "No"),
        ("Was Lind acquitted?", "Lind was convicted on all counts.", "No"),
        ("Did the bridge close?", "The bridge never closed, the mayor said.", "No"),
        ("Was there no change in the fees?", "There was no change in the fees.", "Yes"),
        ("Was there no change in the fees?", "The fees change in May.", "No"),
        ("Did the council approve the plan?", "The council hasn't approved the plan.", "No"),
        ("Did the council approve the plan?", "The council hasn’t approved the plan.", "No"),
        ("Did Marren win the cup?", "Marren lost the cup final.", "No"),
        ("Is the museum open?", "The museum is open from noon.", "Yes"),
        ("Is the museum open?", "The museum closed for good.", "No"),
        # The denial is about something else.
        ("Did the mayor open the tram?",
         "The mayor opened the tram in bright sunshine, and nobody in the long queue complained.",
         "Yes"),
    ],
)  # fmt: skip
def test_the_verdict_is_what_the_sentence_says(
    question: str, sentence: str, verdict: str, analyzer: LexicalIndex, related: Paraphrases
) -> None:
    assert judge_claim(question, [sentence], analyzer, related) == verdict


def test_only_the_best_sentence_may_overturn_a_claim(
    analyzer: LexicalIndex, related: Paraphrases
) -> None:
    sentences = ["The fees rose in May.", "The fees did not rise in June."]

    assert judge_claim("Did the fees rise?", sentences, analyzer, related) == "Yes"
    assert judge_claim("Did the fees rise?", sentences[::-1], analyzer, related) == "No"


def test_a_sentence_about_the_same_people_need_not_speak_to_the_claim(
    analyzer: LexicalIndex, related: Paraphrases
) -> None:
    claim = analyzer.analyze("resigned fraud inquiry")

    assert speaks_to(claim, "He resigned after the inquiry.", analyzer, related)
    assert not speaks_to(claim, "She sang in the choir on Sunday.", analyzer, related)
    assert speaks_to([], "Anything at all.", analyzer, related)


def test_other_words_and_the_title_speak_to_a_claim_too(
    analyzer: LexicalIndex, related: Paraphrases
) -> None:
    claim, title = analyzer.analyze("challenge fine"), "EU fines Apple"

    assert speaks_to(claim, "Apple said that it would appeal.", analyzer, related, title)
    assert not speaks_to(claim, "Apple said that it would appeal.", analyzer, related)
    # The title alone tells what the story is about, not what is claimed.
    assert not speaks_to(claim, "The shares were flat.", analyzer, related, title)


def test_a_denial_of_the_opposite_affirms(analyzer: LexicalIndex, related: Paraphrases) -> None:
    question = "Did the hospital keep its emergency department open?"

    assert (
        judge_claim(question, ["The emergency department never closed."], analyzer, related)
        == "Yes"
    )


def test_one_of_two_words_does_not_speak_to_a_claim(
    analyzer: LexicalIndex, related: Paraphrases
) -> None:
    claim = analyzer.analyze("dam damaged")

    assert not speaks_to(claim, "Hearings go on with engineers of the dam.", analyzer, related)
    assert speaks_to(claim, "The dam was damaged.", analyzer, related)
