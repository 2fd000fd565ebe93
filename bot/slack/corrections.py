"""Tells threads, where a channel wants it, that what they were shown has changed since."""

from __future__ import annotations

import difflib
import logging
from collections import defaultdict
from typing import Protocol

from bot.answer import Citation
from bot.given import GivenAnswer, GivenAnswers
from bot.slack.policy import Policy
from bot.slack.state import QuestionLedger
from bot.slack.view import Correction, Message, render_correction, render_removed
from bot.slack.workspace import SlackRefused, SlackUnreachable, WorkspaceFinder
from index.sentences import split_sentences
from index.store.entry import Change, StoredArticle

_SETTING = "slack.corrections.revision"
# Less alike than this, the article has dropped the matter and not reworded it.
_LEAST_ALIKE = 0.6

logger = logging.getLogger(__name__)


class ChangeLog(Protocol):
    """What corrections need of the catalog."""

    @property
    def revision(self) -> int:
        """The catalog's revision."""
        ...

    def changes_since(self, revision: int) -> list[Change]:
        """What happened after a revision, oldest first."""
        ...

    def article(self, article_id: str, version: str | None = None) -> StoredArticle | None:
        """One version of an article, the current one unless another is named."""
        ...

    def settings(self) -> dict[str, str]:
        """All that is kept under a name."""
        ...

    def set_setting(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        ...


class Corrector:
    """Follows the change log and posts one note for each answer that a change concerns."""

    def __init__(
        self,
        catalog: ChangeLog,
        given: GivenAnswers,
        ledger: QuestionLedger,
        policy: Policy,
        find_workspace: WorkspaceFinder,
    ) -> None:
        self._catalog = catalog
        self._given = given
        self._ledger = ledger
        self._policy = policy
        self._find_workspace = find_workspace

    def catch_up(self) -> int:
        """Tell of every change since the last time; returns how many notes were posted.

        The first time ever it only remembers where the log stands.
        """
        kept, now = self._catalog.settings().get(_SETTING), self._catalog.revision
        if kept is None or now == int(kept):
            if kept is None:
                self._catalog.set_setting(_SETTING, str(now))
            return 0
        changed = {
            change.article_id
            for change in self._catalog.changes_since(int(kept))
            if change.kind != "added"
        }
        posted = sum(self._tell(given) for given in self._concerned(changed))
        self._catalog.set_setting(_SETTING, str(now))
        return posted

    def _concerned(self, changed: set[str]) -> list[GivenAnswer]:
        found: dict[str, GivenAnswer] = {}
        for article_id in sorted(changed & self._given.cited_articles()):
            for given in self._given.citing(article_id):
                if given.place.message and self._policy.wants_corrections(given.place.channel):
                    found[given.answer_id] = given
        return list(found.values())

    def _tell(self, given: GivenAnswer) -> bool:
        corrections, is_removed = self._compare(given)
        news = [one for one in corrections if self._is_news(given, one)]
        # Of an answer that was erased nothing is known but that it was.
        is_erased = given.answer is None and self._ledger.do_once(f"erased:{given.answer_id}")
        if not news and not is_erased:
            return False
        note = render_correction(news) if news else render_removed()
        try:
            self._post(given, note, is_removed=is_removed)
        except (SlackRefused, SlackUnreachable) as error:
            logger.warning("a correction could not be told: %s", error)
            return False
        return True

    def _is_news(self, given: GivenAnswer, correction: Correction) -> bool:
        """Whether this became of the quote since it was last told; asked once only."""
        what = "withdrawn" if correction.is_withdrawn else "changed"
        # Two processes may follow the log at once, and one may be killed between two notes.
        return self._ledger.do_once(
            f"correct:{given.answer_id}:{correction.citation.number}:{what}"
        )

    def _post(self, given: GivenAnswer, note: Message, *, is_removed: bool) -> None:
        place = given.place
        workspace = self._find_workspace(place.team, None)
        workspace.post(place.channel, note, thread=place.thread, mark=f"correct:{given.answer_id}")
        if is_removed and place.message:
            # What was removed is no longer shown by us either.
            workspace.update(place.channel, place.message, render_removed())
            self._given.withdraw(given.answer_id)

    def _compare(self, given: GivenAnswer) -> tuple[list[Correction], bool]:
        """What became of an answer's quotes, and whether one of its articles was removed."""
        if given.answer is None:
            return [], True
        by_article: defaultdict[str, list[Citation]] = defaultdict(list)
        for citation in given.answer.citations:
            by_article[citation.article_id].append(citation)
        corrections: list[Correction] = []
        is_removed = False
        for article_id, citations in by_article.items():
            stored = self._catalog.article(article_id)
            is_removed = is_removed or stored is None
            corrections += _compare(citations, stored)
        return corrections, is_removed


def _compare(citations: list[Citation], stored: StoredArticle | None) -> list[Correction]:
    if stored is None or stored.is_retracted:
        return [Correction(one, is_withdrawn=True) for one in citations]
    body = " ".join(stored.article.body.split())
    return [
        Correction(one, is_withdrawn=False, now=_nearest(one.quote, stored.article.body))
        for one in citations
        if one.version != stored.version and " ".join(one.quote.split()) not in body
    ]


def _nearest(quote: str, body: str) -> str | None:
    """The sentence that stands in the place of a quote, if one is like it."""
    sentences = [span.of(body) for span in split_sentences(body)]
    near = difflib.get_close_matches(quote, sentences, n=1, cutoff=_LEAST_ALIKE)
    return near[0] if near else None
