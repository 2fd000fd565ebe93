"""Two hundred questions at once from forty people, duplicates included: how soon, and how often?

python -m tests.slack_load_trial
python -m tests.slack_load_trial --http --bots 2 --over 20
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.slack.bots import BotProcess, make_sample_library
from tests.slack.crowd import Clicker, Crowd, percentile
from tests.slack.idle_server import IdleServer
from tests.slack.server import LoopbackSlack


def main() -> None:
    """Run the trial; 1 if a question was not answered exactly once, or a click was too slow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--over", type=float, default=0.0, help="seconds that they take to ask")
    parser.add_argument("--duplicates", type=float, default=0.3, help="share that comes twice")
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--bots", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--library", type=Path, help="to copy; else the samples are ingested")
    parser.add_argument("--seconds", type=float, default=300.0, help="until it is given up")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, LoopbackSlack() as slack:
        home = Path(folder)
        if options.library:
            shutil.copytree(options.library, home / "library")
        else:
            make_sample_library(home / "library")
        with _bots(slack, home, options):
            sys.exit(_measure(slack, options))


@contextlib.contextmanager
def _bots(
    slack: LoopbackSlack, home: Path, options: argparse.Namespace
) -> Iterator[list[BotProcess]]:
    workers = {"DATELINE_SLACK_WORKERS": str(options.workers)}
    with contextlib.ExitStack() as stack:
        bots = [
            stack.enter_context(
                BotProcess(
                    slack, home / "library", home / f"bot{at}.log", http=options.http, **workers
                )
            )
            for at in range(options.bots)
        ]
        for bot in bots:
            bot.wait_until_ready()
        if options.http:
            slack.courier.http_urls = [bot.url for bot in bots]
        elif not slack.courier.sockets.wait_for(len(bots), 60):
            sys.exit("not every bot has connected")
        yield bots


def _measure(slack: LoopbackSlack, options: argparse.Namespace) -> int:
    slack.courier.disorder.duplicate = options.duplicates
    slack.courier.disorder.delay_seconds = 0.2
    crowd = Crowd(slack, options.people)
    with crowd, Clicker(slack, crowd) as clicker, IdleServer() as idle:
        crowd.ask(options.questions, over_seconds=options.over)
        left = crowd.wait_until_answered(options.seconds)
    slack.courier.wait_until_idle(30)
    faults = crowd.find_faults()
    for fault in faults[:10]:
        sys.stdout.write(f"{fault}\n")
    events = [one for one in slack.attempts if one.kind == "events_api"]
    clicks = [one for one in slack.attempts if one.kind == "interactive"]
    told = [one for shown in slack.state.statuses.values() for one in shown if "Waiting" in one]
    calls = len(slack.web.traffic.calls)
    how = "HTTP" if options.http else "Socket Mode"
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(
        f"{how}, {options.bots} bot(s) of {options.workers} workers, "
        f"{options.duplicates:.0%} twice: {len(crowd.asked)} questions of {options.people} people\n"
        f"answered exactly once: {len(crowd.asked) - len(faults)}; unanswered: {len(left)}; "
        f"told their place in the queue: {len(told)}; Web API calls: {calls}\n"
        f"events: {_tell([one.seconds for one in events])}, "
        f"{sum(not one.is_acked for one in events)} of {len(events)} not acknowledged\n"
        f"clicks: {_tell([one.seconds for one in clicks])}, {clicker.missed} of {len(clicks)} "
        f"not acknowledged\nanswers: {_tell(crowd.waits())}\n"
        f"a server that does nothing, beside it: {_tell(idle.seconds)}\n"
        f"CPU of the loopback Slack: {used.ru_utime + used.ru_stime:.0f} s\n"
    )
    slow = percentile([one.seconds for one in (*events, *clicks)], 0.99) >= 1.0
    return int(bool(faults) or slow)


def _tell(seconds: list[float]) -> str:
    shares = (("p50", 0.5), ("p99", 0.99), ("slowest", 1.0))
    return ", ".join(f"{name} {percentile(seconds, share):.3f} s" for name, share in shares)


if __name__ == "__main__":
    main()
