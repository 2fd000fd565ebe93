"""Many people who ask at once, and the account of what they were answered."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.slack.server import LoopbackSlack
from tests.slack.state import Message

QUESTIONS = (
    "who led the Russian delegation in November 2023?",
    "who led the Russian delegation?",
    "how many people died in the Tarn Vale flood?",
    "when did the tram line open?",
    "what did the trade committee sign?",
    "how many people marched against later pensions?",
    "who won the Kestrian election?",
    "what was the key rate of the National Bank of Kestria in February 2024?",
    "who won the Nobel Prize in Literature in 2023?",
    "how heavy is the Bennu sample?",
    "what did the EU fine Apple?",
    "who is the chair of the flood inquiry?",
    "when did the dock strike end?",
    "how hot was it at Marren airport?",
    "who is the new governor of Kestria's central bank?",
    "who coaches the Rovers?",
    "what caused the Kestrian blackout?",
    "where did Chandrayaan-3 land?",
    "who won the chess championship of 1972?",
    "what does a ticket for the submarine cost?",
)


@dataclass
class Crowd:
    """People in a channel, each asking from time to time."""

    slack: LoopbackSlack
    people: int = 40
    seed: int = 1
    asked: list[Message] = field(default_factory=list)
    asked_at: dict[str, float] = field(default_factory=dict)
    answered_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._done = threading.Event()
        self._watching = threading.Thread(target=self._watch)
        names = [f"reader{number}" for number in range(self.people)]
        self._people = [self.slack.add_user(name) for name in names]
        self.channels = [
            self.slack.add_channel(f"room{number}", *self._people) for number in range(4)
        ]

    def ask(self, count: int, *, over_seconds: float = 0.0) -> None:
        """Ask so many questions, spread over some time; everybody's turn comes."""
        for number in range(count):
            user = self._people[number % self.people]
            question = self._random.choice(QUESTIONS)
            message = self.slack.ask(user, question, channel=self._random.choice(self.channels))
            self.asked_at[message.ts] = time.monotonic()
            self.asked.append(message)
            if over_seconds:
                time.sleep(over_seconds / count)

    def wait_until_answered(self, seconds: float) -> list[Message]:
        """Wait until every question has a finished answer; those that have none in time."""
        until = time.monotonic() + seconds
        while self.count_open() and time.monotonic() < until:
            time.sleep(0.05)
        return [message for message in self.asked if message.ts not in self.answered_at]

    def count_open(self) -> int:
        """How many questions have no finished answer yet."""
        return len(self.asked) - len(self.answered_at)

    def __enter__(self) -> Crowd:
        """Watch for answers, until it is left."""
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            for message in list(self.asked):
                if message.ts not in self.answered_at and self.slack.has_answer(message):
                    self.answered_at[message.ts] = time.monotonic()

    def waits(self) -> list[float]:
        """Seconds from each question to its finished answer."""
        return [when - self.asked_at[ts] for ts, when in dict(self.answered_at).items()]

    def find_faults(self) -> list[str]:
        """Questions that were not answered exactly once, in one finished message."""
        faults = []
        for message in self.asked:
            replies = self.slack.replies(message)
            finished = [one for one in replies if one.blocks and one.stream != "open"]
            if len(replies) != 1 or len(finished) != 1:
                shown = [(one.ts, one.text[:60], one.stream) for one in replies]
                faults.append(f"{message.ts} {message.text[:60]!r}: {len(replies)} replies {shown}")
        return faults


class Clicker:
    """Somebody who presses a thumb under whatever is answered, again and again."""

    def __init__(self, slack: LoopbackSlack, crowd: Crowd, *, every_seconds: float = 0.1) -> None:
        self.slack = slack
        self.crowd = crowd
        self.every_seconds = every_seconds
        self.acked = 0
        self.missed = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._click)

    def __enter__(self) -> Clicker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _click(self) -> None:
        chosen = random.Random(2)
        while not self._done.wait(self.every_seconds):
            answered = [one for one in list(self.crowd.asked) if one.ts in self.crowd.answered_at]
            if not answered:
                continue
            reply = self.slack.replies(chosen.choice(answered))[0]
            try:
                is_acked = (
                    self.slack.press(reply.user, reply, "dateline.feedback", "up") is not None
                )
            except LookupError:
                continue
            self.acked += is_acked
            self.missed += not is_acked


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all lie; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
