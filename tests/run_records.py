"""Runs to report on, made by hand: what an archive or a model might write stands in them."""

from __future__ import annotations

from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.record import CaseKey, CaseRecord, Outcome
from eval.run_file import Run
from eval.scoring import score_case
from eval.summary import read_figures

BODY = "Rain fell. The Orla sank off Pelum on Tuesday. Nobody was hurt."
QUOTE = "The Orla sank off Pelum on Tuesday."
URL = "https://post.example/orla"
HOSTILE = "</code></script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


class Bodies:
    """Knows one article."""

    def body(self, article_id: str, version: str) -> str | None:
        return BODY if (article_id, version) == ("a1", "v1") else None


def build_answer(text: str = QUOTE, **change: Any) -> dict[str, Any]:
    """An answer of the contract that cites `QUOTE`."""
    start = BODY.index(QUOTE)
    cited = {
        "number": 1, "article_id": "a1", "version": "v1", "url": URL, "title": "Ferry sinks",
        "outlet": "Pelum Post", "published": "2031-05-01", "start": start,
        "end": start + len(QUOTE), "quote": QUOTE,
    }  # fmt: skip
    passage = {**cited, "chunk_id": "c", "start": 0, "end": len(BODY), "text": BODY, "score": 1.0}
    return {
        "status": "answered",
        "reason": None,
        "sentences": [{"text": text, "citations": [1]}],
        "citations": [cited],
        "passages": [passage],
        "confidence": 0.9,
        "timings_ms": {"total": 20.0},
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
        **change,
    }


SILENCE: dict[str, Any] = {
    "status": "abstained",
    "reason": "no_evidence",
    "confidence": 0.1,
    "timings_ms": {"total": 4.0},
}


def build_question(name: str, **change: Any) -> GoldQuestion:
    """A question that `QUOTE` answers."""
    fields: dict[str, Any] = {
        "text": f"Where did the Orla sink ({name})?",
        "expect": Expectation(Status.ANSWERED, answers=(("Pelum",),)),
        "gold": (GoldQuote(URL, QUOTE),),
        "tags": ("where", "ferry"),
        "story": name[:1],
        **change,
    }
    return GoldQuestion(name, **fields)


def build_record(
    question: GoldQuestion, answer: dict[str, Any] | None, error: str | None = None
) -> CaseRecord:
    """A case as the runner would have scored it."""
    outcome = Outcome(question.id, answer, error, 0.02)
    return CaseRecord(question, outcome, read_figures(score_case(question, outcome, Bodies())))


def build_run(*records: CaseRecord, **about: str) -> Run:
    """A finished run of some cases."""
    return Run(
        {"set": "ferries.jsonl", "code": "sha256:1"},
        {"started": "2031-05-01T08:00:00+00:00", "commit": "abc", **about},
        {CaseKey(one.outcome.id, one.outcome.repeat): one for one in records},
        {"ended": True},
    )
