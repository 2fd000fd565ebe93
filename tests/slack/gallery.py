"""One of each message and view, made from the sample articles: for golden files and pictures.

The answers are put together by hand, so that they stay the same whatever the reader learns; their
quotes are looked up in the articles, and fail to be made if they are not there to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status
from bot.samples import sample_folder
from bot.slack.view import (
    CheckedClaim,
    ClaimsCheck,
    Correction,
    Finding,
    Message,
    OutletCoverage,
    Overview,
    QuoteContext,
    ShownAnswer,
    render_answer,
    render_claims_check,
    render_correction,
    render_failure,
    render_feedback_modal,
    render_home,
    render_interrupted,
    render_queue_position,
    render_quotes_modal,
    render_share,
    render_sources,
    render_status,
    render_usage,
    render_withdrawn,
    stream_text,
    surround_quote,
)
from index.article import Article, Passage
from index.moment import Moment
from index.sources import find_sources, read_articles

NOW = datetime(2025, 7, 2, 9, 30, tzinfo=UTC)
_TRAM_OPENS = (
    "The first tram on Line 4 left the ferry terminal at 9 a.m. on Saturday, four months late, "
    "with Mayor Helga Brandt at the front window and a brass band in the second car."
)
_TRAM_RIDES = "Some 26,000 people travelled on the opening day, when rides were free."
_SAID_14 = (
    "At least 14 people were killed when the River Ose broke through its eastern dyke late on "
    "Friday"
)
_SAID_19 = "Nineteen people lost their lives in the flood that swept through Tarn Vale"
_RUTH = "The chair of the inquiry, Ruth Adeyemi, a retired appeals judge"
_KOZLOV = (
    "The Russian delegation was led by Alexander Kozlov, the minister of natural resources, who "
    "flew into the North Korean capital on Tuesday."
)
_KOZHEMYAKO = (
    "Governor Oleg Kozhemyako leads the Russian regional delegation, which arrived in Pyongyang on "
    "Monday and stays until Friday."
)
_BELOUSOV = (
    "Belousov, an economist who took over the ministry from Sergei Shoigu in May, flew in on "
    "Friday at the head of a Russian military delegation."
)


@dataclass(frozen=True)
class Exhibit:
    """What is shown under one name."""

    title: str
    messages: tuple[Message, ...] = ()
    view: Mapping[str, Any] | None = None
    asked: str | None = None
    """What somebody wrote before."""
    streamed: str = ""
    """Markdown that was streamed before the first message's blocks."""
    seen_by_one: bool = False

    @property
    def payload(self) -> Any:
        """What Slack is sent."""
        if self.view is not None:
            return self.view
        sent = [{"text": message.text, "blocks": list(message.blocks)} for message in self.messages]
        return [{"markdown_text": self.streamed}, *sent] if self.streamed else sent


class Gallery:
    """Makes the exhibits from the articles that ship."""

    def __init__(self) -> None:
        self._articles = {
            article.url.rpartition("/")[2]: article
            for source in find_sources([str(sample_folder())])
            for article in read_articles(source)
            if isinstance(article, Article)
        }

    def exhibits(self) -> dict[str, Exhibit]:
        """By name, in the order of the documentation."""
        tram, quoted = self._tram(), self._tram_in_words()
        return {
            "answer": Exhibit(
                "An answer in a thread",
                (render_answer(ShownAnswer("a1", tram)),),
                asked="@Dateline when did Line 4 open, and how many people rode it?",
            ),
            "stream": Exhibit(
                "A streamed answer, written by a language model",
                (render_sources(ShownAnswer("a2", quoted)),),
                asked="@Dateline when did Line 4 open, and how many people rode it?",
                streamed="".join(map(stream_text, quoted.sentences)),
            ),
            "dated-list": Exhibit(
                "Several right answers, by date",
                (render_answer(ShownAnswer("a3", self._delegations())),),
                asked="@Dateline who led the Russian delegation?",
            ),
            "conflict": Exhibit(
                "Sources that disagree",
                (render_answer(ShownAnswer("a4", self._flood())),),
                asked="@Dateline how many people died in the Tarn Vale flood?",
            ),
            "one-origin": Exhibit(
                "Copies of one wire story, and a follow-up",
                (render_answer(ShownAnswer("a5", self._one_origin())),),
                asked="and who led it?",
            ),
            "corrected": Exhibit(
                "A story that was corrected since",
                (render_answer(ShownAnswer("a8", self._corrected())),),
                asked="@Dateline who chairs the flood inquiry?",
            ),
            "no-answer": Exhibit(
                "No answer, and what came nearest",
                (render_answer(ShownAnswer("a6", self._abstention())),),
                asked="@Dateline what did the trade protocol cost?",
            ),
            "private": Exhibit(
                "A slash command's answer, which only its asker sees",
                (render_answer(self._private(tram)),),
                seen_by_one=True,
            ),
            "shared": Exhibit(
                "The same, shared with the channel",
                (render_share(self._private(tram), "U0ADA"),),
            ),
            "quotes": Exhibit(
                "Show quotes", view=render_quotes_modal("a4", self._flood(), self._contexts())
            ),
            "feedback": Exhibit("Thumbs down", view=render_feedback_modal("a1")),
            "check": Exhibit(
                "Check this", (render_claims_check(self._claims()),), seen_by_one=True
            ),
            "correction": Exhibit("A correction", (render_correction(self._corrections()),)),
            "notes": Exhibit("While it works, and when it cannot", self._notes()),
            "home": Exhibit("The home tab", view=render_home(self._overview())),
        }

    # Answers.

    def _tram(self) -> Answer:
        opened = self._cite(1, "line-4-opens", _TRAM_OPENS)
        rode = self._cite(2, "line-4-opens", _TRAM_RIDES)
        return Answer(
            question=Question("when did Line 4 open, and how many people rode it?"),
            status=Status.ANSWERED,
            sentences=(
                Sentence(_TRAM_OPENS.replace("on Saturday", "on Saturday (12 October 2024)"), (1,)),
                Sentence(_TRAM_RIDES, (2,)),
            ),
            citations=(opened, rode),
        )

    def _tram_in_words(self) -> Answer:
        delayed = self._cite(
            3,
            "line-4-delayed",
            "The city's new tram line will not open in June as promised but on Oct. 12",
        )
        answer = self._tram()
        return replace(
            answer,
            sentences=(
                Sentence("Line 4 opened on Saturday, 12 October 2024, four months late.", (1, 3)),
                Sentence("About 26,000 people rode it that day, for free.", (2,)),
            ),
            citations=(*answer.citations, delayed),
            writer="llm",
            model="gpt-5-mini",
        )

    def _delegations(self) -> Answer:
        citations = (
            self._cite(1, "belousov-pyongyang-talks", _BELOUSOV),
            self._cite(2, "primorye-governor-pyongyang", _KOZHEMYAKO),
            self._cite(3, "2023-11-16-north-korea-russia-committee", _KOZLOV),
        )
        days = ("29 November 2024", "11 December 2023", "14 November 2023")
        quotes = (_BELOUSOV, _KOZHEMYAKO, _KOZLOV)
        return Answer(
            question=Question("who led the Russian delegation?"),
            status=Status.AMBIGUOUS,
            sentences=tuple(
                Sentence(f"{day}: {quote}", (number,))
                for number, (day, quote) in enumerate(zip(days, quotes, strict=True), start=1)
            ),
            citations=citations,
        )

    def _flood(self) -> Answer:
        return Answer(
            question=Question("how many people died in the Tarn Vale flood?"),
            status=Status.CONFLICTING,
            sentences=(
                Sentence(f"7 October 2023: {_SAID_19}, a count by this newspaper shows.", (1,)),
                Sentence(f"6 October 2023: {_SAID_14} (6 October 2023).", (2,)),
            ),
            citations=(
                self._cite(1, "ose-flood-tally", _SAID_19),
                self._cite(2, "tarn-vale-flood", _SAID_14),
            ),
        )

    def _one_origin(self) -> Answer:
        said = _KOZLOV.replace("on Tuesday", "on Tuesday (14 November 2023)")
        return Answer(
            question=Question("and who led it?", as_of=datetime(2023, 11, 20, tzinfo=UTC)),
            status=Status.ANSWERED,
            sentences=(Sentence(said, (1,)),),
            citations=(self._cite(1, "2023-11-16-north-korea-russia-committee", _KOZLOV),),
            note="5 outlets, 1 origin; as of 16 November 2023",
            standalone_question="who led the Russian delegation that signed the protocol?",
        )

    def _corrected(self) -> Answer:
        return Answer(
            question=Question("who chairs the flood inquiry?"),
            status=Status.ANSWERED,
            sentences=(Sentence(f"{_RUTH}, has until the end of June to report.", (1,)),),
            citations=(self._cite(1, "flood-inquiry-opens", _RUTH),),
            note="[1] was corrected: “The inquiry is chaired by Judith Adeyemi.”",
        )

    def _abstention(self) -> Answer:
        return Answer(
            question=Question("what did the trade protocol cost?"),
            status=Status.ABSTAINED,
            reason=Reason.NO_EVIDENCE,
            passages=(
                self._passage("2023-11-16-north-korea-russia-committee", _KOZLOV),
                self._passage("joint-committee-returns", None),
                self._passage("2024-10-03-budget-2025", None),
            ),
        )

    def _private(self, answer: Answer) -> ShownAnswer:
        return ShownAnswer("a7", answer, can_share=True, shows_question=True)

    def _contexts(self) -> dict[int, QuoteContext]:
        contexts = {}
        for citation in self._flood().citations:
            body = self._articles[citation.url.rpartition("/")[2]].body
            before, after = surround_quote(body, citation.start, citation.end)
            contexts[citation.number] = QuoteContext(
                before, after, is_superseded=citation.number == 2
            )
        return contexts

    # The rest.

    def _claims(self) -> ClaimsCheck:
        return ClaimsCheck(
            (
                CheckedClaim(
                    "Line 4 opened on 12 October.",
                    Finding.SUPPORTED,
                    (self._cite(1, "line-4-opens", _TRAM_OPENS),),
                ),
                CheckedClaim(
                    "More than 40,000 people rode it on the first day.",
                    Finding.DISPUTED,
                    (self._cite(2, "line-4-opens", _TRAM_RIDES),),
                    "the article says 26,000",
                ),
                CheckedClaim("The next line will be built by 2030.", Finding.NOT_FOUND),
            )
        )

    def _corrections(self) -> tuple[Correction, ...]:
        return (
            Correction(
                self._cite(1, "flood-inquiry-opens", _RUTH),
                is_withdrawn=False,
                now=_RUTH.replace("Ruth", "Judith"),
            ),
        )

    def _notes(self) -> tuple[Message, ...]:
        return (
            render_status(),
            render_queue_position(3),
            render_interrupted(),
            render_failure("7f3a-91"),
            render_withdrawn(),
            render_usage(),
        )

    def _overview(self) -> Overview:
        by_outlet: dict[str, list[Moment]] = {}
        for article in self._articles.values():
            if article.outlet and article.published:
                by_outlet.setdefault(article.outlet, []).append(article.published)
        coverage = [
            OutletCoverage(outlet, len(times), max(times)) for outlet, times in by_outlet.items()
        ]
        times = [moment for moments in by_outlet.values() for moment in moments]
        return Overview(
            articles=len(self._articles),
            outlets=tuple(sorted(coverage, key=lambda one: (-one.articles, one.outlet))),
            oldest=min(times),
            newest=max(moment for moment in times if moment.start <= NOW),
            now=NOW,
            examples=(
                "Who led the Russian delegation?",
                "When did Line 4 open?",
                "How many people died in the Tarn Vale flood?",
            ),
        )

    # Articles.

    def _cite(self, number: int, name: str, quote: str) -> Citation:
        article = self._articles[name]
        start = article.body.index(quote)
        return Citation(
            number=number,
            article_id=article.article_id,
            version=article.version,
            url=article.url,
            title=article.title,
            outlet=article.outlet,
            published=article.published,
            start=start,
            end=start + len(quote),
            quote=quote,
        )

    def _passage(self, name: str, start_with: str | None) -> Passage:
        article = self._articles[name]
        start = article.body.index(start_with) if start_with else 0
        words = article.body[start : start + 600]
        return Passage(
            chunk_id=f"{name}-0",
            article_id=article.article_id,
            version=article.version,
            origin_id=article.article_id,
            url=article.url,
            title=article.title,
            outlet=article.outlet,
            byline=article.byline,
            dateline=article.dateline,
            published=article.published,
            start=start,
            end=start + len(words),
            text=words,
        )
