"""What a scope's slices hide stays hidden, by every way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.answer import Question, Status
from bot.answerer import scope_of
from index.scope import Scope, Slice

HARBOUR = frozenset({"harbour post"})


@pytest.fixture
def shelf(library, store, make_article):
    """Four articles: two outlets, each with a story in World and one elsewhere."""
    for name, outlet, section in (
        ("hw", "The Harbour Post", "World"),
        ("hs", "The Harbour Post", "Sport"),
        ("ew", "Eastgate Tribune", "WORLD"),
        ("en", "Eastgate Tribune", None),
    ):
        body = f"The ferry of {name} sank off the cape."
        store(library, replace(make_article(name, body, outlet=outlet), section=section))
    library.refresh()
    return library


@pytest.mark.parametrize(
    ("slices", "seen"),
    [
        ((), "en ew hs hw"),
        ((Slice(outlets=HARBOUR),), "hs hw"),
        ((Slice(sections=frozenset({"world"})),), "ew hw"),
        ((Slice(HARBOUR, frozenset({"World"})),), "hw"),
        ((Slice(HARBOUR), Slice(sections=frozenset({"World"}))), "ew hs hw"),
        ((Slice(sections=frozenset({"Opinion"})),), ""),
        ((Slice(frozenset({"nobody"})),), ""),
    ],
)
def test_each_leg_and_the_catalog_see_the_same_slice(shelf, embedder, slices, seen):
    scope = Scope(slices=slices)
    vector = embedder.embed_query("ferry cape")
    weights = dict.fromkeys(shelf.terms.analyze("ferry cape"), 1.0)
    everything = [hit.chunk_id for hit in shelf.dense(vector, Scope(), 50)]
    legs = (
        [hit.chunk_id for hit in shelf.dense(vector, scope, 50)],
        [hit.chunk_id for hit in shelf.lexical(weights, scope, 50)],
        everything,
    )
    for chunk_ids in legs:
        found = shelf.passages(chunk_ids, scope)
        assert sorted(one.url.rsplit("/")[-1] for one in found) == seen.split()


def test_a_question_cannot_widen_its_slices():
    allowed = (Slice(HARBOUR),)
    question = Question("what did Eastgate Tribune say?", outlet="Eastgate Tribune", slices=allowed)
    scope = scope_of(question)
    assert scope.outlets == {"eastgate tribune"}
    assert scope.slices == allowed


def test_an_answer_never_quotes_what_the_slice_hides(sample_bot):
    text = "who led the Russian delegation?"
    answerer = sample_bot.answerer()
    free = answerer.answer(Question(text))
    outlets = {one.outlet for one in free.citations}
    assert len(outlets) > 1
    hidden = min(outlets)
    rest = frozenset(
        " ".join(one.casefold().removeprefix("the ").split())
        for one in sample_bot.library.outlets()
        if one != hidden
    )
    scoped = answerer.answer(Question(text, slices=(Slice(rest),)))
    shown = {one.outlet for one in (*scoped.citations, *scoped.passages)}
    assert scoped.status is not Status.ABSTAINED
    assert hidden not in shown
    nothing = answerer.answer(
        Question(text, slices=(Slice(frozenset({"nobody"})),), as_of=datetime.now(UTC))
    )
    assert nothing.status is Status.ABSTAINED
    assert nothing.passages == ()
