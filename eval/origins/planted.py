"""A set of stories whose origins are known: copies that were planted, and lures beside them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from eval.origins.edits import COPIES, Sentences, follow_up, formula, quoting_a_statement
from index.article import Article
from index.moment import Moment
from index.sentences import split_sentences

_OUTLETS = ("Courier", "Tribune", "Post", "Herald", "Gazette", "Ledger", "Monitor", "Chronicle")


@dataclass(frozen=True, slots=True)
class Planted:
    """One story of the set."""

    article: Article
    origin: str
    """Stories of one origin, and no others, are copies of each other."""
    kind: str
    """`original`, what was done to a copy, or what makes a lure look like one."""


def plant(bases: Sequence[Planted], *, copies: int, seed: int) -> list[Planted]:
    """Plant `copies` copies of every base, and one lure of each kind, in order of publication.

    Bases of one origin are copies already, and stand for stories by people who knew of no test.
    """
    rng = random.Random(seed)  # noqa: S311  a set must be the same everywhere
    planted = list(bases)
    for number, base in enumerate(bases):
        story = _sentences(base.article)
        for copy, kind in enumerate(rng.sample(list(COPIES), copies)):
            body = COPIES[kind](rng, story)
            planted.append(_story(f"{number}-{copy}", base, body, base.origin, kind, rng))
        other = _sentences(bases[(number + 7) % len(bases)].article)
        planted += _lures(number, base, story, other, rng)
    return sorted(planted, key=lambda one: (_start(one), one.article.url))


def _lures(
    number: int, base: Planted, story: Sentences, other: Sentences, rng: random.Random
) -> list[Planted]:
    told, _ = quoting_a_statement(rng, formula(rng), other)
    _, retold = quoting_a_statement(rng, other, formula(rng))
    bodies = {
        "follow-up": follow_up(rng, story),
        "quotes a statement": told,
        "quotes the same statement": retold,
        "by form": formula(rng),
    }
    return [
        _story(f"{number}-{kind}", base, body, f"{number}-{kind}", kind, rng)
        for kind, body in bodies.items()
    ]


def _story(
    name: str, base: Planted, body: Sentences, origin: str, kind: str, rng: random.Random
) -> Planted:
    outlet = rng.choice(_OUTLETS)
    published = base.article.published
    later = timedelta(minutes=rng.randint(5, 3000))
    article = replace(
        base.article,
        url=f"https://{outlet.lower()}.example/{name.replace(' ', '-')}",
        body=_paragraphs(body),
        title=f"{outlet}: {base.article.title}",
        outlet=outlet,
        dateline=None,
        published=Moment.of(published.start + later) if published else None,
    )
    return Planted(article, origin, kind)


def _sentences(article: Article) -> Sentences:
    return [" ".join(span.of(article.body).split()) for span in split_sentences(article.body)]


def _paragraphs(sentences: Sentences) -> str:
    pairs = [" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)]
    return "\n\n".join(pairs)


def _start(one: Planted) -> float:
    published = one.article.published
    return published.start.timestamp() if published else 0.0
