"""The answers given, and what readers thought of them."""

from bot.given.answers import GivenAnswer, GivenAnswers, Place
from bot.given.feedback import Complaint, Feedback, FeedbackBook, Opinion

__all__ = [
    "Complaint",
    "Feedback",
    "FeedbackBook",
    "GivenAnswer",
    "GivenAnswers",
    "Opinion",
    "Place",
]
