"""Time in words: whole dates, the times that a story mentions, and the period a question means.

Days are calendar days in UTC, as `Moment` has them: a story published late in the evening west
of Greenwich may carry the date of the next day, and so may what is counted from it.
"""

from index.dates.mentions import TimeMention, find_times
from index.dates.period import Period, describe
from index.dates.question import AskedTime, QuestionTime, Relation, read_period
from index.dates.written import parse_date

__all__ = [
    "AskedTime",
    "Period",
    "QuestionTime",
    "Relation",
    "TimeMention",
    "describe",
    "find_times",
    "parse_date",
    "read_period",
]
