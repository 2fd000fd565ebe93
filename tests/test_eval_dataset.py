import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import Reason, Status, Turn
from eval.dataset import (
    Expectation,
    GoldQuestion,
    GoldQuote,
    digest_questions,
    load_questions,
    parse_question,
    render_question,
    save_questions,
)
from index.errors import UsageError
from index.moment import Moment

FULL = {
    "id": "ferry-1",
    "question": "Who owns the ferry?",
    "as_of": "2031-05-02",
    "since": "2031-04",
    "until": "2031-05-01T12:00:00Z",
    "outlet": "Pelum Post",
    "history": ["What sank off Pelum?"],
    "expect": {"status": "answered", "answers": [["Orla Lines", "Orla"], ["no"]]},
    "gold": [{"url": "urn:a", "quote": "Orla Lines owns it."}],
    "tags": ["single", "follow-up"],
    "story": "ferry",
}


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_a_question_is_read_with_all_its_fields(tmp_path):
    (question,) = load_questions(write(tmp_path / "set.jsonl", FULL))
    assert question.expect == Expectation(
        Status.ANSWERED, answers=(("Orla Lines", "Orla"), ("no",))
    )
    assert question.gold == (GoldQuote("urn:a", "Orla Lines owns it."),)
    assert question.tags == ("single", "follow-up")
    assert question.cluster == "ferry"


def test_a_day_as_a_bound_counts_whole(tmp_path):
    (question,) = load_questions(write(tmp_path / "set.jsonl", FULL))
    asked = question.to_question()
    assert asked.as_of == datetime(2031, 5, 2, 23, 59, 59, tzinfo=UTC)
    assert asked.since == datetime(2031, 4, 1, tzinfo=UTC)
    assert asked.until == datetime(2031, 5, 1, 12, tzinfo=UTC)
    assert asked.history == (Turn("What sank off Pelum?"),)


def test_yaml_leaves_no_and_dates_as_they_are_written(tmp_path):
    path = tmp_path / "set.yaml"
    path.write_text(
        "- id: a\n  question: Did it sink?\n  as_of: 2031-05-02\n"
        "  expect: {status: answered, answers: [no, [12, twelve]]}\n"
        "- id: b\n  question: Who is the mayor?\n"
        "  expect: {status: abstained, reason: out_of_corpus}\n",
        encoding="utf-8",
    )
    first, second = load_questions(path)
    assert first.expect.answers == (("no",), ("12", "twelve"))
    assert first.as_of == Moment.day(2031, 5, 2)
    assert second.expect == Expectation(Status.ABSTAINED, Reason.OUT_OF_CORPUS)


def test_a_json_list_is_a_set_too(tmp_path):
    path = tmp_path / "set.json"
    path.write_text(json.dumps([FULL]), encoding="utf-8")
    assert load_questions(path)[0].id == "ferry-1"


def broken(**changes):
    fields = {**FULL, **changes}
    return {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (broken(id=None), "id: Field required"),
        (broken(question="  "), "question: String should have at least 1"),
        (broken(answer="x"), "answer: Extra inputs are not permitted"),
        (broken(expect={"status": "right"}), "expect.status: Input should be"),
        (broken(as_of="Tuesday"), "as_of: Value error, not an ISO 8601 date"),
        (broken(as_of="2031-02-31"), "as_of: Value error"),
        (broken(gold=[{"quote": "x"}]), "gold.0.url: Field required"),
        (
            broken(expect={"status": "answered", "answers": [[]]}),
            "answers.0: Value should have",
        ),
        (broken(expect={"status": "abstained", "answers": ["x"]}), "leave answers out"),
        (broken(expect={"status": "answered", "reason": "stale"}), "reason belongs to status"),
        (broken(expect={"status": "answered"}, gold=[]), "nothing to measure an answer by"),
    ],
)
def test_a_fault_is_named_with_file_line_and_field(tmp_path, record, complaint):
    path = write(tmp_path / "set.jsonl", {**FULL, "id": "fine"}, record)
    with pytest.raises(UsageError) as caught:
        load_questions(path)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(f"{path} line 2: ")


def test_an_id_that_is_used_twice_is_named_with_both_places(tmp_path):
    path = write(tmp_path / "set.jsonl", FULL, FULL)
    with pytest.raises(UsageError, match=r"line 2: id 'ferry-1' stands at .*line 1 already"):
        load_questions(path)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("set.jsonl", b"", "holds no question"),
        ("set.jsonl", b"\n{oops}\n", "line 2: not JSON"),
        ("set.jsonl", b"[1]", "item 1: a int where an object is needed"),
        ("set.jsonl", b'"text"', "line 1: a str where an object"),
        ("set.jsonl", b"\xff\xfe\x00", "not UTF-8 text"),
        ("set.jsonl", b"[" * 100_000, "nested too deeply"),
        ("set.jsonl", b'{"a":' * 100_000, "nested too deeply"),
        ("set.yaml", b"a: 1", "not a YAML list"),
        ("set.yaml", b"- [unclosed", "not YAML"),
        ("set.yaml", b"[" * 2_000, "not YAML"),
        ("set.yaml", b"", "not a YAML list"),
        ("set.yaml", b"- !!python/object/apply:os.system [ls]\n", "not YAML"),
    ],
)
def test_a_file_that_is_no_set_is_refused_in_one_sentence(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load_questions(path)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"Cannot read .*nowhere\.jsonl: No such file"):
        load_questions(tmp_path / "nowhere.jsonl")


def test_a_lone_surrogate_is_refused_where_it_stands(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(FULL).replace("Who", "\\ud800"), encoding="ascii")
    with pytest.raises(UsageError, match="line 1: question"):
        load_questions(path)


def test_line_separators_inside_a_text_end_no_line(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps({**FULL, "question": "a\u2028b\x85c"}, ensure_ascii=False))
    assert load_questions(path)[0].text == "a\u2028b\x85c"


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and bool(text)
)


@given(
    st.builds(
        GoldQuestion,
        id=texts,
        text=texts,
        expect=st.builds(
            Expectation,
            status=st.sampled_from([Status.ANSWERED, Status.CONFLICTING]),
            answers=st.lists(
                st.lists(texts, min_size=1, max_size=2).map(tuple), min_size=1, max_size=2
            ).map(tuple),
        ),
        gold=st.lists(
            st.builds(GoldQuote, url=texts, quote=texts, choice=st.integers(0, 3)), max_size=2
        ).map(tuple),
        tags=st.lists(texts, max_size=2).map(tuple),
        as_of=st.none() | st.just(Moment.day(2031, 5, 2)),
    )
)
def test_what_is_rendered_is_read_back(question):
    assert parse_question(render_question(question), place="here") == question


def test_what_is_saved_is_loaded(tmp_path):
    question = parse_question(FULL, place="here")
    save_questions(tmp_path / "new" / "set.jsonl", [question])
    assert load_questions(tmp_path / "new" / "set.jsonl") == [question]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["set.jsonl"]


def test_the_digest_changes_with_anything_that_could_change_a_result():
    question = parse_question(FULL, place="here")
    other = parse_question({**FULL, "as_of": "2031-05-03"}, place="here")
    assert digest_questions([question]) == digest_questions([question])
    assert digest_questions([question]) != digest_questions([other])
