"""Measures the checker on the contrast set: what it catches, and what it drops for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bot.verify import Verdict, Verifier
from eval.contrast.build import CONTRAST_SET, read_passages
from eval.contrast.pair import ContrastPair, Half, Kind, load_pairs
from index.article import Passage


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pair and what the checker said of it."""

    pair: ContrastPair
    verdict: Verdict

    @property
    def is_right(self) -> bool:
        """Whether a faithful sentence passed, or a corrupted one did not."""
        return self.verdict.ok == self.pair.kind.is_faithful


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How many pairs of one kind and half there are, and of how many the checker was right."""

    half: Half
    kind: Kind
    pairs: int
    right: int

    @property
    def share(self) -> float:
        """Caught of the corrupted kinds, wrongly dropped of the faithful ones: 0 to 1."""
        right = self.right / self.pairs
        return 1 - right if self.kind.is_faithful else right


def run_contrast(
    verifier: Verifier,
    folder: Path,
    *,
    halves: Sequence[Half] = tuple(Half),
    path: Path = CONTRAST_SET,
) -> list[Outcome]:
    """Verify every pair of the named halves against the articles of `folder`.

    Raises:
        UsageError: If the set is missing or broken.
        KeyError: If it cites an article that the folder lacks.
    """
    passages = read_passages(folder)
    pairs = [pair for pair in load_pairs(path) if pair.half in halves]
    return [Outcome(pair, _verify(verifier, pair, passages)) for pair in pairs]


def _verify(verifier: Verifier, pair: ContrastPair, passages: dict[str, Passage]) -> Verdict:
    return verifier.verify(pair.sentence, [passages[article] for article in pair.articles])


def count_by_kind(outcomes: Sequence[Outcome]) -> list[KindFigures]:
    """Figures for each half and kind that occurs, faithful kinds first."""
    figures = []
    for half in Half:
        for kind in Kind:
            own = [one for one in outcomes if (one.pair.half, one.pair.kind) == (half, kind)]
            if own:
                figures.append(KindFigures(half, kind, len(own), sum(one.is_right for one in own)))
    return figures


def render_contrast_table(figures: Sequence[KindFigures]) -> Table:
    """A row for each kind, both halves beside each other."""
    table = Table("kind", "aim", "open", "held", title="Contrast set")
    for kind in Kind:
        cells = {one.half: _render_cell(one) for one in figures if one.kind is kind}
        if cells:
            aim = "dropped" if kind.is_faithful else "caught"
            table.add_row(kind.value, aim, cells.get(Half.OPEN, "-"), cells.get(Half.HELD, "-"))
    return table


def _render_cell(figures: KindFigures) -> str:
    count = figures.pairs - figures.right if figures.kind.is_faithful else figures.right
    return f"{count}/{figures.pairs} ({figures.share:.1%})"
