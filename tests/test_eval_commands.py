import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from typer.testing import CliRunner

from bot.answer import Status
from eval.commands import app
from eval.dataset import Expectation, GoldQuestion, GoldQuote, digest_questions, save_questions
from eval.gate.baseline import bless
from eval.provenance import describe_program
from eval.record import CaseRecord, Outcome
from eval.run_file import RunFile, read_run
from eval.subject import CONFIGURATIONS
from index.embed import load_embedder
from index.errors import LibraryMissing, UsageError
from index.ingest import Ingester
from index.sources import find_sources
from index.store.library import Library

ARTICLES = [
    {
        "url": "https://post.example/ferry",
        "title": "Ferry sinks off Pelum",
        "outlet": "Pelum Post",
        "published_at": "2031-05-01T08:00:00Z",
        "body": "The ferry sank off Pelum on Thursday. Orla Lines owns it, the harbour said.",
    },
    {
        "url": "https://ledger.example/bridge",
        "title": "Bridge opens in Quell",
        "outlet": "The Quell Ledger",
        "published_at": "2031-06-01T08:00:00Z",
        "body": "A bridge over the Quell opened on Sunday. It cost 40 million crowns to build.",
    },
]
FERRY = GoldQuestion(
    "ferry",
    "Who owns the ferry that sank off Pelum?",
    Expectation(Status.ANSWERED, answers=(("Orla Lines",),)),
    gold=(GoldQuote("https://post.example/ferry", "Orla Lines owns it"),),
    given=("https://ledger.example/bridge",),
)
MAYOR = GoldQuestion("mayor", "Who is the mayor of Brell?", Expectation(Status.ABSTAINED))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    source = folder / "articles.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES))
    embedder = load_embedder()
    with Library.open(folder / "library", embedder.card, create=True) as opened:
        Ingester(opened, embedder).ingest(find_sources([str(source)]))
    return folder / "library"


@pytest.fixture
def questions(tmp_path):
    save_questions(tmp_path / "set.jsonl", [FERRY, MAYOR])
    return tmp_path / "set.jsonl"


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_published_set_is_imported(tmp_path):
    article = {**ARTICLES[0], "source": "Pelum Post"}
    (tmp_path / "corpus.json").write_text(json.dumps([article]))
    (tmp_path / "MultiHopRAG.json").write_text(
        json.dumps([{"query": "Who?", "question_type": "null_query", "evidence_list": []}])
    )
    result = call("import", "multihop-rag", tmp_path, "--out", tmp_path / "out", "--json")
    assert json.loads(result.stdout) == {"articles": 1, "questions": 1, "left_out": []}
    shown = call("import", "multihop-rag", tmp_path, "--out", tmp_path / "out")
    assert "Next: dateline ingest" in shown.stdout


def test_retrieval_is_measured_for_each_leg(library, questions):
    result = call("retrieval", questions, "--library", library, "--leg", "bm25", "--json")
    measured = json.loads(result.stdout)
    # The one question with gold: its fact and its document are found at rank 1.
    assert measured["figures"]["bm25"]["fact_recall_at_4"]["value"] == 1.0
    assert measured["figures"]["bm25"]["mrr_at_10"] == {
        "value": 1.0,
        "cases": 1,
        "low": None,
        "high": None,
    }
    assert measured["config"]["set"] == "set.jsonl"


def test_without_a_choice_every_configuration_is_a_column(library, questions):
    shown = call("retrieval", questions, "--library", library).stdout
    assert all(name in shown for name in CONFIGURATIONS)


def test_an_unknown_leg_is_refused_with_those_there_are(library, questions):
    result = call("retrieval", questions, "--library", library, "--leg", "psychic")
    assert isinstance(result.exception, UsageError)
    assert "dense, bm25, fused, unranked, default" in str(result.exception)


def test_a_missing_library_is_named(tmp_path, questions):
    result = call("retrieval", questions, "--library", tmp_path / "nowhere")
    assert isinstance(result.exception, LibraryMissing)


def answer_from(library):
    with Library.open(library, load_embedder().card) as opened:
        (listing,) = [one for one in opened.catalog.articles() if "ferry" in one.url]
        stored = opened.catalog.article(listing.article_id)
    start = stored.article.body.index("Orla")
    return {
        "id": "ferry",
        "status": "answered",
        "sentences": [{"text": "Orla Lines owns it.", "citations": [1]}],
        "citations": [
            {
                "number": 1,
                "url": stored.article.url,
                "article_id": stored.article_id,
                "version": stored.version,
                "start": start,
                "end": start + 18,
                "quote": "Orla Lines owns it",
            }
        ],
    }


def test_a_run_is_scored_again_with_its_quotes_checked(library, questions, tmp_path):
    config = {"questions": digest_questions([FERRY, MAYOR])}
    with RunFile(tmp_path / "run.jsonl", config) as run_file:
        run_file.append(CaseRecord(FERRY, Outcome("ferry", answer_from(library))))
        mayor = Outcome("mayor", {"id": "mayor", "status": "abstained"})
        run_file.append(CaseRecord(MAYOR, mayor))
    result = call("score", questions, tmp_path / "run.jsonl", "--library", library, "--json")
    scored = json.loads(result.stdout)
    assert scored["quotes"] == {"exact": 1, "checked": 1, "unknown": 0}
    assert scored["groups"][0]["figures"]["accuracy"]["value"] == 1.0
    shown = call("score", questions, tmp_path / "run.jsonl")
    assert "Quotes that could not be checked: 1." in shown.stdout


def test_an_old_run_is_written_with_the_scores_of_today(library, questions, tmp_path):
    with RunFile(tmp_path / "old.jsonl", {"questions": "sha256:old"}) as run_file:
        outcome = Outcome("ferry", answer_from(library))
        run_file.append(CaseRecord(FERRY, outcome, {"gone": 1.0, "accuracy": 0.0}))
        run_file.end({"failed": 0})
    call("score", questions, tmp_path / "old.jsonl", "--save", tmp_path / "new.jsonl")
    new = read_run(tmp_path / "new.jsonl")
    (record,) = new.records
    assert record.scores["accuracy"] == 1.0
    assert "gone" not in record.scores
    assert new.notes == {"ended": True, "failed": 0}
    assert new.config["questions"] == digest_questions([FERRY, MAYOR])


def test_a_baseline_is_scored_again_without_what_it_does_not_keep(library, questions, tmp_path):
    kept = {"accuracy": 0.0, "fact_recall_at_4": 0.75, "mrr_at_10": 0.5, "exact_quotes": 1.0}
    with RunFile(tmp_path / "run.jsonl", {"set": "questions.jsonl"}) as run_file:
        answer = answer_from(library) | {"passages": []}
        run_file.append(CaseRecord(FERRY, Outcome("ferry", answer, seconds=0.3), kept))
        run_file.end({"failed": 0})
    bless(read_run(tmp_path / "run.jsonl"), tmp_path / "b.jsonl.gz", reason=None)
    shown = call("score", questions, tmp_path / "b.jsonl.gz", "--save", tmp_path / "new.jsonl")
    assert "keeps no passages" in shown.stderr
    assert "fact recall" not in shown.stdout
    assert "median" not in shown.stdout
    (record,) = read_run(tmp_path / "new.jsonl").records
    assert {**record.scores, **kept, "accuracy": 1.0} == record.scores


def test_a_run_of_an_older_set_is_scored_with_a_warning(questions, tmp_path):
    with RunFile(tmp_path / "run.jsonl", {"questions": "sha256:old"}):
        pass
    result = call("score", questions, tmp_path / "run.jsonl")
    assert "is not as it was" in result.stderr


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(("--batch",), marks=pytest.mark.slow),
        pytest.param(("--workers", "2"), marks=pytest.mark.slow),
        ("--in-process", "--workers", "2"),
    ],
)
def test_a_set_is_asked_scored_and_not_asked_again(library, questions, tmp_path, how):
    run = ("run", questions, "--library", library, "--run", tmp_path / "run.jsonl", "--json", *how)
    scored = json.loads(call(*run).stdout)
    assert scored["groups"][0]["cases"] == 2
    assert scored["groups"][0]["failed"] == 0
    assert scored["quotes"]["exact"] == scored["quotes"]["checked"]
    assert scored["quotes"]["unknown"] == 0
    before = (tmp_path / "run.jsonl").read_bytes()
    assert call(*run).exit_code == 0
    assert (tmp_path / "run.jsonl").read_bytes() == before


def test_a_run_goes_on_only_under_the_same_options_unless_it_begins_anew(
    library, questions, tmp_path
):
    run = ("run", questions, "--library", library, "--run", tmp_path / "run.jsonl", "--in-process")
    assert call(*run).exit_code == 0
    result = call(*run, "--offline")
    assert isinstance(result.exception, UsageError)
    assert "offline (was False, is True)" in str(result.exception)
    assert call(*run, "--offline", "--fresh").exit_code == 0


def test_a_question_can_be_asked_of_its_own_articles_only(library, questions, tmp_path):
    run = ("run", questions, "--library", library, "--in-process", "--given")
    run = (*run, "--run", tmp_path / "run.jsonl")
    call(*run)
    answer = read_run(tmp_path / "run.jsonl").outcome_by_id["ferry"].answer
    # The ferry's own article would come first; the question came with the other.
    assert {passage["url"] for passage in answer["passages"]} == {"https://ledger.example/bridge"}


def test_a_run_records_the_code_it_was_made_with():
    described = describe_program()
    assert described["code"].startswith("sha256:")
    assert described["version of numpy"][0].isdigit()
    assert describe_program() == described


def test_the_command_line_finds_eval_by_its_entry_point():
    (entry,) = entry_points(group="dateline.commands", name="eval")
    assert entry.load() is app


def test_the_commands_load_without_what_is_slow():
    slow = {"numpy", "pydantic", "sqlalchemy", "rich", "yaml", "chromadb", "llama_index", "openai"}
    program = f"import sys, eval.commands; print(*({slow!r} & {{*sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"rich"}  # typer's own


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--sample", "--articles", "a.md"), "--sample or --articles"),
        (("--library", "l", "--sample"), "--library, or articles"),
        (("--offline", "--replay", "strict"), "--offline or --replay"),
        (("--batch", "--in-process"), "--batch or --in-process"),
        (("--batch", "--now", "2031-01-01"), "Omit --batch"),
        (("--replay", "maybe"), "choose off, record or strict"),
        (("--now", "soon"), "--now 'soon'"),
        (("--with", "chunk_tokens=50"), "--sample or --articles"),
    ],
)
def test_options_that_contradict_each_other_are_refused(questions, options, complaint):
    result = call("run", questions, *options)
    assert isinstance(result.exception, UsageError)
    assert complaint in str(result.exception)
