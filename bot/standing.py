"""What an answer stands on: how many independent origins, and how old the newest of them is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Citation
from index.article import Passage
from index.search.retrieve import Found

_NEAREST = 3
"""Ranks that count as near a question that found no answer."""


def count_origins(passages: Sequence[Passage], citations: Sequence[Citation]) -> str | None:
    """Say "5 outlets, 1 origin" where the cited stories are copies that other outlets carry too."""
    cited = {citation.article_id for citation in citations}
    origins = {one.origin_id for one in passages if one.article_id in cited}
    outlets = {one.outlet for one in passages if one.origin_id in origins and one.outlet}
    if len(origins) == 1 and len(outlets) > 1:
        return f"{len(outlets)} outlets, 1 origin"
    return None


def tell_notices(passages: Sequence[Passage], citations: Sequence[Citation]) -> str | None:
    """Say which of the cited stories were corrected, in the outlet's own words."""
    notices = {(one.article_id, one.version): one.notice for one in passages if one.notice}
    told = dict[str, str]()
    for citation in citations:
        notice = notices.get((citation.article_id, citation.version))
        if notice is not None:
            mark, line = f"[{citation.number}]", _quoted(notice.text)
            told[line] = f"{told[line]}{mark}" if line in told else mark
    # Notes are joined, and told apart again, by semicolons.
    return "; ".join(f"{marks} was corrected: {line}" for line, marks in told.items()) or None


def leave_out(found: Found, citations: Sequence[Citation]) -> tuple[Passage, ...]:
    """The passages of stories that were taken back and would have come before what is cited.

    Of others nobody would ask: a search always finds something.
    """
    cited = {(one.article_id, one.version) for one in citations}
    scores = [one.score for one in found.passages if (one.article_id, one.version) in cited]
    nearest = [one.score for one in found.passages[:_NEAREST]]
    if not scores and len(nearest) == _NEAREST:
        scores = nearest[-1:]
    least = max(scores, default=float("-inf"))
    return tuple(one for one in found.left_out if one.score >= least)


def tell_retracted(left_out: Sequence[Passage]) -> str | None:
    """Say which stories were found and not used because they were taken back."""
    stories = {one.article_id: one for one in left_out}
    if not stories:
        return None
    first = next(iter(stories.values()))
    outlet = (first.outlet or "its outlet").replace(";", ",")
    title = _quoted(first.title or "untitled", 80)
    more = f" and {len(stories) - 1} more" if len(stories) > 1 else ""
    return f"left out because it was taken back by {outlet}: {title}{more}"


def _quoted(text: str, limit: int = 160) -> str:
    line = " ".join(text.replace(";", ",").split())
    return f"“{line if len(line) <= limit else line[: limit - 1].rstrip() + '…'}”"


def tell_newest(citations: Sequence[Citation]) -> str:
    """Say "as of 14 November 2023": the newest cited publication, or "undated"."""
    newest = max((one.published for one in citations if one.published), default=None)
    return f"as of {newest.start.day} {newest.start:%B %Y}" if newest else "undated"
