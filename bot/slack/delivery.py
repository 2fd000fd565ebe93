"""Puts the one message that answers a question into Slack, and finds it again after a kill.

Before a message is posted that is noted, and then its name. A process that dies in between leaves
a note without a name: whoever takes over looks into the thread for the message.
"""

from __future__ import annotations

import logging

from bot.slack.state import QuestionLedger, Task
from bot.slack.view import Message, ShownAnswer, render_answer, render_sources, stream_text
from bot.slack.workspace import SlackRefused, SlackUnreachable, Stream, Workspace

# Slack takes no `markdown_text` of more than 12,000 characters; prose shrinks before that.
_MOST_STREAMED = 6_000
_STREAMING = "streaming_state_conflict"
# The message is gone: somebody deleted it, and does not want it back.
_GONE = frozenset({"message_not_found", "cant_update_message"})

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another process answers this question now, or it was edited: nothing more may be shown."""


class Delivery:
    """The message that answers one question, while one worker holds the question."""

    def __init__(self, workspace: Workspace, ledger: QuestionLedger, task: Task) -> None:
        self._workspace = workspace
        self._ledger = ledger
        self._task = task
        self._message = task.message
        self._stream: Stream | None = None
        self._streamed: list[str] = []
        self._may_stream = True

    @property
    def mark(self) -> str:
        """By which the message is found again."""
        return f"{self._task.asked.channel}:{self._task.asked.ts}"

    @property
    def has_message(self) -> bool:
        """Whether there is a message."""
        return self._message is not None

    def whisper(self, message: Message) -> None:
        """Show a message to the asker alone, beside the answer's place."""
        asked = self._task.asked
        thread = asked.thread if asked.thread != asked.ts else None
        self._workspace.whisper(asked.channel, asked.asker, message, thread=thread)

    def recover(self) -> None:
        """Find the message that an earlier try may have left.

        Raises:
            SlackUnreachable: If Slack does not tell; nothing may be posted then.
        """
        if not self._task.is_posting or self._message is not None:
            return
        asked = self._task.asked
        known = self._ledger.messages(asked.channel, asked.thread)
        for written in self._workspace.replies(asked.channel, asked.thread, since=asked.ts):
            # A stream bears no mark, and everything else that the bot says does.
            is_stray = written.mark is None and written.ts not in known and written.ts > asked.ts
            if written.is_own and (written.mark == self.mark or is_stray):
                logger.info("found the message of an interrupted answer")
                self._keep(written.ts)
                return

    def tell(self, text: str) -> None:
        """Show one more sentence of an answer that is still being written, where that is possible.

        Raises:
            LeaseLost: If the question is no longer this worker's, or was edited.
            SlackUnreachable: If it is not known whether a message was posted.
        """
        length = sum(map(len, self._streamed))
        if not self._may_stream or self._task.message or length + len(text) > _MOST_STREAMED:
            self._may_stream = False
            return
        if self._stream is None:
            self._stream = self._begin()
        self._streamed.append(text)
        try:
            self._stream.append(text)
        except SlackRefused as error:
            # Not every workspace has streaming. The answer comes in one piece.
            logger.info("no stream: %s", error)
            self._may_stream, self._stream = False, None
        if self._stream and self._message is None and self._stream.ts:
            self._keep(self._stream.ts)

    def _begin(self) -> Stream:
        asked = self._task.asked
        if not (self._ledger.is_current(self._task) and self._ledger.note_posting(self._task)):
            raise LeaseLost
        return self._workspace.stream(
            asked.channel,
            asked.thread,
            user=asked.asker,
            user_team=asked.asker_team or asked.team,
        )

    def finish(self, shown: ShownAnswer) -> str:
        """Show a whole answer, in one message, and return its `ts`.

        Raises:
            LeaseLost: If the question is no longer this worker's, or was edited.
            SlackRefused: If it cannot be shown.
            SlackUnreachable: If it is not known whether it is shown.
        """
        if self._stream and self._is_told(shown) and self._end_with_sources(shown):
            assert self._message is not None
            return self._message
        return self.put(render_answer(shown))

    def _is_told(self, shown: ShownAnswer) -> bool:
        """Whether the stream holds the answer to the letter, and is how such a one is shown.

        What was told sentence by sentence may have been put in another order since, its quotes
        numbered anew.
        """
        answer = shown.answer
        final = [stream_text(one, answer.citations) for one in answer.sentences]
        return self._may_stream and answer.status.value == "answered" and self._streamed == final

    def _end_with_sources(self, shown: ShownAnswer) -> bool:
        stream = self._stream
        assert stream is not None
        if not self._ledger.is_current(self._task):
            raise LeaseLost
        tail = render_sources(shown, streamed_characters=sum(map(len, self._streamed)))
        ended = stream.end(tail.blocks)
        if stream.ts and self._message is None:
            self._keep(stream.ts)
        return ended and self._message is not None

    def put(self, message: Message) -> str:
        """Show `message` as the answer, in place of what is there, and return its `ts`.

        Raises:
            LeaseLost: If the question is no longer this worker's, or was edited.
            SlackRefused: If it cannot be shown.
            SlackUnreachable: If it is not known whether it is shown.
        """
        if not self._ledger.is_current(self._task):
            raise LeaseLost
        if self._message is not None:
            self._replace(self._message, message)
            return self._message
        if not self._ledger.note_posting(self._task):
            raise LeaseLost
        asked = self._task.asked
        posted = self._workspace.post(asked.channel, message, thread=asked.thread, mark=self.mark)
        self._keep(posted)
        return posted

    def _replace(self, ts: str, message: Message) -> None:
        channel = self._task.asked.channel
        if self._stream is not None:
            self._stream.end()
        try:
            self._update(channel, ts, message)
        except SlackRefused as error:
            if error.code not in _GONE:
                raise
            logger.info("the message is gone: %s", error)

    def _update(self, channel: str, ts: str, message: Message) -> None:
        try:
            self._workspace.update(channel, ts, message)
            return
        except SlackRefused as error:
            if error.code != _STREAMING:
                raise
        self._end_leftover(channel, ts)
        try:
            self._workspace.update(channel, ts, message)
        except SlackRefused as error:
            if error.code != _STREAMING:
                raise
            # Slack itself ends a stream after some minutes: then it goes.
            raise SlackUnreachable(str(error)) from error

    def _end_leftover(self, channel: str, ts: str) -> None:
        try:
            self._workspace.end_stream(channel, ts)
        except (SlackRefused, SlackUnreachable) as error:
            logger.debug("no stream was open: %s", error)

    def _keep(self, ts: str) -> None:
        self._message = ts
        if not self._ledger.note_message(self._task, ts):
            raise LeaseLost
