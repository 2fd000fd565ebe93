"""How long articles are kept, and what goes with them when they go."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.given import GivenAnswers
from index.store.catalog import Catalog
from index.store.library import Library

logger = logging.getLogger(__name__)

_DAYS, _LAST = "retention.days", "retention.last"
# Set while a removal is under way: what a kill cut off cannot be told from the articles, for they
# are gone already, while answers still quote them.
_UNDER_WAY = "removal.under_way"
# Making the indexes anew costs minutes in a large library: once a day is often enough.
_PAUSE = timedelta(days=1)


def remove_for_good(library: Library, article_ids: Iterable[str]) -> int:
    """Remove articles from the catalog, both indexes and the answers kept; returns how many.

    Raises:
        LibraryError: If the library cannot be written; running it again finishes it, with any
            articles or with none.
    """
    library.catalog.set_setting(_UNDER_WAY, "yes")
    removed = library.remove(article_ids)
    # Answers that were shown hold quotes of what is now gone.
    GivenAnswers(library.catalog.database).erase_removed()
    library.purge()
    library.catalog.set_setting(_UNDER_WAY, "")
    return removed


def retention_days(catalog: Catalog) -> int | None:
    """How many days articles are kept; None for ever."""
    days = catalog.settings().get(_DAYS)
    return int(days) if days else None


def set_retention(catalog: Catalog, days: int | None) -> None:
    """Keep articles for so many days from now on, None for ever; the next ingest removes."""
    catalog.set_setting(_DAYS, str(days or ""))
    catalog.set_setting(_LAST, "")


def apply_retention(library: Library, now: datetime | None = None) -> int:
    """Remove what is older than the library keeps, at most once a day; returns how many went.

    A removal that was cut off before is finished too.

    Raises:
        LibraryError: If the library cannot be written.
    """
    settings, now = library.catalog.settings(), now or datetime.now(UTC)
    days, last = settings.get(_DAYS), settings.get(_LAST)
    if not days or (last and now - datetime.fromisoformat(last) < _PAUSE):
        return 0
    expired = library.catalog.older_than(now - timedelta(days=int(days)))
    is_left = expired or settings.get(_UNDER_WAY)
    removed = remove_for_good(library, expired) if is_left else 0
    library.catalog.set_setting(_LAST, now.isoformat())
    if removed:
        logger.info("removed expired articles=%d days=%s", removed, days)
    return removed
