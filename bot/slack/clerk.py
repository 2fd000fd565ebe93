"""Does what a question in Slack asks for: answers it, takes its answer back, or turns it away."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from typing import Protocol

from bot.answer import Answer, Told
from bot.given import GivenAnswers, Place
from bot.slack.answering import ThreadAnswerer
from bot.slack.delivery import Delivery, LeaseLost
from bot.slack.gate import Gate
from bot.slack.policy import Spot
from bot.slack.response import CommandDelivery
from bot.slack.state import Kind, QuestionLedger, Task
from bot.slack.view import (
    LOADING_MESSAGES,
    WORKING_STATUS,
    Message,
    ShownAnswer,
    render_failure,
    render_interrupted,
    render_refused,
    render_usage,
    render_withdrawn,
    stream_text,
)
from bot.slack.workspace import SlackRefused, SlackUnreachable, Workspace, WorkspaceFinder, Written

_MOST_ATTEMPTS = 4
_RETRY_SECONDS = 5.0
_REFUSED = "Dateline does not answer here. Ask whoever runs this workspace to allow it."

logger = logging.getLogger(__name__)


class AnsweredMeter(Protocol):
    """What is counted of answers."""

    def count_answer(self, outcome: str, seconds: float) -> None:
        """One question was done with, `seconds` after it arrived."""
        ...


class Clerk:
    """Handles one question at a time; many threads may do so at once."""

    def __init__(
        self,
        find_workspace: WorkspaceFinder,
        ledger: QuestionLedger,
        given: GivenAnswers,
        answerer: ThreadAnswerer,
        gate: Gate,
        meter: AnsweredMeter,
        *,
        streams: bool,
    ) -> None:
        """`streams` tells whether answers take long enough to be shown as they grow."""
        self._find_workspace = find_workspace
        self._ledger = ledger
        self._given = given
        self._answerer = answerer
        self._gate = gate
        self._meter = meter
        self._streams = streams

    def handle(self, task: Task) -> None:
        """See a question through; nothing is raised."""
        try:
            outcome = self._handle(task)
        except LeaseLost:
            # Edited or deleted meanwhile: then it waits again. Or another process has it.
            self._ledger.settle(task, answer_id=task.answer_id)
            return
        except SlackUnreachable as error:
            logger.warning("Slack could not be reached: %s", error)
            self._ledger.retry_later(task, _RETRY_SECONDS * 3 ** (task.attempts - 1))
            return
        except SlackRefused as error:
            logger.warning("Slack refused: %s", error)
            self._ledger.settle(task, answer_id=task.answer_id)
            outcome = "undeliverable"
        except Exception:  # the edge: whatever it is, the asker gets one calm line
            outcome = self._fail(task)
        self._meter.count_answer(outcome, time.time() - task.received_at)

    def _handle(self, task: Task) -> str:
        asked = task.asked
        workspace = self._find_workspace(asked.team, asked.enterprise)
        delivery = self._delivery(workspace, task)
        delivery.recover()
        if task.is_withdrawn:
            return self._take_back(task, delivery)
        if task.attempts > _MOST_ATTEMPTS:
            delivery.put(render_interrupted())
            self._ledger.settle(task)
            return "interrupted"
        if asked.kind is Kind.COMMAND:
            spot = self._gate.private_spot(workspace, asked.channel)
        else:
            spot = self._gate.spot(workspace, asked.channel, is_shared=asked.is_shared)
        if not self._gate.admits(workspace, asked.asker, spot, team=asked.asker_team):
            return self._turn_away(task, delivery)
        return self._answer(task, workspace, delivery, spot)

    def _delivery(self, workspace: Workspace, task: Task) -> Delivery | CommandDelivery:
        if task.asked.kind is Kind.COMMAND:
            return CommandDelivery(self._ledger, task)
        return Delivery(workspace, self._ledger, task)

    def _answer(
        self, task: Task, workspace: Workspace, delivery: Delivery | CommandDelivery, spot: Spot
    ) -> str:
        asked = task.asked
        self._say_working(workspace, task)
        logger.debug("asked %r", asked.text)
        answer = self._answerer.answer(
            asked,
            self._gate.slices(spot),
            _tell_to(delivery) if self._streams else _tell_nobody,
            lambda: _read_thread(workspace, task),
        )
        if answer is None:
            delivery.put(render_usage())
            self._ledger.settle(task)
            return "empty"
        answer_id = self._show(task, answer, delivery)
        self._ledger.settle(task, answer_id=answer_id)
        logger.info(
            "answered status=%s citations=%d attempts=%d",
            answer.status.value, len(answer.citations), task.attempts,
        )  # fmt: skip
        return answer.status.value

    def _show(self, task: Task, answer: Answer, delivery: Delivery | CommandDelivery) -> str:
        asked = task.asked
        is_command = asked.kind is Kind.COMMAND
        place = Place(asked.team, asked.channel, asked.thread)
        answer_id = self._given.keep(answer, place, asked.asker)
        shown = ShownAnswer(
            answer_id,
            answer,
            can_share=is_command,
            shows_question=is_command,
            asker=asked.asker,
        )
        if isinstance(delivery, Delivery):
            self._given.set_message(answer_id, delivery.finish(shown))
        else:
            delivery.finish(shown)
        if task.answer_id:
            self._given.withdraw(task.answer_id)
        return answer_id

    def _take_back(self, task: Task, delivery: Delivery | CommandDelivery) -> str:
        if isinstance(delivery, Delivery) and delivery.has_message:
            delivery.put(render_withdrawn())
        if task.answer_id:
            self._given.withdraw(task.answer_id)
        self._ledger.settle(task)
        return "withdrawn"

    def _turn_away(self, task: Task, delivery: Delivery | CommandDelivery) -> str:
        asked = task.asked
        # A follow-up was said to the thread, not to the bot: no word about it then.
        if asked.kind is not Kind.FOLLOW_UP and self._ledger.do_once(f"refuse:{delivery.mark}"):
            delivery.whisper(render_refused(_REFUSED))
        self._ledger.settle(task)
        return "refused"

    def _fail(self, task: Task) -> str:
        error_id = secrets.token_hex(4)
        logger.exception("failed id=%s", error_id)
        message = render_failure(error_id)
        try:
            workspace = self._find_workspace(task.asked.team, task.asked.enterprise)
            self._put_plain(task, workspace, message)
        except (SlackRefused, SlackUnreachable, LeaseLost) as error:
            logger.warning("nor could that be told id=%s: %s", error_id, error)
        except Exception:
            logger.exception("nor could that be told id=%s", error_id)
        self._ledger.settle(task)
        return "failed"

    def _put_plain(self, task: Task, workspace: Workspace, message: Message) -> None:
        delivery = self._delivery(workspace, self._ledger.reread(task) or task)
        delivery.recover()
        delivery.put(message)

    def _say_working(self, workspace: Workspace, task: Task) -> None:
        asked = task.asked
        # A status goes away when a message is posted, which an answer put in place is not.
        if asked.kind is Kind.COMMAND or task.message:
            return
        try:
            workspace.set_status(asked.channel, asked.thread, WORKING_STATUS, LOADING_MESSAGES)
        except (SlackRefused, SlackUnreachable) as error:
            logger.debug("no status: %s", error)


def _tell_to(delivery: Delivery | CommandDelivery) -> Callable[[Told], None]:
    return lambda told: delivery.tell(stream_text(told.sentence, told.citations))


def _tell_nobody(_: Told) -> None:
    """An answer made of quotes is there at once: it is shown in one piece."""


def _read_thread(workspace: Workspace, task: Task) -> list[Written]:
    try:
        return workspace.replies(task.asked.channel, task.asked.thread)
    except SlackRefused as error:
        logger.info("the thread cannot be read: %s", error)
        return []
