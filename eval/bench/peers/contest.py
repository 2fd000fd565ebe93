"""Dateline and its peers by turns on one corpus: one row a figure, one column a system."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from eval.bench.figures import show
from eval.bench.peers.environment import peers_python
from eval.bench.process import Finished, run_process
from eval.bench.stage import Stage, folder_bytes
from eval.bench.variants import make_variants, write_records
from eval.summary import percentile
from index.article import Article

OURS = "dateline"
NAMES = {
    OURS: "Dateline",
    "llamaindex": "LlamaIndex + Chroma",
    "langchain": "LangChain + Chroma",
    "haystack": "Haystack + Chroma",
}
_CHUNKS_AN_ARTICLE = 3.4
_EMBEDDED_NOTE = (
    "Each system cuts articles in its own way. Dateline embeds title, outlet and day with every "
    "chunk, so it gives the model more to read of the same articles than a splitter by "
    "characters; the row of tokens tells what the rest of an ingest costs."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every system."""

    name: str
    unit: str
    value_by_system: dict[str, float]
    is_more_better: bool = False
    is_compared: bool = True
    """False for what explains the others: neither more nor less of it is better."""

    @property
    def ratio(self) -> float | None:
        """How many times better Dateline is than the best of the others; None where it is alone."""
        others = [value for system, value in self.value_by_system.items() if system != OURS]
        ours = self.value_by_system.get(OURS)
        if not others or not ours or not self.is_compared:
            return None
        return ours / max(others) if self.is_more_better else min(others) / ours


@dataclass(frozen=True, slots=True)
class Contest:
    """What was measured of one corpus."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Measured:
    """What one system did."""

    ingest: list[Finished] = field(default_factory=list)
    cold: list[Finished] = field(default_factory=list)
    warm: dict[str, Any] = field(default_factory=dict)
    warm_peak_mb: float = 0.0
    bytes: int = 0
    embedded: dict[str, int] = field(default_factory=dict)
    """How many texts, and of how many tokens, where the model is a real one."""


class Contestants:
    """Starts the systems' programs."""

    def __init__(self, stage: Stage, systems: Sequence[str]) -> None:
        """Make the peers' environment if need be.

        Raises:
            PeersMissing: If that fails.
        """
        self._stage = stage
        self.systems = tuple(systems)
        is_alone = set(systems) <= {OURS}
        self._peers = Path(sys.executable) if is_alone else peers_python(stage.say)

    def run(self, system: str, *arguments: str | Path) -> Finished:
        """Run a system's program to its end."""
        root = Path(__file__).parents[3]
        environ = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._stage.folder),
            # The repository itself: the peers' environment does not have Dateline installed.
            "PYTHONPATH": str(root),
        }
        python = Path(sys.executable) if system == OURS else self._peers
        done = run_process(
            [python, "-m", "eval.bench.peers.program", system, *map(str, arguments)],
            environ=environ, folder=self._stage.folder, timeout_seconds=7200,
        )  # fmt: skip
        if done.code:
            said = done.stderr[-2000:]
            raise RuntimeError(f"{system} {arguments} ended with {done.code}: {said}")
        return done


def measure_contest(
    stage: Stage, contestants: Contestants, *, chunks: int, model: str = "e5", rounds: int = 1
) -> Contest:
    """Ingest, search and start every system on about so many chunks, by turns.

    Args:
        stage: Where.
        contestants: Who.
        chunks: About how many; each system cuts in its own way.
        model: `e5`, or `made-up` vectors where embedding would rule.
        rounds: Ingests of each.
    """
    articles = max(1, round(chunks / _CHUNKS_AN_ARTICLE))
    corpus, asked = stage.folder / "corpus.jsonl", stage.folder / "asked.json"
    write_records(corpus, islice(make_variants(seed=1), articles))
    asked.write_text(json.dumps(_questions(stage)), encoding="utf-8")
    of = {system: _Measured() for system in contestants.systems}
    for number in range(rounds):
        for system in contestants.systems:
            stage.say(f"{NAMES[system]}: ingesting {articles:,} articles, {number + 1} of {rounds}")
            store = _store(stage, system)
            shutil.rmtree(store, ignore_errors=True)
            done = contestants.run(system, "ingest", store, corpus, "--model", model)
            of[system].ingest.append(done)
            of[system].bytes = folder_bytes(store)
    for system in contestants.systems if model == "e5" else ():
        store = stage.folder / f"counted-{system}"
        done = contestants.run(system, "ingest", store, corpus, "--model", "count")
        of[system].embedded = json.loads(done.stdout)
        shutil.rmtree(store)
    for number in range(stage.effort.cold):
        for system in contestants.systems:
            stage.say(f"{NAMES[system]}: starting, {number + 1} of {stage.effort.cold}")
            question = "who led the Russian delegation?"
            done = contestants.run(
                system, "cold", _store(stage, system), question, "--model", model
            )
            of[system].cold.append(done)
    for system in contestants.systems:
        stage.say(f"{NAMES[system]}: searching")
        done = contestants.run(system, "warm", _store(stage, system), asked, "--model", model)
        of[system].warm, of[system].warm_peak_mb = json.loads(done.stdout), done.peak_mb
        shutil.rmtree(_store(stage, system))
    title = f"{articles:,} articles, about {chunks:,} chunks, "
    title += "multilingual-e5-small for all" if model == "e5" else "made-up vectors"
    notes = (_EMBEDDED_NOTE,) if model == "e5" else ()
    return Contest(title, tuple(_rows(of, articles)), notes)


def render_contest(contest: Contest) -> Table:
    """A table for the terminal."""
    systems = list(dict.fromkeys(name for row in contest.rows for name in row.value_by_system))
    table = Table(title=contest.title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("figure")
    for system in systems:
        table.add_column(NAMES[system], justify="right")
    table.add_column("ahead of the best", justify="right")
    for row in contest.rows:
        table.add_row(*_cells(row, systems))
    return table


def render_markdown(contest: Contest) -> str:
    """The same as a Markdown table."""
    systems = list(dict.fromkeys(name for row in contest.rows for name in row.value_by_system))
    names = [NAMES[system] for system in systems]
    lines = [
        f"**{contest.title}**",
        "",
        f"| figure | {' | '.join(names)} | ahead of the best |",
        f"|---|{'---:|' * (len(systems) + 1)}",
        *(f"| {' | '.join(_cells(row, systems))} |" for row in contest.rows),
    ]
    return "\n".join([*lines, *(f"\n{note}" for note in contest.notes)]) + "\n"


def _cells(row: Row, systems: Iterable[str]) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
    values = (row.value_by_system.get(system) for system in systems)
    name = f"{row.name}, {row.unit}".removesuffix(", ")
    return [name, *("–" if value is None else show(value) for value in values), ratio]


def _embedded(of: dict[str, _Measured]) -> Iterable[Row]:
    """What each gave to the model to read, which is nearly all that an ingest costs."""
    yield Row(
        "ingest, tokens embedded per CPU second", "",
        {
            system: one.embedded["tokens"] / median(done.cpu_seconds for done in one.ingest)
            for system, one in of.items()
        },
        is_more_better=True,
    )  # fmt: skip
    for name, key in (("texts", "texts"), ("thousand tokens", "tokens")):
        scale = 1000 if key == "tokens" else 1
        values = {system: one.embedded[key] / scale for system, one in of.items()}
        yield Row(f"ingest, {name} embedded", "", values, is_compared=False)


def _store(stage: Stage, system: str) -> Path:
    return stage.folder / f"store-{system}"


def _questions(stage: Stage) -> dict[str, Any]:
    first: Article = next(make_variants(seed=1))
    texts = [one.text for one in stage.questions()]
    return {"questions": texts, "filter": {"outlet": first.outlet, "until": 2024_03_31}}


def _rows(of: dict[str, _Measured], articles: int) -> Iterable[Row]:
    def each(read: Any) -> dict[str, float]:
        found = {system: read(one) for system, one in of.items()}
        return {system: value for system, value in found.items() if value is not None}

    def times(key: str, share: float) -> dict[str, float]:
        return each(lambda one: percentile(one.warm[key], share) if key in one.warm else None)

    yield Row(
        "ingest, articles per CPU second", "",
        each(lambda one: articles / median(done.cpu_seconds for done in one.ingest)),
        is_more_better=True,
    )  # fmt: skip
    if all(one.embedded for one in of.values()):
        yield from _embedded(of)
    yield Row(
        "ingest, peak memory", "MB", each(lambda one: max(done.peak_mb for done in one.ingest))
    )
    yield Row("disk", "MB", each(lambda one: one.bytes / 1e6))
    cold = each(lambda one: median(done.cpu_seconds for done in one.cold))
    yield Row("cold search, start to result", "CPU s", cold)
    wall = each(lambda one: median(done.wall_seconds for done in one.cold))
    yield Row("cold search, start to result", "s", wall)
    yield Row("cold search, peak memory", "MB", each(lambda one: one.cold[0].peak_mb))
    for name, key in (("search", "search_ms"), ("search by outlet and date", "filtered_ms")):
        yield Row(f"warm {name}, median", "ms", times(key, 0.5))
        yield Row(f"warm {name}, 95th", "ms", times(key, 0.95))
    if any("ask_ms" in one.warm for one in of.values()):
        yield Row("warm ask, quoted and checked, median", "ms", times("ask_ms", 0.5))
        yield Row("warm ask, quoted and checked, 95th", "ms", times("ask_ms", 0.95))
