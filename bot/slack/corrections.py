"""Tells threads, where a channel wants it, that what they were shown has changed since."""

from __future__ import annotations

import difflib
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

from bot.answer import Citation
from bot.given import GivenAnswer, GivenAnswers
from bot.slack.policy import Policy
from bot.slack.state import QuestionLedger
from bot.slack.view import Correction, render_correction, render_removed
from bot.slack.workspace import SlackRefused, SlackUnreachable, Workspace, WorkspaceFinder
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

        The first time ever it only remembers where the log stands. What cannot be told because
        Slack is away is told another time.
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
        posted, is_all = 0, True
        for given in self._concerned(changed):
            try:
                posted += self._tell(given)
            except SlackUnreachable as error:
                logger.warning("a correction waits until Slack is there: %s", error)
                is_all = False
        if is_all:
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
        """Take an answer back if it must go, and tell its thread; whether there was news.

        All of it may be done again.

        Raises:
            SlackUnreachable: If it is not known whether it was told.
        """
        corrections, is_removed = self._compare(given)
        is_told = False
        try:
            workspace = self._workspace(given)
            if is_removed:
                # What was removed is no longer shown by us either, whoever was told before.
                _take_back(workspace, given)
            is_told = self._post_news(workspace, given, corrections)
        except SlackRefused as error:
            # Slack would refuse it the next time too.
            logger.warning("a correction could not be told: %s", error)
        if is_removed:
            self._given.withdraw(given.answer_id)
        return is_told

    def _workspace(self, given: GivenAnswer) -> Workspace:
        team = given.place.team
        return self._find_workspace(team, self._ledger.enterprise_of(team))

    def _post_news(
        self, workspace: Workspace, given: GivenAnswer, corrections: list[Correction]
    ) -> bool:
        # Two processes may follow the log at once, and one may be killed between two notes.
        news = {
            deed: correction
            for deed, correction in _list_deeds(given, corrections)
            if self._ledger.do_once(deed)
        }
        if not news:
            return False
        told = [correction for correction in news.values() if correction]
        note = render_correction(told) if told else render_removed()
        place, mark = given.place, f"correct:{given.answer_id}"
        try:
            workspace.post(place.channel, note, thread=place.thread, mark=mark)
        except SlackUnreachable:
            for deed in news:
                self._ledger.undo(deed)
            raise
        return True

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


def _take_back(workspace: Workspace, given: GivenAnswer) -> None:
    place = given.place
    if not place.message:
        return
    try:
        workspace.update(place.channel, place.message, render_removed())
    except SlackRefused as error:
        logger.info("an answer could not be taken back: %s", error)


def _list_deeds(
    given: GivenAnswer, corrections: list[Correction]
) -> Iterator[tuple[str, Correction | None]]:
    """What there is to tell, under the name by which each is told once."""
    if given.answer is None:
        # Of an answer that was erased nothing is known but that it was.
        yield f"erased:{given.answer_id}", None
    for one in corrections:
        what = "withdrawn" if one.is_withdrawn else "changed"
        yield f"correct:{given.answer_id}:{one.citation.number}:{what}", one


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
