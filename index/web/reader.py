"""Reads what is behind an address: a story, or a list and the stories that it names.

Remembers by the library's book of visits what needs no fetching; does not know when to come back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from index.article import Article
from index.errors import SourceError
from index.failure import Failure, failure_of, printable
from index.fetch.clock import Clock
from index.fetch.errors import FetchFailed
from index.fetch.fetcher import Fetched, Validators
from index.items import Item, Outcome, Remark, Unread, Visit
from index.notice import WITHDRAWN, Notice, NoticeKind
from index.origins import is_copy, sign_article
from index.sources.links import Link, LinkList
from index.sources.source import Source
from index.store.visits import Visited
from index.urls import canonical_url, is_web_url
from index.web.content import read_links, read_stories
from index.web.identity import (
    Home,
    KnownStories,
    LeadsTo,
    is_same_story,
    own_addresses,
    settle_identity,
)

# A sitemap index may name sitemaps only; one more level is borne.
_DEEPEST = 2
# Some sites answer 404 for minutes while they publish.
_TRIES_BEFORE_GONE = 4


class Getter(Protocol):
    """Fetches addresses."""

    def fetch(self, url: str, known: Validators | None = None) -> Fetched:
        """Fetch `url`; with `known`, only if it changed since."""
        ...


class Visits(KnownStories, Protocol):
    """The part of the book of visits that reading needs."""

    def known(self, urls: Iterable[str]) -> Mapping[str, Visited]:
        """What is known of each of `urls`."""
        ...


class Poll(NamedTuple):
    """What came of looking at a list."""

    links: LinkList | None
    """None if it did not change, or could not be read."""
    visit: Visit


class _Original(NamedTuple):
    """What became of a page that names another as its own."""

    article: Article
    is_twin: bool
    """Whether `article` is the other page's, and this page is of no use beside it."""
    items: tuple[Item, ...] = ()
    """What is to be told of the other page."""


class WebReader:
    """Reads addresses. Safe to use from many threads where its parts are."""

    def __init__(self, getter: Getter, visits: Visits, clock: Clock) -> None:
        self._getter = getter
        self._visits = visits
        self._clock = clock

    def read(self, source: Source) -> Iterator[Item]:
        """Read what is behind the address of `source`, lists to their end.

        What the library holds as it is now is not fetched again. Nothing is raised: what cannot be
        had is a `Failure`.
        """
        yield from self._read(canonical_url(source.key), None, depth=0)

    def read_story(self, url: str, link: Link | None) -> Iterator[Item]:
        """Read the story at `url`; its `Visit` comes last.

        Args:
            url: In its canonical spelling.
            link: What the list that named it says of it.
        """
        known = self._visits.known([url]).get(url)
        fetched = self._fetch(url, known)
        if isinstance(fetched, Visit):
            yield from _tell(fetched, known, link)
            return
        yield from self._read_story(url, link, known, fetched)

    def poll(self, url: str) -> Poll:
        """Look at a list, if it changed since; `url` in its canonical spelling."""
        known = self._visits.known([url]).get(url)
        fetched = self._fetch(url, known)
        if isinstance(fetched, Visit):
            return Poll(None, fetched)
        try:
            links = read_links(fetched)
            if links is None:
                raise SourceError("it is no feed and no sitemap")
        except Exception as error:
            return Poll(None, self._refuse(url, error))
        kept = fetched if not links.further else _to_read_again(fetched)
        return Poll(links, self._visit(url, Outcome.READ, kept, articles=len(links.links)))

    def poll_named(self, link: Link) -> Poll | None:
        """Look at a list that an index names; None if the index says that it did not change."""
        known = self._visits.known([link.url]).get(link.url)
        if known and known.was_read and link.hint and not known.is_told_anew(link):
            return None
        found = self.poll(link.url)
        return Poll(found.links, _noting(found.visit, link))

    def _read(self, url: str, link: Link | None, *, depth: int) -> Iterator[Item]:
        known = self._visits.known([url]).get(url)
        fetched = self._fetch(url, known)
        if isinstance(fetched, Visit):
            yield from _tell(fetched, known, link)
            return
        try:
            links = read_links(fetched)
        except Exception as error:
            yield from _tell(self._refuse(url, error), known, link)
            return
        if links is None:
            yield from self._read_story(url, link, known, fetched)
        else:
            yield from self._read_list(url, link, links, fetched, depth=depth)

    def _read_list(
        self, url: str, link: Link | None, links: LinkList, fetched: Fetched, *, depth: int
    ) -> Iterator[Item]:
        # An index stays as it is while the sitemaps that it names change.
        articles, is_settled = 0, not links.further
        nested = [(one, depth + 1) for one in links.further if depth < _DEEPEST]
        for one, deeper in [*nested, *((one, _DEEPEST) for one in links.links)]:
            for item in self._read_named(one, depth=deeper):
                yield item
                match item:
                    case Failure():
                        is_settled = False
                    case Article():
                        articles += 1
                    case Unread():
                        articles += item.articles
                    case _:
                        pass
        kept = fetched if is_settled else _to_read_again(fetched)
        visit = self._visit(url, Outcome.READ, kept, articles=articles)
        yield _noting(visit, link) if is_settled else visit

    def _read_named(self, link: Link, *, depth: int) -> Iterator[Item]:
        url = link.url
        known = self._visits.known([url]).get(url)
        if known and known.outcome is Outcome.REMOVED:
            return
        if known and known.was_read and link.hint and not known.is_told_anew(link):
            yield Unread(known.articles)
            return
        yield from self._read(url, link, depth=depth)

    def _read_story(
        self, url: str, link: Link | None, known: Visited | None, fetched: Fetched
    ) -> Iterator[Item]:
        homes = list[Home]()
        try:
            for item in read_stories(fetched, printable(url), link):
                if not isinstance(item, Article):
                    yield item
                    continue
                original = self._original(item, fetched, link)
                yield from original.items
                if original.is_twin:
                    yield self._visit_twin(url, link, original.article.url)
                    return
                leads_to = self._leads_to(fetched)
                home = settle_identity(original.article, fetched, known, self._visits, leads_to)
                homes.append(home)
                yield home.article
        except Exception as error:
            yield from _tell(self._refuse(url, error), known, link)
            return
        yield from self._visits_of(url, link, fetched, homes)

    def _visits_of(
        self, url: str, link: Link | None, fetched: Fetched, homes: list[Home]
    ) -> Iterator[Visit]:
        """What is noted of a story's addresses: of a moved one, the new address is come back to."""
        visit = self._visit(url, Outcome.READ, fetched, articles=len(homes))
        if homes:
            home = homes[0]
            visit = dataclasses.replace(visit, article_url=home.article.url, aliases=home.aliases)
            if home.former:
                yield dataclasses.replace(visit, url=home.former, is_twin=True, aliases=())
            if fetched.moved_to and fetched.moved_to != url:
                yield dataclasses.replace(visit, url=fetched.moved_to)
                visit = dataclasses.replace(visit, is_twin=True)
        yield _noting(visit, link)

    def _original(self, article: Article, fetched: Fetched, link: Link | None) -> _Original:
        """The page that an article names as its own, if that tells the same story.

        An AMP or print page has other words around the story and fewer facts; and sites whose
        pages all name one address would otherwise be one story.
        """
        told = article.url
        if told in own_addresses(fetched) or not is_web_url(told):
            return _Original(article, False)
        held = self._visits.article_at([told])
        signature = self._visits.signature(held) if held else None
        if held and signature is not None:
            if is_copy(signature, sign_article(article)):
                return _Original(dataclasses.replace(article, url=held), True, (Unread(1),))
            return _Original(_at_own_address(article, fetched), False)
        return self._fetch_original(article, fetched, link)

    def _fetch_original(self, article: Article, fetched: Fetched, link: Link | None) -> _Original:
        told = article.url
        answer = self._fetch(told, None)
        if isinstance(answer, Visit):
            # Its word is all there is.
            return _Original(article, False)
        try:
            items = read_stories(answer, printable(told), link)
            original = next((one for one in items if isinstance(one, Article)), None)
        except SourceError:
            original = None
        if original is None or not is_same_story(original, article):
            return _Original(_at_own_address(article, fetched), False)
        original = dataclasses.replace(original, url=told)
        visit = self._visit(told, Outcome.READ, answer, articles=1)
        return _Original(original, True, (original, dataclasses.replace(visit, article_url=told)))

    def _visit_twin(self, url: str, link: Link | None, article_url: str) -> Visit:
        visit = self._visit(url, Outcome.READ, articles=1)
        return _noting(
            dataclasses.replace(visit, article_url=article_url, is_twin=True, aliases=(url,)), link
        )

    def _leads_to(self, fetched: Fetched) -> LeadsTo:
        def ask(url: str) -> str | None:
            # With what is known of the page that it may lead to, the answer is short.
            try:
                return self._getter.fetch(url, fetched.validators).moved_to
            except SourceError:
                return None

        return ask

    def _fetch(self, url: str, known: Visited | None) -> Fetched | Visit:
        """What is behind `url`, or what its fetch came to where there is nothing to read."""
        validators = Validators(known.etag, known.last_modified) if known else Validators()
        try:
            fetched = self._getter.fetch(url, validators)
        except FetchFailed as error:
            visit = self._visit(url, Outcome.FAILED, reason=str(error))
            return dataclasses.replace(visit, retry_after_seconds=error.retry_after_seconds)
        except Exception as error:
            return self._refuse(url, error)
        if fetched.status == 304:
            return self._visit(url, Outcome.UNCHANGED, fetched)
        if fetched.status == 410:
            return self._visit(url, Outcome.GONE, reason="the page was withdrawn (410)")
        if fetched.status == 404 or _leads_home(fetched):
            is_gone = known is not None and known.tries + 1 >= _TRIES_BEFORE_GONE
            outcome = Outcome.GONE if is_gone else Outcome.FAILED
            return self._visit(url, outcome, reason="there is no such page (404)")
        return fetched

    def _refuse(self, url: str, error: Exception) -> Visit:
        """A visit that ended with an error.

        Raises:
            DatelineError: `error` itself, if it is not of the address: the library's, say.
        """
        return self._visit(url, Outcome.REFUSED, reason=failure_of(url, error).reason)

    def _visit(
        self,
        url: str,
        outcome: Outcome,
        fetched: Fetched | None = None,
        *,
        articles: int = 0,
        reason: str | None = None,
    ) -> Visit:
        validators = fetched.validators if fetched else Validators()
        return Visit(
            url=url,
            outcome=outcome,
            at=self._clock.now(),
            etag=validators.etag,
            last_modified=validators.last_modified,
            articles=articles,
            reason=printable(reason) if reason else None,
        )


def _tell(visit: Visit, known: Visited | None, link: Link | None) -> Iterator[Item]:
    """What a fetch without anything to read means for the articles that are held."""
    match visit.outcome:
        case Outcome.UNCHANGED:
            yield Unread(known.articles if known else 0)
        case Outcome.GONE if known and known.article_url:
            if "410" in (visit.reason or ""):
                notice = Notice(NoticeKind.RETRACTED, WITHDRAWN, visit.at)
                yield Remark(known.article_url, notice)
        case _:
            yield Failure(visit.url, visit.reason or visit.outcome.value)
    # The list's new word is noted, or it would be asked about again and again.
    yield _noting(visit, link)


def _to_read_again(fetched: Fetched) -> Fetched:
    """A list without its validators, so that no server says that there is nothing new behind it."""
    return dataclasses.replace(fetched, validators=Validators())


def _at_own_address(article: Article, fetched: Fetched) -> Article:
    return dataclasses.replace(article, url=canonical_url(fetched.moved_to or fetched.url))


def _noting(visit: Visit, link: Link | None) -> Visit:
    """The visit with what the list said of the address."""
    if link is None:
        return visit
    return dataclasses.replace(visit, hint=link.hint, listed_by=link.listed_by)


def _leads_home(fetched: Fetched) -> bool:
    """Whether a story's address leads to a front page, as sites let deleted stories do."""

    def is_front(url: str) -> bool:
        return canonical_url(url).count("/") == 3 and canonical_url(url).endswith("/")

    return is_front(fetched.final_url) and not is_front(fetched.url)
