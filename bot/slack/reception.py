"""Takes what Slack sends, writes it down, and leaves the work to others.

Everything here runs before Slack gets its acknowledgement, for which it waits three seconds: so it
reads, notes, and returns. What must call Slack is handed to `Errands`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from bot.given import FeedbackBook, Opinion
from bot.slack.addressing import Changed, Deleted, EventReader, read_text
from bot.slack.arrival import Arrival
from bot.slack.desk import Desk
from bot.slack.state import Asked, Kind, QuestionLedger, Receipt
from bot.slack.view import ids, parse_feedback
from index.tracing import Tracer, Untraced

logger = logging.getLogger(__name__)


class Bell(Protocol):
    """Wakes a worker."""

    def ring(self) -> None:
        """A question has arrived."""
        ...


class RequestMeter(Protocol):
    """What is counted of requests."""

    def count_request(self, kind: str, outcome: str) -> None:
        """One request arrived."""
        ...


class Errands:
    """Threads for what must not keep Slack waiting, apart from those that answer."""

    def __init__(self, *, workers: int = 8) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="slack-errand")

    def run(self, errand: Callable[[], None]) -> None:
        """Do `errand` soon; what goes wrong is logged."""
        self._threads.submit(_guarded, errand)

    def stop(self) -> None:
        """Finish what was begun, and take nothing more."""
        self._threads.shutdown(wait=True)


class Reception:
    """Takes requests from Slack; one method a kind."""

    def __init__(
        self,
        ledger: QuestionLedger,
        book: FeedbackBook,
        bell: Bell,
        desk: Desk,
        errands: Errands,
        meter: RequestMeter,
        *,
        tracer: Tracer | None = None,
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._bell = bell
        self._desk = desk
        self._errands = errands
        self._meter = meter
        self._tracer = tracer or Untraced()

    # Questions.

    def take_message(self, arrival: Arrival) -> None:
        """A message or a mention: a question, an edit or a deletion of one, or nothing of ours."""
        reader = EventReader(
            arrival.bot_user, self._ledger, team=arrival.team, enterprise=arrival.enterprise
        )
        found = reader.read(arrival.body)
        match found:
            case Asked():
                self._take(found)
            case Changed(asked, is_addressed):
                self._take_change(asked, is_addressed=is_addressed)
            case Deleted(asked, was_addressed):
                is_known = self._ledger.find(asked.channel, asked.ts) is not None
                if is_known or was_addressed:
                    self._ledger.withdraw(asked)
                    self._count("deletion", "taken")
                    self._bell.ring()
            case None:
                self._count("message", "ignored")

    def _take_change(self, asked: Asked, *, is_addressed: bool) -> None:
        if self._ledger.find(asked.channel, asked.ts) is None:
            # The edit may arrive before the message, or be what makes it a question.
            if is_addressed:
                self._take(asked)
            return
        is_new = self._ledger.change(asked.channel, asked.ts, asked.text, asked.version)
        self._count("edit", "taken" if is_new else "known")
        if is_new:
            self._bell.ring()

    def take_command(self, arrival: Arrival) -> None:
        """A slash command."""
        body = arrival.body
        text = read_text(str(body.get("text") or ""))
        asked = Asked(
            channel=arrival.channel,
            ts=f"/{arrival.trigger}",
            team=arrival.team,
            thread=f"/{arrival.trigger}",
            asker=arrival.user,
            kind=Kind.COMMAND,
            text="" if text.casefold() in {"help", "?"} else text,
            version="0",
            enterprise=arrival.enterprise,
            response_url=str(body.get("response_url") or "") or None,
        )
        self._take(asked)

    def _take(self, asked: Asked) -> None:
        with self._tracer.begin("slack.event", asked.trace_key, kind=asked.kind.value) as span:
            receipt = self._ledger.take(asked)
            span.note(receipt=receipt.value)
        self._count(asked.kind.value, receipt.value)
        if receipt is Receipt.TAKEN:
            self._bell.ring()
        elif receipt is Receipt.FULL:
            self._errands.run(lambda: self._desk.tell_busy(asked))

    # Buttons and modals.

    def press_thumb(self, arrival: Arrival) -> None:
        """A thumb under an answer; a thumb down asks for the reason."""
        is_up, answer_id = ids.parse_thumb(arrival.value)
        opinion = Opinion.GOOD if is_up else Opinion.BAD
        is_known = self._book.record(answer_id, arrival.user, opinion)
        self._count("feedback", opinion.value if is_known else "unknown")
        if is_known and not is_up:
            self._errands.run(lambda: self._desk.ask_reason(arrival, answer_id))

    def take_reason(self, arrival: Arrival) -> None:
        """The modal that asks what was wrong was sent."""
        view = arrival.body["view"]
        sent = parse_feedback(view["state"]["values"])
        answer_id = str(view.get("private_metadata") or "")
        self._book.record(answer_id, arrival.user, Opinion.BAD, sent.complaint, sent.comment)
        self._count("feedback", sent.complaint.value)

    def show_quotes(self, arrival: Arrival) -> None:
        """The button "Show quotes" under an answer."""
        self._count("click", "quotes")
        self._errands.run(lambda: self._desk.show_quotes(arrival, arrival.value))

    def turn_page(self, arrival: Arrival) -> None:
        """A button inside the modal of quotes."""
        answer_id, page = ids.parse_page(arrival.value)
        self._count("click", "page")
        self._errands.run(lambda: self._desk.turn_page(arrival, answer_id, page))

    def share(self, arrival: Arrival) -> None:
        """The button "Share with channel" under an answer that only its asker sees."""
        self._count("click", "share")
        self._errands.run(lambda: self._desk.share(arrival, arrival.value))

    def ask_example(self, arrival: Arrival) -> None:
        """One of the example questions on the home tab."""
        self._count("click", "example")
        self._errands.run(lambda: self._ask_for(arrival))

    def _ask_for(self, arrival: Arrival) -> None:
        asked = self._desk.post_example(arrival, arrival.value)
        if asked is not None:
            self._take(asked)

    def follow_link(self, arrival: Arrival) -> None:  # noqa: ARG002  Slack opens it by itself
        """A button that is a link."""
        self._count("click", "link")

    def check_message(self, arrival: Arrival) -> None:
        """The shortcut "Check this" of a message."""
        self._count("shortcut", "check")
        self._errands.run(lambda: self._desk.check_message(arrival))

    # The app's own pages.

    def open_app(self, arrival: Arrival) -> None:
        """The home tab or the conversation with the bot was opened."""
        event = arrival.body["event"]
        tab = str(event.get("tab") or "")
        self._count("opened", tab or "unknown")
        user, channel = str(event["user"]), str(event.get("channel") or "")
        if tab == "home":
            self._errands.run(lambda: self._desk.show_home(arrival, user))
        elif tab == "messages":
            self._errands.run(lambda: self._desk.suggest(arrival, user, channel))

    def _count(self, kind: str, outcome: str) -> None:
        self._meter.count_request(kind, outcome)


def _guarded(errand: Callable[[], None]) -> None:
    try:
        errand()
    except Exception:  # the edge of this thread
        logger.exception("an errand failed")
