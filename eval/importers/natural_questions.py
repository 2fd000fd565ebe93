"""Natural Questions and sets in its shape: a Wikipedia page a question, with marked answers.

Read are the simplified release (`document_text`), the full one (`document_tokens`) and NQ-open
(`question`, `answer`), each as JSON lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answer import Status
from eval.dataset import Expectation, GoldQuestion, GoldQuote
from eval.importers.imported import ImportedSet, objects_of, text_of, texts_of
from eval.record_files import Record, read_records
from index.errors import UsageError

_CREDIT = (
    "Questions and annotations: Natural Questions by Tom Kwiatkowski and others (Google), "
    "TACL 2019, https://ai.google.com/research/NaturalQuestions, CC BY-SA 3.0.\n"
    "The pages are from Wikipedia, CC BY-SA."
)
_BLOCKS = frozenset(
    {"<p>", "<table>", "<tr>", "<ul>", "<ol>", "<li>", "<h1>", "<h2>", "<h3>", "<dl>"}
)


def import_natural_questions(source: Path) -> ImportedSet:
    """Read one file, or every `.jsonl` file of a folder.

    Each page becomes an article at `nq:ID`, its markup taken out. A question has an answer if more
    than a quarter of its annotators marked one (the set's own rule is two of five), else it must be
    abstained from, given its page. Short answers of several annotators are spellings of one fact;
    a list that one annotator marked is a fact each. Each annotator's long answer is a choice of
    gold.

    Raises:
        UsageError: If nothing is found, or a record is not in a published shape.
    """
    paths = [source] if source.is_file() else sorted(source.glob("*.jsonl"))
    if not paths:
        raise UsageError(f"{source} holds no .jsonl file. Name the file or folder of the set.")
    articles: dict[str, dict[str, Any]] = {}
    questions: dict[str, GoldQuestion] = {}
    left_out: list[str] = []
    for record in (record for path in paths for record in read_records(path)):
        if "annotations" not in record.fields:
            question = _read_open(record, len(questions))
        else:
            article, question = _read_annotated(record)
            articles[article["url"]] = article
        if question.id in questions:
            left_out.append(f"{record.place}: asked twice")
        questions.setdefault(question.id, question)
    return ImportedSet(
        tuple(articles.values()), tuple(questions.values()), _CREDIT, tuple(left_out)
    )


def _read_open(record: Record, number: int) -> GoldQuestion:
    """NQ-open: a question and its short answers, to be asked of an archive of one's own."""
    spellings = tuple(texts_of(record, "answer"))
    if not spellings:
        raise UsageError(f"{record.place}: neither annotations nor answer. Is this its format?")
    identity = str(record.fields.get("id") or number)
    return GoldQuestion(
        id=f"nq-open-{identity}",
        text=text_of(record, "question"),
        expect=Expectation(Status.ANSWERED, answers=(spellings,)),
        tags=("answerable",),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """A page without its markup, and where each of its tokens came to stand."""

    body: str
    spans: tuple[tuple[int, int], ...]
    """Of each token, `body[start:end]`; empty for markup."""

    def text_of(self, span: Record) -> str:
        """The piece of the body between two tokens; empty where nothing was marked."""
        start, end = span.fields.get("start_token"), span.fields.get("end_token")
        if not isinstance(start, int) or not isinstance(end, int) or start < 0 or end <= start:
            return ""
        kept = [(left, right) for left, right in self.spans[start:end] if right > left]
        return self.body[kept[0][0] : kept[-1][1]] if kept else ""


def _read_annotated(record: Record) -> tuple[dict[str, Any], GoldQuestion]:
    page = _read_page(record)
    identity = str(record.fields.get("example_id") or record.fields.get("id") or "")
    if not identity or not page.body:
        raise UsageError(f"{record.place}: a page without an id or a text. Is this its format?")
    title = str(record.fields.get("document_title") or "").strip()
    article = {"url": f"nq:{identity}", "title": title, "outlet": "Wikipedia", "body": page.body}
    annotations = objects_of(record, "annotations")
    longs = [_marked(page, one) for one in annotations]
    marked = [text for text in dict.fromkeys(longs) if text]
    answered = bool(annotations) and sum(map(bool, longs)) > len(annotations) / 4
    question = GoldQuestion(
        id=f"nq-{identity}",
        text=text_of(record, "question_text"),
        expect=_expect(page, annotations) if answered else Expectation(Status.ABSTAINED),
        gold=tuple(GoldQuote(article["url"], text, choice) for choice, text in enumerate(marked))
        if answered
        else (),
        tags=("answerable" if answered else "unanswerable",),
        story=f"nq:{title or identity}",
        given=(article["url"],),
    )
    return {name: value for name, value in article.items() if value}, question


def _read_page(record: Record) -> _Page:
    tokens = _tokens(record)
    body, spans, broken = "", [], False
    for text, is_markup in tokens:
        if is_markup:
            broken = broken or text.lower() in _BLOCKS
            spans.append((len(body), len(body)))
            continue
        gap = ("\n\n" if broken else " ") if body else ""
        broken = False
        start = len(body) + len(gap)
        body += gap + text
        spans.append((start, len(body)))
    return _Page(body, tuple(spans))


def _tokens(record: Record) -> list[tuple[str, bool]]:
    """Each token, and whether it is markup."""
    if record.fields.get("document_tokens"):
        found = objects_of(record, "document_tokens")
        return [(text_of(one, "token"), bool(one.fields.get("html_token"))) for one in found]
    words = text_of(record, "document_text").split(" ")
    return [(word, word.startswith("<") and word.endswith(">")) for word in words]


def _marked(page: _Page, annotation: Record) -> str:
    """The long answer, or in sets without it the first short one; empty where neither is marked."""
    span = annotation.fields.get("long_answer")
    long = page.text_of(Record(span, annotation.place)) if isinstance(span, dict) else ""
    return long or next(iter(_short_answers(page, annotation)), "")


def _expect(page: _Page, annotations: list[Record]) -> Expectation:
    said = [str(one.fields.get("yes_no_answer") or "").lower() for one in annotations]
    polar = [word for word in said if word in {"yes", "no"}]
    if polar:
        return Expectation(Status.ANSWERED, answers=((max(polar, key=polar.count),),))
    shorts = [_short_answers(page, one) for one in annotations]
    given = [texts for texts in shorts if texts]
    if given and all(len(texts) == 1 for texts in given):
        return Expectation(
            Status.ANSWERED, answers=(tuple(dict.fromkeys(texts[0] for texts in given)),)
        )
    facts = tuple((text,) for text in given[0]) if given else ()
    return Expectation(Status.ANSWERED, answers=facts)


def _short_answers(page: _Page, annotation: Record) -> list[str]:
    texts = [page.text_of(span) for span in objects_of(annotation, "short_answers")]
    return [text for text in texts if text]
