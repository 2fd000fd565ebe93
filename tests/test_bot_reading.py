"""The reading model says where a passage answers, whether it does, and what it bears out."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.reading import OnnxReader, SentenceReading, Text
from index.errors import ModelError
from index.models import NEWS_READER

VISIT = Text(
    "Russian team in Pyongyang | Seoul Courier | November 16, 2023",
    (
        "A Russian delegation led by Minister Alexander Kozlov flew in on Tuesday.",
        "The visitors were met at the airport by North Korea's sports minister.",
        "A joint commission on trade and science was to meet on Wednesday.",
    ),
)
WEATHER = Text("", ("Rain fell on the hills of Corsica for nine days without a pause.",))


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader()


def _best(sentences: tuple[SentenceReading, ...]) -> int:
    return max(range(len(sentences)), key=lambda at: sentences[at].span)


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("Who headed the Russians?", 0, "Alexander Kozlov"),
        ("Which minister led the delegation?", 0, "Alexander Kozlov"),
        ("When did the Russians arrive?", 0, "Tuesday"),
    ],
)
def test_the_words_that_answer_are_found(
    reader: OnnxReader, question: str, sentence: int, answer: str
) -> None:
    [read] = reader.read(question, [VISIT])
    best = read.sentences[sentence]

    assert _best(read.sentences) == sentence
    assert VISIT.sentences[sentence][best.start : best.end] == answer
    assert read.answers > 0


@pytest.mark.parametrize(
    "question",
    [
        "What is the name of North Korea's sports minister?",
        "Who is the prime minister of Canada?",
        "How many people were in the Russian delegation?",
    ],
)
def test_a_passage_that_comes_near_does_not_answer(reader: OnnxReader, question: str) -> None:
    [read] = reader.read(question, [VISIT])

    assert read.answers < 0


def test_a_faithful_claim_is_borne_out_more_than_its_spoiled_twin(reader: OnnxReader) -> None:
    [faithful] = reader.supports("Alexander Kozlov led the Russian delegation.", [VISIT])
    [spoiled] = reader.supports("The sports minister led the Russian delegation.", [VISIT])

    assert faithful > spoiled


def test_a_text_is_read_alike_whatever_stands_beside_it(reader: OnnxReader) -> None:
    question = "Who headed the Russians?"

    assert reader.read(question, [WEATHER, VISIT, VISIT])[1:] == reader.read(question, [VISIT]) * 2
    assert reader.read(question, []) == []


def test_threads_may_read_at_once() -> None:
    fresh = OnnxReader()
    with ThreadPoolExecutor(4) as pool:
        reads = list(pool.map(lambda _: fresh.read("Where did it rain?", [WEATHER]), range(8)))

    assert all(read == reads[0] for read in reads)


def test_what_lies_past_the_window_is_not_read(reader: OnnxReader) -> None:
    long = Text("", ("word " * 1_000, "Rain fell on Corsica."))
    [read] = reader.read("Where did rain fall?", [long])

    assert len(read.sentences) == 2
    assert read.sentences[1].span < -10
    assert (read.sentences[1].start, read.sentences[1].end) == (0, 0)


def test_a_lone_surrogate_and_an_empty_sentence_are_read(reader: OnnxReader) -> None:
    [read] = reader.read("What fell \udcff?", [Text("\ud800", ("Rain \udfff fell.", ""))])

    assert len(read.sentences) == 2


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    altered = dataclasses.replace(NEWS_READER, model_sha256="0" * 64)

    with pytest.raises(ModelError, match="news-reader is altered or damaged"):
        OnnxReader(altered).read("Who?", [VISIT])
