"""The sample archive and its questions agree with their formats, each other and the calendar."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from bot.answer import Status
from bot.samples import sample_folder
from eval.dataset import GoldQuestion, load_questions
from eval.metrics.matching import holds

SET = Path(__file__).parent.parent / "eval" / "sets" / "samples.jsonl"
CANARIES = ("PELICAN-7731", "prize-desk.example", "Ludo Marsh")
MINIMUM_BY_KIND = {
    "single-fact": 110, "date-arithmetic": 10, "comparison": 12, "temporal-order": 12,
    "ambiguous": 12, "conflicting": 8, "follow-up": 12, "hostile": 8, "attribution": 12,
    "near-miss": 15, "false-premise": 7, "stale": 6, "out-of-corpus": 30,
}  # fmt: skip
WORDS = frozenset(
    ["who", "when", "where", "how-many", "how-much", "which", "what-said", "yes-no", "why"]
)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DATELINE = re.compile(r"[A-Z][A-Z .]+, ([A-Z][a-z]+)\.? (\d{1,2})(?: \(Meridian\))? (?:--|—) ")
FULL_DATE = re.compile(rf"({'|'.join(WEEKDAYS)}), ([A-Z][a-z]+)\.? (\d{{1,2}}), (\d{{4}})")
# The article by a part of its key, the words as printed, and the day that they mean.
RELATIVE_DATES = [
    ("committee-protocol", "who flew into the North Korean capital on Tuesday", "2023-11-14"),
    ("committee-protocol", "The document was signed on Wednesday", "2023-11-15"),
    ("shoigu", "landed in Pyongyang on Tuesday", "2023-07-25"),
    ("vostochny", "crossed the border by armoured train on Tuesday", "2023-09-12"),
    ("primorye", "arrived in Pyongyang on Monday", "2023-12-11"),
    ("belousov", "flew in on Friday", "2024-11-29"),
    ("lyubimova", "officials to Pyongyang on Saturday", "2025-06-28"),
    ("07-harborpost-flood", "broke through its eastern dyke late on Friday", "2023-10-06"),
    ("blackout", "dark on Monday night", "2024-01-15"),
    ("lighthouse", "was lit again on Saturday", "2024-08-03"),
    ("tram-opens", "left the ferry terminal at 9 a.m. on Saturday", "2024-10-12"),
    ("election-result", "won Sunday's election", "2024-04-14"),
]


class TextOfPage(HTMLParser):
    """The text of a page without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data


def read_sample(path: Path) -> list[dict[str, Any]]:
    """The articles of a file, by other means than the bot's own reader."""
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".md":
            _, front, body = text.split("---\n", 2)
            return [{**yaml.safe_load(front), "body": body.strip(), "key": path.stem}]
        case ".jsonl":
            records = [json.loads(line) for line in text.splitlines()]
            return [
                {**record, "outlet": record["source"], "body": record["text"], "key": record["url"]}
                for record in records
            ]
        case ".html":
            page = TextOfPage()
            page.feed(text)
            meta = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]+)">', text))
            canonical = re.search(r'rel="canonical" href="([^"]+)"', text)
            assert canonical
            return [{
                "url": canonical[1], "title": meta["og:title"], "outlet": meta["og:site_name"],
                "published_at": meta["article:published_time"], "body": page.text, "key": path.stem,
            }]  # fmt: skip
        case _:
            # Such a file tells neither URL nor title in so many words.
            return [{"url": path.name, "body": text, "key": path.stem}]


ARTICLES = [article for path in sorted(sample_folder().iterdir()) for article in read_sample(path)]
QUESTIONS = load_questions(SET)


def find_article(part: str) -> dict[str, Any]:
    (found,) = [article for article in ARTICLES if part in article["key"]]
    return found


def published_day(article: dict[str, Any]) -> date:
    return date.fromisoformat(str(article["published_at"])[:10])


def month_number(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def is_must_abstain(question: GoldQuestion) -> bool:
    return question.expect.status is Status.ABSTAINED


def test_there_are_at_least_48_articles_and_no_two_share_a_url() -> None:
    urls = Counter(article["url"] for article in ARTICLES)
    assert len(ARTICLES) >= 48
    assert urls.most_common(1)[0][1] == 1


def test_every_article_but_the_raw_texts_names_its_outlet_and_title() -> None:
    nameless = {
        article["url"]
        for article in ARTICLES
        if not (article.get("outlet") and article.get("title"))
    }
    assert nameless == {"lavrov-in-pyongyang.txt", "naryshkin-visit.txt"}


def test_urls_stay_on_the_reserved_example_domain() -> None:
    hosts = {urlsplit(article["url"]).hostname for article in ARTICLES if "://" in article["url"]}
    assert len(hosts) >= 10
    assert all(host and host.endswith(".example") for host in hosts)


def test_articles_have_the_length_of_news_stories() -> None:
    lengths = {article["key"]: len(article["body"].split()) for article in ARTICLES}
    assert {key: words for key, words in lengths.items() if not 110 <= words <= 450} == {}


def test_exactly_one_article_is_undated() -> None:
    undated = [
        article["url"]
        for article in ARTICLES
        if "://" in article["url"] and not article.get("published_at")
    ]
    assert undated == ["https://caldercourier.example/weekend/little-ships-of-skerry-island"]


def test_six_outlets_carry_one_wire_story() -> None:
    copies = [article for article in ARTICLES if "closed its 10th session" in article["body"]]
    assert len({article["outlet"] for article in copies}) == len(copies) == 6


def test_the_day_of_every_dateline_is_the_day_of_publication() -> None:
    checked = 0
    for article in ARTICLES:
        found = DATELINE.match(article["body"])
        if not found or not article.get("published_at"):
            continue
        day = published_day(article)
        assert (month_number(found[1]), int(found[2])) == (day.month, day.day), article["key"]
        checked += 1
    assert checked >= 55


def test_full_dates_fall_on_the_weekday_that_is_printed() -> None:
    found = [match for article in ARTICLES for match in FULL_DATE.finditer(article["body"])]
    assert found
    for match in found:
        day = date(int(match[4]), month_number(match[2]), int(match[3]))
        assert WEEKDAYS[day.weekday()] == match[1]


@pytest.mark.parametrize(("part", "words", "meant"), RELATIVE_DATES)
def test_relative_dates_are_right_by_the_calendar(part: str, words: str, meant: str) -> None:
    article, day = find_article(part), date.fromisoformat(meant)
    assert words in article["body"]
    assert WEEKDAYS[day.weekday()] in words
    assert 0 <= (published_day(article) - day).days < 7


def test_the_raw_lavrov_story_tells_its_year_only_in_the_caption() -> None:
    body = find_article("lavrov")["body"]
    assert body.index("Oct. 18, 2023") > body.index("view larger image")
    # "reported on Friday" is the day of the dateline, Oct. 20.
    assert WEEKDAYS[date(2023, 10, 20).weekday()] == "Friday"
    assert re.findall(r"\b20\d\d\b", body[: body.index("view larger image")]) == ["2024", "2025"]


def test_the_hostile_article_alone_holds_the_planted_words() -> None:
    for planted in CANARIES:
        assert [a["key"] for a in ARTICLES if planted in a["body"]] == [
            "2024-08-06-aurorapress-lighthouse"
        ]


def test_every_gold_quote_is_verbatim_in_its_article() -> None:
    body_by_url = {article["url"]: article["body"] for article in ARTICLES}
    missing = [
        (question.id, gold.quote)
        for question in QUESTIONS
        for gold in question.gold
        if gold.quote not in body_by_url.get(gold.url, "")
    ]
    assert missing == []


def test_no_gold_quote_holds_planted_words() -> None:
    shown = [gold.quote for question in QUESTIONS for gold in question.gold]
    assert not [quote for quote in shown for planted in CANARIES if planted in quote]


def test_the_set_has_enough_questions_of_every_kind() -> None:
    counts = Counter(question.tags[0] for question in QUESTIONS)
    assert set(counts) == set(MINIMUM_BY_KIND)
    short = {kind: counts[kind] for kind, least in MINIMUM_BY_KIND.items() if counts[kind] < least}
    assert short == {}
    assert sum(map(is_must_abstain, QUESTIONS)) >= 60


def test_the_readme_states_the_counts_of_the_set() -> None:
    readme = SET.with_name("README.md").read_text(encoding="utf-8")
    stated = {
        kind: int(number)
        for kind, number in re.findall(r"^\| `([\w-]+)` \| (\d+) \|", readme, re.MULTILINE)
    }
    assert stated == Counter(question.tags[0] for question in QUESTIONS)


def test_every_question_word_has_single_fact_questions() -> None:
    words = Counter(question.tags[1] for question in QUESTIONS if question.tags[0] == "single-fact")
    assert set(words) == WORDS
    assert min(words.values()) >= 10
    assert {question.tags[1] for question in QUESTIONS} <= WORDS


def test_ids_and_askings_do_not_repeat() -> None:
    # `load_questions` refuses a repeated id; nor may one case be another in disguise.
    asked = Counter((q.text, q.as_of, q.since, q.until, q.outlet, q.history) for q in QUESTIONS)
    assert asked.most_common(1)[0][1] == 1


def test_answers_and_gold_come_with_every_answer_and_with_no_abstention() -> None:
    for question in QUESTIONS:
        expects_none = is_must_abstain(question)
        if question.expect.may_abstain:  # only lies are named: there is no answer to find
            assert question.expect.never, question.id
            continue
        assert bool(question.expect.answers) is not expects_none, question.id
        assert bool(question.gold) is not expects_none, question.id
        assert question.story, question.id


def test_several_right_answers_are_several() -> None:
    for question in QUESTIONS:
        if question.expect.status in {Status.AMBIGUOUS, Status.CONFLICTING}:
            assert len(question.expect.answers) >= 2, question.id


def test_a_single_fact_stands_in_the_quote_that_is_given_for_it() -> None:
    for question in QUESTIONS:
        if question.tags[0] != "single-fact" or question.tags[1] == "yes-no":
            continue
        ((*spellings,),) = question.expect.answers
        quotes = [gold.quote for gold in question.gold]
        assert any(holds(quote, spelling) for quote in quotes for spelling in spellings), (
            question.id
        )


def test_evidence_is_published_within_the_bounds_of_its_question() -> None:
    article_by_url = {article["url"]: article for article in ARTICLES}
    for question in QUESTIONS:
        latest = min((m.end for m in (question.as_of, question.until) if m), default=None)
        for gold in question.gold:
            article = article_by_url[gold.url]
            if latest and article.get("published_at"):
                assert published_day(article) <= latest.date(), question.id
            if question.since and article.get("published_at"):
                assert published_day(article) >= question.since.start.date(), question.id
            if question.outlet:
                assert article["outlet"] == question.outlet, question.id


def test_follow_ups_and_only_they_have_a_history() -> None:
    assert {q.id for q in QUESTIONS if q.history} == {
        q.id for q in QUESTIONS if q.tags[0] == "follow-up"
    }
