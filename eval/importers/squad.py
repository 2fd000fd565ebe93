"""SQuAD 2.0: Wikipedia paragraphs with short answers, a third of the questions without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.imported import ImportedSet, objects_of, text_of
from eval.record_files import Record, read_json
from index.errors import UsageError
from index.sentences import split_sentences

_CREDIT = (
    "Questions and answers: SQuAD 2.0 by Pranav Rajpurkar, Robin Jia and Percy Liang, ACL 2018, "
    "https://rajpurkar.github.io/SQuAD-explorer/, CC BY-SA 4.0.\n"
    "The paragraphs are from Wikipedia, CC BY-SA."
)


def import_squad(path: Path) -> ImportedSet:
    """Read a published file such as `dev-v2.0.json`; SQuAD 1.1 has the same shape.

    Each paragraph becomes an article at `squad:TITLE/NUMBER`. The gold quote is the sentence
    that holds the first answer; every person's answer is a spelling of it.

    Raises:
        UsageError: If the file is not in the published shape.
    """
    root = read_json(path)
    if not isinstance(root, dict):
        raise UsageError(f"{path}: not SQuAD: an object with data is needed at the top.")
    articles: list[dict[str, Any]] = []
    questions: dict[str, GoldQuestion] = {}
    left_out: list[str] = []
    for page in objects_of(Record(root, str(path)), "data"):
        for number, paragraph in enumerate(objects_of(page, "paragraphs")):
            article = _read_article(page, paragraph, number)
            articles.append(article)
            for record in objects_of(paragraph, "qas"):
                question = _read_question(record, article, text_of(page, "title"))
                if question is None or question.id in questions:
                    left_out.append(f"{record.place}: no answer, or asked twice")
                else:
                    questions[question.id] = question
    return ImportedSet(tuple(articles), tuple(questions.values()), _CREDIT, tuple(left_out))


def _read_article(page: Record, paragraph: Record, number: int) -> dict[str, Any]:
    title = text_of(page, "title")
    return {
        "url": f"squad:{title}/{number}",
        "title": title.replace("_", " "),
        "outlet": "Wikipedia",
        "body": text_of(paragraph, "context"),
    }


def _read_question(record: Record, article: dict[str, Any], title: str) -> GoldQuestion | None:
    identity, text = f"squad-{text_of(record, 'id')}", text_of(record, "question")
    answers = objects_of(record, "answers")
    if record.fields.get("is_impossible"):
        expect = Expectation(Status.ABSTAINED)
        gold: tuple[GoldQuote, ...] = ()
    elif answers:
        spellings = tuple(dict.fromkeys(text_of(answer, "text") for answer in answers))
        expect = Expectation(Status.ANSWERED, answers=(spellings,))
        gold = (GoldQuote(article["url"], _sentence_of(answers[0], article["body"])),)
    else:
        return None
    return GoldQuestion(
        identity,
        text,
        expect,
        gold,
        tags=("unanswerable" if expect.must_abstain else "answerable",),
        story=f"squad:{title}",
        given=(article["url"],),
    )


def _sentence_of(answer: Record, body: str) -> str:
    text, start = text_of(answer, "text"), answer.fields.get("answer_start")
    if not isinstance(start, int) or body[start : start + len(text)] != text:
        start = body.find(text)
    for span in split_sentences(body):
        if span.start <= start and start + len(text) <= span.end:
            return span.of(body)
    return text
