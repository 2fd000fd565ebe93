"""`dateline eval import`, `check` and `generate`: where question sets come from."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json, write_note
from bot.cli.edge import FAILED, OK
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError

if TYPE_CHECKING:
    from eval.check import Fault

# As in `eval.importers.formats`, which costs too much to load for a line of help.
FORMATS = (
    "multihop-rag, clapnq, mtrag, mtrag-un, squad, realtimeqa, natural-questions or beir "
    "(retrieval only)"
)
# As in `eval.generate.kinds`.
KINDS = "excerpt, removed, earlier, on-the-day, claim or corrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions(CommonOptions):
    """What to import."""

    set_name: Annotated[str, typer.Argument(metavar="FORMAT", help=f"{FORMATS}.")]
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The published file or folder.")]
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")]


@takes(ImportOptions)
def import_(options: ImportOptions) -> None:
    """Turn a public question set into articles.jsonl and questions.jsonl."""
    from eval.importers.formats import import_set
    from eval.importers.imported import write_imported

    imported = import_set(options.set_name, options.source)
    write_imported(imported, options.out)
    for reason in imported.left_out:
        write_note(f"Left out: {reason}")
    counts = {"articles": len(imported.articles), "questions": len(imported.questions)}
    if options.as_json:
        write_json({**counts, "left_out": list(imported.left_out)})
    else:
        articles = options.out / "articles.jsonl"
        open_console(sys.stdout).print(
            f"{counts['articles']:,} articles and {counts['questions']:,} questions.\n"
            f"Next: dateline ingest {articles} --library LIBRARY",
            soft_wrap=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions(CommonOptions):
    """What to check."""

    set_file: Annotated[
        Path, typer.Argument(metavar="SET", help="The questions: .jsonl, .json or .yaml.")
    ]
    strict: Annotated[bool, typer.Option("--strict", help="Let doubts fail the check too.")] = False


@takes(CheckOptions)
def check(options: CheckOptions) -> int:
    """Check a question set; with --library also its gold, quote by quote."""
    from bot.wiring import Bot
    from eval.archive import Archive
    from eval.check import check_form, check_gold, read_for_check

    questions, faults = read_for_check(options.set_file)
    faults += check_form(questions)
    if options.library:
        with Bot.open_filled(options.read_settings()) as bot:
            faults += check_gold(questions, Archive(bot.library.catalog))
    wrong = [one for one in faults if options.strict or not one.is_doubt]
    if options.as_json:
        write_json({"questions": len(questions), "faults": [asdict(one) for one in faults]})
    else:
        _show_faults(faults)
        against = "form and gold" if options.library else "form only: name --library to check gold"
        write_note(f"{len(questions):,} questions, {len(wrong):,} faults ({against}).")
    return FAILED if wrong else OK


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOptions(CommonOptions):
    """What to make."""

    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the set.")]
    count: Annotated[
        int, typer.Option(min=1, metavar="N", help="From how many articles, at most.")
    ] = 50
    seed: Annotated[
        int, typer.Option(metavar="N", help="Equal seeds make equal sets of equal libraries.")
    ] = 1
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help=f"{KINDS}; repeatable, else all."),
    ] = None


@takes(GenerateOptions)
def generate(options: GenerateOptions) -> None:
    """Make a question set without labels from the library's own articles."""
    from bot.wiring import Bot
    from eval.archive import Archive
    from eval.dataset import save_questions
    from eval.generate.build import generate_questions
    from eval.generate.kinds import TestKind

    known = {kind.value: kind for kind in TestKind}
    if unknown := [name for name in options.kinds or () if name not in known]:
        raise UsageError(f"There is no kind {unknown[0]!r}. Choose from: {', '.join(known)}.")
    kinds = [known[name] for name in options.kinds or known]
    with Bot.open_filled(options.read_settings()) as bot:
        articles = [stored.article for stored in Archive(bot.library.catalog).current()]
    questions = generate_questions(articles, seed=options.seed, count=options.count, kinds=kinds)
    if not questions:
        raise UsageError("No article holds a sentence that can be asked about. Add longer ones.")
    save_questions(options.out, questions)
    counts = Counter(question.tags[0] for question in questions)
    if options.as_json:
        write_json({"questions": len(questions), "kinds": dict(counts)})
    else:
        told = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
        write_note(f"{len(questions):,} questions: {told}.")
        write_note(f"Next: dateline eval run {options.out} --library LIBRARY")


def _show_faults(faults: list[Fault]) -> None:
    console = open_console(sys.stdout)
    for one in faults:
        mark = "doubt" if one.is_doubt else "wrong"
        console.print(f"{mark}  {one.where}: {one.what}", markup=False, soft_wrap=True)
