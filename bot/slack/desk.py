"""Does what clicks ask for: modals, shared answers, the home tab. Everything here calls Slack."""

from __future__ import annotations

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from bot.answer import Citation
from bot.given import GivenAnswer, GivenAnswers
from bot.slack.addressing import read_text
from bot.slack.arrival import Arrival
from bot.slack.gate import Gate
from bot.slack.policy import Spot
from bot.slack.response import respond
from bot.slack.showcase import Showcase
from bot.slack.state import Asked, Kind, QuestionLedger
from bot.slack.view import (
    ClaimsCheck,
    Message,
    QuoteContext,
    ShownAnswer,
    render_busy,
    render_claims_modal,
    render_claims_waiting,
    render_failure,
    render_feedback_modal,
    render_home,
    render_prompts,
    render_quotes_modal,
    render_refused,
    render_removed,
    render_share,
    surround_quote,
)
from bot.slack.workspace import SlackRefused, SlackUnreachable, Workspace, WorkspaceFinder
from index.scope import Slice
from index.store.entry import StoredArticle

_MAY_NOT_ASK = "You may not ask this archive. Ask whoever runs this workspace to allow it."
_MAY_NOT_SHARE = (
    "Answers may not be shown here. Invite Dateline to the channel, or ask who runs it."
)
_NOT_THERE = "Dateline cannot write here. Invite it to the channel, then share again."
_SUGGESTIONS = "Ask about the newest stories"
_CHECKS_AT_ONCE = 2

logger = logging.getLogger(__name__)


class ArticleShelf(Protocol):
    """What showing quotes needs of the catalog."""

    def article(self, article_id: str, version: str | None = None) -> StoredArticle | None:
        """One version of an article."""
        ...


class MessageChecker(Protocol):
    """What checking messages needs of the archive."""

    def check(self, text: str, slices: tuple[Slice, ...]) -> ClaimsCheck:
        """Check each sentence of a message."""
        ...


class Desk:
    """Answers clicks. May be used from any thread."""

    def __init__(
        self,
        find_workspace: WorkspaceFinder,
        ledger: QuestionLedger,
        given: GivenAnswers,
        shelf: ArticleShelf,
        gate: Gate,
        showcase: Showcase,
        checker: MessageChecker,
    ) -> None:
        self._find_workspace = find_workspace
        self._ledger = ledger
        self._given = given
        self._shelf = shelf
        self._gate = gate
        self._showcase = showcase
        self._checker = checker
        # A check takes seconds of computing; clicks must not wait behind it.
        self._checks = ThreadPoolExecutor(_CHECKS_AT_ONCE, thread_name_prefix="slack-check")

    def stop(self) -> None:
        """Drop the checks that have not begun."""
        self._checks.shutdown(wait=False, cancel_futures=True)

    # Answers.

    def tell_busy(self, asked: Asked) -> None:
        """Turn away a question that the queue has no room for."""
        if asked.response_url:
            # A command may come from where the bot is not, and could not whisper.
            respond(asked.response_url, render_busy())
            return
        workspace = self._find_workspace(asked.team, asked.enterprise)
        thread = asked.thread if asked.thread != asked.ts else None
        workspace.whisper(asked.channel, asked.asker, render_busy(), thread=thread)

    def show_quotes(self, caller: Arrival, answer_id: str) -> None:
        """Open the modal of an answer's quotes."""
        self._workspace(caller).open_view(caller.trigger, self._quotes_view(answer_id, 0))

    def turn_page(self, caller: Arrival, answer_id: str, page: int) -> None:
        """Show another page of an answer's quotes."""
        view_id = str((caller.body.get("view") or {}).get("id") or "")
        self._workspace(caller).update_view(view_id, self._quotes_view(answer_id, page))

    def _quotes_view(self, answer_id: str, page: int) -> dict[str, Any]:
        given = self._given.find(answer_id)
        if given is None or given.answer is None:
            return _notice_view(render_removed())
        contexts = {one.number: self._context(one) for one in given.answer.citations}
        return render_quotes_modal(answer_id, given.answer, contexts, page=page)

    def _context(self, citation: Citation) -> QuoteContext:
        stored = self._shelf.article(citation.article_id, citation.version)
        if stored is None:
            return QuoteContext(is_removed=True)
        before, after = surround_quote(stored.article.body, citation.start, citation.end)
        return QuoteContext(before, after, is_superseded=not stored.is_current)

    def ask_reason(self, caller: Arrival, answer_id: str) -> None:
        """Open the modal that asks what was wrong."""
        self._workspace(caller).open_view(caller.trigger, render_feedback_modal(answer_id))

    def share(self, caller: Arrival, answer_id: str) -> None:
        """Show an answer to everybody in the channel, once."""
        workspace, given = self._workspace(caller), self._given.find(answer_id)
        if given is None or given.answer is None or not _is_own(given, caller):
            return
        deed = f"share:{answer_id}"
        if not self._gate.may_share(self._gate.spot(workspace, caller.channel)):
            respond(caller.response_url, render_refused(_MAY_NOT_SHARE))
            return
        if not self._ledger.do_once(deed):
            return
        message = render_share(ShownAnswer(answer_id, given.answer), caller.user)
        try:
            ts = workspace.post(caller.channel, message, mark=deed)
        except SlackRefused as error:
            logger.info("an answer could not be shared: %s", error)
            self._ledger.undo(deed)
            respond(caller.response_url, render_refused(_NOT_THERE))
            return
        self._given.set_message(answer_id, ts, thread=ts)

    def post_example(self, caller: Arrival, question: str) -> Asked | None:
        """Put an example question into the caller's conversation with the bot, to be answered."""
        if not self._ledger.do_once(f"example:{caller.trigger}"):
            return None
        workspace = self._workspace(caller)
        channel, ts = workspace.post_to_user(caller.user, render_refused(question))
        return Asked(
            channel=channel,
            ts=ts,
            team=caller.team,
            thread=ts,
            asker=caller.user,
            kind=Kind.DIRECT,
            text=read_text(question),
            version=ts,
            enterprise=caller.enterprise,
        )

    def check_message(self, caller: Arrival) -> None:
        """Check a message's claims, in a modal that opens at once."""
        workspace = self._workspace(caller)
        view_id = workspace.open_view(caller.trigger, render_claims_waiting())
        spot = self._gate.private_spot(workspace, caller.channel)
        if not self._gate.admits(workspace, caller.user, spot):
            workspace.update_view(view_id, _notice_view(render_refused(_MAY_NOT_ASK)))
            return
        message = caller.body.get("message") or {}
        # The bot's own answers were checked already, and may not vouch for themselves.
        is_own = message.get("user") == workspace.bot_user
        text = "" if is_own else read_text(str(message.get("text") or ""))
        self._checks.submit(self._check, workspace, view_id, text, spot)

    def _check(self, workspace: Workspace, view_id: str, text: str, spot: Spot) -> None:
        try:
            view = render_claims_modal(self._checker.check(text, self._gate.slices(spot)))
            workspace.update_view(view_id, view)
        except (SlackRefused, SlackUnreachable) as error:
            logger.warning("a check could not be shown: %s", error)
        except Exception:
            error_id = secrets.token_hex(4)
            logger.exception("a check failed id=%s", error_id)
            self._tell_failure(workspace, view_id, error_id)

    def _tell_failure(self, workspace: Workspace, view_id: str, error_id: str) -> None:
        try:
            workspace.update_view(view_id, _notice_view(render_failure(error_id)))
        except (SlackRefused, SlackUnreachable) as error:
            logger.warning("a failure could not be shown: %s", error)

    # The app's own pages.

    def show_home(self, caller: Arrival, user: str) -> None:
        """Show the home tab: what the archive holds, as far as the user may see it."""
        workspace = self._workspace(caller)
        spot = Spot(workspace.team, "", is_direct=True, is_shared=False)
        is_allowed = self._gate.admits(workspace, user, spot)
        overview = self._showcase.describe(self._gate.slices(spot), is_allowed=is_allowed)
        workspace.publish_home(user, render_home(overview))

    def suggest(self, caller: Arrival, user: str, channel: str) -> None:
        """Offer questions in the conversation with the bot."""
        workspace = self._workspace(caller)
        spot = Spot(workspace.team, channel, is_direct=True, is_shared=False)
        if not self._gate.admits(workspace, user, spot):
            return
        questions = self._showcase.examples(self._gate.slices(spot))
        if questions:
            workspace.suggest(channel, render_prompts(questions), _SUGGESTIONS)

    def _workspace(self, caller: Arrival) -> Workspace:
        return self._find_workspace(caller.team, caller.enterprise)


def _is_own(given: GivenAnswer, caller: Arrival) -> bool:
    """Whether the answer was shown to the caller, in this channel."""
    return (given.asker, given.place.channel) == (caller.user, caller.channel)


def _notice_view(message: Message) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Dateline"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": list(message.blocks),
    }
