"""Reads a passage with the model that ships: where it answers a question, and whether it does.

The model is an encoder with two heads, trained by hand-written news (see PROVENANCE.md in
`index/models/news-reader`). Every number here is a logit: above 0 the model leans to yes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.article import Passage
from index.chunk import render_header
from index.models import MODEL_FILE, NEWS_READER, TOKENIZER_FILE, ReadingModel
from index.models.files import (
    available_processors,
    checked_path,
    open_session,
    open_tokenizer,
    plain,
)
from index.models.layout import Row, lay_out

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

Floats = NDArray[np.float32]
Result = TypeVar("Result")

# Longer than any answer that was trained on.
_MOST_ANSWER_TOKENS = 40
_UNREAD = -20.0
_ANSWERS, _SUPPORTS = 0, 1


@dataclass(frozen=True, slots=True)
class Text:
    """What is read: a part of an article."""

    header: str
    """Title, outlet and date, as `index.chunk.render_header` words them; may be empty."""
    sentences: tuple[str, ...]

    @classmethod
    def of(cls, passage: Passage, sentences: Iterable[str]) -> Self:
        """Sentences of a passage under its header."""
        header = render_header(passage.title, passage.outlet, passage.published)
        return cls(header, tuple(sentences))


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What the model sees in one sentence for a question."""

    evidence: float
    """Whether the sentence is what answers."""
    span: float
    """Whether the best run of words in it is the answer, against there being none."""
    start: int
    end: int
    """Those words: characters of the sentence; none where it lies past the model's window."""


@dataclass(frozen=True, slots=True)
class TextReading:
    """What the model sees in one text for a question."""

    answers: float
    """Whether the text answers the question at all."""
    sentences: tuple[SentenceReading, ...]
    """One for each sentence of the text."""


class PassageModel(Protocol):
    """Reads texts."""

    def read(self, question: str, texts: Sequence[Text]) -> list[TextReading]:
        """What each text has to say to a question."""
        ...

    def supports(self, claim: str, texts: Sequence[Text]) -> list[float]:
        """Whether each text bears out a claim: a logit."""
        ...


class OnnxReader:
    """The shipped model on onnxruntime; every method may be called from any thread.

    Each text is read alone, and the texts share out the processors: see `index.embed`.
    Loading, at the first call, raises ModelError if a file is missing or altered.
    """

    def __init__(self, model: ReadingModel = NEWS_READER) -> None:
        self._model = model
        self._loading = threading.Lock()
        self._session: InferenceSession | None = None

    def read(self, question: str, texts: Sequence[Text]) -> list[TextReading]:
        """What each text has to say to a question, in the order of the texts."""
        return self._run(lambda text: self._read(question, text), texts)

    def supports(self, claim: str, texts: Sequence[Text]) -> list[float]:
        """Whether each text bears out a claim: a logit for each."""
        return self._run(lambda text: self._support(claim, text), texts)

    def _run(self, task: Callable[[Text], Result], texts: Sequence[Text]) -> list[Result]:
        workers = min(available_processors(), len(texts))
        if workers < 2:
            return [task(text) for text in texts]
        # onnxruntime leaves the interpreter's lock while it computes, so threads are enough.
        with ThreadPoolExecutor(workers, "read") as pool:
            return list(pool.map(task, texts))

    def _read(self, question: str, text: Text) -> TextReading:
        row = self._lay_out(question, text)
        tokens, texts = self._logits(row.tokens)
        nothing = float(tokens[0, 0] + tokens[0, 1])
        sentences = [
            _read_sentence(sentence, tokens[first:last], offsets, nothing)
            for sentence, (first, last), offsets in zip(
                text.sentences, row.spans, row.offsets, strict=True
            )
        ]
        return TextReading(float(texts[_ANSWERS]), tuple(sentences))

    def _support(self, claim: str, text: Text) -> float:
        return float(self._logits(self._lay_out(claim, text).tokens)[1][_SUPPORTS])

    def _lay_out(self, first: str, text: Text) -> Row:
        begin, end = self._tokenizer.encode("").ids
        marks = (begin, end)
        return lay_out(self._model, self._encode, marks, first, text.header, text.sentences)

    def _encode(self, text: str) -> Encoding:
        return self._tokenizer.encode(plain(text), add_special_tokens=False)

    def _logits(self, tokens: list[int]) -> tuple[Floats, Floats]:
        """Of the tokens, shape (tokens, 3), and of the whole, shape (2,)."""
        ids = np.array([tokens], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        of_tokens, of_text = self._load().run(["tokens", "texts"], feed)
        return of_tokens[0], of_text[0]

    def _load(self) -> InferenceSession:
        with self._loading:
            if self._session is None:
                path = checked_path(self._model, self._model.folder, MODEL_FILE)
                self._session = open_session(path)
            return self._session

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        base = self._model.base
        return open_tokenizer(checked_path(base, base.folder, TOKENIZER_FILE))


def _read_sentence(
    sentence: str, logits: Floats, offsets: Sequence[tuple[int, int]], nothing: float
) -> SentenceReading:
    if not len(logits):
        return SentenceReading(_UNREAD, _UNREAD, 0, 0)
    starts, ends, evidence = logits.T
    sums = starts[:, None] + ends[None, :]
    # An answer ends where it starts or later, and not far from there.
    allowed = np.tril(np.triu(np.ones_like(sums)), _MOST_ANSWER_TOKENS)
    first, last = divmod(int(np.argmax(np.where(allowed, sums, -np.inf))), len(logits))
    start, end = offsets[first][0], offsets[last][1]
    # A token takes the space before it along.
    start += len(sentence[start:end]) - len(sentence[start:end].lstrip())
    return SentenceReading(
        evidence=float(evidence.mean()),
        span=(float(sums[first, last]) - nothing) / 2,
        start=start,
        end=end,
    )
