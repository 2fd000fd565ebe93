"""The figures as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from eval.bench.figures import Figure, Section, show
from eval.bench.peers.contest import Contest, render_markdown

_HEAD = """\
# How fast

Written by `python -m eval.bench --write FILE`; the machine is named first. CPU seconds are those
of the whole process, its start included. "Ahead of the best" divides the best of the others by
Dateline's figure: above 1, Dateline is ahead.

Warm figures are of one process: some 290 questions one after the other, each once a row. Dateline
remembers the passages, and the terms of their sentences, that it met last, so that questions about
one archive get cheaper as the day goes on. The first search of each question meets passages for the
first time; the rows after it, by outlet and date and of answers, profit from that. A question's own
vector is made anew for each row, by every system.
"""


def render_page(
    machine: Mapping[str, str], sections: Iterable[Section], contests: Iterable[Contest]
) -> str:
    """The whole page: the machine, the comparisons, then Dateline's own figures."""
    told = {name: value for name, value in machine.items() if not name.startswith("prompt ")}
    facts = "\n".join(f"- {name}: {value}" for name, value in told.items())
    compared = [render_markdown(contest) for contest in contests]
    own = ["\n".join(_section(section)) + "\n" for section in sections]
    return "\n".join([_HEAD, f"{facts}\n", *compared, *own])


def _section(section: Section) -> Iterator[str]:
    yield f"**{section.title}**"
    yield ""
    yield "| figure | median | 95th | aim |"
    yield "|---|---:|---:|---|"
    for figure in section.figures:
        yield _row(figure)
    for note in section.notes:
        yield f"\n{note}"


def _row(figure: Figure) -> str:
    name = f"{figure.name}, {figure.unit}".removesuffix(", ")
    tail = "" if figure.tail is None else show(figure.tail)
    met = {True: " met", False: " missed", None: ""}[figure.is_met]
    return f"| {name} | {show(figure.value)} | {tail} | {figure.aim}{met} |"
