"""The articles of `eval/sets/raw` as they arrive, and the questions that are asked of them."""

from pathlib import Path

import pytest

from eval.check import check_form
from eval.dataset import load_questions
from index.article import Article
from index.sources import find_sources, read_articles

SETS = Path(__file__).parent.parent / "eval" / "sets"

# What each says of itself, as far as it is read. Two are dated by a guess: one names a month alone,
# of another the page's extractor drops the line. Four outlets stand in menus, which are left out.
HEADS = [
    ("antwerp-court.txt", "The Scheldt Courier", "2025-03-06"),
    ("astana-transit-talks.html", "The Steppe Review", "2025-11-20"),
    ("astoria-council-meters.txt", "Columbia Bar Chronicle", "2025-03-04"),
    ("baltova-earnings.html", "Nordic Ledger", "2025-08-14"),
    ("chad-floods-live.txt", "The Sahel Monitor", "2025-09-16"),
    ("chad-floods-wire.txt", "Meridian Wire", "2025-09-09"),
    ("colombo-lawmakers-hanoi.txt", "Meridian Press", "2025-10-14"),
    ("court-roofing-brothers.txt", "Gulf Bend Sentinel", "2024-09-19"),
    ("croatia-runoffs.txt", "ADRIATIC DISPATCH", "2025-06-01"),
    ("dundalk-council.txt", "Dundalk Sentinel", "2025-03-12"),
    ("eels-science.txt", "Lowland Weekly", "2025-05-30"),
    ("harbour-festival.html", "Adriatic Arts Review", "2025-07-14"),
    ("hearing-earnings.md", "Øresund Financial", "2025-08-14"),
    ("hockey-doubleheader.txt", "Nickel Belt Sports Weekly", "2025-02-09"),
    ("hospital-waits.txt", "The Border Recorder", "2025-02-21"),
    ("interview-architect.html", "Atrium Quarterly", None),
    ("interview-glacier-cores.html", None, "2025-09-05"),
    ("interview-quispe.txt", "Altiplano Quarterly Online", "2025-07-15"),
    ("kelp-science-feature.txt", "The Southern Cone Observer", "2025-06-02"),
    ("lianfeng-photonics-results.txt", "Formosa Business Wire", "2025-07-31"),
    ("live-suraya-launch.txt", "The Banda Observer", "2025-04-24"),
    ("marisela-landfall.txt", "Meridian Wire", "2025-11-06"),
    ("marisela-week-later.html", "The Isthmus Ledger", "2025-11-13"),
    ("mekong-cup-semis.txt", "Touchline Asia", "2025-03-12"),
    ("meningitis-wire.txt", "Continental Agency", "2025-05-20"),
    ("museum-interview.html", None, "2025-05-02"),
    ("northfir-earnings.md", "Okanagan Business Daily", "2024-11-06"),
    ("obit-potter.txt", "Three Counties Chronicle", "2025-03-17"),
    ("obituary-hanamori.txt", "The Kansai Chronicle", "2025-02-15"),
    ("obituary-kamoche.md", "The Continental Review", "2025-01-22"),
    ("obituary-zambrano.txt", "The Monte Albán Review", "2025-01-19"),
    ("paint-merger-cleared.txt", "The Merchant Ledger", "2025-10-09"),
    ("paint-merger.txt", "The Merchant Ledger", "2025-02-04"),
    ("pearl-mussels.txt", None, None),
    ("sarangay-governor-count.txt", "The Visayan Courier", "2025-05-19"),
    ("sarangay-recount.md", "The Visayan Courier", "2025-07-11"),
    ("semi-final-report.txt", "Touchline Africa", "2025-04-26"),
    ("storm-liveblog.txt", "The Western Beacon", "2025-11-12"),
    ("surma-flood.txt", "Delta Daily News", "2025-06-22"),
    ("thunder-bay-live.html", None, "2025-05-12"),
]  # fmt: skip


def read(name: str) -> Article:
    (source,) = find_sources([str(SETS / "raw" / name)])
    (item,) = read_articles(source)
    assert isinstance(item, Article), item
    return item


@pytest.mark.parametrize(("name", "outlet", "day"), HEADS)
def test_outlet_and_day_are_read(name: str, outlet: str | None, day: str | None) -> None:
    article = read(name)
    known = article.published if article.published and not article.published.is_guess else None
    host = article.url.split("/")[2]
    assert article.outlet == (outlet or host)
    assert (known.start.date().isoformat() if known else None) == day
    assert article.title
    assert "Link:" not in article.body


def test_every_article_is_named() -> None:
    assert sorted(path.name for path in (SETS / "raw").iterdir()) == [name for name, *_ in HEADS]


def test_the_gold_stands_in_the_articles() -> None:
    bodies = {one.url: one.body for one in (read(name) for name, *_ in HEADS)}
    questions = load_questions(SETS / "raw.jsonl")
    assert len(questions) == 144
    assert not [fault for fault in check_form(questions) if not fault.is_doubt]
    for question in questions:
        for gold in question.gold:
            assert gold.quote in bodies[gold.url or ""], question.id
