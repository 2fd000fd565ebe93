"""Two bots on one library, one of them killed at random again and again: answered exactly once?

python -m tests.slack_kill_trial --kills 10
python -m tests.slack_kill_trial --kills 10 --llm --http
"""

from __future__ import annotations

import argparse
import contextlib
import random
import runpy
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.slack.bots import BotProcess, make_sample_library
from tests.slack.crowd import Crowd, percentile
from tests.slack.server import LoopbackSlack

# A worker that dies is replaced after this; an operator's default is a minute.
LEASE_SECONDS = "3"


def main() -> None:
    """Run the trial; 1 if a question was not answered exactly once."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--llm", action="store_true", help="a scripted model writes, and streams")
    parser.add_argument("--library", type=Path, help="to copy; else the samples are ingested")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600.0, help="until it is given up")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if options.library:
            shutil.copytree(options.library, home / "library")
        else:
            make_sample_library(home / "library")
        trial = KillTrial(
            home,
            kills=options.kills,
            questions=options.questions,
            http=options.http,
            llm=options.llm,
            seed=options.seed,
        )
        faults = trial.run(options.seconds)
        sys.stdout.write("".join(f"{fault}\n" for fault in faults[:10]) + trial.account(faults))
        sys.exit(bool(faults))


class KillTrial:
    """A crowd that keeps asking while bots die."""

    def __init__(
        self, home: Path, *, kills: int, questions: int, http: bool = False, llm: bool = False,
        seed: int = 1, people: int = 40,
    ) -> None:  # fmt: skip
        self.home = home
        self.kills = kills
        self.questions = questions
        self.http = http
        self.llm = llm
        self.people = people
        self.killed: list[int] = []
        """How many questions were being answered or waited at each kill."""
        self._random = random.Random(seed)
        self.crowd: Crowd | None = None
        self.slack: LoopbackSlack | None = None

    def run(self, seconds: float) -> list[str]:
        """Carry it out; the faults that were found."""
        with contextlib.ExitStack() as stack:
            self.slack = slack = stack.enter_context(LoopbackSlack())
            # Slack waits a minute before its third try; nobody wants to watch that.
            slack.courier.retry_delays = (0.2, 2.0, 10.0, 30.0, 60.0)
            more = self._model(stack)
            bots = [
                stack.enter_context(
                    BotProcess(
                        slack, self.home / "library", self.home / f"bot{at}.log", http=self.http,
                        DATELINE_SLACK_LEASE=LEASE_SECONDS, **more,
                    )
                )
                for at in range(2)
            ]  # fmt: skip
            for bot in bots:
                bot.wait_until_ready()
            if self.http:
                slack.courier.http_urls = [bot.url for bot in bots]
            else:
                slack.courier.sockets.wait_for(2, 60)
            self.crowd = Crowd(slack, self.people)
            stack.enter_context(self.crowd)
            self._kill_while_asked(bots)
            left = self.crowd.wait_until_answered(seconds)
            slack.courier.wait_until_idle(120)
            # A second answer would come late.
            time.sleep(float(LEASE_SECONDS) * 2)
            return [f"unanswered: {one.text}" for one in left] + self.crowd.find_faults()

    def _model(self, stack: contextlib.ExitStack) -> dict[str, str]:
        if not self.llm:
            return {}
        path = Path(__file__).with_name("openai_server.py")
        scripts = runpy.run_path(str(path))

        def slowly(prompt: str) -> object:
            # The whole takes a while, so that kills meet streams.
            said = scripts["faithful"](prompt)
            return scripts["replace"](said, silence_seconds=0.3, chunk_characters=5)

        server = stack.enter_context(scripts["OpenAIServer"](slowly))
        return {"DATELINE_LLM_BASE_URL": server.url, "DATELINE_LLM_MODEL": "scripted"}

    def _kill_while_asked(self, bots: list[BotProcess]) -> None:
        assert self.crowd is not None
        share = -(-self.questions // self.kills)
        for _ in range(self.kills):
            # A burst, so that the kill meets questions of every stage.
            self.crowd.ask(min(share, self.questions - len(self.crowd.asked)))
            time.sleep(self._random.uniform(0.1, 4.0))
            bot = self._random.choice(bots)
            bot.kill()
            self.killed.append(self.crowd.count_open())
            bot.start()
            bot.wait_until_ready()

    def account(self, faults: list[str]) -> str:
        """The trial in words."""
        assert self.crowd is not None
        assert self.slack is not None
        waits = self.crowd.waits()
        asked = len(self.crowd.asked)
        streams = len(self.slack.calls("chat.startStream"))
        return (
            f"{'HTTP' if self.http else 'Socket Mode'}{', streamed' if self.llm else ''}: "
            f"{asked} questions, {len(self.killed)} kills with {self.killed} questions open\n"
            f"answered exactly once: {asked - len(faults)}; streams begun: {streams}; "
            f"events given up: {len(self.slack.courier.given_up())}\n"
            f"answers: p50 {percentile(waits, 0.5):.1f} s, p99 {percentile(waits, 0.99):.1f} s\n"
        )


if __name__ == "__main__":
    main()
