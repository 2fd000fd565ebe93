"""An answer as the JSON text that is kept, and back.

The form is the command line contract's, with the fields of passages that it leaves out.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.answer import Answer, Citation, Question, Reason, Sentence, Status, Step, render_answer
from index.article import Passage, Scores
from index.moment import Moment


def freeze_answer(answer: Answer) -> str:
    """The answer as JSON text."""
    kept = render_answer(answer)
    for passage, row in zip(answer.passages, kept["passages"], strict=True):
        row["origin_id"] = passage.origin_id
        row["byline"] = passage.byline
        row["dateline"] = passage.dateline
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def thaw_answer(text: str) -> Answer:
    """The answer that `freeze_answer` made `text` of; its question stands alone.

    Raises:
        ValueError: If `text` is anything else.
    """
    try:
        return _read(json.loads(text))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a kept answer: {error!r}") from error


def drop_passages(text: str, spans: set[tuple[str, str]]) -> str:
    """The kept answer without the passages of the (article id, version) pairs in `spans`."""
    answer = thaw_answer(text)
    left = [one for one in answer.passages if (one.article_id, one.version) not in spans]
    return freeze_answer(replace(answer, passages=tuple(left)))


def _read(kept: dict[str, Any]) -> Answer:
    as_of = kept["as_of"]
    question = Question(
        text=kept["question"],
        id=kept["id"],
        as_of=datetime.fromisoformat(as_of) if as_of else None,
    )
    return Answer(
        question=question,
        status=Status(kept["status"]),
        sentences=tuple(
            Sentence(one["text"], tuple(one["citations"])) for one in kept["sentences"]
        ),
        citations=tuple(_read_citation(one) for one in kept["citations"]),
        passages=tuple(_read_passage(one) for one in kept["passages"]),
        reason=Reason(kept["reason"]) if kept["reason"] else None,
        confidence=kept["confidence"],
        note=kept["note"],
        signals=kept["signals"],
        writer=kept["answered_by"]["writer"],
        model=kept["answered_by"]["model"],
        standalone_question=kept.get("standalone_question"),
        steps=tuple(Step(one["question"], tuple(one["passages"])) for one in kept.get("steps", ())),
        timings_ms=kept["timings_ms"],
        usage=kept["usage"],
        trace_id=kept.get("trace_id"),
    )


def _read_citation(row: dict[str, Any]) -> Citation:
    names = ("number", "article_id", "version", "url", "title", "outlet", "start", "end", "quote")
    return Citation(**{name: row[name] for name in names}, published=_moment(row["published"]))


def _read_passage(row: dict[str, Any]) -> Passage:
    names = (
        "chunk_id", "article_id", "version", "origin_id", "url", "title", "outlet", "byline",
        "dateline", "start", "end", "text", "score",
    )  # fmt: skip
    return Passage(
        **{name: row[name] for name in names},
        published=_moment(row["published"]),
        scores=Scores(**row["scores"]),
    )


def _moment(text: str | None) -> Moment | None:
    return Moment.parse(text) if text else None
