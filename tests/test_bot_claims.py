import pytest

from bot.claims import says_otherwise, tells_of_another_time
from bot.polarity import judge_claim

CRESTED = "The river crested at 6.8 metres at the Tarn Bridge gauge, agency director Aalto said."
LED = "Sergei Shoigu, the defence minister, led the Russian delegation that landed on Tuesday."


class Words:
    """Takes every word for itself."""

    def analyze(self, text):
        return text.lower().split()


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("Is it true that the river crested at 9.8 metres at the Tarn Bridge gauge?", CRESTED),
        (f"Is it true that {LED[:-1].replace('Shoigu', 'Lavrov')}?", LED),
        (f"Is it true that {LED[:-1].replace('Tuesday', 'Thursday')}?", LED),
    ],
)
def test_another_number_name_or_day_is_what_was_asked(claim, sentence):
    assert says_otherwise(claim, sentence)
    assert judge_claim(claim, [sentence], Words()) == "No"


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("Is it true that the river crested at 6.8 metres at the Tarn Bridge gauge?", CRESTED),
        ("Is it true that the river crested at 680 centimetres at Tarn Bridge gauge?", CRESTED),
        # Another date form, and words that the sentence lacks: nothing stands in place of them.
        ("Did Shoigu lead the Russian delegation on 25 July 2023?", LED),
        ("Were 14 people killed in the flood?", CRESTED),
        (
            "Are the dock workers in Calder Bay on strike?",
            "Cranes stopped in Kestria's biggest port as 1,850 dock workers began a strike.",
        ),
    ],
)
def test_what_only_differs_in_words_is_no_denial(claim, sentence):
    assert not says_otherwise(claim, sentence)


def test_another_year_is_told_from_the_same_one_and_from_none():
    told = "The dyke had last been inspected in 2017, she said."
    assert tells_of_another_time("Was the dyke inspected in 2020?", told)
    assert not tells_of_another_time("Was the dyke inspected in 2017?", told)
    assert not tells_of_another_time("Was the dyke inspected?", told)
