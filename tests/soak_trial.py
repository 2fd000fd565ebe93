"""A library that grows to 100,000 articles while it is read: `python tests/soak_trial.py`.

One process ingests, another has the library open all along and searches it. Vectors are made up, so
that it takes minutes; all else is what `dateline ingest` does. Told are the memory of both as the
library grows, what a search, an answer and a stored article cost at its end, and what the doctor
finds. Exits with 1 where a promise is broken. With `--articles 200` it takes a minute.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
from statistics import median

from bot.answer import Question
from bot.settings import BotSettings
from bot.wiring import Bot
from eval.bench.peers.models import MadeUpModel
from eval.bench.stage import Effort, Stage, milliseconds
from eval.bench.variants import make_variants, write_records
from eval.summary import percentile
from index.article import Article
from index.embed import Floats, ModelCard, load_embedder
from index.scope import Scope, outlet_key
from index.sources import find_sources, read_articles
from index.store.doctor import examine

_STEPS = 10
_SEARCHES = 40
_SEEN_SECONDS = 2.0
# The reader may hold what it remembers and Chroma's program, and of each chunk what Chroma keeps in
# memory: its vector and its neighbours.
_MEMORY_MB, _BYTES_A_CHUNK = 150, 2_500


class MadeUpPassages:
    """The model that ships with Dateline, but for the vectors of passages."""

    def __init__(self) -> None:
        self._shipped, self._made_up = load_embedder(), MadeUpModel()

    @property
    def card(self) -> ModelCard:
        return self._shipped.card

    def embed_query(self, text: str) -> Floats:
        return self._shipped.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        return self._made_up.embed_passages(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._shipped.count_tokens(texts)


@dataclass(frozen=True, slots=True)
class Step:
    """How things stand after a part of the articles."""

    articles: int
    chunks: int
    ingest_seconds: float
    """On the clock, for the articles of this step."""
    writer_mb: float
    reader_mb: float
    """Memory of its own: without the files that are mapped into it."""
    refresh_ms: float
    search_ms: float


def main() -> int:
    """Grow, measure, examine."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="grow for no longer; measure then"
    )
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        return _write(options.write)
    with tempfile.TemporaryDirectory(prefix="dateline-soak-") as name:
        return _soak(Path(name), options.articles, 60 * options.minutes)


def _soak(folder: Path, articles: int, most_seconds: float) -> int:
    began = time.monotonic()
    library = folder / "library"
    questions = [one.text for one in Stage(folder, Effort(), print).questions()]
    source = _short_articles()
    with _writer(library) as writer:
        tell = partial(_ingest, writer, folder, source)
        steps, broken = list[Step](), list[str]()
        tell(1)
        with Bot.open(BotSettings.from_env({"DATELINE_LIBRARY": str(library)})) as reader:
            search = reader.retriever().search
            answer = reader.answerer().answer
            answer(Question(questions[0]))
            for _ in range(_STEPS):
                done = tell((articles - 1) // _STEPS + 1)
                refreshed = milliseconds(reader.library.refresh)
                asked = questions[:_SEARCHES]
                times = [milliseconds(partial(search, text)) for text in asked]
                steps.append(
                    Step(done["articles"], done["chunks"], done["seconds"], done["mb"],
                         _own_megabytes(), refreshed, median(times))
                )  # fmt: skip
                sys.stderr.write(f"{steps[-1]}\n")
                if time.monotonic() - began > most_seconds:
                    break
            rows = dict(_latencies(reader, questions))
            steady = _own_megabytes()
            for text in questions * 2:
                answer(Question(text))
            rows["the reader's memory after as many again twice, MB more"] = (
                _own_megabytes() - steady,
            )
            seen = _updates(reader, tell)
        writer.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        writer.wait()
    examining = time.perf_counter()
    findings = examine(library, load_embedder().card)
    rows["doctor, s"] = (time.perf_counter() - examining,)
    rows["one article stored and seen by the reader, s"] = seen
    broken += [f"{one.check}: {one.detail}" for one in findings if not one.ok]
    broken += _judge(steps, seen)
    _report(steps, rows, broken)
    return int(bool(broken))


def _judge(steps: Sequence[Step], seen: Sequence[float]) -> Iterator[str]:
    grown = steps[-1].chunks - steps[0].chunks
    allowed = _MEMORY_MB + grown * _BYTES_A_CHUNK / 1e6
    if (more := steps[-1].reader_mb - steps[0].reader_mb) > allowed:
        yield f"the reader took {more:.0f} MB more, {allowed:.0f} allowed"
    if max(seen) > _SEEN_SECONDS:
        yield f"an article was seen after {max(seen):.1f} s"


def _latencies(reader: Bot, questions: Sequence[str]) -> Iterator[tuple[str, tuple[float, ...]]]:
    search, answer = reader.retriever().search, reader.answerer().answer
    outlet = next(iter(reader.library.outlets()))
    day = datetime(2024, 3, 31, tzinfo=UTC)
    scope = Scope(until=day, outlets=frozenset({outlet_key(outlet)}))
    works: dict[str, Callable[[str], object]] = {
        "embedding the question alone, ms": load_embedder().embed_query,
        "search, ms": search,
        "search by outlet and date, ms": lambda text: search(text, scope),
        "ask, ms": lambda text: answer(Question(text)),
        "the same questions asked again, ms": lambda text: answer(Question(text)),
    }
    for name, work in works.items():
        work(questions[0])
        yield name, tuple(milliseconds(partial(work, text)) for text in questions)


def _updates(reader: Bot, tell: Callable[[int], dict[str, float]]) -> tuple[float, ...]:
    """Seconds from handing over an article until the reader's search sees its revision."""
    seconds = []
    for _ in range(10):
        before, began = reader.library.revision, time.perf_counter()
        tell(1)
        while reader.library.revision == before:
            reader.library.refresh()
        seconds.append(time.perf_counter() - began)
    return tuple(seconds)


def _short_articles() -> Iterator[Article]:
    """Variants of one or two chunks each, so that there are many articles of few chunks."""
    for number, article in zip(count(), make_variants(seed=7), strict=False):
        yield changed(
            article,
            body="\n\n".join(article.body.split("\n\n")[: 2 + number % 2]),
            published=article.published,
        )


# The writer.


def _writer(library: Path) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--write", str(library)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def _ingest(
    writer: subprocess.Popen[str], folder: Path, source: Iterator[Article], articles: int
) -> dict[str, float]:
    """Have the writer ingest so many more articles."""
    path = folder / "articles.jsonl"
    write_records(path, islice(source, articles))
    assert writer.stdin is not None
    assert writer.stdout is not None
    print(path, file=writer.stdin, flush=True)
    told: dict[str, float] = json.loads(writer.stdout.readline())
    return told


def _write(library: Path) -> int:
    settings = BotSettings.from_env({"DATELINE_LIBRARY": str(library)})
    with Bot.open(settings, create=True) as opened:
        bot = Bot(opened.library, MadeUpPassages())
        ingester = bot.ingester(read_articles)
        for line in sys.stdin:
            began = time.perf_counter()
            summary = ingester.ingest(find_sources([line.strip()]))
            seconds = time.perf_counter() - began
            stats = opened.library.catalog.stats()
            told = {"articles": stats.articles, "chunks": stats.chunks, "seconds": seconds,
                    "failed": len(summary.failed), "mb": _own_megabytes()}  # fmt: skip
            _say(json.dumps(told))
    return 0


def _own_megabytes() -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1000
    return 0.0


# The report.


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _report(
    steps: Sequence[Step], rows: dict[str, tuple[float, ...]], broken: Sequence[str]
) -> None:
    _say("| articles | chunks | articles/s | writer, MB | reader, MB | refresh, ms | search, ms |")
    _say("|---:|---:|---:|---:|---:|---:|---:|")
    before = 1
    for one in steps:
        rate = (one.articles - before) / one.ingest_seconds
        before = one.articles
        _say(
            f"| {one.articles:,} | {one.chunks:,} | {rate:.0f} | {one.writer_mb:.0f} "
            f"| {one.reader_mb:.0f} | {one.refresh_ms:.0f} | {one.search_ms:.1f} |"
        )
    _say("\n| figure | median | 95th |\n|---|---:|---:|")
    for name, values in rows.items():
        _say(f"| {name} | {percentile(values, 0.5):.3g} | {percentile(values, 0.95):.3g} |")
    _say("\n".join(["", *(broken or ["Every promise was kept."])]))


if __name__ == "__main__":
    sys.exit(main())
