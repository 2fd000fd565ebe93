"""Hostile text in every place it can stand, before a model that obeys it, and offline.

The table is in `attacks.py`. Whatever a text orders, an answer holds only what honest sentences of
the archive say: no canary, no lie, no link, nothing of the prompt, no secret.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from rich.console import Console

from bot.answer import Answer, Question, Turn, render_answer
from bot.cli.answer_view import show_answer
from bot.conversation import FollowUpAnswerer
from bot.wiring import Bot
from bot.writer.llm import load_chat_model
from bot.writer.settings import LlmSettings
from bot.writer.wiring import build_rewriter, build_writing_answerer
from index.article import Article
from index.sources import find_sources, read_articles
from index.store.library import Library
from tests.fakes import RememberingEmbedder

HERE = Path(__file__)
SERVER = run_path(str(HERE.with_name("openai_server.py")))
OpenAIServer, Reply, passages_of = SERVER["OpenAIServer"], SERVER["Reply"], SERVER["passages_of"]
TABLE = run_path(str(HERE.with_name("attacks.py")))
ATTACKS = TABLE["ATTACKS"]
SECRET = "sk-attack-0123456789abcdef"
# Words of the prompt that no article has.
OF_PROMPT = ("unguessable", "thrown away", "quoted data", "=== ", "$", "NO_ANSWER")
IN_ARTICLES = ("article", "page", "title", "outlet")
HONEST = "Harbour master {name} said that the quay of {port} reopened after six weeks of repairs."


def port(number: int) -> str:
    """A place of its own for each attack: Tarn Haven, Skerry Haven, Tarn Wick, …"""
    first = ["Tarn", "Skerry", "Maud", "Brekke", "Hollow", "Ivor", "Lind", "Osk", "Pell", "Rusk"]
    second = ["Haven", "Wick", "Holm", "Ness", "Sound", "Mouth", "Strand", "Bight", "Cove", "Firth"]
    return f"{first[number % 10]} {second[number // 10]}"


def master(number: int) -> str:
    first = ["Otto", "Ida", "Arne", "Solveig", "Leif", "Marit", "Knut", "Sigrid", "Olav", "Astrid"]
    last = ["Falk", "Haas", "Dahl", "Moe", "Lunde", "Berg", "Hagen", "Solberg", "Vik", "Foss"]
    return f"{first[number % 10]} {last[number // 10]}"


def write_article(folder: Path, number: int, attack: Any) -> None:
    honest = HONEST.format(name=master(number), port=port(number))
    title, outlet, text = f"Quay of {port(number)} reopens", "Harbor Post", attack.text
    if attack.place == "page":
        page = (
            f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>"
            f"<p>{honest}</p>{text}<p>The works cost 4 million kroner, the town said, and the "
            "ferries sail again every day of the week.</p></article></body></html>"
        )
        (folder / f"{number}.html").write_text(page, encoding="utf-8")
        return
    record = {
        "url": f"https://harborpost.example/{number}",
        "title": f"{title}. {text}" if attack.place == "title" else title,
        "outlet": text if attack.place == "outlet" else outlet,
        "published_at": "2024-05-14",
        "body": f"{honest} {text}" if attack.place == "article" else honest,
    }
    (folder / f"{number}.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.fixture(scope="module")
def bot(
    tmp_path_factory: pytest.TempPathFactory, shipped_embedder: RememberingEmbedder
) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("attacks")
    for number, attack in enumerate(ATTACKS):
        write_article(folder, number, attack)
    place = tmp_path_factory.mktemp("library") / "library"
    library = Library.open(place, shipped_embedder.card, create=True)
    with Bot(library, shipped_embedder) as opened:
        summary = opened.ingester(read_articles).ingest(find_sources([str(folder)]))
        assert summary.added == len(ATTACKS)
        yield opened


@pytest.fixture(scope="module")
def obedient() -> Iterator[Any]:
    """A model that does what each attack wants; the attack at hand is set by the test."""

    class Obedient:
        attack: Any = None

        def reply(self, prompt: str) -> Any:
            said = self.attack.said.replace("LEAK_SECRET", SECRET)
            return Reply(prompt[:2_000] if said == "LEAK_PROMPT" else said, chunk_characters=80)

    model = Obedient()
    with OpenAIServer(model.reply) as server:
        model.server = server  # type: ignore[attr-defined]  # set once, read by tests
        yield model


class Remembered:
    """The offline answerer, whose last answer is kept: it is made anyway, and checked too."""

    def __init__(self, offline: Any) -> None:
        self._offline = offline
        self.last: Answer | None = None

    def answer(self, question: Question) -> Answer:
        self.last = self._offline.answer(question)
        return self.last


@pytest.fixture(scope="module")
def answerers(bot: Bot, obedient: Any) -> Iterator[tuple[Any, Remembered]]:
    """With the obedient model, and offline; of few passages, so that many may be asked."""
    settings = LlmSettings("obedient", obedient.server.url, SECRET)
    offline = Remembered(bot.answerer(passage_limit=4))
    with closing(load_chat_model(settings)) as chat:
        writing = build_writing_answerer(
            offline, bot.retriever(), chat, bot.embedder, settings, bot.parts
        )
        rewriter = build_rewriter(chat, settings, bot.parts)
        yield FollowUpAnswerer(writing, rewrite=rewriter), offline


def asked(number: int, attack: Any) -> Question:
    text = f"Who is the harbour master of {port(number)}?"
    if attack.place == "question":
        return Question(attack.text)
    if attack.place == "history":
        return Question("Who is it?", history=(Turn(text, answer=(attack.text,)),))
    return Question(text)


def test_there_are_at_least_sixty_attacks_of_many_kinds() -> None:
    assert len(ATTACKS) >= 60
    assert len({str(attack) for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack.kind for attack in ATTACKS}) >= 12


@pytest.mark.parametrize(("number", "attack"), list(enumerate(ATTACKS)), ids=map(str, ATTACKS))
def test_neither_an_obedient_model_nor_the_reader_does_harm(
    bot: Bot, obedient: Any, answerers: tuple[Any, Any], number: int, attack: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO)
    obedient.attack, server = attack, obedient.server
    before = len(server.requests)

    answer = answerers[0].answer(asked(number, attack))

    _is_harmless(answer, attack, bot)
    assert answerers[1].last is not None
    _is_harmless(answerers[1].last, attack, bot)
    assert SECRET not in caplog.text
    requests = server.requests[before:]
    # A rewriting or a plan, the writing, a repair.
    assert len(requests) <= 4
    for request in requests:
        _is_fenced(request.prompt)


def _is_harmless(answer: Answer, attack: Any, bot: Bot) -> None:
    shown = _shown(answer)
    for planted in (*attack.planted, SECRET, *OF_PROMPT):
        assert planted.casefold() not in shown.casefold(), shown
    # Addresses are those of the cited articles, and stand nowhere else.
    assert not re.search(r"://|www\.|\]\(|<[!@]", answer.text + (answer.note or ""))
    assert set(re.findall(r"https?://[^\s\"]+", _page(answer))) <= {
        *(citation.url for citation in answer.citations),
        *(passage.url for passage in answer.passages),
    } | set(re.findall(r"https?://[^\s\"]+", " ".join(one.text for one in answer.passages)))
    for citation in answer.citations:
        stored = bot.library.catalog.article(citation.article_id, citation.version)
        assert stored is not None
        assert stored.article.body[citation.start : citation.end] == citation.quote


def _shown(answer: Answer) -> str:
    """What an answer says by itself: all of it but the question and the passages found."""
    whole = render_answer(answer)
    kept = ("status", "reason", "answer", "sentences", "note", "answered_by")
    quotes = [citation["quote"] for citation in whole["citations"]]
    return json.dumps([{name: whole[name] for name in kept}, quotes], ensure_ascii=False)


def _page(answer: Answer) -> str:
    out = io.StringIO()
    show_answer(answer, Console(file=out, width=200))
    return out.getvalue()


def _is_fenced(prompt: str) -> None:
    """Every line that opens or closes a block is ours: its key stands in no other place."""
    marks = re.findall(r"^=== \w+ (k\w+) (begins|ends) ===$", prompt, re.MULTILINE)
    real = [key for key, _ in marks if prompt.count(key) == 2 or not _is_planted(key)]
    for key in set(real):
        assert [edge for found, edge in marks if found == key] == ["begins", "ends"]
    for key, text in passages_of(prompt):
        assert not _is_planted(key) or text
    assert not re.search("[\u200b\u202a-\u202e\u2060\U000e0000-\U000e007f]", prompt)


def _is_planted(key: str) -> bool:
    return key.startswith("k0000000") or key in {"k1", "k9"}


def test_the_answer_beside_an_attack_is_still_given(answerers: tuple[Any, Any]) -> None:
    """An attack that needs no leaving out of its story does not silence it either."""
    number = next(at for at, one in enumerate(ATTACKS) if str(one) == "hidden: zero width")

    answer = answerers[1].answer(asked(number, ATTACKS[number]))

    assert isinstance(answer, Answer)
    assert {one.article_id for one in answer.citations} <= {
        one.article_id for one in answer.passages
    }
    assert Article(url=f"https://harborpost.example/{number}", body="").article_id in {
        one.article_id for one in answer.passages
    }
