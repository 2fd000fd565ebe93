"""What runs in a process of its own for each measurement; prints one JSON object.

python -m eval.bench.peers.program SYSTEM ingest STORE CORPUS
python -m eval.bench.peers.program SYSTEM ingest STORE CORPUS --model count
python -m eval.bench.peers.program SYSTEM cold STORE QUESTION
python -m eval.bench.peers.program SYSTEM warm STORE QUESTIONS
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.bench.peers.models import CountingModel, load_model
from eval.bench.peers.system import Filter

CLASSES = {
    "dateline": ("eval.bench.peers.dateline", "DatelineSystem"),
    "llamaindex": ("eval.bench.peers.llamaindex", "LlamaIndexSystem"),
    "langchain": ("eval.bench.peers.langchain", "LangChainSystem"),
    "haystack": ("eval.bench.peers.haystack", "HaystackSystem"),
}


def main() -> None:
    """Do one measurement."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.peers.program")
    parser.add_argument("system", choices=sorted(CLASSES))
    parser.add_argument("verb", choices=["ingest", "cold", "warm"])
    parser.add_argument("store", type=Path)
    parser.add_argument("what")
    parser.add_argument("--model", default="e5", choices=["e5", "made-up", "count"])
    options = parser.parse_args()
    module, name = CLASSES[options.system]
    model = load_model(options.model)
    system = getattr(importlib.import_module(module), name)(options.store, model)
    # Sentences are read by the model that ships: among made-up vectors that measures neither.
    done = _measure(system, options.verb, options.what, answers=options.model == "e5")
    if isinstance(model, CountingModel):
        done = {"texts": model.texts, "tokens": model.tokens}
    json.dump(done, sys.stdout)


def _measure(system: Any, verb: str, what: str, *, answers: bool) -> dict[str, Any]:
    if verb == "ingest":
        system.ingest(Path(what))
        return {}
    if verb == "cold":
        return {"found": list(system.search(what))}
    asked = json.loads(Path(what).read_text(encoding="utf-8"))
    return _warm(system, asked["questions"], Filter(**asked["filter"]), answers=answers)


def _warm(system: Any, questions: list[str], where: Filter, *, answers: bool) -> dict[str, Any]:
    # The first loads the model and the index.
    system.search(questions[0])
    system.search(questions[0], where)
    figures = {
        "search_ms": _time(questions, system.search),
        "filtered_ms": _time(questions, lambda text: system.search(text, where)),
        "found": [list(system.search(question)) for question in questions[:5]],
        "found_filtered": list(system.search(questions[0], where)),
    }
    if answers and hasattr(system, "ask"):
        system.ask(questions[0])
        figures["ask_ms"] = _time(questions, system.ask)
    return figures


def _time(questions: list[str], work: Callable[[str], object]) -> list[float]:
    """Milliseconds on the clock of each question."""
    times = []
    for question in questions:
        began = time.perf_counter()
        work(question)
        times.append((time.perf_counter() - began) * 1000)
    return times


if __name__ == "__main__":
    main()
