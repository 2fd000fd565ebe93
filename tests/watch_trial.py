"""A simulated week of a news site, watched: `python tests/watch_trial.py [--days N]`.

With `--kills N` two watchers in processes of their own share one library on the machine's own time,
and are killed at random moments instead. Prints what is wrong, and exits with 1 if anything is. The
suite runs a day with a story of each kind, and two kills.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from news_site import DAY, START, NewsSite, Story, plan_week
from sqlalchemy import select

from bot.wiring import Bot
from index.article import Article
from index.embed import Embedder, load_embedder
from index.fetch.fetcher import Limits
from index.fetch.settings import FetchSettings
from index.store.doctor import examine
from index.store.library import Library
from index.store.watch import WatchBook
from index.store.web_schema import notices
from index.watch.config import SourcePlan, WatchPlan

QUICK = Limits(read_seconds=0.4, total_seconds=2.0, tries=1)
_ROOT = Path(__file__).parents[1]
# An index of sitemaps stays as it is while they change.
_ASKED_ANEW = ("/", "/sitemap-index.xml")
_FORBIDDEN = "/private/"
# What cannot be read has no version that is known.
_TRAPS = ("bomb", "inward", "metadata", "loop", "picture", "slow")


@dataclass
class SimulatedClock:
    """Lets time pass only where somebody waits."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(seconds, 0.001))


@contextmanager
def canary():
    """A server on a private address that nobody may ask; gives its address and its visitors."""
    visitors: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visitors.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/secret", visitors
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Trial:
    """One watched run of the site."""

    site: NewsSite
    clock: SimulatedClock
    visitors: list[str]
    problems: list[str] = field(default_factory=list)

    def check(self, claim: bool, problem: str) -> None:
        if not claim:
            self.problems.append(problem)


def plan_of(site: NewsSite) -> WatchPlan:
    sources = tuple(
        SourcePlan(url=url, every=timedelta(minutes=30 + 20 * number))
        for number, url in enumerate(site.sources())
    )
    hour = timedelta(hours=1)
    return WatchPlan(sources=sources, revisit=(hour, 6 * hour, DAY, 2 * DAY), attempts=4)


def watch(bot: Bot, site: NewsSite, clock: SimulatedClock, until: datetime) -> None:
    """Watch the site until a moment of its own time."""
    place = urlsplit(site.origin)
    allowed = frozenset({(place.hostname or "", place.port or 0)})
    reader = bot.web_reader(FetchSettings(allowed=allowed), clock=clock, limits=QUICK)
    bot.watcher(plan_of(site), reader, clock).run(until=until)


def run_trial(folder: Path, embedder: Embedder, stories: list[Story], days: float) -> Trial:
    """Watch the site for so many days, and look at what became of it."""
    clock = SimulatedClock()
    with canary() as (inside, visitors):
        site = NewsSite(clock.now, stories, inside=inside, slow_seconds=0.8)
        with site.serve(), Bot(Library.open(folder, embedder.card, create=True), embedder) as bot:
            watch(bot, site, clock, START + days * DAY)
            trial = Trial(site, clock, visitors)
            check_catalog(trial, bot)
            check_manners(trial)
    return trial


def check_catalog(trial: Trial, bot: Bot) -> None:
    """The catalog holds every story once, in its versions, with what became of it."""
    site, at = trial.site, trial.clock.now()
    catalog = bot.library.catalog
    held = {one.url: one for one in catalog.articles()}
    expected = {}
    for story in site.stories:
        if story.kind != "forbidden":
            # A story that moved stays the article that it was.
            expected[f"{site.origin}/story/{story.slug}"] = story
    trial.check(held.keys() == expected.keys(), f"articles: {held.keys() ^ expected.keys()}")
    with catalog.database.reading() as connection:
        rows = connection.execute(select(notices.c.article_id, notices.c.kind)).all()
    noted = {row.article_id: row.kind for row in rows}
    for url, story in expected.items():
        article_id = Article(url=url, body="").article_id
        kept = catalog.versions(article_id)
        _check_story(trial, story, [one.article for one in kept], at)
        gone = noted.get(article_id) == "retracted"
        trial.check(gone == (story.kind == "withdrawn"), f"{story.kind} {url}: notice {gone}")
    trial.check(all(f.ok for f in _doctor(bot)), "the doctor complains")


def _doctor(bot: Bot):
    return examine(bot.library.folder, bot.embedder.card)


def _check_story(trial: Trial, story: Story, kept: Sequence[Article], at: datetime) -> None:
    name = f"{story.kind} {story.slug}"
    if not kept:
        return
    versions = 2 if story.kind in {"edited", "corrected", "retracted"} else 1
    trial.check(len(kept) == versions, f"{name}: {len(kept)} versions, not {versions}")
    body = kept[-1].body
    for paragraph in story.text(at):
        trial.check(paragraph in body, f"{name}: the current version lacks {paragraph[:60]!r}")
    trial.check(kept[-1].title == story.headline(at), f"{name}: title {kept[-1].title!r}")
    published = kept[-1].published
    is_right = published is not None and published.start == story.published
    trial.check(is_right, f"{name}: published {published}")
    trial.check(kept[-1].outlet == "Loopback News", f"{name}: outlet {kept[-1].outlet!r}")


def check_manners(trial: Trial) -> None:
    """Nothing that is forbidden was fetched, nothing twice, nothing too fast."""
    seen = [one for one in trial.site.seen if one.path != "/robots.txt"]
    forbidden = [one.path for one in seen if one.path.startswith(_FORBIDDEN)]
    trial.check(not forbidden, f"fetched what robots.txt forbids: {forbidden}")
    trial.check(not trial.visitors, f"a private address was asked: {trial.visitors}")
    twice, last = [], dict[str, str | None]()
    for one in seen:
        is_again = one.status == 200 and one.etag == last.get(one.path)
        if is_again and one.path not in _ASKED_ANEW and one.path.strip("/") not in _TRAPS:
            twice.append(one.path)
        if one.etag:
            last[one.path] = one.etag
    trial.check(not twice, f"fetched twice: {twice}")
    trial.check(all("Dateline/" in one.agent for one in seen), "an agent without a name")
    seen.sort(key=lambda one: one.at)
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(seen)]
    least = trial.site.crawl_delay - 0.01
    trial.check(min(gaps) >= least, f"a gap of {min(gaps)} s, not {least}")
    down = [one for one in seen if one.path == "/broken.xml" and one.status == 503]
    trial.check(len(down) <= 30, f"a source that was down was asked {len(down)} times in a day")


def run_kills(folder: Path, kills: int, seed: int) -> list[str]:
    """Kill two watchers of one library at random; gives what is wrong at the end."""
    rng, began = random.Random(seed), time.monotonic()
    plain = [one for one in plan_week(7, 17) if one.kind in {"plain", "edited", "corrected"}]
    # A story every second or so.
    site = NewsSite(lambda: START + (time.monotonic() - began) * 2 * timedelta(hours=1), plain)
    site.crawl_delay = 0
    with site.serve() as origin:
        plan = {"every": "1s", "revisit": ["2s", "8s"], "max_age": "9999d",
                "sources": [origin + "/atom.xml", origin + "/feed.json"]}  # fmt: skip
        config = folder / "plan.yaml"
        config.write_text(json.dumps(plan), encoding="utf-8")
        command = [sys.executable, "-m", "bot", "watch", str(config)]
        environ = os.environ | {
            "DATELINE_LIBRARY": str(folder / "library"),
            "DATELINE_FETCH_ALLOW": urlsplit(origin).netloc,
            "DATELINE_FETCH_DELAY": "0",
        }

        def start() -> subprocess.Popen[bytes]:
            logs.append(folder / f"{len(logs)}.log")
            with logs[-1].open("wb") as log:
                return subprocess.Popen(command, env=environ, cwd=_ROOT, stderr=log)

        logs = list[Path]()
        watchers = [start(), start()]
        for _ in range(kills):
            time.sleep(rng.uniform(2, 9))
            victim = rng.randrange(2)
            watchers[victim].kill()
            watchers[victim].wait()
            watchers[victim] = start()
        # A program that is still loading has nothing to end cleanly.
        while b"Watching" not in logs[-1].read_bytes():
            time.sleep(0.5)
        time.sleep(5)
        for one in watchers:
            one.terminate()
        codes = [one.wait(120) for one in watchers]
        at = site.clock()
        site.clock = lambda: at
        last = subprocess.run([*command, "--once"], env=environ, cwd=_ROOT, check=False,
                              capture_output=True, text=True, timeout=300)  # fmt: skip
        return [*_check_kills(folder / "library", site, at), *(
            problem for problem in (
                f"SIGTERM gave {codes}" if any(codes) else "",
                f"--once gave {last.returncode}: {last.stderr[-300:]}" if last.returncode else "",
            ) if problem
        )]  # fmt: skip


def _check_kills(folder: Path, site: NewsSite, at: datetime) -> list[str]:
    card = load_embedder().card
    with Library.open(folder, card) as library:
        listed = {f"{site.origin}{one.path(at)}": one for one in site.listed(at)}
        held = {one.url: one for one in library.catalog.articles()}
        problems = [f"missing: {url}" for url in listed.keys() - held.keys()]
        problems += [f"never was: {url}" for url in held.keys()
                     - {f"{site.origin}{one.path(at)}" for one in site.out(at)}]  # fmt: skip
        for url, story in listed.items():
            stored = library.catalog.article(held[url].article_id) if url in held else None
            if stored and not all(part in stored.article.body for part in story.text(at)):
                problems.append(f"not current: {url}")
        book = WatchBook(library.catalog.database)
        problems += [f"{one.key}: {one.waiting} wait" for one in book.sources() if one.waiting]
    sys.stdout.write(f"{len(held)} stories held, {len(site.seen)} requests\n")
    return problems + [one.check for one in examine(folder, card) if not one.ok]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.kills:
        with tempfile.TemporaryDirectory() as folder:
            problems = run_kills(Path(folder), chosen.kills, chosen.seed)
        told = [f"{chosen.kills} kills; {len(problems)} problems", *problems[:40]]
        sys.stdout.write("\n".join(told) + "\n")
        return 1 if problems else 0
    from tests.fakes import FakeEmbedder  # noqa: PLC0415  the suite brings its own

    started, cpu = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        # Three more days, for what happens to the last stories.
        week = plan_week(chosen.days)
        trial = run_trial(Path(folder) / "library", FakeEmbedder(), week, chosen.days + 3)
    statuses = Counter(one.status for one in trial.site.seen)
    summary = (
        f"{chosen.days} days, {len(trial.site.stories)} stories, {len(trial.site.seen)} requests "
        f"{dict(sorted(statuses.items()))} in {time.monotonic() - started:.0f} s "
        f"({time.process_time() - cpu:.0f} s of CPU); {len(trial.problems)} problems"
    )
    sys.stdout.write("\n".join([summary, *trial.problems[:40]]) + "\n")
    return 1 if trial.problems else 0


if __name__ == "__main__":
    sys.exit(main())
