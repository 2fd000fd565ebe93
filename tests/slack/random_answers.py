"""Random answers of every kind, long and hostile, for fuzzing what turns them into messages."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status
from index.article import Passage
from index.moment import Moment, Precision

HOSTILE = (
    "<!channel>", "<!here>", "<!everyone>", "<@U0AAAAAAA>", "<#C0AAAAAAA>", "<!subteam^S0AAAAAA>",
    "<https://evil.test|the source>", "https://evil.test/x", "[the source](https://evil.test)",
    "![x](https://evil.test/p.png)", "www.evil.test", "mailto:a@evil.test", "evil.test/login",
    "@channel", "@here", "@everyone", "*bold*", "_italic_", "~gone~", "`code`", "```",
    "# Heading", "> quoted", "- item", "1. item", "| a | b |", "&lt;!channel&gt;", "&amp;",
    ":smile:", "\u202eright to left", "\u200b\ufeff", "\x1b[31mred", "\x00", "\n\n---\n\n",
    "javascript:alert(1)", "\\", "[1]", "[99]", "<mailto:a@evil.test|write>", "tel:+123",
    "<!date^0^{date}^https://evil.test|x>", "&lt;@U0AAAAAAA&gt;", "\U0001f680" * 5,
    "漢字かな交じり文",
    "العربية", "e\u0301" * 30, "</script><script>alert(1)</script>", "slack://open?team=T1",
)  # fmt: skip
_WORDS = (
    "the minister harbour said on Tuesday that delegation arrived in port and will not return "
    "before 14 November 2023 because 1,250 tonnes of grain were lost in a storm"
).split()
_STATUSES = (Status.ANSWERED, Status.ANSWERED, Status.AMBIGUOUS, Status.CONFLICTING)


class RandomAnswers:
    """Makes answers, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def make(self) -> Answer:
        """One answer; a tenth of them are abstentions."""
        if self._random.random() < 0.1:
            return self._abstain()
        citations = tuple(self._cite(number) for number in range(1, self._count(120) + 1))
        return Answer(
            question=self._question(),
            status=self._random.choice(_STATUSES),
            sentences=self._sentences(citations),
            citations=citations,
            note=self._random.choice((None, self._text(200), "5 outlets, 1 origin; undated")),
            writer=self._random.choice(("reader", "llm")),
            model=self._text(200),
            standalone_question=self._random.choice((None, self._text(3_000))),
        )

    def _abstain(self) -> Answer:
        passages = tuple(self._passage(number) for number in range(self._random.randrange(20)))
        return Answer(
            question=self._question(),
            status=Status.ABSTAINED,
            reason=self._random.choice((None, *Reason)),
            note=self._random.choice((None, self._text(5_000))),
            passages=passages,
        )

    def _question(self) -> Question:
        when = datetime(2024, 5, 1, tzinfo=UTC)
        return Question(self._text(3_000), as_of=self._random.choice((None, when)))

    def _sentences(self, citations: tuple[Citation, ...]) -> tuple[Sentence, ...]:
        """Sentences that use every citation at least once."""
        left = [citation.number for citation in citations]
        sentences = []
        while left:
            taken = left[: self._count(8)]
            left = left[len(taken) :]
            lead = self._random.choice(("", "", "14 November 2023: "))
            sentences.append(Sentence(lead + self._text(4_000), tuple(taken)))
        return tuple(sentences)

    def _cite(self, number: int) -> Citation:
        quote = self._text(6_000)
        # Several quotes of one article are common.
        article = self._random.randrange(1, number + 1) if self._random.random() < 0.3 else number
        return Citation(
            number=number,
            article_id=f"article-{article}",
            version="sha256:0",
            url=self._url(article),
            title=self._random.choice((None, self._text(400))),
            outlet=self._random.choice((None, "Harbor Post", self._text(100))),
            published=self._moment(),
            start=0,
            end=len(quote),
            quote=quote,
        )

    def _passage(self, number: int) -> Passage:
        words = self._text(3_000)
        return Passage(
            chunk_id=f"chunk-{number}",
            article_id=f"article-{number}",
            version="sha256:0",
            origin_id=f"origin-{number // 2}",
            url=self._url(number),
            title=self._random.choice((None, self._text(400))),
            outlet=self._text(80),
            byline=None,
            dateline=None,
            published=self._moment(),
            start=0,
            end=len(words),
            text=words,
        )

    def _url(self, article: int) -> str:
        """The same for the same article."""
        fixed = random.Random(article)
        kind = fixed.randrange(12)
        if kind == 0:
            return f"file:///archive/{article}.txt"
        if kind == 1:
            return fixed.choice(("javascript:alert(1)", "https://x.test/a b", "urn:x", "", "//x"))
        tail = "x" * int(10 ** fixed.uniform(0, 3.6)) if kind < 5 else ""
        return f"https://news-{article}.example/2023/11/16/{tail}"

    def _moment(self) -> Moment | None:
        year = self._random.randrange(1, 9999)
        start = datetime(year, 1, 1, tzinfo=UTC)
        precision = self._random.choice(list(Precision))
        return self._random.choice((None, Moment(start, precision, self._random.random() < 0.2)))

    def _count(self, most: int) -> int:
        """From 1 to `most`; small numbers far more often."""
        return max(1, int(most ** self._random.random()))

    def _text(self, most: int) -> str:
        """Words with something hostile among them; of any length, seldom empty."""
        length = int(most ** self._random.random())
        pieces: list[str] = []
        while length > 0:
            source = HOSTILE if self._random.random() < 0.2 else _WORDS
            pieces.append(self._random.choice(source))
            length -= len(pieces[-1])
        glue = self._random.choice((" ", " ", " ", "", "\n"))
        return glue.join(pieces)
