"""The tables of answers given and of feedback; times are seconds since 1970 UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

answers = Table(
    "given_answers",
    metadata,
    Column("answer_id", Text, primary_key=True),
    Column("given_at", BigInteger, nullable=False, index=True),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    # None while it is not known under which name it was posted, and for what is shown to one user.
    Column("message", Text),
    Column("asker", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("as_of", BigInteger),
    # Stays when the answer is erased: it tells nothing of any article.
    Column("status", Text, nullable=False),
    # The contract's JSON and a little more; None once its articles were removed.
    Column("answer", Text),
    Column("withdrawn_at", BigInteger),
    Index("given_answers_thread", "team", "channel", "thread"),
)

# Whose text an answer holds: its citations, and the passages that are kept beside it.
sources = Table(
    "given_sources",
    metadata,
    Column("answer_id", Text, ForeignKey("given_answers.answer_id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("article_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("is_cited", Boolean, nullable=False),
    Index("given_sources_article", "article_id", "version"),
)

feedback = Table(
    "given_feedback",
    metadata,
    Column("answer_id", Text, ForeignKey("given_answers.answer_id"), primary_key=True),
    Column("user", Text, primary_key=True),
    Column("opinion", Text, nullable=False),
    Column("complaint", Text),
    Column("comment", Text),
    Column("at", BigInteger, nullable=False),
    Column("reviewed_at", BigInteger),
)
