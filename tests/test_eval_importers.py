import json

import pytest

from bot.answer import Status
from eval.dataset import Expectation, GoldQuote, load_questions
from eval.importers.formats import import_set
from eval.importers.imported import write_imported
from index.errors import UsageError

FERRY = {
    "title": "Ferry sinks off Pelum",
    "author": "I. Rook",
    "source": "Pelum Post",
    "published_at": "2031-05-01T08:00:00+00:00",
    "category": "world",
    "url": "https://post.example/ferry",
    "body": "The ferry sank off Pelum. Orla Lines owns it.",
}
OWNER = {
    "query": "Which company owns the ferry?",
    "answer": "Orla Lines",
    "question_type": "inference_query",
    "evidence_list": [{"url": FERRY["url"], "fact": "Orla Lines owns it.", "title": "…"}],
}
MAYOR = {
    "query": "Who is the mayor of Quell?",
    "answer": "Insufficient information.",
    "question_type": "null_query",
    "evidence_list": [],
}
ABROAD = {**OWNER, "query": "Who?", "evidence_list": [{"url": "https://far.example", "fact": "x"}]}


def write_multihop(folder, corpus, queries, *, names=("corpus.json", "MultiHopRAG.json")):
    for name, content in zip(names, (corpus, queries), strict=True):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_multihop_rag_becomes_articles_and_questions(tmp_path):
    imported = import_set("multihop-rag", write_multihop(tmp_path, [FERRY], [OWNER, MAYOR]))
    assert imported.articles == (
        {
            "url": "https://post.example/ferry",
            "title": "Ferry sinks off Pelum",
            "outlet": "Pelum Post",
            "author": "I. Rook",
            "published_at": "2031-05-01T08:00:00+00:00",
            "section": "world",
            "body": "The ferry sank off Pelum. Orla Lines owns it.",
        },
    )
    owner, mayor = imported.questions
    assert owner.expect == Expectation(Status.ANSWERED, answers=(("Orla Lines",),))
    assert owner.gold == (GoldQuote("https://post.example/ferry", "Orla Lines owns it."),)
    assert owner.tags == ("inference",)
    assert mayor.expect == Expectation(Status.ABSTAINED)
    assert mayor.gold == ()


def test_multihop_rag_questions_on_one_article_are_one_story(tmp_path):
    other = {**OWNER, "query": "Whose ferry sank?"}
    imported = import_set("multihop-rag", write_multihop(tmp_path, [FERRY], [OWNER, other, MAYOR]))
    assert [question.story for question in imported.questions] == [FERRY["url"], FERRY["url"], ""]


def test_a_slice_leaves_out_what_it_cannot_answer_and_says_so(tmp_path):
    folder = write_multihop(tmp_path, [FERRY, FERRY], [OWNER, ABROAD, OWNER])
    imported = import_set("multihop-rag", folder)
    assert len(imported.articles) == len(imported.questions) == 1
    assert [reason.split(": ", 1)[1] for reason in imported.left_out] == [
        "https://post.example/ferry stands in the corpus twice",
        "evidence outside the corpus: https://far.example",
        "asked twice",
    ]


def test_an_id_does_not_depend_on_the_slice(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    whole = import_set("multihop-rag", write_multihop(first, [FERRY], [MAYOR, OWNER]))
    part = import_set(
        "multihop-rag",
        write_multihop(second, [FERRY], [OWNER], names=("open_corpus.json", "open_queries.json")),
    )
    assert whole.questions[1] == part.questions[0]


PASSAGE = "The Orla Lines ferry sank . It was built in 1999 . Rain fell ."
CLAPNQ = {
    "id": "-17",
    "input": "when was the ferry built",
    "passages": [{"title": "MV Orla", "text": PASSAGE, "sentences": ["…"]}],
    "output": [
        {"answer": "In 1999.", "selected_sentences": ["It was built in 1999 ."], "meta": {}},
        {"answer": "It is of 1999.", "selected_sentences": ["It was built in 1999 ."]},
        {"answer": "1999", "selected_sentences": ["Rain fell .", "It was built in 1999 ."]},
    ],
}
UNANSWERABLE = {
    **CLAPNQ,
    "id": "18",
    "output": [{"answer": "", "selected_sentences": [], "meta": {"skip": False}}],
}


def write_lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_clapnq_keeps_each_persons_sentences_as_a_choice(tmp_path):
    write_lines(tmp_path / "dev_answerable.jsonl", CLAPNQ)
    write_lines(tmp_path / "dev_unanswerable.jsonl", UNANSWERABLE)
    imported = import_set("clapnq", tmp_path)
    built, unknown = imported.questions
    assert built.expect == Expectation(
        Status.ANSWERED, references=("In 1999.", "It is of 1999.", "1999")
    )
    # The first two people chose alike: they are one choice.
    assert built.gold == (
        GoldQuote("clapnq:-17", "It was built in 1999 .", 0),
        GoldQuote("clapnq:-17", "Rain fell .", 1),
        GoldQuote("clapnq:-17", "It was built in 1999 .", 1),
    )
    assert built.given == ("clapnq:-17",)
    assert unknown.expect == Expectation(Status.ABSTAINED)
    assert [question.tags for question in imported.questions] == [
        ("answerable",),
        ("unanswerable",),
    ]
    assert imported.articles[0] == {
        "url": "clapnq:-17",
        "title": "MV Orla",
        "outlet": "Wikipedia",
        "body": PASSAGE,
    }


def test_clapnq_finds_the_passage_of_each_sentence(tmp_path):
    second = {"title": "Rook", "text": "It was built in 1999 ."}
    first = {"title": "MV Orla", "text": "Rain fell ."}
    write_lines(tmp_path / "set.jsonl", {**CLAPNQ, "passages": [first, second]})
    (question,) = import_set("clapnq", tmp_path / "set.jsonl").questions
    assert question.gold[0].url == "clapnq:-17/1"
    assert question.gold[1].url == "clapnq:-17"


def squad_file(path, *qas):
    paragraph = {"context": "The ferry sank. It was built by Orla Yards in 1999.", "qas": list(qas)}
    page = {"title": "MV_Orla", "paragraphs": [paragraph]}
    path.write_text(json.dumps({"version": "v2.0", "data": [page]}), encoding="utf-8")
    return path


def test_squad_answers_become_spellings_and_a_sentence(tmp_path):
    answers = [
        {"text": "Orla Yards", "answer_start": 32},
        {"text": "Orla", "answer_start": 32},
        {"text": "Orla Yards", "answer_start": 32},
    ]
    path = squad_file(
        tmp_path / "dev.json",
        {"id": "a", "question": "Who built it?", "answers": answers, "is_impossible": False},
        {"id": "b", "question": "Who sank it?", "answers": [], "is_impossible": True},
        {"id": "c", "question": "Who?", "answers": [], "is_impossible": False},
    )
    imported = import_set("squad", path)
    built, sank = imported.questions
    assert built.expect.answers == (("Orla Yards", "Orla"),)
    assert built.gold == (GoldQuote("squad:MV_Orla/0", "It was built by Orla Yards in 1999."),)
    assert sank.expect.must_abstain
    assert len(imported.left_out) == 1


def test_what_is_written_can_be_loaded_and_carries_its_credit(tmp_path):
    imported = import_set("multihop-rag", write_multihop(tmp_path, [FERRY], [OWNER, MAYOR]))
    write_imported(imported, tmp_path / "out")
    assert load_questions(tmp_path / "out" / "questions.jsonl") == list(imported.questions)
    (line,) = (tmp_path / "out" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["outlet"] == "Pelum Post"
    assert "ODC-BY" in (tmp_path / "out" / "CREDIT.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("corpus", "queries", "complaint"),
    [
        ([{**FERRY, "body": ""}], [], r"corpus\.json item 1: body: text is needed, found ''"),
        ([{**FERRY, "url": 7}], [], "item 1: url: text is needed, found 7"),
        ([FERRY], [{**OWNER, "evidence_list": "x"}], "evidence_list: a list of objects"),
        ([FERRY], [{**OWNER, "evidence_list": [{"url": "u"}]}], r"evidence_list\[0\]: fact: text"),
        ([FERRY], [{"query": "Who?"}], "question_type: text is needed"),
    ],
)
def test_another_shape_is_refused_with_its_place(tmp_path, corpus, queries, complaint):
    with pytest.raises(UsageError, match=complaint):
        import_set("multihop-rag", write_multihop(tmp_path, corpus, queries))


def test_an_unknown_format_or_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="Name one of: multihop-rag, clapnq, mtrag"):
        import_set("trivia", tmp_path)
    with pytest.raises(UsageError, match=r"holds none of corpus\.json"):
        import_set("multihop-rag", tmp_path)
    with pytest.raises(UsageError, match=r"holds no \.jsonl file"):
        import_set("clapnq", tmp_path)
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(UsageError, match="not SQuAD"):
        import_set("squad", tmp_path / "list.json")
