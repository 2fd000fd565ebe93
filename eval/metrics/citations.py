"""Whether an answer points at the right places, and whether they hold what is quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from index.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision and recall of a set of things that were pointed at."""

    precision: float
    """Right ones / all that were pointed at; 0 where nothing was."""
    recall: float
    """Gold ones that were pointed at / all gold ones."""

    @property
    def f1(self) -> float:
        """Harmonic mean, 2PR / (P + R); 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def document_agreement(
    cited: AbstractSet[str], gold: AbstractSet[str], *, dangling: int = 0
) -> Agreement:
    """Citations by document: which articles are cited, against those that hold the evidence.

    P = |cited ∩ gold| / (|cited| + dangling), R = |cited ∩ gold| / |gold|.

    Args:
        cited: Documents that the answer cites, each once.
        gold: Documents that hold the evidence.
        dangling: Distinct citation numbers that lead nowhere; each counts as a wrong document.

    Raises:
        ValueError: If `gold` is empty.
    """
    if not gold:
        raise ValueError("no gold document: such a question has no citation score")
    right = len(cited & gold)
    pointed = len(cited) + dangling
    return Agreement(right / pointed if pointed else 0.0, right / len(gold))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim piece of a document."""

    document: str
    text: str


def sentence_agreement(
    quoted: Sequence[Evidence], gold: Sequence[Evidence], *, dangling: int = 0
) -> Agreement:
    """Citations by sentence: which sentences are quoted, against those that people marked.

    Both sides are cut into sentences, so that quoting a whole article is not one right quote. Two
    sentences meet if they stand in one document and, white space taken out, one holds the other.
    P = quoted sentences that meet a gold one / (quoted sentences + dangling);
    R = gold sentences that meet a quoted one / gold sentences.

    Raises:
        ValueError: If `gold` holds no sentence.
    """
    given, wanted = _sentences(quoted), _sentences(gold)
    if not wanted:
        raise ValueError("no gold sentence: such a question has no citation score")
    pointed = len(given) + dangling
    right = sum(any(_meet(one, other) for other in wanted) for one in given)
    found = sum(any(_meet(one, other) for other in given) for one in wanted)
    return Agreement(right / pointed if pointed else 0.0, found / len(wanted))


def best_agreement(agreements: Iterable[Agreement]) -> Agreement:
    """The one with the highest F1: people who mark evidence differ, and any of them will do."""
    return max(agreements, key=lambda agreement: agreement.f1)


def is_exact_quote(quote: str, start: int, end: int, body: str) -> bool:
    """True if the quote is `body[start:end]` to the character, and not empty."""
    return 0 <= start < end <= len(body) and body[start:end] == quote


def _sentences(pieces: Iterable[Evidence]) -> list[Evidence]:
    """The distinct sentences of the pieces, squeezed; marks without a letter or digit left out."""
    found = dict.fromkeys(
        Evidence(piece.document, "".join(span.of(piece.text).split()))
        for piece in pieces
        for span in split_sentences(piece.text)
    )
    return [piece for piece in found if any(char.isalnum() for char in piece.text)]


def _meet(one: Evidence, other: Evidence) -> bool:
    return one.document == other.document and (one.text in other.text or other.text in one.text)
