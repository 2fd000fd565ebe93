import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.answer import Reason, Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.documents import document_key
from eval.given_answer import parse_answer
from eval.record import Outcome
from eval.report import (
    label,
    render_estimates,
    render_figures_table,
    render_notes,
    render_retrieval_table,
    render_run,
    render_tags_table,
)
from eval.retrieval import measure_search, score_passages, summarise_retrieval
from eval.scoring import score_case
from eval.summary import OF_PASSAGES, percentile, read_figures, summarise

BODY = "The ferry sank off Pelum. Orla Lines owns it."
ASKED = GoldQuestion(
    "ferry",
    "Who owns the ferry?",
    Expectation(Status.ANSWERED, answers=(("Orla Lines",),)),
    gold=(GoldQuote("https://post.example/ferry", "Orla Lines owns it."),),
    tags=("single",),
)
UNKNOWN = GoldQuestion("mayor", "Who is mayor?", Expectation(Status.ABSTAINED), tags=("decline",))


class OneArticle:
    def body(self, article_id, version):
        return BODY if (article_id, version) == ("f", "sha256:1") else None


def citation(number=1, *, start=26, end=45, quote="Orla Lines owns it.", **changes):
    return {
        "number": number,
        "url": "https://www.post.example/ferry?utm_source=rss",
        "article_id": "f",
        "version": "sha256:1",
        "start": start,
        "end": end,
        "quote": quote,
        **changes,
    }


def answered(text="Orla Lines owns it.", *, marks=(1,), citations=None, **changes):
    return {
        "id": "ferry",
        "status": "answered",
        "sentences": [{"text": text, "citations": list(marks)}],
        "citations": [citation()] if citations is None else citations,
        "confidence": 0.8,
        "timings_ms": {"total": 17},
        **changes,
    }


def score(question, answer, bodies=None):
    return score_case(question, Outcome(question.id, answer, seconds=2.0), bodies)


def declined(reason="no_evidence", **changes):
    return {"status": "abstained", "reason": reason, **changes}


def test_a_right_answer_with_its_source_is_right_in_every_respect():
    case = score(ASKED, answered(), OneArticle())
    assert case.is_right
    assert case.status_is_right
    assert case.documents.f1 == 1.0  # though the link carries a tracking parameter
    assert case.sentences.f1 == 1.0
    assert case.exact_quotes == (True,)
    assert case.milliseconds == 17


def test_a_right_answer_in_another_status_is_right_by_its_text_only():
    case = score(ASKED, answered(status="ambiguous"))
    assert (case.is_right, case.status_is_right) == (True, False)


def test_declining_an_answerable_question_is_wrong_and_finds_nothing():
    case = score(ASKED, declined())
    assert case.is_right is False
    assert case.abstained
    assert case.documents.recall == 0.0
    assert case.exact is None


def test_declining_what_must_be_declined_is_right():
    case = score(UNKNOWN, declined())
    assert (case.is_right, case.status_is_right, case.documents) == (True, True, None)
    assert score(UNKNOWN, answered()).is_right is False


def test_the_reason_counts_where_the_set_names_one():
    strict = GoldQuestion("m", "?", Expectation(Status.ABSTAINED, Reason.STALE))
    assert score(strict, declined("stale")).status_is_right
    assert not score(strict, declined("no_evidence")).status_is_right
    assert score(strict, declined("no_evidence")).is_right


def test_a_mark_that_points_nowhere_lowers_precision():
    case = score(ASKED, answered(marks=(1, 7)))
    assert case.documents.precision == 0.5  # 1 right of 1 document and 1 dangling number
    assert case.sentences.precision == 0.5


def test_a_citation_that_is_listed_but_not_pointed_to_still_counts():
    far = citation(2, url="https://far.example", quote="Rain fell.")
    assert score(ASKED, answered(citations=[citation(), far])).documents.precision == 0.5


def test_a_quote_one_character_off_is_not_exact():
    case = score(ASKED, answered(citations=[citation(start=25, end=44)]), OneArticle())
    assert case.exact_quotes == (False,)


def test_a_quote_of_an_unknown_article_is_reported_as_such():
    answer = answered(citations=[citation(version="sha256:2")])
    case = score(ASKED, answer, OneArticle())
    assert (case.exact_quotes, case.unknown_quotes) == ((), 1)
    assert score(ASKED, answered()).unknown_quotes == 1


def test_the_choice_of_evidence_that_suits_the_answer_counts():
    question = GoldQuestion(
        "f",
        "?",
        Expectation(Status.ANSWERED),
        gold=(
            GoldQuote("https://post.example/ferry", "The ferry sank off Pelum.", 0),
            GoldQuote("https://post.example/ferry", "Orla Lines owns it.", 1),
        ),
    )
    case = score(question, answered())
    assert case.sentences.f1 == 1.0
    assert case.is_right is None


def test_a_case_that_failed_is_wrong_in_both_directions():
    for question in (ASKED, UNKNOWN):
        for outcome in (None, Outcome(question.id, None, "crashed")):
            case = score_case(question, outcome)
            assert case.is_right is False
            assert case.abstained is not question.expect.must_abstain
            assert case.error in {"not asked", "crashed"}
    # Nor was anything found; a question without gold has nothing to find.
    assert read_figures(score_case(ASKED, None))["fact_recall_at_4"] == 0.0
    assert not score_case(UNKNOWN, None).retrieval


def test_what_was_found_is_not_scored_where_it_is_not_told():
    told = read_figures(score(ASKED, answered(passages=[])))
    untold = read_figures(score(ASKED, {k: v for k, v in answered().items() if k != "passages"}))
    assert told.keys() - untold.keys() == OF_PASSAGES
    assert told["fact_recall_at_4"] == 0.0


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status": "sure"},
        answered(citations=[{"number": 1}]),
        answered(confidence=7),
        answered(confidence=float("nan")),
        answered(timings_ms={"total": "soon"}),
        answered(sentences="text"),
        answered(sentences=[None]),
    ],
)
def test_an_answer_that_breaks_the_contract_has_failed(answer):
    assert score(ASKED, answer).error.startswith("the answer breaks the contract: ")


@given(st.dictionaries(st.sampled_from(["status", "sentences", "citations", "answer"]), st.text()))
def test_no_answer_breaks_the_scoring(fields):
    failed = score(ASKED, fields).error
    assert failed is None or failed.startswith("the answer breaks the contract: ")


def test_marks_are_no_part_of_a_bare_answers_text():
    answer = parse_answer({"status": "answered", "answer": "It sank. [1][12]"})
    assert answer.text.strip() == "It sank."


def test_tidied_links_are_the_same_document():
    assert document_key("HTTPS://www.Post.example/a/?utm_source=x&id=3#top") == document_key(
        "http://post.example/a?id=3"
    )
    assert document_key("https://post.example/a?id=3") != document_key(
        "https://post.example/a?id=4"
    )
    assert document_key("https://post.example/A") != document_key("https://post.example/a")
    assert document_key("clapnq:-17") == "clapnq:-17"
    assert document_key("http://[broken") == "http://[broken"


def four_cases():
    silent = score(UNKNOWN, declined())
    talked = score_case(UNKNOWN, Outcome("m", answered(confidence=0.9)))
    right = score(ASKED, answered(), OneArticle())
    wrong = score(ASKED, answered("Quell Lines owns it.", confidence=0.4))
    return [silent, talked, right, wrong]


def test_figures_of_a_run_by_hand():
    summary = summarise(four_cases())
    everything = {name: figure.value for name, figure in summary.groups[0].figures.items()}
    assert everything["accuracy"] == 0.5  # silent and right, of 4
    assert everything["answer_accuracy"] == 0.5  # right, of right and wrong
    assert everything["false_answers"] == 0.5  # talked, of silent and talked
    assert everything["false_abstentions"] == 0.0
    assert everything["balanced_accuracy"] == 0.75  # 1 - (0.5 + 0) / 2
    assert everything["document_f1"] == 1.0
    assert [(group.name, group.cases) for group in summary.groups] == [
        ("all", 4),
        ("decline", 2),
        ("single", 2),
    ]
    # By confidence: talked (wrong), right, wrong: (1/1 + 1/2 + 2/3) / 3 = 13/18.
    assert summary.risk_area == pytest.approx(13 / 18)
    assert summary.risk_curve[-1].coverage == 0.75  # 3 of 4 answered
    assert (summary.exact_quotes, summary.checked_quotes, summary.unknown_quotes) == (1, 1, 2)


def test_a_declined_question_lowers_recall_but_no_precision():
    figures = summarise([score(ASKED, answered()), score(ASKED, declined())]).groups[0].figures
    assert figures["document_precision"].value == 1.0  # over the one answer
    assert figures["document_recall"].value == 0.5  # (1 + 0) / 2
    assert figures["document_f1"].value == 0.5
    assert figures["document_f1_answered"].value == 1.0


def test_answers_that_the_set_cannot_judge_give_no_curve():
    long = GoldQuestion("long", "?", Expectation(Status.ANSWERED, references=("…",)))
    summary = summarise([score(long, answered()), score(UNKNOWN, answered())])
    assert summary.risk_area is None
    assert summary.risk_curve == ()


def test_no_case_gives_an_empty_summary():
    summary = summarise([])
    assert summary.groups[0].figures == {}
    assert summary.risk_area is None


def test_percentiles_take_the_nearest_rank():
    values = list(range(1, 21))
    assert percentile(values, 0.5) == 10  # the 10th of 20
    assert percentile(values, 0.95) == 19  # the 19th of 20
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([], 0.5) is None


def shown(*renderables):
    stream = io.StringIO()
    Console(file=stream, width=200, color_system=None).print(*renderables)
    return stream.getvalue()


def test_tables_show_the_figures_and_take_no_markup_from_tags():
    scores = [
        *four_cases(),
        score_case(GoldQuestion("x", "?", UNKNOWN.expect, tags=("[red]x",)), None),
    ]
    summary = summarise(scores)
    text = shown(render_tags_table(summary), render_figures_table(summary))
    assert "[red]x" in text
    assert "balanced" in text
    assert "document F1, answered" in text
    notes = render_notes(summary, scores)
    assert "Quotes equal to their article: 1 of 1 checked." in notes
    assert "Failed: 1; the first, x: not asked" in notes


def test_a_run_as_json_can_be_read_back():
    scores = four_cases()
    shown_run = json.loads(json.dumps(render_run({"set": "s"}, summarise(scores), scores)))
    assert shown_run["groups"][0]["figures"]["accuracy"]["value"] == 0.5
    assert shown_run["cases"][2]["documents"] == {"precision": 1.0, "recall": 1.0}
    assert shown_run["milliseconds"]["p50"] == 17


def test_labels_read_well():
    assert label("fact_recall_at_10") == "fact recall@10"
    assert label("ndcg_at_10") == "nDCG@10"
    assert label("mrr_at_10") == "MRR@10"
    assert label("sentence_f1_answered") == "sentence F1, answered"


FOUND = [
    {"url": "https://far.example/", "text": "Rain fell."},
    {"url": "https://post.example/ferry", "text": "Orla\nLines owns it. Rain."},
]


def test_passages_are_scored_by_fact_and_by_document():
    figures = score_passages(ASKED, FOUND).figures
    assert figures["fact_recall_in_2000_words"] == 1.0
    assert figures["fact_recall_at_4"] == 1.0
    assert figures["document_recall_at_10"] == 1.0
    assert figures["document_hit_at_1"] == 0.0
    assert figures["mrr_at_10"] == 0.5  # rank 2


def test_questions_without_gold_are_not_searched_for():
    searched, passed = [], []

    def search(question, limit):
        searched.append((question.id, limit))
        return FOUND

    scores = measure_search(
        [ASKED, UNKNOWN], search, limit=40, on_question=lambda question: passed.append(question.id)
    )
    assert searched == [("ferry", 40)]
    assert passed == ["ferry", "mayor"]
    estimates = summarise_retrieval(scores)
    assert estimates["mrr_at_10"].value == 0.5
    assert "MRR@10" in shown(render_retrieval_table({"bm25": estimates}))
    assert render_estimates(estimates)["mrr_at_10"]["cases"] == 1


def test_nothing_found_scores_nothing():
    assert set(score_passages(ASKED, []).figures.values()) == {0.0}
    assert summarise_retrieval([]) == {}


def scored(expect, answer, gold=()):
    question = GoldQuestion("q", "?", expect, gold=tuple(gold))
    return read_figures(score_case(question, Outcome("q", answer)))


def test_matches_go_from_the_strict_to_the_aware():
    expect = Expectation(Status.ANSWERED, answers=(("14 November 2023", "Nov. 14"),))
    by_text = {
        "14 November 2023": (1, 1, 1, 1),
        "Nov. 14": (0, 1, 1, 1),
        "It was on 14 November 2023": (0, 0, 1, 1),
        "It was on 2023-11-14": (0, 0, 0, 1),
        "It was in 2023": (0, 0, 0, 0),
    }
    for text, values in by_text.items():
        answer = {"status": "answered", "sentences": [{"text": text, "citations": []}]}
        found = scored(expect, answer)
        names = ("exact_match", "alias_match", "run_match", "accuracy")
        assert tuple(found[name] for name in names) == values, text


def test_several_answers_are_measured_by_their_items_and_their_status():
    expect = Expectation(Status.CONFLICTING, answers=(("6.8 metres",), ("7.4 metres",)))
    one_side = {"status": "answered", "answer": "It was 6.8 metres."}
    found = scored(expect, one_side)
    assert found["conflict_status"] == 0.0
    assert found["conflict_sides"] == 0.5
    assert found["silent_picks"] == 1.0
    assert "list_items" not in found
    both = {"status": "conflicting", "answer": "6.8 metres, or 7.4 metres."}
    found = scored(expect, both)
    assert (found["conflict_sides"], found["silent_picks"]) == (1.0, 0.0)
    plain = Expectation(Status.ANSWERED, answers=(("6.8 metres",),))
    assert scored(plain, both)["false_alarms"] == 1.0
    assert scored(plain, one_side)["false_alarms"] == 0.0


def test_numbers_that_lead_nowhere_are_invalid_and_support_nothing():
    cited = {
        "number": 1, "url": "https://a.example", "article_id": "a", "version": "v",
        "start": 0, "end": 24, "quote": "The Orla sank off Pelum.",
    }  # fmt: skip
    answer = {
        "status": "answered",
        "sentences": [
            {"text": "The Orla sank off Pelum.", "citations": [1]},
            {"text": "The Orla sank off Pelum.", "citations": [2]},
        ],
        "citations": [cited],
        "passages": [{"url": "https://a.example", "text": "The Orla sank off Pelum."}],
    }
    gold = [GoldQuote("https://a.example", "The Orla sank off Pelum.")]
    found = scored(Expectation(Status.ANSWERED), answer, gold)
    assert found["valid_citations"] == 0.5
    assert found["supported_by_cited"] == 0.5
    assert found["supported_somewhere"] == 1.0
    assert found["fact_recall_at_10"] == found["document_hit_at_1"] == 1.0
    assert "valid_citations" not in scored(Expectation(Status.ANSWERED), {"status": "abstained"})
