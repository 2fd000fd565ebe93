"""A web page: its story by trafilatura, its facts by its own metadata.

Metadata are read before anything is removed; the text is what a reader of the page would see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from index.dates import parse_date
from index.errors import SourceError
from index.moment import Moment
from index.sources.characters import clean_line
from index.sources.markup import drop_unseen, parse_html, visible_text
from index.sources.repeats import comparable
from index.urls import canonical_url, is_web_url, named_address

_STORY_TYPE = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|Reportage\w*)$")
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,30})",
    re.IGNORECASE,
)
# Longer blocks of JSON-LD are product catalogues and the like.
_LONGEST_JSON_LD = 500_000

_TITLE = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_OUTLET = ("og:site_name", "application-name", "dc.publisher", "citation_journal_title")
_AUTHOR = ("author", "article:author", "byl", "parsely-author", "dc.creator", "sailthru.author")
_PUBLISHED = ("article:published_time", "og:published_time", "article:published", "datepublished",
              "parsely-pub-date", "sailthru.date", "publish-date", "publishdate", "published-date",
              "publication_date", "pubdate", "dc.date.issued", "dcterms.issued", "dc.date",
              "dcterms.created", "citation_publication_date", "date")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod",
             "dcterms.modified", "article.updated", "revised")  # fmt: skip
_AFTER_TITLE = re.compile(r"\s+[|–—:·-]\s+(?P<name>\w[^|–—:·]{1,40})")
_SECTION = ("article:section", "section", "parsely-section", "dc.subject")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says; None where it says nothing that can be used."""

    body: str
    url: str | None
    title: str | None
    outlet: str | None
    byline: str | None
    section: str | None
    language: str | None
    published: Moment | None
    modified: Moment | None


def declared_charset(head: bytes) -> str | None:
    """The encoding that the first bytes of a page name."""
    found = _CHARSET.search(head)
    return found[1].decode("ascii") if found else None


def read_page(text: str) -> Page:
    """Read a page.

    Raises:
        SourceError: If there is no story in it.
    """
    tree = parse_html(text)
    metas, story = _metas(tree), _json_ld(tree)
    outlet = _first(metas, _OUTLET) or _name(story.get("publisher")) or _outlet_in_title(tree)
    return Page(
        url=_address(tree, metas, story),
        title=_title(tree, metas, story, outlet),
        outlet=outlet,
        byline=_authors(tree, metas, story),
        section=_first(metas, _SECTION) or _name(story.get("articleSection")),
        language=_language(tree, metas, story),
        published=_time(_published_values(tree, metas, story)),
        modified=_time([*_values(metas, _MODIFIED), _name(story.get("dateModified"))]),
        body=_story_text(tree),
    )


def _story_text(tree: Any) -> str:
    from trafilatura import bare_extraction

    drop_unseen(tree)
    try:
        found = bare_extraction(tree, include_comments=False, include_tables=True)
    except RecursionError as error:
        raise SourceError("its HTML is nested too deep") from error
    except Exception as error:  # a parser meets pages that nobody imagined
        raise SourceError(f"its HTML cannot be read: {error}") from error
    text = str(getattr(found, "text", None) or "")
    # Short pages without any structure are left out by the extractor; they are read as they are.
    return "\n".join(_plain_row(line) for line in text.split("\n")) or visible_text(tree)


def _plain_row(line: str) -> str:
    """A table's row without its frame."""
    return line.strip().strip("|").strip() if line.startswith("|") else line


def _metas(tree: Any) -> dict[str, str]:
    """Content by lower-case name, the first of each."""
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = clean_line(element.get("content") or "")
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _json_ld(tree: Any) -> Mapping[str, object]:
    """The first block of JSON-LD that describes a story, or nothing."""
    for element in tree.iter("script"):
        if "ld+json" not in (element.get("type") or "").lower():
            continue
        text = element.text_content()
        if len(text) > _LONGEST_JSON_LD:
            continue
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):  # broken on many sites; the page has other words
            continue
        story = next((part for part in _objects(value) if _is_story(part)), None)
        if story is not None:
            return story
    return {}


def _objects(value: object, depth: int = 0) -> Iterator[Mapping[str, object]]:
    if depth > 3:
        return
    if isinstance(value, list):
        for part in value[:100]:
            yield from _objects(part, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(name), depth + 1)


def _is_story(part: Mapping[str, object]) -> bool:
    kind = part.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(name, str) and _STORY_TYPE.match(name) for name in kinds)


def _name(value: object, depth: int = 0) -> str | None:
    """A string, the name of an object, or the names of a list."""
    if isinstance(value, str):
        return clean_line(value) or None
    if isinstance(value, dict) and depth < 3:
        return _name(value.get("name"), depth + 1)
    if isinstance(value, list) and depth < 3:
        return ", ".join(filter(None, (_name(part, depth + 1) for part in value[:20]))) or None
    return None


def _first(metas: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next(iter(_values(metas, names)), None)


def _values(metas: Mapping[str, str], names: tuple[str, ...]) -> list[str | None]:
    return [metas[name] for name in names if name in metas]


def _address(tree: Any, metas: Mapping[str, str], story: Mapping[str, object]) -> str | None:
    links = [
        element.get("href")
        for element in tree.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    entity = story.get("mainEntityOfPage")
    entity = entity.get("@id") if isinstance(entity, dict) else entity
    for address in (*links, metas.get("og:url"), story.get("url"), entity):
        if isinstance(address, str) and (named := named_address(address)):
            return clean_line(canonical_url(named), limit=4000)
    return None


def _title(
    tree: Any, metas: Mapping[str, str], story: Mapping[str, object], outlet: str | None
) -> str | None:
    heads = [clean_line(element.text_content()) for element in tree.iter("h1")]
    names = [clean_line(element.text_content()) for element in tree.iter("title")]
    told = _name(story.get("headline")) or _first(metas, _TITLE)
    title = told or (heads[0] if len(heads) == 1 else None) or next(filter(None, names), None)
    if title and outlet:
        # "Dam talks stall | River Post"
        title = re.sub(rf"\s+[|–—:·-]\s+{re.escape(outlet)}$", "", title) or title
    return title


def _outlet_in_title(tree: Any) -> str | None:
    """The site's name, which the window's title has and the headline has not."""
    heads = [clean_line(element.text_content()) for element in tree.iter("h1")]
    title = next((clean_line(element.text_content()) for element in tree.iter("title")), "")
    for head in filter(None, heads):
        found = _AFTER_TITLE.fullmatch(title[len(head) :])
        # Quotation marks and dashes are often written in two ways.
        if found and comparable(title[: len(head)]) == comparable(head):
            return found["name"]
    return None


def _authors(tree: Any, metas: Mapping[str, str], story: Mapping[str, object]) -> str | None:
    values = [_name(story.get("author")), *_values(metas, _AUTHOR)]
    values += [
        clean_line(element.text_content(), limit=120)
        for element in tree.iter("a", "span", "address", "p")
        if "author" in f"{element.get('rel') or ''} {element.get('itemprop') or ''}".split()
    ]
    return next((value for value in values if value and not is_web_url(value)), None)


def _language(tree: Any, metas: Mapping[str, str], story: Mapping[str, object]) -> str | None:
    root = tree if tree.tag == "html" else tree.getroottree().getroot()
    return root.get("lang") or _name(story.get("inLanguage")) or metas.get("og:locale")


def _published_values(
    tree: Any, metas: Mapping[str, str], story: Mapping[str, object]
) -> list[str | None]:
    marked = [
        element.get("datetime") or element.get("content") or element.text_content()
        for element in tree.iter("time", "span")
        if element.get("itemprop") == "datePublished" or "pubdate" in element.attrib
    ]
    times = {element.get("datetime") for element in tree.iter("time") if element.get("datetime")}
    # Several times belong to teasers of other stories; a single one is the story's own.
    alone = list(times) if len(times) == 1 else []
    article = _values(metas, _PUBLISHED[:3])
    return [
        *article,
        _name(story.get("datePublished")),
        *_values(metas, _PUBLISHED[3:]),
        *marked,
        *alone,
    ]


def _time(values: list[str | None]) -> Moment | None:
    """The first that can be read: sites fill such fields with "Invalid Date" and worse."""
    return next(filter(None, (parse_date(value) for value in values if value)), None)
