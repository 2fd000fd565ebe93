"""Kills ingests at random moments and checks that nothing reported as done is ever lost.

    python tests/kill_trial.py --corpus dump.jsonl --kills 40 --embedder hashing
    python tests/kill_trial.py --corpus dump.jsonl --kills 10 --writers 2

An undisturbed ingest is made first. Then library after library is filled by children that are
killed (SIGKILL) at seeded moments, some of them while the dense index is built, and started
again until the library is complete. After each kill the doctor runs, a search is made, and what
was reported is compared with the undisturbed library; so is the end state, embeddings
included. A reader stays open on each library from first to last, searches without pause, and
checks every passage it is shown. Exit code 1 if anything was lost or wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from index.article import Article, Passage
from index.embed import Embedder, ModelCard, load_embedder
from index.errors import LibraryMissing
from index.ingest import Ingester, IngestState
from index.scope import Scope
from index.sources import find_sources, read_articles
from index.store.catalog import Catalog
from index.store.doctor import examine
from index.store.feed import empty_rows, join_rows, stream_rows
from index.store.ledger import SourceLedger
from index.store.library import Library

# A rounding of int8 arithmetic; the embedded model gives equal vectors for equal texts.
TOLERANCE = 1e-5
QUESTIONS = (
    "who spoke to reporters on Tuesday?",
    "how much did the company pay?",
    "what happened in November 2023?",
    "which team won the match?",
)


class HashingEmbedder:
    """Hashed bags of words: costs next to nothing, and equal texts have equal vectors."""

    card = ModelCard("hashing", "sha256:0", 64, 500)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector = np.full(64, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[hashlib.sha256(word.encode()).digest()[0] % 64] += 1
        return vector / np.float32(np.linalg.norm(vector))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [self.embed_query(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), 64)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def embedder_named(name: str) -> Embedder:
    return HashingEmbedder() if name == "hashing" else load_embedder(name)


# The children. Each writes one JSON object a line: what it says is what it vouches for.


def say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class AnnouncingLibrary:
    """A library that says when it begins to build the dense index."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.catalog = library.catalog
        self.write = library.write

    def finish(self) -> None:
        say(event="finishing")
        self._library.finish()


def run_ingest(options: argparse.Namespace) -> None:
    embedder = embedder_named(options.embedder)
    say(event="started")
    with Library.open(options.library, embedder.card, create=True) as library:
        announcing: Any = AnnouncingLibrary(library)
        ingester = Ingester(announcing, embedder, batch_chunks=options.batch_chunks)

        def report(state: IngestState) -> None:
            say(event="stored", articles=state.articles, chunks=state.chunks)

        ingester.ingest(find_sources([str(options.corpus)]), progress=report)
    say(event="done")


def run_reader(options: argparse.Namespace) -> None:
    """Search until SIGTERM, and check each passage against the articles' own bodies."""
    body_by_id = {one.article_id: one.body for one in read_corpus(options.corpus)}
    embedder = embedder_named(options.embedder)
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: asked.set())
    say(event="started")
    searches = shown = 0
    wrong: list[str] = []
    library = None
    while library is None and not asked.is_set():
        try:
            library = Library.open(options.library, embedder.card)
        except LibraryMissing:
            time.sleep(0.02)
    if library is not None:
        while not asked.is_set():
            library.refresh()
            # Leaves the processors to the writers, which are on trial.
            time.sleep(0.01)
            question = QUESTIONS[searches % len(QUESTIONS)]
            searches += 1
            removed = removed_articles(options.library)
            passages = search(library, embedder, question)
            shown += len(passages)
            for passage in passages:
                body = body_by_id[passage.article_id]
                if not passage.text.strip() or passage.text != body[passage.start : passage.end]:
                    wrong.append(f"{passage.chunk_id}: {passage.text[:40]!r}")
                if passage.article_id in removed & removed_articles(options.library):
                    wrong.append(f"{passage.chunk_id} was deleted")
        library.close()
    say(event="read", searches=searches, shown=shown, wrong=wrong)


def removed_articles(library: Path) -> set[str]:
    """What the trial has removed and not yet begun to bring back."""
    try:
        return set(removals(library).read_text().split())
    except FileNotFoundError:
        return set()


def removals(library: Path) -> Path:
    return library.with_suffix(".removed")


def search(library: Library, embedder: Embedder, question: str) -> list[Passage]:
    hits = library.dense(embedder.embed_query(question), Scope(), 10)
    weights = dict.fromkeys(library.terms.analyze(question), 1.0)
    hits += library.lexical(weights, Scope(), 10)
    return library.passages({hit.chunk_id for hit in hits}, Scope())


def read_corpus(corpus: Path) -> list[Article]:
    items = [item for source in find_sources([str(corpus)]) for item in read_articles(source)]
    return [item for item in items if isinstance(item, Article)]


# The trial.


@dataclass(frozen=True)
class Contents:
    """What a library holds, in a form that can be compared."""

    versions: dict[str, str]
    """Article id to current version."""
    embeddings: dict[str, NDArray[np.float32]]
    """Chunk id to vector."""

    @classmethod
    def read(cls, library: Path, article_ids: Sequence[str]) -> Contents:
        catalog = Catalog.open(library / "catalog.sqlite")
        try:
            kept = [catalog.article(article_id) for article_id in article_ids]
            with catalog.database.reading() as connection:
                dimensions = catalog.identity.dimensions
                runs = [empty_rows(dimensions), *stream_rows(connection, dimensions)]
            rows = join_rows(runs)
            ids = catalog.chunk_ids(rows.chunk_keys.tolist())
        finally:
            catalog.close()
        return cls(
            {one.article_id: one.version for one in kept if one},
            {
                ids[key]: row
                for key, row in zip(rows.chunk_keys.tolist(), rows.embeddings, strict=True)
            },
        )

    def of(self, article_id: str) -> dict[str, NDArray[np.float32]]:
        """The chunks of one article."""
        return {
            chunk_id: vector
            for chunk_id, vector in self.embeddings.items()
            if chunk_id.startswith(f"{article_id}-")
        }

    def differs(self, other: Contents, article_id: str) -> bool:
        """True when the two do not hold the article alike, embeddings included."""
        own, others = self.of(article_id), other.of(article_id)
        return (
            self.versions.get(article_id) != other.versions.get(article_id)
            or own.keys() != others.keys()
            or any(float(np.abs(own[key] - others[key]).max()) > TOLERANCE for key in own)
        )


@dataclass
class Kill:
    """One kill and what was found after it."""

    library: str
    phase: str
    after_seconds: float
    """Since the victim had loaded its modules."""
    reported: int
    """Articles that the victim had vouched for."""
    held: int = 0
    """Articles that the library held afterwards."""
    problems: list[str] = field(default_factory=list)


class Child:
    """A process of this script, and what it has said."""

    def __init__(self, options: argparse.Namespace, role: str, library: Path) -> None:
        command = [
            sys.executable, __file__, "--role", role, "--library", str(library),
            "--corpus", str(options.corpus), "--embedder", options.embedder,
            "--batch-chunks", str(options.batch_chunks),
        ]  # fmt: skip
        self.events: list[dict[str, Any]] = []
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # lives as long as the child
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            # The last line of a killed child may be half a line: it was not said.
            if line.endswith("\n"):
                self.events.append(json.loads(line))

    def wait_for(self, event: str) -> None:
        """Return when the child has said so, or has ended without."""
        while not self.has_said(event) and self._listener.is_alive():
            time.sleep(0.002)

    def has_said(self, event: str) -> bool:
        return any(str(one["event"]) == event for one in self.events)

    def end(self, number: signal.Signals | None = None) -> None:
        """Send the signal, if any, and wait for the end and the last line."""
        if number is not None:
            self.process.send_signal(number)
        self.process.wait()
        self._listener.join()
        if self.process.stdout:
            self.process.stdout.close()
        self._errors.seek(0)
        complaint = self._errors.read()
        self._errors.close()
        if self.process.returncode not in {0, -signal.SIGKILL}:
            raise SystemExit(f"a child failed:\n{complaint}")

    @property
    def phase(self) -> str:
        phases = {"done": "done", "finishing": "building", "stored": "storing"}
        return next((phases[event] for event in phases if self.has_said(event)), "starting")

    @property
    def reported(self) -> int:
        said = [int(one["articles"]) for one in self.events if one["event"] == "stored"]
        return max(said, default=0)


class Trial:
    """Fills library after library through kills, until enough were made."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._random = random.Random(options.seed)
        self._embedder = embedder_named(options.embedder)
        self._ids = [article.article_id for article in read_corpus(options.corpus)]
        self.kills: list[Kill] = []
        self.problems: list[str] = []
        self.libraries = self.searches = self.shown = self.removed = 0
        self._make_reference()

    def _make_reference(self) -> None:
        library = self._folder / "undisturbed"
        child = Child(self._options, "ingest", library)
        child.wait_for("started")
        started = time.monotonic()
        child.wait_for("finishing")
        building = time.monotonic()
        child.end()
        self.work_seconds = building - started
        self.build_seconds = time.monotonic() - building
        self._reference = Contents.read(library, self._ids)
        self.problems += self._complaints(library)

    @property
    def is_over(self) -> bool:
        return len(self.kills) >= int(self._options.kills)

    def run(self) -> None:
        while not self.is_over:
            library = self._folder / f"library-{self.libraries}"
            self.libraries += 1
            self._fill(library)
            shutil.rmtree(library)

    def _fill(self, library: Path) -> None:
        reader = Child(self._options, "reader", library)
        attempt = 0
        while self._disturb(library, attempt):
            attempt += 1
        self.problems += self._complaints(library)
        found = Contents.read(library, self._ids)
        self.problems += [
            f"{library.name}: {article_id} is not as in the undisturbed library"
            for article_id in self._ids
            if self._reference.differs(found, article_id)
        ]
        if len(found.embeddings) != len(self._reference.embeddings):
            self.problems.append(f"{library.name} holds chunks of no article")
        reader.end(signal.SIGTERM)
        for event in reader.events:
            if event["event"] == "read":
                self.searches += event["searches"]
                self.shown += event["shown"]
                self.problems += event["wrong"]

    def _disturb(self, library: Path, attempt: int) -> bool:
        """Start writers and kill the first; false when the library is complete."""
        children = [Child(self._options, "ingest", library) for _ in range(self._options.writers)]
        victim = children[0]
        victim.wait_for("started")
        started = time.monotonic()
        # What the other writers have finished, no second kill can disturb.
        kills = self._options.kills_per_library if self._options.writers == 1 else 1
        if not self.is_over and attempt < kills:
            self._wait_for_the_moment(victim, attempt)
            seconds, phase = time.monotonic() - started, victim.phase
            victim.end(signal.SIGKILL)
        else:
            victim.end()
        for child in children[1:]:
            child.end()
        if victim.has_said("done"):
            return False
        kill = Kill(library.name, phase, seconds, victim.reported)
        self.kills.append(kill)
        self._examine(library, kill)
        state = "; ".join(kill.problems) or "in order"
        sys.stderr.write(f"kill {len(self.kills)} while {kill.phase}: {state}\n")
        return True

    def _wait_for_the_moment(self, victim: Child, attempt: int) -> None:
        # Every fourth kill falls into the building of the dense index, which is short; the others
        # into what an earlier kill left to do.
        if len(self.kills) % 4 == 3:
            victim.wait_for("finishing")
            time.sleep(self._random.uniform(0, self.build_seconds))
        else:
            held = self.kills[-1].held if attempt else 0
            left = 1.0 - held / len(self._ids)
            time.sleep(self._random.uniform(0, self.work_seconds * left))

    def _examine(self, library: Path, kill: Kill) -> None:
        try:
            opened = Library.open(library, self._embedder.card)
        except LibraryMissing:
            if kill.reported:
                kill.problems.append("there is no library any more")
            return
        with opened:
            passages = search(opened, self._embedder, QUESTIONS[0])
            kill.problems += self._complaints(library)
            found = Contents.read(library, self._ids)
            kill.held = len(found.versions)
            if found.versions and not passages:
                kill.problems.append("a search found nothing")
            for article_id in self._ids[: kill.reported]:
                if article_id not in found.versions:
                    kill.problems.append(f"{article_id} was reported and is lost")
            for article_id in found.versions:
                if self._reference.differs(found, article_id):
                    kill.problems.append(f"{article_id} is not whole")
            self._remove_one(opened, sorted(found.versions))

    def _remove_one(self, library: Library, article_ids: Sequence[str]) -> None:
        """Remove an article until the next ingest brings it back: the reader must not show it."""
        source = next(iter(find_sources([str(self._options.corpus)])))
        # Once its file is recorded as read, a removed article stays away: that is no loss.
        if not article_ids or SourceLedger(library.catalog.database).known([source.key]):
            return
        article_id = self._random.choice(article_ids)
        library.remove([article_id])
        self.removed += 1
        removals(library.folder).write_text(article_id)
        time.sleep(0.2)
        removals(library.folder).unlink()

    def _complaints(self, library: Path) -> list[str]:
        """What the doctor finds wrong."""
        findings = examine(library, self._embedder.card)
        return [f"{one.check}: {one.detail}" for one in findings if not one.ok]


def render(trial: Trial, console: Console) -> None:
    table = Table("kill", "library", "phase", "after s", "reported", "held", "found")
    for number, kill in enumerate(trial.kills, start=1):
        table.add_row(
            str(number), kill.library, kill.phase, f"{kill.after_seconds:.2f}",
            str(kill.reported), str(kill.held), "; ".join(kill.problems[:3]) or "in order",
        )  # fmt: skip
    console.print(table)
    lost = sum(bool(kill.problems) for kill in trial.kills)
    console.print(
        f"{len(trial.kills)} kills over {trial.libraries} libraries, {lost} with a problem. "
        f"An undisturbed run stores in {trial.work_seconds:.1f} s and builds in "
        f"{trial.build_seconds:.1f} s. Readers made {trial.searches} searches and were shown "
        f"{trial.shown} passages; {trial.removed} articles were removed under them."
    )
    for problem in trial.problems:
        console.print(f"PROBLEM {problem}", markup=False)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="a file of many articles")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--kills-per-library", type=int, default=4)
    parser.add_argument("--writers", type=int, default=1, help="ingests at once; one is killed")
    parser.add_argument("--embedder", default="multilingual-e5-small", help="or: hashing")
    parser.add_argument("--batch-chunks", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", default="trial", help=argparse.SUPPRESS)
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = parse_options()
    if options.role == "ingest":
        run_ingest(options)
    elif options.role == "reader":
        run_reader(options)
    else:
        with tempfile.TemporaryDirectory() as folder:
            trial = Trial(options, Path(folder))
            trial.run()
        render(trial, Console())
        return int(bool(trial.problems) or any(kill.problems for kill in trial.kills))
    return 0


if __name__ == "__main__":
    sys.exit(main())
