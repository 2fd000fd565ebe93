"""Conversation: follow-ups made to stand alone, and the turns that they lean on."""

from bot.conversation.answering import Conversation, FollowUpAnswerer, remember
from bot.conversation.rewriting import Rewrite, rewrite_follow_up

__all__ = ["Conversation", "FollowUpAnswerer", "Rewrite", "remember", "rewrite_follow_up"]
