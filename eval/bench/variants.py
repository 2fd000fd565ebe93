"""Articles by the hundred, made from the sentences of the sample archive.

The same at every run, and distinct: each draws its sentences from the whole archive, so that no two
share more than one or two.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path

from bot.samples import sample_folder
from index.article import Article
from index.moment import Moment, Precision
from index.sentences import split_sentences
from index.sources import find_sources, read_articles
from index.sources.dateline import find_dateline

_FIRST_DAY = date(2023, 1, 1)
_DAYS = 900
# Measured with the chunks of `dateline ingest`, in which headers take their part.
_SENTENCES_A_CHUNK = 7.5
# Of one article: two to six chunks, as news is.
_SENTENCES = range(12, 40)


def write_variants(folder: Path, *, chunks: int, seed: int = 1) -> None:
    """Write articles that give about so many chunks: text, Markdown, HTML and JSON lines by turns.

    Args:
        folder: Where; it is made.
        chunks: How many chunks the articles should have together.
        seed: Other articles for another one.
    """
    folder.mkdir()
    render_by_suffix = {"txt": _render_text, "md": _render_markdown, "html": _render_page}
    left = chunks * _SENTENCES_A_CHUNK
    lines = []
    for number, article in enumerate(make_variants(seed)):
        left -= len(_paragraphs(article)) * 3
        suffix = ("txt", "md", "html", "jsonl")[number % 4]
        if suffix == "jsonl":
            lines.append(_render_record(article))
        else:
            render = render_by_suffix[suffix]
            (folder / f"variant-{number}.{suffix}").write_text(render(article), encoding="utf-8")
        if left <= 0:
            break
    if lines:
        (folder / "variants.jsonl").write_text("\n".join(lines), encoding="utf-8")


def write_records(path: Path, articles: Iterable[Article]) -> None:
    """Write articles as JSON lines, one by one."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{_render_record(article)}\n" for article in articles)


def make_variants(seed: int) -> Iterator[Article]:
    """Variants without end; paragraphs of three sentences."""
    sentences, outlets = _material()
    source = random.Random(seed)  # noqa: S311  only to be the same at every run
    number = 0
    while True:
        number += 1
        chosen = source.sample(sentences, source.choice(_SENTENCES))
        day = _FIRST_DAY + timedelta(days=source.randrange(_DAYS))
        yield Article(
            url=f"https://variant.example/{seed}/{number}",
            title=" ".join(chosen[0].split()[:9]).rstrip(".,;:"),
            outlet=source.choice(outlets),
            body="\n\n".join(" ".join(chosen[at : at + 3]) for at in range(1, len(chosen), 3)),
            published=Moment(datetime(day.year, day.month, day.day, tzinfo=UTC), Precision.DAY),
        )


@cache
def _material() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The samples' sentences of ordinary length, and their outlets."""
    sentences, outlets = dict[str, None](), dict[str, None]()
    for source in find_sources([str(sample_folder())]):
        for item in read_articles(source):
            if isinstance(item, Article):
                outlets |= {item.outlet: None} if item.outlet else {}
                cut = (item.body[one.start : one.end] for one in split_sentences(item.body))
                sentences |= dict.fromkeys(filter(_is_ordinary, cut))
    return tuple(sentences), tuple(outlets)


def _is_ordinary(sentence: str) -> bool:
    """No fragment, and no dateline, which would name another outlet."""
    return 8 <= len(sentence.split()) <= 60 and find_dateline(sentence) is None


def _paragraphs(article: Article) -> list[str]:
    return article.body.split("\n\n")


def _day(article: Article) -> str:
    assert article.published is not None
    return article.published.isoformat()


def _render_text(article: Article) -> str:
    head = f"Title: {article.title}\nSource: {article.outlet}\nDate: {_day(article)}"
    return f"{head}\n\n{article.body}\n"


def _render_markdown(article: Article) -> str:
    fields = {"title": article.title, "outlet": article.outlet, "date": _day(article)}
    # JSON strings are YAML strings.
    front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in fields.items())
    return f"---\n{front}\n---\n\n{article.body}\n"


def _render_page(article: Article) -> str:
    title, outlet = escape(article.title or ""), escape(article.outlet or "")
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in _paragraphs(article))
    links = "".join(f'<li><a href="/{n}">Another story, number {n}</a></li>' for n in range(12))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:title" content="{title}">'
        f'<meta property="og:site_name" content="{outlet}">'
        f'<meta property="article:published_time" content="{_day(article)}"></head><body>'
        f"<header><nav><ul>{links}</ul></nav></header><main><article><h1>{title}</h1>\n{body}"
        f"</article></main><aside><ul>{links}</ul></aside><footer><p>All rights reserved.</p>"
        "</footer></body></html>\n"
    )


def _render_record(article: Article) -> str:
    return json.dumps(
        {
            "url": article.url,
            "title": article.title,
            "outlet": article.outlet,
            "published_at": _day(article),
            "body": article.body,
        }
    )
