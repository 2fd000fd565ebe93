"""The words of the archive as types: articles, their chunks, the passages found for a question."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from index.moment import Moment
from index.notice import Notice, NoticeKind
from index.urls import canonical_url, is_web_url


@dataclass(frozen=True, slots=True)
class Article:
    """One story as one outlet published it, in the version that was read."""

    url: str
    """Its address as the source gives it, or a file URI where the story has none."""
    body: str
    """The cleaned text. Every offset in Dateline counts characters of this string."""
    title: str | None = None
    outlet: str | None = None
    byline: str | None = None
    dateline: str | None = None
    """As printed, without the dash: `SEOUL, Nov. 16 (Yonhap)`. It stays in the body too."""
    section: str | None = None
    language: str | None = None
    """BCP 47, as far as the source tells."""
    published: Moment | None = None
    modified: Moment | None = None
    source: str = ""
    """Where it was read from, for messages: `news/a.jsonl line 3`. Not part of its identity."""

    @property
    def article_id(self) -> str:
        """Sixteen hexadecimal digits that stand for the URL: stable over versions and libraries.

        Two spellings of one address (`canonical_url`) have one id.
        """
        address = canonical_url(self.url) if is_web_url(self.url) else self.url
        return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def version(self) -> str:
        """`sha256:` and the hash of everything a reader could see change.

        A guessed publication time is left out: it comes from the file system, and a copied
        file is not an edited story. So is `modified`: sites touch it without editing.
        """
        published = self.published if self.published and not self.published.is_guess else None
        seen = [
            self.body,
            self.title,
            self.outlet,
            self.byline,
            self.dateline,
            self.section,
            self.language,
            published.isoformat() if published else None,
        ]
        canonical = json.dumps(seen, ensure_ascii=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A verbatim slice of one version of an article: the unit that is embedded and found."""

    article_id: str
    version: str
    ordinal: int
    """Place in reading order, from 0."""
    start: int
    """Offset of the first character in the version's body: characters, not tokens."""
    text: str
    """`body[start:start + len(text)]`; never empty, never only white space."""

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)

    @property
    def chunk_id(self) -> str:
        """`<article>-<version>-<ordinal>`: equal for equal input, new for every new version."""
        return f"{self.article_id}-{self.version[7:19]}-{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a passage was found. A leg that did not return it is None."""

    dense: float | None = None
    """Cosine similarity of question and chunk, -1 to 1."""
    bm25: float | None = None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a question, with what a reader must know of its article."""

    chunk_id: str
    article_id: str
    version: str
    origin_id: str
    """Articles that are copies of one story share it."""
    url: str
    title: str | None
    outlet: str | None
    byline: str | None
    dateline: str | None
    published: Moment | None
    start: int
    end: int
    text: str
    """The body's characters from `start` to `end`."""
    score: float = 0.0
    """The ranking's own score; only its order within one result means anything."""
    scores: Scores = Scores()
    notice: Notice | None = None
    """That its story was corrected or taken back, as far as the scope may know."""

    @property
    def is_retracted(self) -> bool:
        """Whether its story was taken back: then it is no evidence."""
        return self.notice is not None and self.notice.kind is NoticeKind.RETRACTED
