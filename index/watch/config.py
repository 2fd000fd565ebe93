"""The file that says what is watched: YAML, checked before anything is fetched.

every: 15m                      # how often a source is looked at, unless it says otherwise
revisit: [1h, 6h, 1d, 3d, 7d]   # when a story is looked at again for edits, after its first read
sources:
  - https://harbour.example/feed.xml
  - url: https://harbour.example/news-sitemap.xml
    every: 1h
    outlet: The Harbour Post
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from index.errors import UsageError
from index.urls import LONGEST_ADDRESS_BYTES, can_be_kept, canonical_url, is_web_url

_SPAN = re.compile(r"(?P<count>\d{1,6})\s*(?P<unit>s|m|h|d)")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LIMIT_BYTES = 5_000_000


def read_span(value: object) -> timedelta:
    """A span of time: `30s`, `15m`, `6h`, `7d`.

    Raises:
        ValueError: If it is not written so, or is nothing.
    """
    if isinstance(value, timedelta) and value > timedelta():
        return value
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not int(found["count"]):
        raise ValueError("write a span such as 30s, 15m, 6h or 7d")
    return timedelta(**{_UNIT[found["unit"]]: int(found["count"])})


def _read_address(value: object) -> str:
    if not isinstance(value, str) or not is_web_url(value):
        raise ValueError("write an address that begins with http:// or https://")
    if not can_be_kept(address := canonical_url(value)):
        raise ValueError(
            f"write an address of at most {LONGEST_ADDRESS_BYTES:,} bytes, no control characters"
        )
    return address


def _read_source(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


Span = Annotated[timedelta, BeforeValidator(read_span)]


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourcePlan(_Checked):
    """One source."""

    url: Annotated[str, BeforeValidator(_read_address)]
    """A feed, a sitemap or an index of sitemaps."""
    every: Span | None = None
    outlet: str | None = None
    """The outlet of its stories, whatever they say."""
    content: Literal["page", "feed"] = "page"
    """`feed` takes the text that the feed carries and fetches no page."""
    max_age: Span | None = None
    """Stories that the list dates earlier than this are not read."""


class WatchPlan(_Checked):
    """What is watched, and how eagerly."""

    sources: tuple[Annotated[SourcePlan, BeforeValidator(_read_source)], ...]
    every: Span = timedelta(minutes=15)
    max_age: Span = timedelta(days=30)
    revisit: tuple[Span, ...] = (
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=3),
        timedelta(days=7),
    )
    """When a story is looked at again, counted from its first read."""
    attempts: int = 6
    """After so many failures in a row an address becomes a dead letter."""

    def every_of(self, source: SourcePlan) -> timedelta:
        """How often `source` is looked at."""
        return source.every or self.every

    def max_age_of(self, source: SourcePlan) -> timedelta:
        """How old a story of `source` may be when it is first seen."""
        return source.max_age or self.max_age


def load_plan(path: Path) -> WatchPlan:
    """Read the file.

    Raises:
        UsageError: If it cannot be read, or says what cannot be done; the message says where.
    """
    import yaml  # noqa: PLC0415  only watching needs it here

    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise UsageError(f"{path} is too long for a list of sources.")
        value: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Check the path.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is no YAML: {error}. See docs/sources.md.") from error
    if not isinstance(value, dict):
        raise UsageError(f"{path} names no sources. See docs/sources.md for an example.")
    try:
        plan = WatchPlan.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: {where}: {first['msg']}. See docs/sources.md.") from error
    urls = [source.url for source in plan.sources]
    if not urls or len(set(urls)) < len(urls):
        raise UsageError(f"{path}: name at least one source, and each source once.")
    return plan
