"""What was trained on is what the bot reads: both build the same rows from the same texts."""

from dataclasses import replace

import pytest

from bot.reading import OnnxReader, Text
from index.models import MODEL_FILE, NEWS_READER, TOKENIZER_FILE
from index.models.files import open_tokenizer
from index.models.training.encoding import Encoder
from index.models.training.examples import Task, held_out_examples
from index.models.training.shipped import OnnxNetwork
from tests.training_samples import passage

PORT = passage()
# Long enough to be cut: a sentence of which a part is read, and one that is not read at all.
LONG = (*PORT.sentences, "Then " + "and then " * 300 + "it ended.", "Nobody saw it.")


@pytest.fixture(scope="module")
def encoder():
    return Encoder(open_tokenizer(NEWS_READER.base.folder / TOKENIZER_FILE), NEWS_READER)


@pytest.fixture(scope="module")
def reader():
    return OnnxReader()


@pytest.fixture(scope="module")
def network():
    return OnnxNetwork(NEWS_READER.folder / MODEL_FILE, print)


@pytest.mark.parametrize("sentences", [PORT.sentences, LONG])
def test_the_bot_and_the_training_read_a_passage_alike(encoder, reader, network, sentences):
    claim = next(one for one in held_out_examples(PORT) if one.task is Task.CLAIM)
    question = held_out_examples(PORT)[0]
    rows = [encoder.encode(replace(one, sentences=sentences)) for one in (question, claim)]
    asked, claimed = network.read(rows)
    text = Text(question.header, sentences)
    (reading,) = reader.read(question.text, [text])
    assert reading.answers == asked.text[0]
    assert [one.evidence for one in reading.sentences] == [
        asked.tokens[first:last, 2].mean() if last > first else -20 for first, last in rows[0].spans
    ]
    assert reader.supports(claim.text, [text]) == [claimed.text[1]]


def test_the_provenance_names_the_graph_that_ships():
    provenance = (NEWS_READER.folder / "PROVENANCE.md").read_text(encoding="utf-8")
    assert NEWS_READER.model_sha256 in provenance
    assert (NEWS_READER.folder / "LICENSE").is_file()
