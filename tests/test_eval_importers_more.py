"""MTRAG, RealTime QA, Natural Questions and BEIR, in the shapes that they are published in."""

import json

import pytest

from bot.answer import Status
from eval.dataset import Expectation, GoldQuote
from eval.importers.formats import import_set
from index.errors import UsageError
from index.moment import Moment


def write_lines(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def said(speaker, text):
    return {"speaker": speaker, "text": text, "metadata": {"author_type": "human"}}


TASK = {
    "conversation_id": "c0ffee",
    "task_id": "c0ffee<::>2",
    "task_type": "rag",
    "turn": "2",
    "dataset": "MT-RAG Authors (Internal)",
    "contexts": [
        {"document_id": "77_0-30-0-30", "title": "MV Orla", "text": "\nOrla was built in 1999."}
    ],
    "input": [
        said("user", "what is the orla"),
        said("agent", "A ferry."),
        said("user", "when was it built?"),
    ],
    "targets": [said("agent", "The ferry was built in 1999.")],
    "Answerability": ["ANSWERABLE"],
    "Question Type": ["Factoid"],
    "Multi-Turn": ["Follow-up"],
    "Collection": "mt-rag-clapnq-elser-512-100-20240503",
}


def test_an_mtrag_task_keeps_the_users_turns_and_whole_passages_as_gold(tmp_path):
    imported = import_set("mtrag", write_lines(tmp_path / "reference.jsonl", TASK))
    (question,) = imported.questions
    assert imported.articles == (
        {
            "url": "mtrag:77_0-30-0-30",
            "title": "MV Orla",
            "outlet": "MTRAG",
            "body": "Orla was built in 1999.",
        },
    )
    assert question.id == "mtrag-c0ffee-2"
    assert question.text == "when was it built?"
    assert question.history == ("what is the orla",)
    assert question.gold == (GoldQuote("mtrag:77_0-30-0-30"),)
    assert question.expect == Expectation(
        Status.ANSWERED, references=("The ferry was built in 1999.",)
    )
    assert question.tags == ("answerable", "follow-up", "factoid", "clapnq")
    assert question.story == "mtrag:c0ffee"


@pytest.mark.parametrize("label", ["UNANSWERABLE", "UNDERSPECIFIED"])
def test_mtrag_un_turns_without_an_answer_must_be_abstained_from(tmp_path, label):
    # MTRAG-UN writes this field in lower case, and a plain name of the collection.
    task = {**TASK, "answerability": [label], "contexts": [], "Collection": "govt"}
    del task["Answerability"]
    (question,) = import_set(
        "mtrag-un", write_lines(tmp_path / "a.jsonl", {**task, "Multi-Turn": ["N/A"]})
    ).questions
    assert question.expect == Expectation(Status.ABSTAINED)
    assert question.gold == ()
    assert question.tags == (label.lower(), "factoid", "govt")


def test_mtrag_tasks_that_cannot_be_measured_are_left_out_with_the_reason(tmp_path):
    path = write_lines(
        tmp_path / "a.jsonl",
        TASK,
        TASK,
        {**TASK, "task_id": "c<::>1", "contexts": []},
        {**TASK, "task_id": "d<::>1", "Answerability": []},
        {**TASK, "task_id": "e<::>1", "input": TASK["input"][:2]},
    )
    imported = import_set("mtrag", path)
    assert [one.id for one in imported.questions] == ["mtrag-c0ffee-2"]
    reasons = [reason.partition(": ")[2] for reason in imported.left_out]
    assert reasons[0] == "task mtrag-c0ffee-2 stands in the set twice"
    assert reasons[1].startswith("contexts: an answer is due")
    assert reasons[2] == "answerability: not told"
    assert reasons[3] == "input: the last turn is not the user's"


def write_beir(folder, qrels="query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq2\td1\t0\n"):
    write_lines(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "Orla", "text": "Orla was built in 1999.", "metadata": {}},
        {"_id": "d2", "title": "", "text": "Ferries of Pelum."},
        {"_id": "d3", "title": "empty", "text": ""},
    )
    write_lines(
        folder / "queries.jsonl",
        {"_id": "q1", "text": "when was orla built", "metadata": {}},
        {"_id": "q2", "text": "who owns orla"},
    )
    (folder / "qrels").mkdir(exist_ok=True)
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_a_beir_folder_gives_graded_documents_for_retrieval(tmp_path):
    imported = import_set("beir", write_beir(tmp_path / "ferries"))
    (question,) = imported.questions
    assert question.id == "beir-q1"
    assert question.gold == (GoldQuote("beir:d1", grade=2), GoldQuote("beir:d2", grade=1))
    assert question.tags == ("retrieval-only",)
    assert [article["url"] for article in imported.articles] == ["beir:d1", "beir:d2"]
    assert imported.articles[0]["outlet"] == "ferries"
    assert "title" not in imported.articles[1]


@pytest.mark.parametrize(
    ("qrels", "complaint"),
    [
        ("q1\td1\n", "line 1: not query-id, corpus-id and score"),
        ("query-id\tcorpus-id\tscore\nq1\td1\tgood\n", "line 2: not query-id"),
        ("q9\td1\t1\n", "no query has a relevant document"),
    ],
)
def test_another_shape_of_qrels_is_refused(tmp_path, qrels, complaint):
    with pytest.raises(UsageError, match=complaint):
        import_set("beir", write_beir(tmp_path, qrels))


def test_mtrag_retrieval_tasks_are_read_from_their_folder(tmp_path):
    write_beir(tmp_path, "query-id\tcorpus-id\tscore\nc0ffee<::>2\td1\t1\n")
    write_lines(
        tmp_path / "clapnq_questions.jsonl",
        {"_id": "c0ffee<::>2", "text": "|user|: what is the orla\n|user|: when was it built?"},
        {"_id": "c0ffee<::>3", "text": "|user|: who built it?"},
    )
    imported = import_set("mtrag", tmp_path)
    (question,) = imported.questions
    assert (question.history, question.text) == (("what is the orla",), "when was it built?")
    assert question.gold == (GoldQuote("mtrag:d1"),)
    assert len(imported.left_out) == 1


QUIZ = {
    "question_id": "20310105_0",
    "question_date": "2031/01/05",
    "question_source": "CNN",
    "question_url": "https://quiz.example/1",
    "question_sentence": "Which port did the Orla leave this week?",
    "choices": ["Pelum", "Quell"],
    "answer": ["1"],
    "evidence": 'The <a href="https://x.example">Orla</a> left Quell &amp; sank.',
}


def test_a_realtimeqa_question_is_asked_as_of_its_date(tmp_path):
    imported = import_set("realtimeqa", write_lines(tmp_path / "20310105_qa.jsonl", QUIZ))
    (question,) = imported.questions
    assert question.as_of == Moment.parse("2031-01-05")
    assert question.expect == Expectation(Status.ANSWERED, answers=(("Quell",),))
    body = "The Orla left Quell & sank."
    assert question.gold == (GoldQuote("realtimeqa:20310105_0", body),)
    assert imported.articles[0]["body"] == body
    assert imported.articles[0]["published_at"] == "2031-01-05"


def test_realtimeqa_takes_the_pages_that_a_search_found(tmp_path):
    true = {**QUIZ, "question_id": "20310105_1", "choices": ["TRUE", "FALSE"], "answer": ["0"]}
    bare = {**true, "evidence": ""}
    nowhere = {**bare, "question_id": "20310105_2"}
    write_lines(tmp_path / "2031" / "20310105_qa.jsonl", QUIZ, bare, nowhere)
    write_lines(tmp_path / "2031" / "20310105_qa_nota.jsonl", {"not": "read"})
    page = {
        "url": "https://www.post.example/orla",
        "title": "Orla sinks",
        "text": "The Orla sank.",
        "authors": [],
        "publish_date": "2031/01/04",
    }
    write_lines(
        tmp_path / "2031" / "20310105_gcs.jsonl",
        {
            "question_id": "20310105_1",
            "search_time": "…",
            "search_result": [page, {**page, "text": ""}],
        },
    )
    imported = import_set("realtimeqa", tmp_path)
    first, second = imported.questions
    assert second.gold == ()
    assert second.given == ("https://www.post.example/orla",)
    assert second.expect.answers == (("true", "yes"),)
    assert imported.articles[1]["outlet"] == "post.example"
    assert first.given == ("realtimeqa:20310105_0",)
    assert [reason.rpartition(": ")[2] for reason in imported.left_out] == [
        "no evidence, or asked twice"
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"answer": ["7"]}, "not the place of a choice"),
        ({"choices": ["Pelum", "None of the above"]}, "no right choice"),
        ({"question_date": "last week"}, "question_date: 'last week' is no date"),
    ],
)
def test_a_broken_quiz_is_refused(tmp_path, change, complaint):
    path = write_lines(tmp_path / "a_qa.jsonl", {**QUIZ, **change})
    with pytest.raises(UsageError, match=complaint):
        import_set("realtimeqa", path)


# Tokens: 0 <H1> 1 Orla 2 </H1> 3 <P> 4 Orla 5 was 6 built 7 in 8 1999 9 by 10 Rook 11 . 12 </P>
NQ_TEXT = "<H1> Orla </H1> <P> Orla was built in 1999 by Rook . </P>"


def annotation(long=(3, 13), shorts=((8, 9),), yes_no="NONE"):
    return {
        "long_answer": {"start_token": long[0], "end_token": long[1], "candidate_index": 0},
        "short_answers": [{"start_token": start, "end_token": end} for start, end in shorts],
        "yes_no_answer": yes_no,
    }


def nq(*annotations, **change):
    return {
        "example_id": 5655493461695504401,
        "question_text": "when was the orla built",
        "document_url": "https://en.wikipedia.example/Orla",
        "document_text": NQ_TEXT,
        "long_answer_candidates": [{"start_token": 3, "end_token": 13, "top_level": True}],
        "annotations": list(annotations),
        **change,
    }


def test_a_natural_question_is_cut_from_its_page_without_markup(tmp_path):
    path = write_lines(tmp_path / "nq.jsonl", nq(annotation(), annotation(shorts=((7, 9),))))
    imported = import_set("natural-questions", path)
    (question,) = imported.questions
    assert imported.articles[0]["body"] == "Orla\n\nOrla was built in 1999 by Rook ."
    assert question.expect.answers == (("1999", "in 1999"),)
    assert question.gold == (
        GoldQuote("nq:5655493461695504401", "Orla was built in 1999 by Rook ."),
    )
    assert question.tags == ("answerable",)


def test_natural_questions_answers_follow_the_annotators(tmp_path):
    nothing = annotation(long=(-1, -1), shorts=())
    path = write_lines(
        tmp_path / "nq.jsonl",
        nq(annotation(shorts=((8, 9), (10, 11)))),
        nq(annotation(shorts=(), yes_no="YES"), example_id=2),
        nq(nothing, nothing, nothing, nothing, annotation(), example_id=3),
        nq(nothing, nothing, nothing, annotation(), annotation(), example_id=4),
    )
    listed, polar, one_of_five, two_of_five = import_set("natural-questions", path).questions
    assert listed.expect.answers == (("1999",), ("Rook",))
    assert polar.expect.answers == (("yes",),)
    assert one_of_five.expect == Expectation(Status.ABSTAINED)
    assert one_of_five.gold == ()
    assert one_of_five.given == ("nq:3",)
    assert two_of_five.expect.answers == (("1999",),)


def test_natural_questions_in_full_and_open_form(tmp_path):
    tokens = [
        {"token": word, "html_token": word.startswith("<"), "start_byte": 0, "end_byte": 0}
        for word in NQ_TEXT.split(" ")
    ]
    whole = nq(annotation(), document_tokens=tokens, document_title="Orla")
    del whole["document_text"]
    path = write_lines(
        tmp_path / "nq.jsonl", whole, {"question": "who built the orla", "answer": ["Rook", "R."]}
    )
    page, bare = import_set("natural-questions", path).questions
    assert page.story == "nq:Orla"
    assert page.expect.answers == (("1999",),)
    assert bare.expect.answers == (("Rook", "R."),)
    assert bare.gold == bare.given == ()
    with pytest.raises(UsageError, match="neither annotations nor answer"):
        import_set("natural-questions", write_lines(tmp_path / "x.jsonl", {"question": "who"}))
