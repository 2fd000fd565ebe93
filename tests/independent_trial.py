"""Scores cases of a run a second time, by code that shares nothing with `eval/`, and compares.

    python tests/independent_trial.py mh.run.jsonl clapnq.run.jsonl --cases 20

reads run files as plain JSON and reckons, as the sets' makers describe it: abstention, accuracy,
citations by document and by sentence, and retrieval. Where a sentence ends is a matter of rules, so
sentences are compared only where nobody could cut a quote in two. Cases are drawn evenly over each
file. Every disagreement is printed; the exit code is 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCE = 1e-6


def words(text: str) -> list[str]:
    kept = "".join(" " if char in string.punctuation + "“”‘’–—" else char for char in text.lower())
    return [word for word in kept.split() if word not in {"a", "an", "the"}]


def stands_in(short: str, long: str) -> bool:
    needle, hay = words(short), words(long)
    return any(hay[at : at + len(needle)] == needle for at in range(len(hay) - len(needle) + 1))


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def is_whole(text: str) -> bool:
    """Whether no rule could take the text for more than one sentence."""
    return not re.search(r"[.!?…][”’\")\]]*\s|\n|[.!?][A-Z]", text.strip())


def harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def by_choice(gold: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    choices: dict[int, list[dict[str, Any]]] = {}
    for one in gold:
        choices.setdefault(one.get("choice", 0), []).append(one)
    return list(choices.values())


def reckon(case: dict[str, Any]) -> dict[str, float]:
    """What the case should have scored, of the figures that can be told from its line alone."""
    question, answer = case["question"], case["answer"]
    expect, gold = question["expect"], question.get("gold", [])
    silent = answer["status"] == "abstained"
    if expect["status"] == "abstained":
        return {"false_answers": float(not silent), "accuracy": float(silent)}
    found = {"false_abstentions": float(silent)}
    text = " ".join(one["text"] for one in answer["sentences"])
    if expect.get("answers"):
        found["accuracy"] = float(
            not silent and all(right(item, text) for item in expect["answers"])
        )
    if gold:
        cited = set() if silent else {one["url"] for one in answer["citations"]}
        scores = [agree(cited, {one["url"] for one in choice}) for choice in by_choice(gold)]
        best = max(scores, key=lambda score: harmonic(*score))
        found["document_f1"], found["document_recall"] = harmonic(*best), best[1]
        found |= reckon_search(gold, answer["passages"])
    quotes = [one.get("quote", "") for one in [*gold, *answer["citations"]]]
    if gold and not silent and all(quotes) and all(map(is_whole, quotes)):
        cited_quotes = pieces(answer["citations"])
        found["sentence_f1"] = max(
            harmonic(*meet(cited_quotes, pieces(choice))) for choice in by_choice(gold)
        )
    return found


def right(spellings: list[str], text: str) -> bool:
    if spellings[0].lower() in {"yes", "no"}:
        said = re.search(r"\b(yes|no)\b", text.lower())
        return bool(said) and said[1] == spellings[0].lower()
    return any(stands_in(one, text) for one in spellings)


def agree(cited: set[str], gold: set[str]) -> tuple[float, float]:
    shared = len(cited & gold)
    return (shared / len(cited) if cited else 0.0), shared / len(gold)


def pieces(quoted: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted({(one["url"], squeeze(one["quote"])) for one in quoted})


def meet(quoted: list[tuple[str, str]], gold: list[tuple[str, str]]) -> tuple[float, float]:
    def touch(one: tuple[str, str], other: tuple[str, str]) -> bool:
        return one[0] == other[0] and (one[1] in other[1] or other[1] in one[1])

    hit = sum(any(touch(one, other) for other in gold) for one in quoted)
    got = sum(any(touch(one, other) for other in quoted) for one in gold)
    return (hit / len(quoted) if quoted else 0.0), got / len(gold)


def reckon_search(gold: list[dict[str, Any]], passages: list[dict[str, Any]]) -> dict[str, float]:
    urls = [one["url"] for one in passages[:10]]
    choices = by_choice(gold)
    per_choice = []
    for choice in choices:
        wished = {one["url"] for one in choice}
        ranks = [place for place, url in enumerate(urls, 1) if url in wished]
        one = {
            "document_recall_at_10": len(wished & set(urls)) / len(wished),
            "all_documents_at_10": float(wished <= set(urls)),
            "mrr_at_10": 1 / ranks[0] if ranks else 0.0,
        }
        facts = {squeeze(each["quote"]) for each in choice if each.get("quote")}
        if facts:
            shown = [squeeze(passage["text"]) for passage in passages[:10]]
            one["fact_recall_at_10"] = sum(any(f in s for s in shown) for f in facts) / len(facts)
        per_choice.append(one)
    return {name: max(one[name] for one in per_choice) for name in per_choice[0]}


def compare(path: Path, cases: int) -> Iterator[str]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    answered = [line for line in lines if line.get("answer")]
    step = max(1, len(answered) // cases)
    compared = agreed = 0
    for case in answered[::step][:cases]:
        for name, value in reckon(case).items():
            compared += 1
            recorded = case["scores"].get(name)
            if recorded is not None and abs(recorded - value) < TOLERANCE:
                agreed += 1
            else:
                yield f"{path.name} {case['id']} {name}: recorded {recorded}, reckoned {value:.4f}"
    kept = min(cases, len(answered))
    sys.stdout.write(f"{path.name}: {agreed} of {compared} figures of {kept} cases agree\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--cases", type=int, default=20, help="how many of each run")
    options = parser.parse_args()
    disagreements = [line for path in options.runs for line in compare(path, options.cases)]
    sys.stdout.write("".join(f"{line}\n" for line in disagreements))
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
