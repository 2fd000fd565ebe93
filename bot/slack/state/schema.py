"""The tables of what the bot was asked in Slack; times are in seconds since 1970 UTC."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Index, Integer, MetaData, Table, Text

metadata = MetaData()

questions = Table(
    "slack_questions",
    metadata,
    # A channel's id is its own in all of Slack: a channel that two workspaces share sends each
    # message through both, and is answered once.
    Column("channel", Text, primary_key=True),
    Column("ts", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("enterprise", Text),
    Column("thread", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("asker_team", Text),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("response_url", Text),
    # The version of the question that is to be answered, and the one whose answer is shown.
    Column("wanted", Text, nullable=False),
    Column("shown", Text),
    # Whether nothing is left to do; kept beside the two so that an index can find the rest.
    Column("is_settled", Boolean, nullable=False),
    Column("received_at", Double, nullable=False),
    Column("started_at", Double),
    Column("attempts", Integer, nullable=False),
    Column("lease", Text),
    Column("lease_until", Double),
    # Set before a new message is posted: after a kill it tells that there may be one.
    Column("is_posting", Boolean, nullable=False),
    Column("message", Text),
    Column("answer_id", Text),
    Index("slack_questions_unsettled", "is_settled", "received_at"),
    Index("slack_questions_thread", "channel", "thread"),
    Index("slack_questions_lease", "lease"),
)

# What is done once over all retries and replicas: refusals, shares, notes of corrections.
deeds = Table(
    "slack_deeds",
    metadata,
    Column("deed", Text, primary_key=True),
    Column("at", Double, nullable=False),
)
