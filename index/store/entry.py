"""What goes into the catalog and what comes out of it, as types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Chunk
from index.moment import Moment
from index.notice import Notice, NoticeKind

Embeddings = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, cut, embedded and grouped: ready to be stored."""

    article: Article
    chunks: tuple[Chunk, ...]
    embeddings: Embeddings
    """(len(chunks), dimensions), float32, each row of length 1, in the chunks' order."""
    origin_id: str
    signature: bytes
    """The near-duplicate signature of the body, for `OriginCandidate`."""
    bands: tuple[int, ...]
    """Signed 64-bit keys under which the signature's likely copies are found."""
    is_put_back: bool = False
    """Whether its source shows this text again in place of the current version."""

    def check(self, dimensions: int) -> None:
        """Make sure that the embeddings are finite and fit the chunks and the model.

        Raises:
            ValueError: If they do not.
        """
        shape = (len(self.chunks), dimensions)
        if self.embeddings.shape != shape or not np.isfinite(self.embeddings).all():
            raise ValueError(
                f"{self.article.url}: embeddings of shape {self.embeddings.shape}, "
                f"finite ones of {shape} are needed"
            )


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch of entries."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    chunks: int = 0
    """Chunks that were written, unchanged articles' not counted."""
    revision: int = 0
    """The catalog's revision after the batch."""

    def __add__(self, other: Stored) -> Stored:
        """Both batches together, at the later revision."""
        return Stored(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.chunks + other.chunks,
            max(self.revision, other.revision),
        )


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What a source looked like when it was last read to its end."""

    fingerprint: str
    articles: int
    """How many articles it gave."""


@dataclass(frozen=True, slots=True)
class OriginCandidate:
    """An article that may be a copy of a new one: it shares a band with it."""

    article_id: str
    origin_id: str
    signature: bytes
    published_start: datetime | None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """One version of an article as the catalog keeps it."""

    article: Article
    article_id: str
    version: str
    number: int
    """1 for the first version that was read, growing."""
    origin_id: str
    ingested_at: datetime
    visible_from: datetime | None
    """First instant at which this version counts as known; None when it is undated."""
    visible_until: datetime | None
    """The instant at which the next version replaced it; None while it is current."""
    is_current: bool
    notice: Notice | None = None
    """That the story was corrected or taken back."""

    @property
    def is_retracted(self) -> bool:
        """Whether the outlet took the story back."""
        return self.notice is not None and self.notice.kind is NoticeKind.RETRACTED


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of the list of articles: the current version, without its body."""

    article_id: str
    url: str
    title: str | None
    outlet: str | None
    published: Moment | None
    version: str
    versions: int
    """How many versions are kept."""
    chunks: int
    """How many chunks the current version has."""
    origin_id: str


@dataclass(frozen=True, slots=True)
class Stats:
    """The size of a library."""

    articles: int
    versions: int
    chunks: int
    """Those of superseded versions included."""
    origins: int
    outlets: int
    undated: int
    """Articles whose current version has no publication time."""
    sources: int
    failures: int
    oldest: Moment | None
    newest: Moment | None
    """Publication times of the current versions."""
    revision: int


class Change(NamedTuple):
    """One line of the change log."""

    revision: int
    kind: str
    """`added`, `updated`, `removed`, or `noticed`: a correction or retraction was noted of it."""
    article_id: str
    version: str
    version_key: int
