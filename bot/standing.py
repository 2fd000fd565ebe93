"""What an answer stands on: how many independent origins, and how old the newest of them is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Citation
from index.article import Passage


def count_origins(passages: Sequence[Passage], citations: Sequence[Citation]) -> str | None:
    """Say "5 outlets, 1 origin" where the cited stories are copies that other outlets carry too."""
    cited = {citation.article_id for citation in citations}
    origins = {one.origin_id for one in passages if one.article_id in cited}
    outlets = {one.outlet for one in passages if one.origin_id in origins and one.outlet}
    if len(origins) == 1 and len(outlets) > 1:
        return f"{len(outlets)} outlets, 1 origin"
    return None


def tell_newest(citations: Sequence[Citation]) -> str:
    """Say "as of 14 November 2023": the newest cited publication, or "undated"."""
    newest = max((one.published for one in citations if one.published), default=None)
    return f"as of {newest.start.day} {newest.start:%B %Y}" if newest else "undated"
