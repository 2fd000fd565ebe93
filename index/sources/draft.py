"""What a format's reader found, and the article that is made of it.

Readers of formats only take things apart; all cleaning and all ranking of evidence is here, so
that one story comes out the same from a page, a record and a plain file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from index.article import Article
from index.errors import SourceError
from index.moment import Moment
from index.sources.boilerplate import strip_boilerplate
from index.sources.characters import clean_characters, clean_line
from index.sources.credits import plain_byline
from index.sources.dateline import Dateline, find_dateline
from index.sources.head import Head, read_head
from index.sources.paragraphs import split_paragraphs
from index.sources.published import date_in_url, date_of_dateline
from index.sources.repeats import drop_repeats
from index.urls import LONGEST_ADDRESS_BYTES, can_be_kept, canonical_url, host_of

_FEWEST_WORDS = 3
# Ideographs and syllables count as words: their scripts write no spaces.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
# Datelines stand at the start of a story, but captions and teasers may precede it.
_DATELINE_WITHIN = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """One article as its source tells it: nothing cleaned, nothing inferred."""

    body: str
    identity: str
    """What the article is called where no URL is known: a URI."""
    source: str
    """For messages: `news/a.jsonl line 3`."""
    url: str | None = None
    title: str | None = None
    outlet: str | None = None
    byline: str | None = None
    section: str | None = None
    language: str | None = None
    published: Moment | None = None
    modified: Moment | None = None
    likely: Moment | None = None
    """A day that something in the page suggests; only better than nothing."""


def build_article(draft: Draft, written: Moment | None = None) -> Article:
    """Clean the text, read its head, and settle every field.

    Args:
        draft: What the source says.
        written: When its file was last changed, where that may tell something of the story.

    Raises:
        SourceError: If nothing that could be called a text remains, or the URL is unusable.
    """
    paragraphs = strip_boilerplate(split_paragraphs(clean_characters(draft.body)))
    head = read_head(paragraphs, _line(draft.title))
    story = drop_repeats(head.story)
    body = "\n\n".join(story)
    if len(_WORD.findall(body[:1000])) < _FEWEST_WORDS:
        raise SourceError("no text: fewer than three words remain without the page's extras")
    dateline = next(filter(None, map(find_dateline, story[:_DATELINE_WITHIN])), None)
    by_dateline = date_of_dateline(dateline, story, written) if dateline else None
    url = _settle_url(draft, head)
    modified = draft.modified or head.credits.modified
    return Article(
        url=url,
        body=body,
        title=_line(head.title),
        outlet=_settle_outlet(draft, head, dateline, url),
        byline=_byline(draft.byline) or _line(head.byline or head.credits.byline),
        dateline=dateline.text if dateline else None,
        section=_line(draft.section) or _line(head.section or head.credits.section),
        language=_language(draft.language) or _language(head.language),
        published=(
            draft.published
            or head.credits.published
            or _sure(by_dateline)
            or date_in_url(url)
            # The story is no younger than its last change, and the file is younger still.
            or _guess(
                by_dateline or draft.likely or draft.modified or head.credits.modified or written
            )
        ),
        modified=modified,
        source=draft.source,
    )


def _settle_url(draft: Draft, head: Head) -> str:
    given = _line(draft.url) or _line(head.url)
    if given is None:
        return draft.identity
    try:
        canonical = canonical_url(given)
    except ValueError as error:
        raise SourceError(f"url: {error}") from error
    if not can_be_kept(given):
        raise SourceError(f"url: longer than {LONGEST_ADDRESS_BYTES:,} bytes")
    # A record's own address is kept to the letter: its owner looks the story up by it.
    return given if draft.url else canonical


def _settle_outlet(draft: Draft, head: Head, dateline: Dateline | None, url: str) -> str | None:
    agency = dateline.agency if dateline else None
    named = (draft.outlet, head.outlet, agency, head.credits.outlet)
    return next(filter(None, map(_line, named)), None) or host_of(url)


def _sure(moment: Moment | None) -> Moment | None:
    return None if moment and moment.is_guess else moment


def _guess(moment: Moment | None) -> Moment | None:
    return replace(moment, is_guess=True) if moment else None


def _line(text: str | None) -> str | None:
    return (clean_line(text) or None) if text else None


def _byline(text: str | None) -> str | None:
    line = _line(text)
    return plain_byline(line) or None if line else None


def _language(text: str | None) -> str | None:
    line = _line(text)
    return line.replace("_", "-") if line else None
