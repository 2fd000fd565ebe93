"""Libraries that are made for a run: of the sources as they are now, and of nothing else."""

import json
import os

import pytest

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion
from eval.running.configuration import Configuration
from eval.running.library import make_library
from eval.running.session import Manner, Session
from eval.running.subject import Specification, open_library
from index.store.catalog import Catalog
from index.store.servers import CATALOG_FILE

# Nobody listens there: whoever takes the servers of the environment fails.
ELSEWHERE = {
    "DATELINE_CATALOG": "postgresql://dateline@127.0.0.1:1/production",
    "DATELINE_CHROMA": "http://127.0.0.1:1",
}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write(path, url, mayor):
    path.parent.mkdir(parents=True, exist_ok=True)
    body = f"The mayor of Aburg is {mayor}, the council said on Monday."
    fields = {"url": url, "title": "Council", "published_at": "2031-05-01", "body": body}
    path.write_text(json.dumps(fields) + "\n")


def held(folder):
    catalog = Catalog.open(folder / CATALOG_FILE)
    try:
        return sorted((one.url, one.version, one.versions) for one in catalog.articles())
    finally:
        catalog.close()


def urls(folder):
    return [url for url, _, _ in held(folder)]


def test_a_library_made_for_a_run_lets_the_environments_servers_alone(tmp_path):
    write(tmp_path / "articles" / "a.jsonl", "https://a.example/one", "Anna Adams")
    folder = make_library([str(tmp_path / "articles")], Configuration(), ELSEWHERE)
    assert urls(folder) == ["https://a.example/one"]
    # A worker is told so, too.
    made = Specification.from_json(Specification(library=folder, made=True, offline=True).to_json())
    with open_library(made, ELSEWHERE) as bot:
        assert len(bot.library.catalog.articles()) == 1


def test_the_installed_program_is_not_shown_the_environments_servers_either(tmp_path, monkeypatch):
    for name, value in ELSEWHERE.items():
        monkeypatch.setenv(name, value)
    write(tmp_path / "articles" / "a.jsonl", "https://a.example/one", "Anna Adams")
    folder = make_library([str(tmp_path / "articles")], Configuration(), os.environ)
    expected = Expectation(Status.ANSWERED, answers=(("Anna Adams",),))
    session = Session(
        set_name="set.jsonl",
        questions=[GoldQuestion("a", "Who is the mayor of Aburg?", expected)],
        specification=Specification(library=folder, made=True, offline=True),
        manner=Manner(batch=True),
    )
    run, tally = session.run(tmp_path / "a.run.jsonl")
    assert tally.failed == 0
    assert run.records[0].outcome.answer["status"] == "answered"


def test_two_projects_with_folders_of_one_name_have_two_libraries(tmp_path, monkeypatch):
    for project in "ab":
        source = tmp_path / project / "articles" / "x.jsonl"
        write(source, f"https://{project}.example/one", "Anna Adams")
        monkeypatch.chdir(tmp_path / project)
        folder = make_library(["articles"], Configuration(), {})
        assert urls(folder) == [f"https://{project}.example/one"]


def test_what_the_sources_hold_no_longer_is_removed(tmp_path):
    for name in ("kept", "retracted"):
        write(tmp_path / "articles" / f"{name}.jsonl", f"https://a.example/{name}", "Anna Adams")
    sources = [str(tmp_path / "articles")]
    make_library(sources, Configuration(), {})
    (tmp_path / "articles" / "retracted.jsonl").unlink()
    assert urls(make_library(sources, Configuration(), {})) == ["https://a.example/kept"]


def test_an_edited_article_leaves_no_earlier_version_behind(tmp_path):
    source = tmp_path / "articles" / "a.jsonl"
    seen = []
    for mayor in ("Anna Adams", "Eve Brown", "Anna Adams"):
        write(source, "https://a.example/one", mayor)
        seen.append(held(make_library([str(source)], Configuration(), {})))
    # As on a machine that never saw the edit; else the baseline would be of another archive.
    assert seen[2] == seen[0] != seen[1]
    assert [versions for ((_, _, versions),) in seen] == [1, 1, 1]


def test_two_versions_in_the_sources_themselves_are_kept(tmp_path):
    for name, mayor in (("a", "Anna Adams"), ("b", "Eve Brown")):
        write(tmp_path / "articles" / f"{name}.jsonl", "https://a.example/one", mayor)
    sources = [str(tmp_path / "articles")]
    first = make_library(sources, Configuration(), {})
    made = (first / CATALOG_FILE).stat().st_ino
    again = make_library(sources, Configuration(), {})
    assert [versions for _, _, versions in held(again)] == [2]
    assert (again / CATALOG_FILE).stat().st_ino == made
