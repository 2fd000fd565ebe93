"""The kept figures as tables of Markdown, and the places where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.published.figures import Published
from eval.report import label
from eval.reports.report import EVERYTHING
from index.errors import UsageError

_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_CONFIGURATIONS = {
    "dense": "dense",
    "bm25": "BM25",
    "fused": "fused 1:1",
    "unranked": "before rerank",
    "default": "Dateline",
}
_RETRIEVAL = {
    "fact_recall_in_2000_words": "fact recall in the first 2,000 words",
    "fact_recall_at_4": "fact recall@4",
    "fact_recall_at_10": "fact recall@10",
    "document_recall_at_10": "document recall@10",
    "all_documents_at_10": "all documents@10",
    "mrr_at_10": "MRR@10",
    "ndcg_at_10": "nDCG@10",
}
_ANSWERS = {
    "answer_accuracy": "right answers, of the questions that have one",
    "balanced_accuracy": "abstention, mean of both classes' hit rates",
    "false_answers": "answered though it should be silent",
    "false_abstentions": "silent though it should answer",
    "document_f1": "citations by document, F1",
    "sentence_f1_answered": "citations by sentence, F1 over answered",
    "supported_by_cited": "sentences borne out by what they cite",
}
_DETAILS = (
    "accuracy", "balanced_accuracy", "false_answers", "false_abstentions", "document_f1",
    "supported_by_cited",
)  # fmt: skip


def render_readme(published: Published) -> str:
    """The two tables of the README."""
    return "\n".join([*_retrieval(published), "", *_answers(published), "", _measured(published)])


def _measured(published: Published) -> str:
    """When, and from which commit: runs of different days may stand side by side."""
    told = (
        f"{name} on {one['measured']} at {one['commit'][:7]}"
        for name, one in published.sets.items()
    )
    return f"Measured: {', '.join(told)}."


def render_details(published: Published) -> str:
    """Every set by tag, with intervals, for the docs."""
    lines: list[str] = []
    for name, one in published.sets.items():
        lines += _details(name, one)
    for name, figures in published.retrieval.items():
        lines += ["", f"### {name}, search", "", *_search_table(name, figures)]
    return "\n".join(lines).strip()


def write_between_marks(path: Path, text: str) -> None:
    """Put `text` in place of what stands between the two marks of a file.

    Raises:
        UsageError: If the file lacks them, or cannot be read or written.
    """
    try:
        content = path.read_text(encoding="utf-8")
        before, begun, rest = content.partition(_BEGIN)
        _, ended, after = rest.partition(_END)
        if not (begun and ended):
            raise UsageError(f"{path} lacks {_BEGIN} and {_END}. Add them where the tables belong.")
        path.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror or error}.") from error


def read_between_marks(path: Path) -> str:
    """What stands between the two marks of a file; empty without them."""
    inside = path.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]
    return inside.strip()


def _retrieval(published: Published) -> Iterator[str]:
    for name, figures in published.retrieval.items():
        yield from _search_table(name, figures)


def _search_table(name: str, figures: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    shown = [one for one in _CONFIGURATIONS if one in figures]
    yield f"| {name}, search | " + " | ".join(_CONFIGURATIONS[one] for one in shown) + " |"
    yield "|---|" + "--:|" * len(shown)
    for figure, told in _RETRIEVAL.items():
        values = [_short(figures[one].get(figure)) for one in shown]
        if shown and shown[-1] == "default":
            values[-1] = f"**{values[-1]}**"
        yield f"| {told} | " + " | ".join(values) + " |"


def _answers(published: Published) -> Iterator[str]:
    names = list(published.sets)
    if not names:
        return
    yield "| answers by the offline reader | " + " | ".join(names) + " |"
    yield "|---|" + "--:|" * len(names)
    everything = {name: _group(published.sets[name]) for name in names}
    yield "| questions | " + " | ".join(f"{everything[name]['cases']:,}" for name in names) + " |"
    for figure, told in _ANSWERS.items():
        values = [_value(everything[name], figure) for name in names]
        if any(value is not None for value in values):
            yield f"| {told} | " + " | ".join(map(_short, values)) + " |"
    exact = (
        f"{published.sets[name]['exact_quotes']:,} of {published.sets[name]['quotes']:,}"
        for name in names
    )
    yield "| quotes equal to their article | " + " | ".join(exact) + " |"


def _details(name: str, one: Mapping[str, Any]) -> Iterator[str]:
    groups = one["groups"]
    shown = [figure for figure in _DETAILS if any(figure in group["figures"] for group in groups)]
    when = f"{one['measured']}, commit {one['commit']}"
    yield ""
    yield f"### {name}"
    yield ""
    yield (
        f"{when}. Median {one['median_ms']:,.0f} ms an answer, 95th percentile "
        f"{one['p95_ms']:,.0f} ms beside other work (`make bench` measures speed); "
        f"quotes equal to their article {one['exact_quotes']:,} of {one['quotes']:,}."
        + (f" Area under risk–coverage {one['risk_area']:.3f}." if one["risk_area"] else "")
    )
    yield ""
    yield "| tag | cases | " + " | ".join(map(label, shown)) + " |"
    yield "|---|--:|" + "--:|" * len(shown)
    for group in groups:
        cells = " | ".join(_wide(group["figures"].get(figure)) for figure in shown)
        yield f"| {group['name']} | {group['cases']:,} | {cells} |"


def _group(one: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(group for group in one["groups"] if group["name"] == EVERYTHING)
    return found


def _value(group: Mapping[str, Any], figure: str) -> float | None:
    found = group["figures"].get(figure)
    return found[0] if found else None


def _short(value: float | None) -> str:
    """As the field writes shares: `.84`."""
    if value is None:
        return "–"
    return f"{value:.2f}".removeprefix("0") if value < 1 else "1.00"


def _wide(figure: list[float | None] | None) -> str:
    if not figure or figure[0] is None:
        return ""
    value, low, high, _ = figure
    bounds = f" ({_short(low)}–{_short(high)})" if low is not None and high is not None else ""
    return f"{_short(value)}{bounds}"
