"""`dateline eval recordings list` and `prune`: which recordings a run still needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import open_console, write_json
from bot.cli.edge import OK
from bot.cli.options import CommonOptions, takes
from index.errors import UsageError

if TYPE_CHECKING:
    from eval.replay.recordings import Recording, Recordings

app = typer.Typer(
    name="recordings", help="Recorded replies of language models.", no_args_is_help=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsOptions(CommonOptions):
    """Which recordings."""

    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of recordings.")]
    run: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="A whole run with --replay: what it did not use is stale."
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneOptions(RecordingsOptions):
    """What to delete."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be deleted.")] = (
        False
    )


@app.command("list", epilog="Example: dateline eval recordings list eval/recordings/scripted")
@takes(RecordingsOptions)
def list_(options: RecordingsOptions) -> int:
    """List recordings with the question that each was made for, and which are stale."""
    recordings = _open(options)
    stale = {_name(one) for one in _stale(recordings, options.run)}
    rows = [
        {
            "file": _name(one),
            "case": one.case_id,
            "repeat": one.key.repeat,
            "stale": _name(one) in stale if options.run else None,
            "altered": one.request.digest != one.key.digest,
        }
        for one in (*recordings.all(), *recordings.duplicates)
    ]
    manifest = recordings.manifest()
    if options.as_json:
        write_json({"label": manifest.label if manifest else None, "recordings": rows})
        return OK
    console = open_console(sys.stdout)
    if manifest:
        console.print(f"{manifest.label}: {len(rows):,} recordings", markup=False)
    for row in rows:
        marks = [name for name in ("stale", "altered") if row[name]]
        console.print(f"{row['file']}  {' '.join(marks)}".rstrip(), markup=False, soft_wrap=True)
    return OK


@app.command(epilog="Example: dateline eval recordings prune DIR --run scripted.run.jsonl")
@takes(PruneOptions)
def prune(options: PruneOptions) -> int:
    """Delete the recordings that a whole run did not use, and texts that none needs."""
    if options.run is None:
        raise UsageError("Name a run with --run: what it did not use is stale.")
    recordings = _open(options)
    stale = list(_stale(recordings, options.run))
    total = len(recordings.all())
    files = 0 if options.dry_run else recordings.remove(stale)
    names = sorted(map(_name, stale))
    if options.as_json:
        write_json({"stale": names, "deleted_files": files})
        return OK
    console = open_console(sys.stdout)
    for name in names:
        console.print(name, markup=False, soft_wrap=True)
    console.print(f"{len(names):,} stale of {total:,}; {files:,} files deleted.")
    return OK


def _open(options: RecordingsOptions) -> Recordings:
    from eval.replay.recordings import Recordings

    if not options.folder.is_dir():
        raise UsageError(f"There are no recordings in {options.folder}.")
    return Recordings(options.folder)


def _stale(recordings: Recordings, run: Path | None) -> Iterator[Recording]:
    if run is None:
        return
    used = _used_by(run)
    for recording in recordings.all():
        # What ingesting sent belongs to no case, and no run says whether it is needed.
        if recording.case_id and _name(recording) not in used:
            yield recording
    yield from recordings.duplicates


def _used_by(path: Path) -> set[str]:
    """The files that a run used.

    Raises:
        UsageError: If the run cannot tell: it is not whole, or replayed nothing.
    """
    from eval.run_file import read_run

    run = read_run(path)
    if run.config.get("replay", "off") == "off":
        raise UsageError(f"{path} used no recordings. Make a run with --replay strict.")
    if not run.notes or any(record.failed for record in run.records):
        raise UsageError(f"{path} is not whole, so what it did not use may be needed. Finish it.")
    return {name for record in run.records for name in record.outcome.replayed}


def _name(recording: Recording) -> str:
    return recording.path.name if recording.path else ""
