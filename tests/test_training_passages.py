import json
from dataclasses import replace

import pytest

from index.errors import UsageError
from index.models.training import ARTICLES_FILE, PASSAGES_FILE
from index.models.training.__main__ import main
from index.models.training.packing import parse_short
from index.models.training.passages import (
    check_lines,
    load_passages,
    parse_passage,
    read_lines,
    render_passage,
    write_passages,
)
from tests.training_samples import passage

PASSAGE = passage()
SHORT = {
    "t": PASSAGE.title,
    "o": PASSAGE.outlet,
    "d": PASSAGE.published.isoformat(),
    "s": list(PASSAGE.sentences),
    "q": [[one.question, one.answer, list(one.sentences)] for one in PASSAGE.questions],
    "n": list(PASSAGE.unanswered),
    "c": [[one.claim, list(one.sentences)] for one in PASSAGE.claims],
    "x": [[one.claim, list(one.sentences), one.kind] for one in PASSAGE.false_claims],
}


def faults_of(*lines, parse=parse_passage):
    placed = [(f"f:{number}", line) for number, line in enumerate(lines, 1)]
    return [f"{one.place}: {fault}" for one in check_lines(placed, parse) for fault in one.faults]


def spoilt(**changes):
    return json.dumps(json.loads(render_passage(PASSAGE)) | changes)


@pytest.mark.parametrize("path", [PASSAGES_FILE, ARTICLES_FILE])
def test_what_is_kept_has_no_fault_and_a_tenth_is_held_out(path):
    lines = [line.strip() for _, line in read_lines(path)]
    passages = load_passages(path)
    assert len(passages) > 1000
    # As `write_passages` would write them, in its order.
    assert [render_passage(one) for one in passages] == lines
    assert passages == sorted(passages, key=lambda one: (one.published, one.title, one.sentences))
    held_out = [one for one in passages if one.is_held_out(1)]
    assert len(passages) * 0.07 < len(held_out) < len(passages) * 0.13
    assert not any(one.is_held_out(0) for one in passages)
    assert all(one.is_held_out(2) for one in held_out)


def test_a_line_gives_back_its_passage():
    assert parse_passage(render_passage(PASSAGE)) == PASSAGE
    assert faults_of(render_passage(PASSAGE)) == []


def test_the_short_form_gives_the_same_passage():
    assert parse_short(json.dumps(SHORT)) == PASSAGE


def test_packing_gives_the_same_bytes_in_any_order_and_under_any_name(tmp_path):
    one, other = passage("Mole", 3), PASSAGE
    write_passages([one, other], tmp_path / "a.gz")
    write_passages([other, one], tmp_path / "b.gz")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert load_passages(tmp_path / "a.gz") == [other, one]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "Invalid JSON"),
        (spoilt(mood="good"), "mood: Unexpected keyword argument"),
        (spoilt(published="1 May"), "published: "),
        (spoilt(sentences=["One."]), "1 sentences: 5 to 24 do"),
        (spoilt(sentences=[*PASSAGE.sentences, " "]), "sentence 6 is empty"),
        (spoilt(unanswered=[]), "no unanswered"),
        (spoilt(claims=[]), "no claims"),
        (spoilt(unanswered=[""]), "an empty question"),
        (
            spoilt(questions=[{"question": "Who?", "answer": "Eva", "sentences": [1]}]),
            "'Who?': the answer 'Eva' does not stand in its sentences",
        ),
        (spoilt(claims=[{"claim": "So.", "sentences": [6]}]), "'So.': cites sentences [6] of 6"),
        (spoilt(claims=[{"claim": "So.", "sentences": []}]), "'So.': cites sentences [] of 6"),
        (spoilt(claims=[{"claim": "So.", "sentences": [1, 1]}]), "'So.': cites a sentence twice"),
        (spoilt(claims=[{"claim": "So.", "sentences": ["1"]}]), "claims.0.sentences.0: "),
        (
            spoilt(false_claims=[{"claim": "So.", "sentences": [1], "kind": "lie"}]),
            "false_claims.0.kind: ",
        ),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(line, fault):
    found = faults_of(render_passage(passage("Mole")), line)
    assert found[0].startswith(f"f:2: {fault}")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"q": [["Who?", "Ana Port"]]},
            "q: ['Who?', 'Ana Port'] is not [question, answer, sentences]",
        ),
        ({"c": ["S"]}, "c: 'S' is not [claim, sentences]"),
        ({"c": 3}, "c: no list"),
        ({"e": 1}, "not an object with the keys t, o, d, s, q, n, c and x"),
        ({"x": [["So.", [1], "lie"]]}, "false_claims.0.kind: "),
    ],
)
def test_a_bad_line_of_the_short_form_is_named_with_what_is_wrong(changes, fault):
    (found,) = faults_of(json.dumps(SHORT | changes), parse=parse_short)
    assert found.startswith(f"f:1: {fault}")
    assert faults_of("[1", parse=parse_short)


def test_the_same_sentences_twice_are_a_fault_of_the_second():
    again = replace(PASSAGE, title="Another")
    assert faults_of(render_passage(PASSAGE), render_passage(again)) == [
        "f:2: the same sentences as at f:1"
    ]


def test_loading_names_the_first_fault_and_the_command_that_names_all(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_text(f"{render_passage(PASSAGE)}\n{spoilt(claims=[])}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"p\.jsonl:2: no claims\. Every fault: .* check "):
        load_passages(path)
    (tmp_path / "cut.gz").write_bytes(PASSAGES_FILE.read_bytes()[:5000])
    with pytest.raises(UsageError, match=r"cut\.gz cannot be read"):
        list(read_lines(tmp_path / "cut.gz"))


def test_the_commands_pack_and_check(tmp_path, capsys):
    short, packed = tmp_path / "a.jsonl", tmp_path / "p.jsonl.gz"
    short.write_text(json.dumps(SHORT) + "\n\n", encoding="utf-8")
    assert main(["pack", str(short), "--out", str(packed)]) == 0
    assert load_passages(packed) == [PASSAGE]
    capsys.readouterr()
    assert main(["check", str(packed)]) == 0
    counts = capsys.readouterr().out.splitlines()
    assert counts[:3] == ["passages 1", "words 29", "questions 2"]
    assert "false_claims.name 1" in counts
    short.write_text(json.dumps(SHORT | {"c": [["So.", [9]]]}) + "\n", encoding="utf-8")
    assert main(["pack", str(short), "--out", str(tmp_path / "bad.gz")]) == 1
    assert "a.jsonl:1: 'So.': cites sentences [9] of 6" in capsys.readouterr().out
    assert not (tmp_path / "bad.gz").exists()
    assert main(["check", str(tmp_path / "nowhere")]) == 1
    assert "nowhere cannot be read" in capsys.readouterr().err
