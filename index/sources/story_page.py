"""A page to the draft of its article: what the page says, then what the link to it said."""

from __future__ import annotations

import re

from index.moment import Moment
from index.sources.draft import Draft
from index.sources.links import Link
from index.sources.page import read_page
from index.urls import canonical_url, claimed_address

_MARKUP_DATE_FROM = "1995-01-01"


def draft_page(
    text: str,
    *,
    label: str,
    identity: str,
    address: str | None = None,
    otherwise: str | None = None,
    link: Link | None = None,
) -> Draft:
    """Read a page.

    Args:
        text: Its HTML.
        label: What messages call it.
        identity: What the article is called where neither the page nor `address` tells.
        address: Where it was fetched from; what the page says of its own address is then believed
            only within that site.
        otherwise: Its address where it claims none that is believed; `address` without one.
        link: What the feed or sitemap that named it says of it.

    Raises:
        SourceError: If there is no story in it.
    """
    page = read_page(text)
    published = page.published or (link.published if link else None)
    return Draft(
        body=page.body,
        identity=identity,
        source=label,
        url=story_address(address, page.url, otherwise) if address else page.url,
        title=page.title or (link.title if link else None),
        outlet=page.outlet or (link.outlet if link else None),
        byline=page.byline or (link.byline if link else None),
        section=page.section,
        language=page.language or (link.language if link else None),
        published=published,
        modified=page.modified or (link.updated if link else None),
        likely=None if published else _date_in_markup(text),
    )


def story_address(address: str, claimed: str | None, otherwise: str | None = None) -> str:
    """The canonical address of a page that was fetched: its own claim, within its own site.

    A page may not pass for a story of another site: its text would become that story's newest
    version.
    """
    if claimed and (believed := claimed_address(address, claimed)):
        return believed
    return canonical_url(otherwise or address)


def _date_in_markup(text: str) -> Moment | None:
    """A day that the markup suggests, where no field says it: good enough for a guess."""
    from htmldate import find_date  # noqa: PLC0415  costs 50 ms, and few pages need it

    try:
        found = find_date(
            text, original_date=True, extensive_search=False, min_date=_MARKUP_DATE_FROM
        )
    except Exception:
        return None
    if not found or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found):
        return None
    return Moment.parse(found)
