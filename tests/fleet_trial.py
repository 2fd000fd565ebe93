"""Several machines on one: writers and readers share PostgreSQL and Chroma, and are killed.

    python tests/fleet_trial.py [--minutes 10] [--seed 1]

Each process has a folder of its own, as on a machine of its own. At random moments one of them, or
a server, is killed and started again. At the end nothing that was reported may be missing anywhere,
every folder passes the doctor, and every reader must have found each article within two seconds of
its storing, but for those whose time a kill fell into.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from chroma_server import ChromaProcess  # noqa: E402
from postgres_server import PostgresServer, find_programs  # noqa: E402

from index.article import Article  # noqa: E402
from index.chunk import passage_text  # noqa: E402
from index.errors import LibraryError, LibraryUnreachable  # noqa: E402
from index.ingest import Ingester  # noqa: E402
from index.scope import Scope  # noqa: E402
from index.sources.source import Source  # noqa: E402
from index.store.address import CatalogUrl, ChromaUrl, Servers  # noqa: E402
from index.store.doctor import examine  # noqa: E402
from index.store.library import Library  # noqa: E402
from tests.fakes import FakeEmbedder, build_article  # noqa: E402

WRITERS, READERS = ("wa", "wb"), ("ra", "rb", "rc")
SEEN_WITHIN_SECONDS = 2.0
# So that a library of hundreds of chunks asks Chroma as one of hundreds of thousands does.
_EXACT_ROWS = 200


def main() -> int:
    """Run the trial, or, when it calls itself, one of its processes."""
    if len(sys.argv) > 1 and sys.argv[1] in {"write", "read"}:
        _, role, folder, name, catalog, chroma, *first = sys.argv
        servers = Servers(
            CatalogUrl.parse(catalog, named="catalog"), ChromaUrl.parse(chroma, named="chroma")
        )
        with contextlib.suppress(KeyboardInterrupt):
            (_write if role == "write" else _read)(Path(folder), name, servers, first)
        return 0
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    outcome = run_trial(given.minutes * 60, seed=given.seed, kill_seconds=(4, 12))
    print(json.dumps(outcome.report, indent=2))  # noqa: T201
    for complaint in outcome.complaints[:40]:
        print("FAILED:", complaint)  # noqa: T201
    return 1 if outcome.complaints else 0


# One machine's process. Each tells on standard output what it did and when.


def _say(**told: object) -> None:
    print(json.dumps(told | {"at": time.time()}), flush=True)  # noqa: T201


def _open(folder: Path, servers: Servers, *, create: bool = False) -> Library:
    while True:
        try:
            return Library.open(
                folder, FakeEmbedder().card, create=create, exact_rows=_EXACT_ROWS, servers=servers
            )
        except LibraryError as error:
            _say(waits=str(error)[:80])
            time.sleep(0.2)


def _write(folder: Path, name: str, servers: Servers, first: list[str]) -> None:
    """Ingest one or two articles at a time, from number `first` on, for ever."""
    library, embedder = _open(folder, servers, create=True), FakeEmbedder()
    number = int(first[0])
    while True:
        numbers = [number] if number % 3 else [number, number + 1]
        articles = [_article(name, n) for n in numbers]
        ingester = Ingester(library, embedder, read=lambda _, them=articles: iter(them))
        try:
            done = ingester.ingest([Source(f"{name}{number}", None, None)])
        except LibraryUnreachable as error:
            _say(waits=str(error)[:80])
            time.sleep(0.2)
            continue
        if done.added + done.unchanged < len(numbers):
            # Interrupted before it stored them.
            return
        _say(stored=numbers)
        if done.is_interrupted:
            return
        number = numbers[-1] + 1
        time.sleep(0.15)


def _read(folder: Path, _name: str, servers: Servers, first: list[str]) -> None:
    """Look again and again for the next article of each writer, by its words and its vector."""
    library, embedder = _open(folder, servers), FakeEmbedder()
    wanted = dict(zip(WRITERS, map(int, first), strict=True))
    _say(begins=True)
    while True:
        try:
            library.refresh()
            for writer in WRITERS:
                while _finds(library, embedder, _article(writer, wanted[writer])):
                    _say(found=[writer, wanted[writer]])
                    wanted[writer] += 1
        except LibraryUnreachable as error:
            _say(waits=str(error)[:80])
        time.sleep(0.1)


def _article(writer: str, number: int) -> Article:
    return build_article(f"{writer}{number}", f"Ferry {writer}n{number} sailed. It came back.")


def _finds(library: Library, embedder: FakeEmbedder, article: Article) -> bool:
    """Whether an article's own word finds it; then its own vector must."""
    (term,) = library.terms.analyze(article.body.split()[1])
    if not library.lexical({term: 1.0}, Scope(), 1):
        return False
    told = passage_text(article.title, article.outlet, article.published, article.body)
    near = library.dense(embedder.embed_query(told), Scope(), 3)
    found = library.passages([hit.chunk_id for hit in near], Scope())
    if article.body not in {passage.text for passage in found}:
        _say(lost=article.url)
    return True


# The trial.


@dataclass
class Machine:
    """One process with its folder, and what it told."""

    name: str
    role: str
    folder: Path
    process: subprocess.Popen[str] | None = None
    told: list[dict[str, object]] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    """When it was killed."""
    errors: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """How a trial went."""

    complaints: list[str]
    report: dict[str, object]


class Fleet:
    """Two writers, three readers and their two servers."""

    def __init__(self, folder: Path, postgres: PostgresServer, chroma: ChromaProcess) -> None:
        self.postgres, self.chroma = postgres, chroma
        self.catalog = postgres.new_database()
        roles = [(name, "write") for name in WRITERS] + [(name, "read") for name in READERS]
        self.machines = [Machine(name, role, folder / name) for name, role in roles]
        self.outages: list[tuple[str, float, float]] = []
        self._threads: list[threading.Thread] = []
        self.is_ending = False

    @property
    def servers(self) -> Servers:
        return Servers(
            CatalogUrl.parse(self.catalog, named="x"), ChromaUrl.parse(self.chroma.url, named="x")
        )

    def start(self, machine: Machine) -> None:
        """Start a machine's process where it was in its work."""
        if machine.role == "write":
            first = [str(1 + max(self.stored(machine.name), default=0))]
        else:
            seen = self.found(machine)
            first = [str(1 + max(seen[w], default=0)) for w in WRITERS]
        trial = str(HERE / "fleet_trial.py")
        command = [sys.executable, trial, machine.role, str(machine.folder), machine.name,
                   self.catalog, self.chroma.url, *first]  # fmt: skip
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE.parent
        )
        machine.process = process
        for work in (self._listen, self._heed):
            thread = threading.Thread(target=work, args=(machine, process), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _listen(self, machine: Machine, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                # A kill may cut the last line.
                with contextlib.suppress(ValueError):
                    machine.told.append(json.loads(line))
        process.wait()
        if process.returncode != -signal.SIGKILL and not self.is_ending:
            machine.errors.append(f"{machine.name} ended by itself with {process.returncode}")

    def _heed(self, machine: Machine, process: subprocess.Popen[str]) -> None:
        assert process.stderr
        with process.stderr as lines:
            told = lines.read().strip()
        # A library may log a traceback of a connection that broke; what counts is who ends by it.
        if process.wait() == 1 and not told.endswith("KeyboardInterrupt"):
            machine.errors.append(f"{machine.name}: {(told.splitlines() or [''])[-1]}")

    def stored(self, writer: str) -> dict[int, float]:
        """When each article of a writer was reported as stored."""
        (machine,) = [one for one in self.machines if one.name == writer]
        return {
            number: float(str(line["at"]))
            for line in machine.told
            for number in line.get("stored", ())  # type: ignore[attr-defined]
        }

    def found(self, reader: Machine) -> dict[str, dict[int, float]]:
        """When a reader found each article, by writer."""
        seen: dict[str, dict[int, float]] = {writer: {} for writer in WRITERS}
        for line in reader.told:
            if "found" in line:
                writer, number = line["found"]  # type: ignore[misc]
                seen[writer].setdefault(number, float(str(line["at"])))
        return seen

    def disturb(self, chance: random.Random) -> str:
        """Kill something, and start it again a little later."""
        victim = chance.choice([*self.machines, "postgres", "chroma"])
        began = time.time()
        if isinstance(victim, Machine):
            assert victim.process
            victim.process.kill()
            victim.process.wait()
            victim.kills.append(began)
            time.sleep(chance.uniform(0, 1))
            self.start(victim)
            return victim.name
        server = self.postgres if victim == "postgres" else self.chroma
        server.kill()
        time.sleep(chance.uniform(0.2, 2))
        try:
            server.start()
        except OSError:
            # Chroma may be unreadable after a kill: an operator gives it an empty folder.
            assert isinstance(server, ChromaProcess)
            server.kill()
            server.forget()
            server.start()
            victim = "chroma, and its folder was lost"
        self.outages.append((victim, began, time.time()))
        return str(victim)

    def wait_for_work(self) -> None:
        """Wait until every machine has told something: starting takes long on a busy one."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not all(one.told for one in self.machines):
            time.sleep(0.1)

    def settle(self) -> None:
        """Stop the writers, and wait until the readers have found everything, or a minute."""
        self.is_ending = True
        for machine in self.machines[: len(WRITERS)]:
            assert machine.process
            machine.process.send_signal(signal.SIGINT)
            machine.process.wait(60)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not self._is_all_found():
            time.sleep(0.5)

    def _is_all_found(self) -> bool:
        return all(
            self.stored(writer).keys() <= self.found(reader)[writer].keys()
            for writer in WRITERS
            for reader in self.machines[len(WRITERS) :]
        )

    def end(self) -> None:
        """Stop every process."""
        self.is_ending = True
        for machine in self.machines:
            if machine.process:
                machine.process.send_signal(signal.SIGINT)
        for machine in self.machines:
            if machine.process:
                try:
                    machine.process.wait(20)
                except subprocess.TimeoutExpired:
                    machine.process.kill()
        for thread in self._threads:
            thread.join(10)


def run_trial(
    seconds: float,
    *,
    seed: int,
    kill_seconds: tuple[float, float],
    within_seconds: float = SEEN_WITHIN_SECONDS,
) -> Outcome:
    """Run a fleet for so long, with a kill every `kill_seconds` (from, to)."""
    programs = find_programs()
    assert programs, "PostgreSQL is not installed"
    folder, chance = Path(tempfile.mkdtemp(prefix="dateline-fleet-")), random.Random(seed)
    postgres, chroma = PostgresServer(programs), ChromaProcess()
    killed: list[str] = []
    try:
        postgres.start()
        chroma.start()
        fleet = Fleet(folder, postgres, chroma)
        _open(fleet.machines[0].folder, fleet.servers, create=True).close()
        for machine in fleet.machines:
            fleet.start(machine)
        fleet.wait_for_work()
        end = time.time() + seconds
        while time.time() < end:
            time.sleep(chance.uniform(*kill_seconds))
            killed.append(fleet.disturb(chance))
        fleet.settle()
        fleet.end()
        return _judge(fleet, killed, within_seconds)
    finally:
        postgres.stop()
        chroma.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _judge(fleet: Fleet, killed: list[str], within_seconds: float) -> Outcome:
    complaints = [error for machine in fleet.machines for error in machine.errors]
    delays: list[float] = []
    readers = [machine for machine in fleet.machines if machine.role == "read"]
    card = FakeEmbedder().card
    for writer in WRITERS:
        stored = fleet.stored(writer)
        for reader in readers:
            seen = fleet.found(reader)[writer]
            if missing := sorted(stored.keys() - seen.keys()):
                complaints.append(f"{reader.name} never found {writer} {missing[:9]}")
            for number in stored.keys() & seen.keys():
                span = stored[number], seen[number]
                if not _is_disturbed(fleet, reader, span):
                    delays.append(span[1] - span[0])
    if late := [delay for delay in delays if delay > within_seconds]:
        complaints.append(f"{len(late)} of {len(delays)} were found late, by {max(late):.2f} s")
    lost = [line["lost"] for reader in readers for line in reader.told if "lost" in line]
    complaints += [f"not found by its vector: {word}" for word in lost]
    for machine in fleet.machines:
        for finding in examine(machine.folder, card, fleet.servers):
            if not finding.ok and not _is_leftover_of_a_kill(finding.check, finding.detail):
                complaints.append(f"{machine.name}: {finding.check}: {finding.detail}")
    with Library.open(fleet.machines[0].folder, card, servers=fleet.servers) as library:
        urls = {listing.url.rpartition("/")[2] for listing in library.catalog.articles()}
    for writer in WRITERS:
        if gone := [n for n in fleet.stored(writer) if f"{writer}{n}" not in urls]:
            complaints.append(f"{len(gone)} articles of {writer} that were reported are gone")
    delays.sort()
    report = {
        "kills": {name: killed.count(name) for name in sorted(set(killed))},
        "articles": {writer: len(fleet.stored(writer)) for writer in WRITERS},
        "in_catalog": len(urls),
        "measured": len(delays),
        "seen_after_seconds": {
            f"p{share}": round(delays[int(len(delays) * share / 100)], 3) for share in (50, 95, 99)
        }
        | {"most": round(delays[-1], 3)}
        if delays
        else {},
    }
    return Outcome(complaints, report)


def _is_disturbed(fleet: Fleet, reader: Machine, span: tuple[float, float]) -> bool:
    """Whether a kill fell into the time between an article's storing and its finding."""
    begun = [float(str(line["at"])) for line in reader.told if "begins" in line]
    # A server is away until it answers again, and its clients' pauses have passed.
    away = [(start, end + 1.0) for _, start, end in fleet.outages]
    # A reader is away from its kill until it is open again and has looked once.
    for kill in reader.kills:
        later = [at for at in begun if at > kill]
        away.append((kill, min(later, default=time.time()) + 1.0))
    away.append((0.0, min(begun, default=0.0) + 1.0))
    return any(span[0] < end and start < span[1] for start, end in away)


def _is_leftover_of_a_kill(check: str, detail: str) -> bool:
    """What a killed build left behind is swept by the next build, and does no harm."""
    return "older than the published" in detail and check in {"leftovers", "Chroma server"}


if __name__ == "__main__":
    sys.exit(main())
