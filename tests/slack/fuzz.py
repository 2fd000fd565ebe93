"""Random answers, rendered in every form: do they fit, with all citations and nothing live?

python -m tests.slack.fuzz --cases 2000 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock

from bot.answer import Answer
from bot.slack.view import Message, ShownAnswer, render_answer, render_share, render_sources
from tests.slack.payloads import links, live_parts, numbers
from tests.slack.random_answers import RandomAnswers
from tests.slack.rules import check_message, is_too_long


def find_faults(answer: Answer, *, at: int) -> list[str]:
    """What is wrong with the messages of one answer; `at` varies how they are asked for."""
    shown = ShownAnswer(f"answer-{at}", answer, can_share=at % 2 == 0, shows_question=at % 3 == 0)
    messages = {
        "answer": render_answer(shown),
        "sources": render_sources(shown, streamed_characters=at * 10),
        "share": render_share(shown, "<!channel>"),
    }
    return [
        f"{name}: {fault}"
        for name, message in messages.items()
        for fault in _faults(message, answer)
    ]


def _faults(message: Message, answer: Answer) -> Iterator[str]:
    blocks = list(message.blocks)
    yield from check_message(blocks)
    if is_too_long(blocks):
        yield "msg_blocks_too_long"
    if not 1 <= len(message.text) <= 3_000:
        yield f"a text of {len(message.text)} characters"
    allowed = {one.url.strip() for one in (*answer.citations, *answer.passages)}
    yield from (f"foreign link {url!r}" for url in links(blocks) - allowed)
    yield from (f"live: {part}" for part in live_parts(blocks, message.text))
    lost = {one.number for one in answer.citations} - numbers(blocks)
    if lost:
        yield f"citations {sorted(lost)} are lost"
    yield from _sdk_faults(message)


def _sdk_faults(message: Message) -> Iterator[str]:
    """What Slack's own SDK finds; it warns of fields that it does not know."""
    for block in message.blocks:
        parsed = SdkBlock.parse(block)
        if parsed is None or type(parsed) is SdkBlock:
            yield f"the SDK knows no {block['type']}"
            continue
        try:
            parsed.validate_json()
        except SlackObjectFormationError as error:
            yield str(error)


def main() -> None:
    """Print every fault, and how many answers had none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    answers, bad, start = RandomAnswers(options.seed), 0, time.process_time()
    for at in range(options.cases):
        faults = find_faults(answers.make(), at=at)
        bad += bool(faults)
        for fault in faults:
            sys.stdout.write(f"{at}: {fault}\n")
    seconds = time.process_time() - start
    sys.stdout.write(f"{options.cases} answers, {bad} with faults, {seconds:.0f} CPU seconds\n")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
