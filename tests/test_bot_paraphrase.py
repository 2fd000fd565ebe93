"""Other words for a question's words are known by their stems."""

from bot.paraphrase import Paraphrases


class Stems:
    """Cuts every word to four letters, as a stemmer might."""

    def analyze(self, text: str) -> list[str]:
        return [word[:4] for word in text.lower().split()]


def test_words_of_a_group_stand_for_one_another_and_others_do_not() -> None:
    related = Paraphrases(Stems())

    assert "brok" in related.of("medi")
    assert "medi" in related.of("brok")
    assert "moon" not in related.of("medi")
    assert related.of("xyzzy") == frozenset()
