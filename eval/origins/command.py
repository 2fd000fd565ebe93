"""`dateline eval origins`: planted copies and lures, and how they were told apart."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import open_console, write_json
from bot.cli.options import CommonOptions, takes

if TYPE_CHECKING:
    from eval.origins.planted import Planted
    from eval.origins.score import OriginScore
    from index.article import Article

_SHARED = "2023-11-16"
"""The day on which six of the sample outlets carry one wire story, and print nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginOptions(CommonOptions):
    """How large a set."""

    articles: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]…",
            help="Stories to plant copies of, each an origin of its own; the samples without any.",
        ),
    ] = None
    copies: Annotated[
        int, typer.Option(metavar="N", min=1, max=10, help="Copies of each story.")
    ] = 5
    seed: Annotated[int, typer.Option(metavar="N", help="Another set of the same kind.")] = 1


@takes(OriginOptions)
def origins(options: OriginOptions) -> None:
    """Plant copies of stories and lures beside them; say how many pairs were told right."""
    from eval.origins.planted import plant
    from eval.origins.score import score_origins

    bases = load_bases(options.articles)
    score = score_origins(plant(bases, copies=options.copies, seed=options.seed))
    if options.as_json:
        write_json(_render(score))
    else:
        _show(score)


def load_bases(arguments: list[str] | None = None) -> list[Planted]:
    """Stories to plant copies of: those that are named, or the samples, whose copies are known."""
    from bot.samples import sample_folder
    from eval.origins.planted import Planted
    from index.article import Article as Story
    from index.sources import find_sources, read_articles

    sources = find_sources(arguments or [str(sample_folder())])
    items: Iterable[object] = (item for source in sources for item in read_articles(source))
    articles = [item for item in items if isinstance(item, Story) and item.published]
    return [
        Planted(one, _SHARED if not arguments and _is_shared(one) else one.url, "original")
        for one in articles
    ]


def _is_shared(article: Article) -> bool:
    return article.published is not None and article.published.isoformat().startswith(_SHARED)


def _render(score: OriginScore) -> dict[str, Any]:
    return {
        "stories": score.stories,
        "origins": score.origins,
        "precision": round(score.precision, 4),
        "recall": round(score.recall, 4),
        "right_pairs": score.right,
        "wrong_pairs": score.wrong,
        "missed_pairs": score.missed,
        "missed_by_kind": {kind: list(one) for kind, one in score.missed_by_kind.items()},
        "wrong_by_kind": dict(score.wrong_by_kind),
    }


def _show(score: OriginScore) -> None:
    from rich.table import Table

    console = open_console(sys.stdout)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("copies", "apart from their original", "of"):
        table.add_column(name, justify="left" if name == "copies" else "right")
    for kind, (missed, every) in score.missed_by_kind.items():
        table.add_row(kind, str(missed), str(every))
    console.print(table)
    for kind, count in score.wrong_by_kind.items():
        console.print(f"wrongly together: {count} × {kind}")
    console.print(
        f"{score.stories:,} stories of {score.origins:,} origins: pairwise precision "
        f"{score.precision:.4f}, recall {score.recall:.4f} ({score.right:,} pairs right, "
        f"{score.wrong:,} wrong, {score.missed:,} missed)"
    )
