"""Builds a question set from a library's own articles; a seed and a library give one set."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.answer import Status
from eval.contrast.corrupt import make_corrupt
from eval.contrast.pair import Kind as ContrastKind
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.generate.kinds import TestKind
from eval.generate.sentences import changed_words, excerpts, standing_sentences
from index.article import Article
from index.moment import Moment, Precision
from index.names import find_names

_PLANTED = (
    ContrastKind.NUMBER,
    ContrastKind.DATE,
    ContrastKind.NAME,
    ContrastKind.NEGATION,
)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One article, and what was drawn of it."""

    article: Article
    excerpt: str
    sharing: tuple[Article, ...]
    """Every article that holds the excerpt, this one first."""


def generate_questions(
    articles: Iterable[Article],
    *,
    seed: int,
    count: int,
    kinds: Collection[TestKind] = tuple(TestKind),
) -> list[GoldQuestion]:
    """Questions about `count` articles drawn by `seed`, of each kind that fits the article.

    Args:
        articles: The whole archive as it stands.
        seed: Equal seeds give equal questions for equal articles; the order of articles does not
            matter, and an article that is added takes the place of few.
        count: How many articles to draw; all if there are fewer.
        kinds: Which tests to make.
    """
    archive = sorted(articles, key=lambda one: one.article_id)
    drawn = sorted(archive, key=lambda one: _rank(seed, one.article_id))
    questions: dict[tuple[str, ...], GoldQuestion] = {}
    taken = 0
    for article in drawn:
        made = [*_ask_source(article, archive, seed), *_ask_claims(article, archive, seed)]
        made = [one for one in made if one.tags[0] in kinds]
        for one in made:
            # Copies of a story have the same sentences.
            questions.setdefault((one.tags[0], one.text), one)
        taken += bool(made)
        if taken == count:
            break
    return list(questions.values())


def _rank(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()


def _draw(seed: int, texts: Sequence[str]) -> str:
    return min(texts, key=lambda text: _rank(seed, text))


def _identity(kind: TestKind, *parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind}-{digest[:12]}"


def _ask_source(article: Article, archive: Sequence[Article], seed: int) -> Iterator[GoldQuestion]:
    pieces = excerpts(article.body)
    if not pieces:
        return
    excerpt = _draw(seed, pieces)
    others = [one for one in archive if excerpt in one.body and one.url != article.url]
    drawn = _Drawn(article, excerpt, (article, *others))
    for kind, ask in _SOURCE_TESTS.items():
        if question := ask(drawn):
            yield _named(question, kind, article.url, excerpt)


def _named(question: GoldQuestion, kind: TestKind, *parts: str) -> GoldQuestion:
    return GoldQuestion(
        id=_identity(kind, *parts),
        text=question.text,
        expect=question.expect,
        gold=question.gold,
        tags=(kind.value, *question.tags),
        story=question.story,
        as_of=question.as_of,
        without=question.without,
    )


def _excerpt_question(drawn: _Drawn, expect: Expectation, **scope: object) -> GoldQuestion:
    gold = (
        ()
        if expect.must_abstain
        else tuple(
            GoldQuote(one.url, drawn.excerpt, choice) for choice, one in enumerate(drawn.sharing)
        )
    )
    return GoldQuestion(
        id="",
        text=f"Which article does this come from: “{drawn.excerpt}”?",
        expect=expect,
        gold=gold,
        story=drawn.article.url,
        **scope,  # type: ignore[arg-type]  # the fields that bound a question
    )


def _expect_source(drawn: _Drawn) -> Expectation:
    """What the citation must tell; where copies share the excerpt, that of any will do."""
    told = [_told(one) for one in drawn.sharing]
    answers = tuple(
        spellings
        for part in ("title", "outlet", "published", "url")
        if all(part in one for one in told)
        for spellings in (tuple(dict.fromkeys(one[part] for one in told)),)
    )
    return Expectation(Status.ANSWERED, answers=answers, by_source=True)


def _told(article: Article) -> dict[str, str]:
    published = article.published.isoformat()[:10] if article.published else None
    told = {
        "title": article.title,
        "outlet": article.outlet,
        "published": published,
        "url": article.url,
    }
    return {name: value for name, value in told.items() if value}


def _where_from(drawn: _Drawn) -> GoldQuestion:
    return _excerpt_question(drawn, _expect_source(drawn))


def _when_removed(drawn: _Drawn) -> GoldQuestion:
    hidden = tuple(one.url for one in drawn.sharing)
    return _excerpt_question(drawn, Expectation(Status.ABSTAINED), without=hidden)


def _the_day_before(drawn: _Drawn) -> GoldQuestion | None:
    """None unless every article with the excerpt is known to the day and later."""
    starts = [one.published for one in drawn.sharing]
    if any(one is None or one.precision < Precision.DAY or one.is_guess for one in starts):
        return None
    first = min(one.start for one in starts if one)
    before = first - timedelta(days=1)
    as_of = Moment.day(before.year, before.month, before.day)
    return _excerpt_question(drawn, Expectation(Status.ABSTAINED), as_of=as_of)


def _on_the_day(drawn: _Drawn) -> GoldQuestion | None:
    published = drawn.article.published
    if published is None or published.precision < Precision.DAY or published.is_guess:
        return None
    if len(drawn.sharing) > 1:
        return None
    day = published.start
    as_of = Moment.day(day.year, day.month, day.day)
    return _excerpt_question(drawn, _expect_source(drawn), as_of=as_of)


_SOURCE_TESTS: Mapping[TestKind, Callable[[_Drawn], GoldQuestion | None]] = {
    TestKind.EXCERPT: _where_from,
    TestKind.REMOVED: _when_removed,
    TestKind.EARLIER: _the_day_before,
    TestKind.ON_THE_DAY: _on_the_day,
}


def _ask_claims(article: Article, archive: Sequence[Article], seed: int) -> Iterator[GoldQuestion]:
    sentences = standing_sentences(article.body)
    if not sentences:
        return
    sentence = _draw(seed + 1, sentences)
    holding = [one.url for one in archive if sentence in one.body]
    gold = tuple(GoldQuote(url, sentence, choice) for choice, url in enumerate(holding))
    yield GoldQuestion(
        id=_identity(TestKind.CLAIM, article.url, sentence),
        text=_is_it_true(sentence),
        expect=Expectation(Status.ANSWERED, answers=(("yes",),)),
        gold=gold,
        tags=(TestKind.CLAIM.value,),
        story=article.url,
    )
    for kind, corrupted in make_corrupt(sentence, article.body):
        # What another article says is no lie.
        if kind in _PLANTED and not any(corrupted in one.body for one in archive):
            yield GoldQuestion(
                id=_identity(TestKind.CORRUPTED, article.url, corrupted),
                text=_is_it_true(corrupted),
                expect=Expectation(
                    Status.ANSWERED,
                    never=_lies(sentence, corrupted, article.body),
                    may_abstain=True,
                ),
                tags=(TestKind.CORRUPTED.value, kind.value),
                story=article.url,
            )


def _lies(sentence: str, corrupted: str, body: str) -> tuple[tuple[str, ...], ...]:
    """A confirmation, and the planted words where the article rightly says them nowhere."""
    planted = changed_words(sentence, corrupted)
    return (("yes",), (planted,)) if planted and planted not in body else (("yes",),)


def _is_it_true(sentence: str) -> str:
    told = sentence.rstrip(".")
    keeps_capital = any(name.start == 0 for name in find_names(told)) or told[:2].isupper()
    return f"Is it true that {told if keeps_capital else told[0].lower() + told[1:]}?"
