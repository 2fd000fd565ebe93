"""Turns answers into what Slack shows: pure functions, which know no client and send nothing."""

from bot.slack.view.answer import render_answer, render_sources
from bot.slack.view.claims import (
    CheckedClaim,
    ClaimsCheck,
    Finding,
    render_claims_check,
    render_claims_modal,
    render_claims_waiting,
)
from bot.slack.view.feedback import (
    SentFeedback,
    parse_feedback,
    render_feedback_modal,
)
from bot.slack.view.home import OutletCoverage, Overview, render_home, render_prompts
from bot.slack.view.limits import Block
from bot.slack.view.markup import stream_text
from bot.slack.view.message import Message, ShownAnswer
from bot.slack.view.notes import (
    LOADING_MESSAGES,
    WORKING_STATUS,
    Correction,
    render_busy,
    render_correction,
    render_failure,
    render_interrupted,
    render_queue_position,
    render_refused,
    render_removed,
    render_share,
    render_status,
    render_usage,
    render_withdrawn,
)
from bot.slack.view.quotes import QuoteContext, render_quotes_modal, surround_quote

__all__ = [
    "LOADING_MESSAGES",
    "WORKING_STATUS",
    "Block",
    "CheckedClaim",
    "ClaimsCheck",
    "Correction",
    "Finding",
    "Message",
    "OutletCoverage",
    "Overview",
    "QuoteContext",
    "SentFeedback",
    "ShownAnswer",
    "parse_feedback",
    "render_answer",
    "render_busy",
    "render_claims_check",
    "render_claims_modal",
    "render_claims_waiting",
    "render_correction",
    "render_failure",
    "render_feedback_modal",
    "render_home",
    "render_interrupted",
    "render_prompts",
    "render_queue_position",
    "render_quotes_modal",
    "render_refused",
    "render_removed",
    "render_share",
    "render_sources",
    "render_status",
    "render_usage",
    "render_withdrawn",
    "stream_text",
    "surround_quote",
]
