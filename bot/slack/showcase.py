"""What the archive holds and what may be asked of it: for the home tab and for suggestions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from bot.answer import Answer, Question, Status
from bot.slack.view import OutletCoverage, Overview
from index.scope import Scope, Slice
from index.store.coverage import OutletShare, Story, read_newest, read_shares
from index.store.database import Database

_STORIES = 8
_EXAMPLES = 4
_LONGEST_TITLE = 120

Slices = tuple[Slice, ...]


class QuestionAnswerer(Protocol):
    """Tells whether an example has an answer."""

    def answer(self, question: Question) -> Answer:
        """The answer to one question."""
        ...


class Showcase:
    """Describes one library. May be used from any thread."""

    def __init__(
        self,
        database: Database,
        revision: Callable[[], int],
        answerer: QuestionAnswerer,
        *,
        command: str,
    ) -> None:
        self._database = database
        self._revision = revision
        self._answerer = answerer
        self._command = command
        self._kept: dict[Slices, tuple[int, tuple[str, ...]]] = {}
        self._lock = threading.Lock()

    def describe(self, slices: Slices, *, is_allowed: bool) -> Overview:
        """The library as far as `slices` see it; nothing of it for those who may not ask."""
        shares = read_shares(self._database, Scope(slices=slices)) if is_allowed else []
        return Overview(
            articles=sum(share.articles for share in shares),
            outlets=tuple(_coverage(share) for share in shares),
            oldest=min((one.oldest for one in shares if one.oldest), default=None),
            newest=max((one.newest for one in shares if one.newest), default=None),
            now=datetime.now(UTC),
            examples=self.examples(slices) if is_allowed else (),
            command=self._command,
            is_allowed=is_allowed,
        )

    def examples(self, slices: Slices) -> tuple[str, ...]:
        """Up to four questions about the newest stories, each of which has an answer."""
        revision = self._revision()
        with self._lock:
            # Trying them out costs some answers, so it is done once for what the library holds.
            known = self._kept.get(slices)
            if known is None or known[0] != revision:
                known = self._kept[slices] = (revision, self._find_examples(slices))
        return known[1]

    def _find_examples(self, slices: Slices) -> tuple[str, ...]:
        found: list[str] = []
        for story in read_newest(self._database, Scope(slices=slices), _STORIES):
            question = _ask_about(story)
            if question in found or len(story.title) > _LONGEST_TITLE:
                continue
            answer = self._answerer.answer(Question(question, slices=slices))
            cited = {citation.article_id for citation in answer.citations}
            if answer.status is not Status.ABSTAINED and story.article_id in cited:
                found.append(question)
            if len(found) == _EXAMPLES:
                break
        return tuple(found)


def _ask_about(story: Story) -> str:
    return f"What happened: {story.title.rstrip('.?! ')}?"


def _coverage(share: OutletShare) -> OutletCoverage:
    return OutletCoverage(share.outlet or "no outlet named", share.articles, share.newest)
