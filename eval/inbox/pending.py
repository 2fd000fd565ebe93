"""A reader's opinion of an answer as a case in waiting. Who said it, and where, stays behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.answer import Answer, Citation
from bot.given import Complaint, Feedback, GivenAnswer, Opinion
from index.errors import UsageError

_KEY_DIGITS = 8


@dataclass(frozen=True, slots=True)
class PendingCase:
    """One opinion that may become a case."""

    key: str
    """Eight hexadecimal digits by which a reviewer names it."""
    feedback: Feedback
    history: tuple[str, ...]
    """Earlier questions of the thread, oldest first."""

    @property
    def case_id(self) -> str:
        """The id that the case gets in a set."""
        return f"feedback-{self.key}"

    @property
    def question(self) -> str:
        """As it was asked."""
        return self.feedback.given.question

    @property
    def answer(self) -> Answer | None:
        """As it was shown; None once an article that it cited was removed."""
        return self.feedback.given.answer

    @property
    def opinion(self) -> str:
        """`good`, `bad`, or what was the matter."""
        complaint = self.feedback.complaint
        return complaint.value if complaint else self.feedback.opinion.value

    @property
    def asked_as_of(self) -> datetime:
        """The moment that "now" meant: asked again, the case sees no more than it did then."""
        return self.feedback.given.as_of or self.feedback.given.given_at

    @property
    def calls_for_silence(self) -> bool:
        """Whether the reader said that no answer was due."""
        return self.feedback.complaint is Complaint.SHOULD_HAVE_DECLINED

    @property
    def is_praise(self) -> bool:
        """Whether the answer was good."""
        return self.feedback.opinion is Opinion.GOOD

    def citation(self, number: int) -> Citation:
        """The answer's citation of that number.

        Raises:
            UsageError: If it has none.
        """
        for one in self.answer.citations if self.answer else ():
            if one.number == number:
                return one
        raise UsageError(
            f"{self.key} has no citation {number}. See: dateline eval inbox show {self.key}"
        )


class Threads(Protocol):
    """What was answered in a thread."""

    def in_thread(self, team: str, channel: str, thread: str) -> list[GivenAnswer]:
        """The answers that stand there still, oldest first."""
        ...


def collect_pending(feedback: Iterable[Feedback], threads: Threads) -> list[PendingCase]:
    """Every opinion as a case in waiting, in the order given."""
    return [PendingCase(_key(one), one, tuple(_earlier(one.given, threads))) for one in feedback]


def find_pending(pending: Sequence[PendingCase], key: str) -> PendingCase:
    """The one that a reviewer names by its key, or by the beginning of it.

    Raises:
        UsageError: If none, or more than one, begins so.
    """
    found = [one for one in pending if one.key.startswith(key.removeprefix("feedback-"))]
    if len(found) == 1 and key:
        return found[0]
    what = "No feedback" if not found else f"{len(found)} opinions"
    raise UsageError(f"{what} in the inbox under {key!r}. See: dateline eval inbox list")


def _key(feedback: Feedback) -> str:
    # The answer's own id lets its holder see the answer, so it must not be told.
    named = f"{feedback.given.answer_id}\n{feedback.user}"
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_DIGITS]


def _earlier(given: GivenAnswer, threads: Threads) -> Iterable[str]:
    place = given.place
    for one in threads.in_thread(place.team, place.channel, place.thread):
        if one.answer_id != given.answer_id and one.given_at < given.given_at:
            yield one.question
