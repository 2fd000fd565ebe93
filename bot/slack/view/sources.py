"""The numbered sources of an answer: one line an article, however often it is quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answer import Citation
from bot.plain import plain_line
from bot.slack.view.blocks import Piece, link, rich_text, section, text
from bot.slack.view.dates import tell_short_day
from bot.slack.view.limits import PARAGRAPH, URL, Block, shorten
from index.moment import Moment


@dataclass(frozen=True, slots=True)
class Source:
    """One version of an article that an answer quotes."""

    numbers: tuple[int, ...]
    """Of the citations, growing."""
    url: str
    title: str
    """Plain; "untitled" where there is none."""
    outlet: str
    published: Moment | None


@dataclass(frozen=True, slots=True)
class SourceDetail:
    """How much of each source is told."""

    title_characters: int = 150
    outlet_characters: int = 60
    longest_url: int = URL
    """A longer address is left to the modal of quotes."""
    most: int | None = None
    """Sources that have a line of their own; of the others only the numbers are told."""


def list_sources(citations: Sequence[Citation]) -> tuple[Source, ...]:
    """The articles that are quoted, in order of first mention."""
    numbers_by_version: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        numbers_by_version.setdefault((citation.article_id, citation.version), []).append(citation)
    return tuple(_source(quoted) for quoted in numbers_by_version.values())


def _source(quoted: Sequence[Citation]) -> Source:
    first = quoted[0]
    return Source(
        numbers=tuple(sorted(citation.number for citation in quoted)),
        url=first.url,
        title=plain_line(first.title or "") or "untitled",
        outlet=plain_line(first.outlet or "") or "unknown outlet",
        published=first.published,
    )


def render_sources_list(sources: Sequence[Source], detail: SourceDetail) -> list[Block]:
    """`[1] Outlet, 16 Nov 2023: Title` for each, under a heading."""
    blocks: list[Block] = []
    pieces: list[Piece] = [text("Sources", bold=True)]
    length = 0
    for source in sources[: detail.most]:
        line = list(_line(source, detail))
        length += sum(len(piece["text"]) for piece in line)
        if length > PARAGRAPH:
            blocks.append(rich_text(section(*pieces)))
            pieces, length = [], 0
        if pieces:
            line[0] = {**line[0], "text": f"\n{line[0]['text']}"}
        pieces += line
    if detail.most is not None and (others := sources[detail.most :]):
        numbers = sorted(number for source in others for number in source.numbers)
        pieces.append(text(f"\n{show_numbers(numbers)} under Show quotes"))
    return [*blocks, rich_text(section(*pieces))]


def _line(source: Source, detail: SourceDetail) -> Iterator[Piece]:
    yield text(f"{show_numbers(source.numbers)} ", bold=True)
    outlet = shorten(source.outlet, detail.outlet_characters)
    title = shorten(source.title, detail.title_characters)
    url = source.url if len(source.url) <= detail.longest_url else ""
    day = tell_short_day(source.published)
    if title:
        yield text(f"{outlet}, {day}: ")
        yield link(title, url)
    else:
        yield link(f"{outlet}, {day}", url)


def show_numbers(numbers: Sequence[int]) -> str:
    """`[1]`, `[1][4]`; runs of three and more as `[1–3]`."""
    shown: list[str] = []
    for first, last in _runs(numbers):
        if last - first >= 2:
            shown.append(f"[{first}–{last}]")
        else:
            shown += [f"[{number}]" for number in range(first, last + 1)]
    return "".join(shown)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
