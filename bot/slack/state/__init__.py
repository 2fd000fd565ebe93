"""What the bot was asked in Slack and what became of it, kept in the catalog's database."""

from bot.slack.state.ledger import LedgerLimits, QuestionLedger
from bot.slack.state.question import WITHDRAWN, Asked, Kind, Receipt, Task

__all__ = ["WITHDRAWN", "Asked", "Kind", "LedgerLimits", "QuestionLedger", "Receipt", "Task"]
